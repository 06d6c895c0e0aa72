//! What the enrolment server counts about itself, and how that looks to Prometheus (docs/enrolment-server.md names
//! them). Knows no secret and no terminal; how many lines there are is bounded.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use till_wire::UnixTime;

use super::store::{Counts, Health};
use crate::metrics::Connections;

/// Everything that is counted. Each field says who writes it.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// The server: connections that are open, and at which limits others have ended.
    pub(crate) connections: Arc<Connections>,
    /// The desk: answers by outcome: `enrolled`, `renewed`, or a refusal's name.
    answers: Mutex<BTreeMap<&'static str, u64>>,
    /// The watch over the revocation lists: whether the file as it is now is in use, and how often that was not so.
    lists_stale: AtomicBool,
    list_faults: AtomicU64,
}

/// What is asked of others when the page is made.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) counts: Counts,
    pub(crate) max_records: u64,
    pub(crate) health: Health,
    pub(crate) issuer_ends: UnixTime,
}

impl Metrics {
    pub(crate) fn count(&self, outcome: &'static str) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let count = answers.entry(outcome).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn lists_taken(&self) {
        self.lists_stale.store(false, Ordering::Relaxed);
    }

    pub(crate) fn lists_refused(&self) {
        self.lists_stale.store(true, Ordering::Relaxed);
        self.list_faults.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns all of it in Prometheus' text format 0.0.4.
    pub(crate) fn exposition(&self, told: &Told) -> String {
        let mut page = String::new();
        // A String takes everything that is written to it.
        let _infallible = self.write(told, &mut page);
        page
    }

    fn write(&self, told: &Told, page: &mut String) -> fmt::Result {
        head(page, "answers_total", "counter", "Answers by outcome.")?;
        for (outcome, count) in &*self.answers.lock().unwrap_or_else(PoisonError::into_inner) {
            writeln!(page, "till_enrol_answers_total{{outcome=\"{outcome}\"}} {count}")?;
        }
        let flag = |is_so: bool| u64::from(is_so);
        let gauges = [
            ("open_connections", "Connections that are open.", self.connections.open()),
            ("used_claims", "Used claims that are remembered.", told.counts.used),
            ("certificates", "Certificates made that are not over.", told.counts.issued),
            ("damaged_records", "Records that cannot be read.", told.counts.damaged),
            ("max_records", "As many of each as there may be.", told.max_records),
            ("store_healthy", "1 while records can be made.", flag(told.health == Health::Good)),
            ("lists_current", "1 while the revocation lists in use are the file's.", flag(!self.is_stale())),
            ("issuer_expires_seconds", "When the issuer's certificate expires, since 1970.", whole(told.issuer_ends)),
        ];
        for (name, help, value) in gauges {
            head(page, name, "gauge", help)?;
            writeln!(page, "till_enrol_{name} {value}")?;
        }
        head(page, "connections_ended_total", "counter", "Connections that were ended or refused, by limit.")?;
        for (limit, count) in self.connections.ended_at() {
            writeln!(page, "till_enrol_connections_ended_total{{reason=\"{limit}\"}} {count}")?;
        }
        head(page, "list_faults_total", "counter", "Changed revocation lists that could not be used.")?;
        writeln!(page, "till_enrol_list_faults_total {}", self.list_faults.load(Ordering::Relaxed))
    }

    fn is_stale(&self) -> bool {
        self.lists_stale.load(Ordering::Relaxed)
    }
}

fn head(page: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(page, "# HELP till_enrol_{name} {help}\n# TYPE till_enrol_{name} {kind}")
}

fn whole(at: UnixTime) -> u64 {
    u64::try_from(at.secs()).unwrap_or(0)
}
