//! A counter as a machine of its own: a real Linux kernel in an emulator, with a screen, a keyboard, a network and a disk
//! whose power can be cut. What is built is kept under `target/machine/`. It must not know what a test expects.

pub mod archive;
pub mod counter;
pub mod debian;
pub mod emulator;
pub mod finger;
pub mod heard;
pub mod image;
pub mod modules;
pub mod monitor;
pub mod serial;
pub mod shell;
pub mod shop;
pub mod slots;
pub mod voice;
pub mod whole;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::program_folder;
use crate::wait::wait_looking_every;

/// What a machine needs at most to boot, or for anything else that a board of its own would do at once: an emulator
/// without hardware help is some thirty times slower than this machine, which may be busy as well.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// How often a machine is looked at. A look is work for its emulated processor, which what is waited for has to do without.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Waits for something of a machine, as [`wait_for`](crate::wait::wait_for) does, and leaves it time between two looks.
///
/// # Panics
/// When the condition does not hold within `limit`.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, condition: impl FnMut() -> Result<T, String>) -> T {
    wait_looking_every(LOOK_EVERY, what, limit, condition)
}

/// The folder in which images and unpacked packages are kept between runs, `target/machine`.
///
/// # Panics
/// When it cannot be made.
pub fn cache() -> PathBuf {
    let build = program_folder();
    let place = build.parent().unwrap_or(&build).join("machine");
    fs::create_dir_all(&place).unwrap_or_else(|error| panic!("cannot make {place:?}: {error}"));
    place
}

/// Reads a file of ours.
#[track_caller]
fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("cannot read {path:?}: {error}"))
}
