//! The place between the driver and the display's thread, in which the newest wish lies. It must not know what is drawn.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::till::{Code, Scene};

/// Where the newest wish lies for the display's thread.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) wanted: Mutex<Wanted>,
    pub(super) changed: Condvar,
}

/// What the driver wants of the display.
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
    pub(super) over: bool,
}

/// A picture or a wish is never left half-changed, so a poisoned lock holds a good value.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
