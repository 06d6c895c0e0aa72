//! The provider's clock, as far as its answers tell: what it is told in times of its own must not depend on ours being
//! right (promise P10). It must not set any clock.

use std::sync::atomic::{AtomicI64, Ordering};

use till_wire::UnixTime;

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

    /// Returns what time it is for the provider.
    pub(super) fn now(&self) -> UnixTime {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        UnixTime::from_ms((self.wall)().ms().saturating_add(ahead))
    }
}
