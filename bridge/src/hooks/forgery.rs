//! Remembers who sent wrong signatures in the last second, so that a flood of them is told to slow
//! down. Knows neither HTTP nor clocks; its table is bounded.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What to say to a source that has just sent a wrong signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Tolerated,
    /// It sent more than may be in the last second.
    TooMany,
}

/// See the module.
#[derive(Default)]
pub(super) struct Forgeries {
    sources: Mutex<BTreeMap<Source, VecDeque<Instant>>>,
}

/// Sources beyond the bound of the table share one entry, so that together they are slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Address(IpAddr),
    Others,
}

const WINDOW: Duration = Duration::from_secs(1);
/// With the largest `forged_per_s` the table takes 16 MiB for every thousand sources.
const MAX_SOURCES: usize = 2000;

impl Forgeries {
    /// Notes a wrong signature from a source that may send so many in a second.
    pub(super) fn note(&self, address: IpAddr, per_second: usize, now: Instant) -> Verdict {
        // The table is whole whatever panicked, so a poisoned lock is as good.
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let mut source = Source::Address(address);
        if !sources.contains_key(&source) && sources.len() >= MAX_SOURCES {
            sources.retain(|_, times| times.back().is_some_and(|last| is_recent(*last, now)));
            if sources.len() >= MAX_SOURCES {
                source = Source::Others;
            }
        }
        let times = sources.entry(source).or_default();
        while times.front().is_some_and(|first| !is_recent(*first, now)) {
            times.pop_front();
        }
        let verdict = if times.len() < per_second { Verdict::Tolerated } else { Verdict::TooMany };
        // More than one is too many when the number was made smaller.
        while times.len() >= per_second.max(1) {
            times.pop_front();
        }
        times.push_back(now);
        verdict
    }
}

fn is_recent(time: Instant, now: Instant) -> bool {
    now.saturating_duration_since(time) < WINDOW
}
