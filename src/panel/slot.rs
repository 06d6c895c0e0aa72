//! What the driver wants seen, until the painter takes it: the newest of each kind, nothing queues up.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fingers::{Finger, Waiting};
use super::pace::Pace;
use crate::clock;
use crate::till::{Code, Scene, Tick};

/// Where the driver leaves what it wants, and the painter finds it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    wanted: Mutex<Wanted>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) scene: Option<Scene>,
    /// Counts the scenes, so that the thread knows a new one.
    pub(super) count: u64,
    /// A scene that will be wanted in a moment, perhaps.
    pub(super) expected: Option<Scene>,
    /// The code for any amount, where it is learned only now.
    pub(super) offered: Option<Code>,
    /// Somebody is there who wants light.
    pub(super) woken: bool,
    /// Whether something feels fingers, where that has changed.
    pub(super) touchable: Option<bool>,
    /// What fingers did.
    pub(super) fingers: Waiting,
    pub(super) over: bool,
}

/// Something for the painter to do.
pub(super) enum Work {
    /// Draw it, nothing more.
    Draw(Scene),
    /// Have it seen.
    Show(Scene),
    /// Know this code for any amount.
    Offer(Code),
    /// Light the display up.
    Wake,
    /// Draw keys for fingers, or do not.
    Touchable(bool),
    /// Follow a finger.
    Touch(Finger),
    /// Look whether the panel still shows it.
    Check,
}

/// When there is something to do although nothing new is wanted.
#[derive(Clone, Copy)]
pub(super) struct Due {
    /// The picture has to be drawn again.
    pub(super) redraw: Tick,
    /// The panel has to be looked at.
    pub(super) check: Tick,
}

impl Slot {
    /// Tells whether a scene is still to be drawn that may be wanted in a moment.
    #[cfg(test)]
    pub(super) fn is_expecting(&self) -> bool {
        lock(&self.wanted).expected.is_some()
    }

    /// Changes what is wanted, and lets the painter know.
    pub(super) fn change(&self, change: impl FnOnce(&mut Wanted)) {
        change(&mut lock(&self.wanted));
        self.changed.notify_one();
    }

    /// Waits for a new scene, or until something is due, or for a scene that is expected; `None` when it is over.
    pub(super) fn next(&self, seen: &mut u64, pace: &Pace, due: Due) -> Option<Work> {
        let mut wanted = lock(&self.wanted);
        loop {
            if wanted.over {
                return None;
            }
            if let Some(code) = wanted.offered.take() {
                return Some(Work::Offer(code));
            }
            if std::mem::take(&mut wanted.woken) {
                return Some(Work::Wake);
            }
            if let Some(is_there) = wanted.touchable.take() {
                return Some(Work::Touchable(is_there));
            }
            if let Some(finger) = wanted.fingers.next() {
                return Some(Work::Touch(finger));
            }
            let now = clock::tick();
            let is_new = wanted.count != *seen;
            let at = if is_new { pace.free_at() } else { due.redraw };
            let pause = match &wanted.scene {
                Some(scene) if at <= now => {
                    *seen = wanted.count;
                    return Some(Work::Show(scene.clone()));
                }
                Some(_) => at.since(now),
                None => Duration::from_secs(60),
            };
            // In a flood nothing is drawn that is not seen.
            if let Some(expected) = wanted.expected.take().filter(|_| pace.free_at() <= now) {
                return Some(Work::Draw(expected));
            }
            if due.check <= now {
                return Some(Work::Check);
            }
            let pause = pause.min(due.check.since(now));
            wanted = self.changed.wait_timeout(wanted, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A picture or a wish is never left half-changed, so a poisoned lock holds a good value.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
