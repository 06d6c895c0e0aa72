//! A counter as a shopkeeper gets it: a real kernel boots in an emulator, keys are pressed, the screen is photographed and
//! its code is read, what its loudspeaker plays is listened to, and the power is cut. It must not know how the till works.
//!
//! The emulator needs a whole core of this machine, so the tests here wait for each other.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod install;
mod leaves;
mod sells;
mod service;
mod slots;
mod sounds;
mod touches;
mod updates;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whose turn it is.
static TURN: Mutex<()> = Mutex::new(());

/// Waits until no other test here has a machine.
fn my_turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
