//! What whoever runs the enrolment server is told of it. Changes nothing.

use std::sync::Arc;

use till_authority::Authority;

use super::metrics::{Metrics, Told};
use super::store::{Health, Store};
use crate::admin::Operated;
use crate::clock;

/// An enrolment server as its operator sees it.
pub(crate) struct Enrolling {
    pub(crate) store: Arc<Store>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) max_records: u64,
    pub(crate) metrics: Arc<Metrics>,
}

impl Operated for Enrolling {
    /// Says why no certificates can be made.
    fn hindrance(&self) -> Option<String> {
        if !clock::is_plausible() {
            return Some("the clock is not set".into());
        }
        if clock::now() >= self.authority.ends() {
            return Some("the issuer's certificate has expired".into());
        }
        match self.store.health() {
            Health::Good => None,
            Health::Full => Some("the store is full (claims.max_records)".into()),
            Health::Faulty(why) => Some(format!("the store does not work: {why}")),
        }
    }

    fn exposition(&self) -> String {
        self.metrics.exposition(&Told {
            counts: self.store.counts(),
            max_records: self.max_records,
            health: self.store.health(),
            issuer_ends: self.authority.ends(),
        })
    }
}
