//! Remembers who sent wrong signatures in the last second, so that a flood of them is told to slow down. Knows neither HTTP
//! nor clocks; its table is bounded.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::often::{Often, Verdict};

/// See the module. Who goes on is not forgiven.
pub(super) struct Forgeries(Often<IpAddr>);

const WINDOW: Duration = Duration::from_secs(1);
/// With the largest `forged_per_s` the table takes 16 MiB for every thousand sources. Those beyond share one entry, so that
/// together they are slowed down.
const MAX_SOURCES: usize = 2000;

impl Default for Forgeries {
    fn default() -> Self {
        Self(Often::counting_all(WINDOW, MAX_SOURCES))
    }
}

impl Forgeries {
    /// Notes a wrong signature from a source that may send so many in a second.
    pub(super) fn note(&self, address: IpAddr, per_second: usize, now: Instant) -> Verdict {
        self.0.note_at_most(address, per_second, now)
    }
}
