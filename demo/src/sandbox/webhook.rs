//! Sends webhooks: again and again until the shop's server takes them. It must not know how one is made.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::desk::{Delivery, Desk};
use super::provider::{Message, Provider};
use crate::http::{Answer, HttpError, Request};

/// No provider's schedule is kept: they are undocumented or count minutes. This one is fast enough for a demonstration.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const MOST_ATTEMPTS: u32 = 60;
const PATIENCE: Duration = Duration::from_secs(10);

impl<P: Provider> Desk<P> {
    /// Sends a webhook in the background, as often as webhooks are copied. The caller stands in a runtime that outlives
    /// it.
    pub(crate) fn send(self: &Arc<Self>, reference: &P::Reference) {
        let copies = self.papers().webhook_copies;
        for _ in 0..copies {
            tokio::spawn(deliver(self.clone(), reference.clone()));
        }
    }
}

/// Sends one webhook to where they are registered at the time of each attempt; it is made anew for each.
async fn deliver<P: Provider>(desk: Arc<Desk<P>>, reference: P::Reference) {
    let mut pause = FIRST_PAUSE;
    for _ in 0..MOST_ATTEMPTS {
        let url = desk.papers().webhook_url.clone();
        if let Some(url) = url {
            let Some(message) = P::webhook(&desk, &reference, &url) else {
                return;
            };
            let status = post(&url, message).await.ok().map(|answer| answer.status);
            let at = desk.now();
            desk.papers().note_delivery(Delivery { at, reference: reference.clone(), status });
            if status.is_some_and(P::is_taken) {
                return;
            }
        }
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
    }
}

/// Sends one webhook once. Redirects are not followed.
pub(crate) async fn post(url: &str, message: Message) -> Result<Answer, HttpError> {
    let request = Request::post_json(url, message.body);
    let request = message.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    request.send(PATIENCE).await
}
