//! Sends webhooks as payOS does: again and again until the shop's server answers 2xx. It must not know how a body is
//! made.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::desk::{Delivery, Desk};
use super::order::Reference;
use crate::http::{Answer, HttpError, Request};

/// payOS's schedule is not documented; this one starts fast enough for a demonstration.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const MOST_ATTEMPTS: u32 = 60;
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends one body to where the webhook is registered at the time of each attempt.
pub(crate) async fn deliver(desk: Arc<Desk>, reference: Reference, body: String) {
    let mut pause = FIRST_PAUSE;
    for _ in 0..MOST_ATTEMPTS {
        let url = desk.papers().webhook_url.clone();
        if let Some(url) = url {
            let answer = post(&url, &body).await.ok();
            let status = answer.as_ref().map(|answer| answer.status);
            let at = desk.now();
            desk.papers().note_delivery(Delivery { at, reference: reference.clone(), status });
            if answer.is_some_and(|answer| answer.is_success()) {
                return;
            }
        }
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
    }
}

/// Sends one body once. Redirects are not followed.
pub(crate) async fn post(url: &str, body: &str) -> Result<Answer, HttpError> {
    Request::post_json(url, body).send(PATIENCE).await
}
