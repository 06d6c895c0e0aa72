//! The webhooks that were written, with the bodies that every attempt to deliver them sends. It must not know how they
//! are delivered.

use std::collections::BTreeMap;

use super::answer::WebhookKind;
use super::session::SessionId;

/// The oldest bodies are forgotten beyond this number.
const MOST: usize = 20_000;

/// One webhook, however often it is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its place among all webhooks of this sandbox, from 1.
    pub number: u64,
    /// Its type; none when a test wrote its body.
    pub kind: Option<WebhookKind>,
    /// The session that its body names, whether that is known here or not.
    pub session: Option<SessionId>,
}

/// The webhooks by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    written: BTreeMap<u64, (Webhook, String)>,
    last: u64,
}

impl Letters {
    /// Keeps a body.
    pub(crate) fn write(&mut self, kind: Option<WebhookKind>, session: Option<SessionId>, body: String) -> Webhook {
        self.last = self.last.saturating_add(1);
        let webhook = Webhook { number: self.last, kind, session };
        self.written.insert(self.last, (webhook.clone(), body));
        if self.written.len() > MOST {
            self.written.pop_first();
        }
        webhook
    }

    pub(crate) fn body(&self, webhook: &Webhook) -> Option<&str> {
        self.written.get(&webhook.number).map(|(_, body)| body.as_str())
    }

    /// All webhooks, oldest first.
    pub(crate) fn all(&self) -> Vec<Webhook> {
        self.written.values().map(|(webhook, _)| webhook.clone()).collect()
    }
}
