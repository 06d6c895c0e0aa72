//! Waits for a condition with a limit, and tells what was seen last. It must not know what is waited for.

use std::thread;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// What any program of ours needs at most for something that it does at once, on a machine that is busy with other
/// tests.
pub const SOON: Duration = Duration::from_secs(15);

/// Waits until the condition holds and returns what it found. Its error says what it sees instead.
///
/// # Panics
/// When the condition does not hold within `limit`.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, condition: impl FnMut() -> Result<T, String>) -> T {
    wait_looking_every(LOOK_EVERY, what, limit, condition)
}

/// The same for a condition at which it is costly to look.
///
/// # Panics
/// When the condition does not hold within `limit`.
#[track_caller]
pub fn wait_looking_every<T>(
    pause: Duration,
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> Result<T, String>,
) -> T {
    let start = Instant::now();
    loop {
        match condition() {
            Ok(found) => return found,
            Err(seen) if start.elapsed() >= limit => {
                panic!("waited {limit:?} for: {what}; seen last: {seen}")
            }
            Err(_) => thread::sleep(pause),
        }
    }
}

/// Waits until the condition is true.
///
/// # Panics
/// When it does not become true within `limit`.
#[track_caller]
pub fn wait_until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    wait_for(what, limit, || if condition() { Ok(()) } else { Err("not yet".to_owned()) });
}

/// Watches for the whole time that a condition holds.
///
/// # Panics
/// As soon as the condition's error says that it does not.
#[track_caller]
pub fn holds_for(what: &str, time: Duration, mut condition: impl FnMut() -> Result<(), String>) {
    let start = Instant::now();
    while start.elapsed() < time {
        if let Err(seen) = condition() {
            panic!("{what} did not hold after {:?}: {seen}", start.elapsed());
        }
        thread::sleep(LOOK_EVERY);
    }
}
