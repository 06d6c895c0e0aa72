//! Signs of life of the daemon's parts: each says until when it will have given the next one, and the watchdog is fed only
//! while nobody is late. It must not know what a part does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How long one piece of work may take. A part that waits for longer says so.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What a part that is gone has promised: nothing. Dropping its [`Beat`] says that, also when it panics.
const GONE: u64 = 0;
/// What a part has promised that waits until somebody gives it work.
const IDLE: u64 = u64::MAX;

/// A part's own end.
#[derive(Debug)]
pub struct Beat(Arc<Shared>);

/// The end of whoever looks whether the part lives.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    began: Instant,
    /// Milliseconds after `began` until which the part gives another sign. It counts only while the machine does not
    /// sleep, as timers do.
    due_ms: AtomicU64,
}

impl Beat {
    /// A part that begins its work now.
    pub fn new() -> Self {
        let beat = Self(Arc::new(Shared { began: Instant::now(), due_ms: AtomicU64::new(GONE) }));
        beat.busy();
        beat
    }

    /// Returns what tells of this part.
    pub fn pulse(&self) -> Pulse {
        Pulse(Arc::clone(&self.0))
    }

    /// Begins a piece of work, which takes [`PATIENCE`] at most.
    pub fn busy(&self) {
        self.busy_for(Duration::ZERO);
    }

    /// Begins to wait for something for so long at most.
    pub fn busy_for(&self, time: Duration) {
        let due = self.0.began.elapsed().saturating_add(time).saturating_add(PATIENCE);
        self.0.due_ms.store(u64::try_from(due.as_millis()).unwrap_or(IDLE), Ordering::Relaxed);
    }

    /// Has nothing to do until somebody gives it work.
    pub fn idle(&self) {
        self.0.due_ms.store(IDLE, Ordering::Relaxed);
    }
}

impl Default for Beat {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.0.due_ms.store(GONE, Ordering::Relaxed);
    }
}

impl Pulse {
    /// Returns a number that grows with every sign of a part that gives some.
    #[cfg(test)]
    pub(crate) fn sign(&self) -> u64 {
        self.0.due_ms.load(Ordering::Relaxed)
    }

    /// Tells whether the part has not kept its word by `now`, or is gone.
    pub fn is_late(&self, now: Instant) -> bool {
        let now = now.saturating_duration_since(self.0.began).as_millis();
        u128::from(self.0.due_ms.load(Ordering::Relaxed)) < now.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_secs(1);

    #[test]
    fn a_part_is_late_when_its_work_takes_longer_than_it_said() {
        let beat = Beat::new();
        let pulse = beat.pulse();
        assert!(!pulse.is_late(Instant::now()));
        assert!(pulse.is_late(Instant::now() + PATIENCE + MOMENT));
        beat.busy_for(Duration::from_secs(60));
        assert!(!pulse.is_late(Instant::now() + PATIENCE + MOMENT));
        assert!(pulse.is_late(Instant::now() + PATIENCE + Duration::from_secs(61)));
    }

    #[test]
    fn a_part_without_work_is_never_late_and_one_that_is_gone_always() {
        let beat = Beat::new();
        let pulse = beat.pulse();
        beat.idle();
        assert!(!pulse.is_late(Instant::now() + Duration::from_secs(1_000_000)));
        drop(beat);
        assert!(pulse.is_late(Instant::now()));
    }

    #[test]
    fn a_thread_that_panics_is_gone() {
        let beat = Beat::new();
        let pulse = beat.pulse();
        let thread = std::thread::spawn(move || {
            beat.idle();
            panic!("as a part with a mistake in it does");
        });
        assert!(thread.join().is_err());
        assert!(pulse.is_late(Instant::now()));
    }
}
