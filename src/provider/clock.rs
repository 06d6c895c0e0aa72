//! The provider's clock, as far as its answers tell: what it is told in times of its own must not depend on ours being
//! right (promise P10). It must not set any clock.

use std::sync::atomic::{AtomicI64, Ordering};

use till_wire::{UnixTime, first_sequence};

use crate::till::Now;

/// Clocks that are closer than this are not corrected: a `Date` tells whole seconds of the moment at which an answer was
/// made, and Finan takes times that are up to 30 s off (providers.md §2.1).
const TOLERATED_MS: i64 = 20_000;

/// No provider has told the time yet.
const UNKNOWN: i64 = i64::MIN;

/// The provider's clock. It goes on by the ticks since boot, so that it stays right when somebody sets the wall clock.
#[derive(Debug)]
pub(super) struct ProviderClock {
    clock: fn() -> Now,
    /// What the provider's clock showed, in milliseconds, when ticks began.
    began_ms: AtomicI64,
}

impl ProviderClock {
    pub(super) fn new(clock: fn() -> Now) -> Self {
        Self { clock, began_ms: AtomicI64::new(UNKNOWN) }
    }

    /// Learns from an answer whose headers have just come. A date outside of the years in which there are terminals is a
    /// fault of whoever answered: it must not spoil a clock that may be right.
    pub(super) fn learn(&self, date: UnixTime) {
        if first_sequence(date).is_some() {
            let began = date.ms().saturating_sub(ticks_ms((self.clock)()));
            self.began_ms.store(began, Ordering::Relaxed);
        }
    }

    /// Returns by how many milliseconds our clock is corrected now; zero when it is right enough.
    pub(super) fn correction_ms(&self) -> i64 {
        self.correction_at((self.clock)())
    }

    /// Returns what time it is for the provider.
    pub(super) fn now(&self) -> UnixTime {
        let now = (self.clock)();
        UnixTime::from_ms(now.wall.ms().saturating_add(self.correction_at(now)))
    }

    fn correction_at(&self, now: Now) -> i64 {
        let began = self.began_ms.load(Ordering::Relaxed);
        if began == UNKNOWN {
            return 0;
        }
        let ahead = began.saturating_add(ticks_ms(now)).saturating_sub(now.wall.ms());
        if ahead.saturating_abs() > TOLERATED_MS { ahead } else { 0 }
    }
}

fn ticks_ms(now: Now) -> i64 {
    i64::try_from(now.tick.0).unwrap_or(i64::MAX)
}
