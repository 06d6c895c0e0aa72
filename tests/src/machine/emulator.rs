//! A machine that is emulated by qemu, in software alone: `/dev/kvm` is not everywhere. Its power can be cut. It must not
//! know what runs in it.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::monitor::Monitor;
use super::serial::Serial;
use super::shell::Shell;
use super::wait_for;
use crate::disk::succeed;
use crate::process::system_program;

/// The address by which a machine reaches the one around it.
pub const HOST: &str = "10.0.2.2";

/// A machine before it is switched on.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The kernel.
    pub kernel: PathBuf,
    /// Its first file system.
    pub first_files: PathBuf,
    /// More words for the kernel's command line.
    pub command_line: String,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// The graphics card.
    pub card: Card,
    /// What the monitor at the card says that it is good for, in pixels.
    pub pixels: (u32, u32),
    /// Images of disks: `/dev/vda`, `/dev/vdb`, … in the machine.
    pub disks: Vec<PathBuf>,
    /// Ports of 127.0.0.1 here, and where each leads in the machine.
    pub ports: Vec<(u16, u16)>,
    /// The file into which what its loudspeaker plays is written; no sound card when there is none.
    pub wav: Option<PathBuf>,
    /// Whether its system obeys a test on a second serial line.
    pub obeys: bool,
}

/// A graphics card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// The one of the emulators Bochs and qemu: plain memory, no waiting for the next picture. Module `bochs`.
    Bochs,
    /// One without registers of a real card, as virtual machines have. Module `virtio-gpu`.
    Virtio,
}

/// A machine that runs. Dropping it cuts its power.
#[derive(Debug)]
pub struct Machine {
    /// Its keys and its screen.
    pub monitor: Monitor,
    /// What it says.
    pub serial: Serial,
    /// Obeys, where the system can.
    pub shell: Option<Shell>,
    child: Child,
}

impl Plan {
    /// A machine of 256 MiB with a small screen, and nothing else.
    pub fn new(kernel: &Path, first_files: &Path) -> Self {
        Self {
            kernel: kernel.to_owned(),
            first_files: first_files.to_owned(),
            command_line: String::new(),
            memory_mib: 256,
            card: Card::Bochs,
            pixels: (800, 480),
            disks: Vec::new(),
            ports: Vec::new(),
            wav: None,
            obeys: false,
        }
    }

    /// Switches it on; its files are in `folder`.
    ///
    /// # Panics
    /// When qemu is not installed, or does not take the plan.
    pub fn start(&self, folder: &Path) -> Machine {
        let name = format!("machine-{:08x}", fastrand::u32(..));
        let (socket, log) = (folder.join(format!("{name}.qmp")), folder.join(format!("{name}.log")));
        let line = self.obeys.then(|| folder.join(format!("{name}.line")));
        let complaints = File::create(&log).unwrap_or_else(|error| panic!("cannot write {log:?}: {error}"));
        let mut command = Command::new(system_program("qemu-system-x86_64", "qemu-system-x86"));
        self.arguments(&mut command, &socket);
        if let Some(line) = &line {
            // The second of the two lines: the order of these arguments is that of the machine's ports.
            command.arg("-serial").arg(format!("unix:{},server=on,wait=off", line.display()));
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(complaints).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let said = child.stdout.take().unwrap_or_else(|| panic!("the emulator has no output"));
        let serial = Serial::listen(said);
        wait_for("the emulator takes its plan", Duration::from_secs(30), || {
            if let Ok(Some(status)) = child.try_wait() {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("the emulator ended with {status}: {said}\n{command:?}");
            }
            if socket.exists() { Ok(()) } else { Err("no monitor yet".to_owned()) }
        });
        // What is said before anybody has connected is lost.
        let shell = line.map(|line| Shell::connect(&line));
        Machine { monitor: Monitor::connect(&socket), serial, shell, child }
    }

    fn arguments(&self, command: &mut Command, socket: &Path) {
        let (width, height) = self.pixels;
        let card = match self.card {
            Card::Bochs => "VGA",
            Card::Virtio => "virtio-gpu-pci",
        };
        // `max` has the instructions for cryptography and random numbers that counters' boards have.
        command.args(["-accel", "tcg", "-cpu", "max", "-nodefaults", "-no-user-config", "-no-reboot"]);
        command.args(["-display", "none", "-vga", "none", "-rtc", "base=utc", "-serial", "stdio"]);
        command.arg("-m").arg(self.memory_mib.to_string());
        command.arg("-qmp").arg(format!("unix:{},server=on,wait=off", socket.display()));
        command.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(&self.first_files);
        // Messages of the kernel go to the screen, as they do by default on a board, and to the serial line.
        command.arg("-append").arg(format!("console=tty0 console=ttyS0 panic=-1 {}", self.command_line));
        command.arg("-device").arg(format!("{card},edid=on,xres={width},yres={height}"));
        for disk in &self.disks {
            // What the machine has flushed is safe when its power is cut; what it has not is this machine's to lose.
            command.arg("-drive").arg(format!("file={},if=virtio,format=raw,cache=writeback", disk.display()));
        }
        let mut network = "user,id=network".to_owned();
        for (here, there) in &self.ports {
            let _ = write!(network, ",hostfwd=tcp:127.0.0.1:{here}-10.0.2.15:{there}");
        }
        command.arg("-netdev").arg(network).args(["-device", "virtio-net-pci,netdev=network,romfile="]);
        if let Some(wav) = &self.wav {
            command.arg("-audiodev").arg(format!("wav,id=sound,path={}", wav.display()));
            // Its own timer throws sound away whenever this machine is too busy to write it down in time.
            command.args(["-device", "intel-hda", "-device", "hda-output,audiodev=sound,use-timer=off"]);
            // Its clock goes by its instructions, 4 ns for each (shift 2), so that a busy host makes it slow and tears no
            // sound. `auto` holds it to the host's clock instead: then a large picture takes longer than a till waits.
            command.args(["-icount", "shift=2"]);
        }
    }
}

impl Machine {
    /// Waits until the machine has said this on its serial line.
    ///
    /// # Panics
    /// When it does not within `limit`, or ends before.
    #[track_caller]
    pub fn wait_for_words(&mut self, words: &str, limit: Duration) {
        let (serial, child) = (&self.serial, &mut self.child);
        wait_for(&format!("the machine says `{words}`"), limit, || {
            let ended = child.try_wait().ok().flatten();
            if serial.text().contains(words) {
                return Ok(());
            }
            if let Some(status) = ended {
                panic!("the machine ended with {status} before it said `{words}`:\n{}", serial.last_words());
            }
            Err(serial.last_words())
        });
    }

    /// Whether it is switched on.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Cuts its power (SIGKILL): what it had not flushed to its disks may be lost.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn cut(mut self) {
        let cut = self.child.kill().and_then(|()| self.child.wait());
        cut.unwrap_or_else(|error| panic!("cannot end the emulator: {error}"));
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the machine's last words:\n{}", self.serial.last_words());
        }
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes the image of an empty disk with an ext4 of so many MiB.
///
/// # Panics
/// When `mke2fs` refuses.
pub fn empty_disk(image: &Path, mib: u64) {
    let file = File::create(image).and_then(|file| file.set_len(mib * 1024 * 1024));
    file.unwrap_or_else(|error| panic!("cannot make {image:?}: {error}"));
    succeed(Command::new(system_program("mke2fs", "e2fsprogs")).args(["-q", "-F", "-t", "ext4"]).arg(image));
}
