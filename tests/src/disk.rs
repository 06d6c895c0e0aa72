//! Disks of a test's own: an ext4 in a file, mounted through a loop device, whose content can be had as it is at one
//! moment. It must not know what is kept on it. Making one needs root, or `sudo` without a question.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::{run, system_program};
use crate::wait::{SOON, wait_for};

/// What the kernel throttles block devices by, where it can.
const THROTTLE: &str = "/sys/fs/cgroup/blkio/blkio.throttle.write_iops_device";

/// A mounted disk. Dropping it unmounts it and lets the loop device go; the files are the folder's that it is in.
#[derive(Debug)]
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
    options: &'static str,
    device: Option<PathBuf>,
}

impl Disk {
    /// Makes an ext4 of so many KiB and mounts it. Its journal commits by itself only every five minutes, so that what
    /// nobody made durable is not on it by luck.
    ///
    /// # Panics
    /// When the system has no loop devices, or does not let us use them.
    pub fn make(folder: &Path, name: &str, kib: u64) -> Self {
        let image = folder.join(format!("{name}.img"));
        let file = fs::File::create(&image).and_then(|file| file.set_len(kib * 1024));
        file.unwrap_or_else(|error| panic!("cannot make {image:?}: {error}"));
        let owner = format!(
            "root_owner={}:{},lazy_itable_init=0,lazy_journal_init=0",
            rustix::process::geteuid().as_raw(),
            rustix::process::getegid().as_raw()
        );
        let mut make = Command::new(system_program("mke2fs", "e2fsprogs"));
        succeed(make.args(["-q", "-F", "-t", "ext4", "-m", "0", "-E", &owner]).arg(&image));
        Self::of_image(image, &folder.join(name), "commit=300")
    }

    /// Mounts an image; a journal that it holds is played back, as after a power cut.
    ///
    /// # Panics
    /// As [`Disk::make`].
    pub fn of_image(image: PathBuf, mount: &Path, options: &'static str) -> Self {
        fs::create_dir_all(mount).unwrap_or_else(|error| panic!("cannot make {mount:?}: {error}"));
        let mut disk = Self { image, mount: mount.to_owned(), options, device: None };
        disk.attach();
        disk
    }

    fn attach(&mut self) {
        assert!(
            Path::new("/dev/loop-control").exists(),
            "LOOP DEVICES ARE MISSING: this test needs a kernel with them (modprobe loop)"
        );
        let shown = succeed(as_root("losetup", "mount").args(["--find", "--show"]).arg(&self.image));
        let device = PathBuf::from(shown.trim());
        self.device = Some(device.clone());
        succeed(as_root("mount", "mount").args(["-t", "ext4", "-o", self.options]).arg(device).arg(&self.mount));
    }

    /// Unmounts it. What is in the page cache reaches the image now.
    ///
    /// # Panics
    /// When something goes on using it.
    pub fn detach(&mut self) {
        let Some(device) = self.device.take() else { return };
        wait_for("the disk is unmounted", SOON, || {
            let done = run(as_root("umount", "mount").arg(&self.mount));
            if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
        });
        succeed(as_root("losetup", "mount").arg("--detach").arg(device));
    }

    /// Has the disk answer nobody who writes, until what is returned is dropped.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn freeze(&self) -> Frozen {
        succeed(as_root("fsfreeze", "util-linux").arg("--freeze").arg(&self.mount));
        Frozen(self.mount.clone())
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.mount
    }

    /// Copies what has reached the disk, as it is at one moment: a copy during which the device took a write is made
    /// again. What programs wrote and nobody flushed is in the page cache of the mounted file system, not in it.
    ///
    /// # Panics
    /// When the device never rests.
    pub fn copy_now(&self, to: &Path) {
        wait_for("the disk rests for as long as a copy takes", Duration::from_secs(60), || {
            let before = self.traffic();
            // A copy with holes is quick.
            succeed(Command::new(system_program("cp", "coreutils")).arg("--sparse=always").arg(&self.image).arg(to));
            let after = self.traffic();
            if before == after && before.1 == 0 { Ok(()) } else { Err(format!("{before:?}, then {after:?}")) }
        });
    }

    /// How many bytes the device has been given to write so far.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn bytes_written(&self) -> u64 {
        // Linux, Documentation/block/stat.rst: the seventh number, in sectors of 512 bytes.
        self.numbers("stat").get(6).copied().unwrap_or_default() * 512
    }

    /// How many writes and flushes the device has taken, and how many are under way.
    fn traffic(&self) -> (Vec<u64>, u64) {
        let stat = self.numbers("stat");
        let done = [4, 6, 11, 13, 15].map(|field| stat.get(field).copied().unwrap_or_default());
        (done.to_vec(), self.numbers("inflight").iter().sum())
    }

    fn numbers(&self, what: &str) -> Vec<u64> {
        let name = self.device.as_ref().and_then(|device| device.file_name()).unwrap_or_default();
        let text = fs::read_to_string(Path::new("/sys/block").join(name).join(what));
        let text = text.unwrap_or_else(|error| panic!("cannot read {what} of {name:?}: {error}"));
        text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
    }

    /// Puts another image in the place of this one, as if the power came back after it was taken.
    ///
    /// # Panics
    /// When something goes on using the disk.
    pub fn become_image(&mut self, image: &Path) {
        self.detach();
        fs::rename(image, &self.image).unwrap_or_else(|error| panic!("cannot rename {image:?}: {error}"));
        self.attach();
    }

    /// Mounts it again, read-only (`ro`) or writable (`rw`).
    ///
    /// # Panics
    /// When something goes on writing to it.
    pub fn mount_again(&mut self, how: &'static str) {
        self.detach();
        self.options = how;
        self.attach();
    }

    /// Lets the device take so many writes a second, so that a commit lasts, where the kernel can do that; 0 ends it.
    pub fn limit_writes(&self, per_second: u32) {
        let Some(device) = &self.device else { return };
        let number = device.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number = fs::read_to_string(format!("/sys/block/{number}/dev")).unwrap_or_default();
        if Path::new(THROTTLE).exists() {
            let mut tee = as_root("sh", "dash");
            tee.args(["-c", &format!("echo '{} {per_second}' > {THROTTLE}", number.trim())]);
            succeed(&mut tee);
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let Some(device) = self.device.clone() else { return };
        // A failed test may leave a program behind that still uses it: then it goes with that program.
        self.limit_writes(0);
        run(as_root("umount", "mount").arg("--lazy").arg(&self.mount));
        run(as_root("losetup", "mount").arg("--detach").arg(device));
    }
}

/// A disk that does not answer. Dropping it lets the disk go on, and everybody who waits for it.
#[derive(Debug)]
pub struct Frozen(PathBuf);

impl Drop for Frozen {
    fn drop(&mut self) {
        run(as_root("fsfreeze", "util-linux").arg("--unfreeze").arg(&self.0));
    }
}

/// A program of the system that runs as root.
///
/// # Panics
/// When it is not installed.
pub fn as_root(program: &str, package: &str) -> Command {
    let program = system_program(program, package);
    if rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut sudo = Command::new(system_program("sudo", "sudo"));
    sudo.arg("-n").arg(program);
    sudo
}

/// Runs a command and returns what it printed.
///
/// # Panics
/// When it fails.
pub fn succeed(command: &mut Command) -> String {
    let output = run(command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed ({}): {said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
