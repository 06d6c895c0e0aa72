//! What the console counts about itself, and how that looks to Prometheus (docs/console.md names them). Knows no
//! terminal and nobody's name; how many lines there are is bounded.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::StatusCode;

use crate::metrics::Connections;

/// Everything that is counted. Each field says who writes it.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// The server: connections that are open, and at which limits others have ended.
    pub(crate) connections: Arc<Connections>,
    /// The desk: answers by the first digit of their status.
    answers: [AtomicU64; 5],
    sign_ins: [AtomicU64; 4],
    commands: AtomicU64,
}

/// What became of a try to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    Good,
    Wrong,
    TooOften,
    /// An old form, or the console could not.
    Other,
}

/// What is asked of others when the page is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) terminals: usize,
    pub(crate) cannot_sell: usize,
    pub(crate) attention: usize,
    pub(crate) broker_up: bool,
    pub(crate) messages: u64,
    pub(crate) refused: u64,
    pub(crate) unrouted: u64,
    pub(crate) sessions: usize,
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
const SIGN_INS: [&str; 4] = ["good", "wrong", "too_often", "other"];

impl Metrics {
    pub(crate) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(count) = self.answers.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn signed_in(&self, outcome: SignIn) {
        let place = match outcome {
            SignIn::Good => 0,
            SignIn::Wrong => 1,
            SignIn::TooOften => 2,
            SignIn::Other => 3,
        };
        if let Some(count) = self.sign_ins.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn commanded(&self) {
        self.commands.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns all of it in Prometheus' text format 0.0.4.
    pub(crate) fn exposition(&self, told: &Told) -> String {
        let mut page = String::new();
        // A String takes everything that is written to it.
        let _infallible = self.write(told, &mut page);
        page
    }

    fn write(&self, told: &Told, page: &mut String) -> fmt::Result {
        let gauges = [
            ("open_connections", "Connections that are open.", self.connections.open()),
            ("broker_up", "1 while the broker is connected.", u64::from(told.broker_up)),
            ("terminals", "Terminals that are known.", number(told.terminals)),
            ("terminals_cannot_sell", "Of those, that cannot take money.", number(told.cannot_sell)),
            ("terminals_attention", "Of those, that a person should look at.", number(told.attention)),
            ("sessions", "People's sessions that live.", number(told.sessions)),
        ];
        for (name, help, value) in gauges {
            head(page, name, "gauge", help)?;
            writeln!(page, "till_console_{name} {value}")?;
        }
        let counters = [
            ("messages_total", "Messages of the broker that were taken.", told.messages),
            ("messages_refused_total", "Messages that were too large, or none of the contract.", told.refused),
            ("unrouted_payments_total", "Payments whose terminal could not be told.", told.unrouted),
            ("commands_total", "Commands sent.", self.commands.load(Ordering::Relaxed)),
        ];
        for (name, help, value) in counters {
            head(page, name, "counter", help)?;
            writeln!(page, "till_console_{name} {value}")?;
        }
        head(page, "answers_total", "counter", "Answers by class of status.")?;
        for (class, count) in CLASSES.iter().zip(&self.answers) {
            writeln!(page, "till_console_answers_total{{status=\"{class}\"}} {}", count.load(Ordering::Relaxed))?;
        }
        head(page, "sign_ins_total", "counter", "Tries to sign in by outcome.")?;
        for (outcome, count) in SIGN_INS.iter().zip(&self.sign_ins) {
            writeln!(page, "till_console_sign_ins_total{{outcome=\"{outcome}\"}} {}", count.load(Ordering::Relaxed))?;
        }
        head(page, "connections_ended_total", "counter", "Connections that were ended or refused, by limit.")?;
        for (limit, count) in self.connections.ended_at() {
            writeln!(page, "till_console_connections_ended_total{{reason=\"{limit}\"}} {count}")?;
        }
        Ok(())
    }
}

fn head(page: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(page, "# HELP till_console_{name} {help}\n# TYPE till_console_{name} {kind}")
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
