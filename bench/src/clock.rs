//! The clock that `tilld` writes into its own lines, so that times of both processes compare. Knows nothing else.

use rustix::time::{ClockId, clock_gettime};

/// Microseconds since the machine's boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Micros(pub(crate) u64);

/// Reads it.
pub(crate) fn now() -> Micros {
    let time = clock_gettime(ClockId::Boottime);
    let secs = u64::try_from(time.tv_sec).unwrap_or(0);
    Micros(secs * 1_000_000 + u64::try_from(time.tv_nsec / 1000).unwrap_or(0))
}

impl Micros {
    /// Returns the milliseconds since an earlier time.
    pub(crate) fn ms_since(self, earlier: Self) -> f64 {
        (self.0.saturating_sub(earlier.0)) as f64 / 1000.0
    }
}
