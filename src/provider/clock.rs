//! The provider's clock, as far as its answers tell: what it is told in times of its own must not depend on ours being
//! right (promise P10). It must not set any clock.

use std::sync::atomic::{AtomicI64, Ordering};

use till_wire::UnixTime;

/// Clocks that are closer than this are not corrected: a `Date` tells whole seconds of the moment at which an answer was
/// made, and Finan takes times that are up to 30 s off (providers.md §2.1).
const TOLERATED_MS: i64 = 20_000;

/// The wall clock, corrected by how far the last `Date` was from it.
#[derive(Debug)]
pub(super) struct ProviderClock {
    wall: fn() -> UnixTime,
    /// Milliseconds by which the provider's clock is ahead of ours.
    ahead_ms: AtomicI64,
}

impl ProviderClock {
    pub(super) fn new(wall: fn() -> UnixTime) -> Self {
        Self { wall, ahead_ms: AtomicI64::new(0) }
    }

    /// Learns from an answer that has just come.
    pub(super) fn learn(&self, date: UnixTime) {
        let ahead = date.ms().saturating_sub((self.wall)().ms());
        self.ahead_ms.store(ahead, Ordering::Relaxed);
    }

    /// Returns by how many milliseconds our clock is corrected; zero when it is right enough.
    pub(super) fn correction_ms(&self) -> i64 {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        if ahead.saturating_abs() > TOLERATED_MS { ahead } else { 0 }
    }

    /// Returns what time it is for the provider.
    pub(super) fn now(&self) -> UnixTime {
        UnixTime::from_ms((self.wall)().ms().saturating_add(self.correction_ms()))
    }
}
