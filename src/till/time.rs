//! Time as the till sees it: ticks that nobody can set back, and the wall clock that anybody can.

use std::ops::{Add, Sub};
use std::time::Duration;

use till_wire::UnixTime;

/// Milliseconds since the machine booted (`CLOCK_BOOTTIME`), which no one can set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

impl Tick {
    /// Returns how long it is from `earlier` until this tick, zero if `earlier` is later.
    pub fn since(self, earlier: Tick) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Tick {
    type Output = Tick;

    fn add(self, span: Duration) -> Tick {
        Tick(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Tick {
    type Output = Tick;

    fn sub(self, span: Duration) -> Tick {
        Tick(self.0.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// Names one boot of the machine; ticks of different boots cannot be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BootId(pub [u8; 16]);

/// The moment of an event, read once by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// What deadlines and retries are counted in.
    pub tick: Tick,
    /// What records and messages are dated with; may be wrong (promise P10).
    pub wall: UnixTime,
}

impl Now {
    /// Returns the wall clock's time after this span.
    pub(crate) fn wall_after(self, span: Duration) -> UnixTime {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        UnixTime::from_ms(self.wall.ms().saturating_add(ms))
    }
}

/// Ticks of another boot, moved to this one so that what remained of each deadline remains.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rebase {
    pub(crate) written: Tick,
    pub(crate) now: Tick,
}

impl Rebase {
    pub(crate) fn tick(self, due: Tick) -> Tick {
        self.now + due.since(self.written)
    }
}
