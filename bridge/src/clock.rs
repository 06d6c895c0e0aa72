//! The only reader of clocks in this package.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use till_wire::UnixTime;

/// Returns the time of day; a clock before 1970 reads as 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// No clock of a running machine shows an earlier time than this version's making: 2026-01-01T00:00:00Z.
const BUILT: UnixTime = UnixTime::from_secs(1_767_225_600);

/// Tells whether the time of day may be right: certificates are neither made nor judged by one that cannot (promise P10).
pub(crate) fn is_plausible() -> bool {
    now() >= BUILT
}

/// Returns a reading of the monotonic clock.
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// A moment on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(duration: Duration) -> Self {
        Self(instant() + duration)
    }

    /// Returns the time until the deadline, zero once it has passed.
    pub(crate) fn remaining(self) -> Duration {
        self.0.saturating_duration_since(instant())
    }
}
