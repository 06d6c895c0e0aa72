//! Debian packages, fetched with apt and unpacked beside the build; nothing is installed, so that no kernel of a test
//! becomes this machine's. It must not know what the packages are for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::cache;
use crate::disk::{as_root, succeed};
use crate::process::{run, system_program};

/// Two tests of one program must not fetch the same package side by side.
static FETCHING: Mutex<()> = Mutex::new(());

/// Returns the folder of the newest kernel's package, as it was when it was fetched first: `boot/` and `lib/modules/`.
///
/// # Panics
/// When apt does not give it.
pub fn kernel() -> PathBuf {
    unpacked("linux-image-amd64", || {
        // This package holds nothing; it depends on the kernel of the day.
        let told = succeed(apt("apt-cache").args(["depends", "--important", "linux-image-amd64"]));
        let named = told.lines().find_map(|line| line.trim().strip_prefix("Depends: linux-image-"));
        named.map(|rest| format!("linux-image-{rest}")).unwrap_or_else(|| panic!("apt knows no kernel: {told}"))
    })
}

/// Returns the folder of a package's files.
///
/// # Panics
/// When apt does not give it.
pub fn package(name: &str) -> PathBuf {
    unpacked(name, || name.to_owned())
}

/// Unpacks a package into the cache's folder `name`, unless that has been done.
fn unpacked(name: &str, package: impl FnOnce() -> String) -> PathBuf {
    let place = cache().join("packages").join(name);
    let _one = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    if place.is_dir() {
        return place;
    }
    // Only a folder that is whole gets its name. Another program may have the same in hand.
    let part = place.with_extension(format!("{}.part", std::process::id()));
    // What an earlier run left there is in the way.
    let _ = fs::remove_dir_all(&part);
    let debs = part.join("debs");
    make(&debs);
    // The lists come with an operating system once; a kernel of that day may be gone by now.
    let wanted = package();
    if !download(&wanted, &debs) {
        succeed(as_root("apt-get", "apt").args(["update", "-qq"]));
        assert!(download(&wanted, &debs), "apt does not give the package `{wanted}`: is the network there?");
    }
    for deb in files(&debs) {
        succeed(Command::new(system_program("dpkg", "dpkg")).arg("-x").arg(deb).arg(&part));
    }
    let cleared = fs::remove_dir_all(&debs).and_then(|()| fs::rename(&part, &place));
    // Whoever was quicker has made the same.
    assert!(cleared.is_ok() || place.is_dir(), "cannot make {place:?}: {cleared:?}");
    place
}

fn download(package: &str, into: &Path) -> bool {
    run(apt("apt-get").args(["download", "-qq", package]).current_dir(into)).status.success()
}

fn apt(program: &str) -> Command {
    let mut command = Command::new(system_program(program, "apt"));
    command.env("LC_ALL", "C");
    command
}

fn make(folder: &Path) {
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("cannot make {folder:?}: {error}"));
}

/// The paths of what is in a folder, in order.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot list {folder:?}: {error}"));
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
