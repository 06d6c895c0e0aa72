//! The log's lines about single webhooks, by which one can be followed to its till: `webhook taken`, `published`,
//! `acknowledged`, with the envelope's id as `webhook` (docs/support.md). A line costs 7 to 8 µs of a processor
//! (bench/README.md), so there are so many a second at most; `RUST_LOG=debug` has them all. Knows no webhook's content.

use std::fmt::Display;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use till_wire::{Envelope, EnvelopeId};
use tracing::{Level, enabled, info};

use crate::clock;
use crate::journal::{Entry, EntryNumber};

/// How many lines of a kind are written in a second: ten times what 5 000 terminals have in their busiest, and under one
/// per cent of a processor.
const MOST: u64 = 100;

/// How many lines of one kind have been written lately.
#[derive(Debug, Default)]
struct Lines {
    second: AtomicI64,
    written: AtomicU64,
    left_out: AtomicU64,
}

/// The lines of each kind.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    taken: Lines,
    published: Lines,
    acknowledged: Lines,
}

impl Trace {
    /// A webhook is in the journal.
    pub(crate) fn taken(&self, envelope: &Envelope, number: EntryNumber) {
        if self.taken.may("taken", clock::now().secs()) {
            info!(webhook = %envelope.id, channel = %envelope.channel, entry = %number, "webhook taken");
        }
    }

    /// A webhook that is in the journal came once more.
    pub(crate) fn repeated(&self, envelope: &Envelope) {
        if self.taken.may("taken", clock::now().secs()) {
            info!(webhook = %envelope.id, channel = %envelope.channel, "webhook came again, and is published again");
        }
    }

    /// An entry is handed to the broker. Returns its id, if its way is told on.
    pub(crate) fn published(&self, entry: &Entry, replay: bool) -> Option<EnvelopeId> {
        if !self.published.may("published", clock::now().secs()) {
            return None;
        }
        // What the journal holds was made by this program, in this version or an older one.
        let webhook = Envelope::parse(&entry.envelope).ok()?.id;
        info!(%webhook, topic = %entry.topic, replay, "webhook published");
        Some(webhook)
    }

    /// The broker has acknowledged an entry.
    pub(crate) fn acknowledged(&self, webhook: &impl Display, after: Duration) {
        if self.acknowledged.may("acknowledged", clock::now().secs()) {
            let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
            info!(%webhook, after_ms, "webhook acknowledged by the broker");
        }
    }
}

impl Lines {
    /// Tells whether one more line may be written in this second, and says how many could not before. Two threads that
    /// begin a second together may write some lines too many, which harms nobody.
    fn may(&self, kind: &'static str, second: i64) -> bool {
        if enabled!(Level::DEBUG) {
            return true;
        }
        if self.second.swap(second, Ordering::Relaxed) != second {
            self.written.store(0, Ordering::Relaxed);
            let left_out = self.left_out.swap(0, Ordering::Relaxed);
            if left_out > 0 {
                info!(kind, left_out, "lines about webhooks were left out: there are too many a second");
            }
        }
        let may = self.written.fetch_add(1, Ordering::Relaxed) < MOST;
        if !may {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p9_lines_are_bounded_in_each_second() {
        let lines = Lines::default();
        let written = |second| (0..MOST * 3).filter(|_| lines.may("taken", second)).count();
        assert_eq!([written(7), written(7), written(8)], [100, 0, 100]);
        assert_eq!(lines.left_out.load(Ordering::Relaxed), 200);
    }
}
