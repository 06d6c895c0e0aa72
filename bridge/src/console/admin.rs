//! What whoever runs the console is told of it. Changes nothing.

use std::sync::{Arc, PoisonError};

use till_wire::Standing;

use super::desk::Desk;
use super::metrics::Told;
use crate::admin::Operated;
use crate::clock;

impl Operated for Arc<Desk> {
    /// Says why what the console shows may be old.
    fn hindrance(&self) -> Option<String> {
        let fleet = self.fleet.lock().unwrap_or_else(PoisonError::into_inner);
        (!fleet.link.up).then(|| "the broker is not connected".to_owned())
    }

    fn exposition(&self) -> String {
        self.metrics.exposition(&told(self))
    }
}

fn told(desk: &Desk) -> Told {
    let fleet = desk.fleet.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut cannot_sell, mut attention) = (0, 0);
    for judged in fleet.judged(clock::now()) {
        match judged.standing {
            Standing::CannotSell => cannot_sell += 1,
            Standing::Attention => attention += 1,
            Standing::Asleep | Standing::Fine => {}
        }
    }
    Told {
        terminals: fleet.len(),
        cannot_sell,
        attention,
        broker_up: fleet.link.up,
        messages: fleet.counts.taken,
        refused: fleet.counts.refused,
        unrouted: fleet.unrouted.seen,
        sessions: desk.sessions.count(clock::instant()),
    }
}
