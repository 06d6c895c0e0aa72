//! The disk of a whole system, built once and kept: Debian of this machine's release with systemd as its first process.
//! It must not know what runs there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::disk::{as_root, succeed};
use crate::machine::cache;
use crate::machine::debian::files;
use crate::machine::modules::Kernel;
use crate::process::{run, system_program};

/// What is there beside Debian's base: the system's first processes, and what a service of ours may need at run time, to speak
/// among it.
const PACKAGES: &str = "systemd,systemd-sysv,dbus,kmod,udev,iproute2,openssl,ca-certificates,tzdata,alsa-utils,espeak-ng,rauc,rauc-service";

/// What udev loads when it meets a counter's devices: network, keys, screens, sound; and disks in files, for updates.
const MODULES: [&str; 11] = [
    "virtio_net",
    "evdev",
    "bochs",
    "virtio-gpu",
    "snd-hda-intel",
    "snd-hda-codec-generic",
    "cp210x",
    "loop",
    "dm-mod",
    "dm-verity",
    "squashfs",
];

/// How it is built.
const RECIPE: &str = include_str!("root.sh");

/// Obeys a test.
pub(crate) const SHELL: &str = include_str!("shell.sh");

/// Two tests of one program must not build the same disk side by side.
static BUILDING: Mutex<()> = Mutex::new(());

/// Returns the image of the disk, which nobody may write to. It is built when its recipe has changed, or the kernel; then
/// older ones are removed. That takes a minute, root's rights, and Debian's mirror.
///
/// # Panics
/// When it cannot be built: the text says why.
pub(crate) fn image(package: &Path, kernel: &Kernel) -> PathBuf {
    let suite = suite();
    let modules = kernel.files_of(&MODULES);
    let mut sum = Sha256::new();
    for part in [PACKAGES, RECIPE, SHELL, &suite, &kernel.release, &MODULES.join(" ")] {
        sum.update(format!("{} {part}\n", part.len()));
    }
    let sum: String = sum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let place = cache().join(format!("whole-system.{sum}.img"));
    let _one = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    if !place.is_file() {
        // A machine that runs has its own copy.
        let outdated = files(&cache()).into_iter().filter(|path| is_image(path));
        outdated.for_each(|path| drop(fs::remove_file(path)));
        build(&place, package, kernel, &suite, &modules);
    }
    place
}

fn build(place: &Path, package: &Path, kernel: &Kernel, suite: &str, modules: &[PathBuf]) {
    // Named before anything is made: it tells the package when it is missing.
    system_program("debootstrap", "debootstrap");
    let folder = cache().join(format!("whole-system.{}.part", std::process::id()));
    let image = folder.join("disk.img");
    let made = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join("shell.sh"), SHELL));
    // The file is ours; root only fills it.
    let made = made.and_then(|()| fs::write(folder.join("root.sh"), RECIPE)).and_then(|()| fs::write(&image, b""));
    made.unwrap_or_else(|error| panic!("cannot write in {folder:?}: {error}"));
    let mut command = as_root("sh", "dash");
    command.arg(folder.join("root.sh")).arg(&folder).arg(&image).arg(suite).arg(mirror(suite)).arg(PACKAGES);
    command.arg(package).arg(&kernel.release).arg(folder.join("shell.sh")).args(modules);
    let output = run(&mut command);
    let kept = output.status.success().then(|| fs::rename(&image, place));
    run(as_root("rm", "coreutils").arg("-rf").arg("--one-file-system").arg(&folder));
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = said.lines().rev().take(30).collect();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    assert!(matches!(kept, Some(Ok(()))), "cannot build {place:?} ({}, {kept:?}):\n{last}", output.status);
}

/// The name of this machine's Debian. Our programs are built here, so their libraries must be of the same there.
fn suite() -> String {
    let text = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    name.unwrap_or_else(|| panic!("/etc/os-release does not name this Debian's release: {text}")).to_owned()
}

/// Where apt gets Debian from.
fn mirror(suite: &str) -> String {
    let mut ask = Command::new(system_program("apt-get", "apt"));
    ask.args(["indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"]);
    let told = succeed(&mut ask);
    let found = told.lines().find_map(|line| line.strip_prefix(&format!("{suite} main ")));
    found.unwrap_or_else(|| panic!("apt has no source of `{suite} main`: {told}")).to_owned()
}

fn is_image(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.starts_with("whole-system.") && name.ends_with(".img")
}
