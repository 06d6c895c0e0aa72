//! What whoever runs the bridge is told of it. Changes nothing.

use std::sync::Arc;

use crate::admin::Operated;
use crate::journal::{Health, Reader};
use crate::metrics::Metrics;

/// A bridge as its operator sees it.
pub(crate) struct Relaying {
    pub(crate) journal: Reader,
    pub(crate) metrics: Arc<Metrics>,
}

impl Operated for Relaying {
    /// Says why no webhooks are taken; the broker does not matter for that.
    fn hindrance(&self) -> Option<String> {
        match self.journal.status().health {
            Health::Good => None,
            Health::Full => Some("the journal is full of undelivered entries".into()),
            Health::Faulty(why) => Some(format!("the journal cannot be written: {why}")),
        }
    }

    fn exposition(&self) -> String {
        self.metrics.exposition(&self.journal.status())
    }
}
