//! A program that runs: its log, its signals, its end. It must not know which program it is.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::package::{Package, own_architecture};
use crate::wait::{SOON, wait_for};

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// Returns the path of one of our own programs, as cargo built it for these tests.
///
/// # Panics
/// When it has not been built.
pub fn program(name: &str) -> PathBuf {
    let path = program_folder().join(name);
    assert!(path.is_file(), "the program `{name}` is not built: run `cargo build --workspace --bins`");
    path
}

/// Returns the till's program as far as it is known: with `MACHINE_RELEASE=1` the one that is shipped in the package, which takes
/// minutes to build, else the one that all tests use.
///
/// # Panics
/// When it has not been built.
pub fn shipped_tilld() -> PathBuf {
    if !is_shipped_tilld_built() {
        return program("tilld");
    }
    Package::unpacked("tilld", &own_architecture()).path("/usr/bin/tilld")
}

/// Tells whether [`shipped_tilld`] is the one that is shipped, as in `tests/run`.
pub fn is_shipped_tilld_built() -> bool {
    std::env::var_os("MACHINE_RELEASE").is_some()
}

/// Returns the folder into which cargo built these tests' programs, such as `target/debug`.
///
/// # Panics
/// When the system does not tell where this program is.
pub fn program_folder() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_else(|error| panic!("this program has no path: {error}"));
    programs_beside(&own).unwrap_or_else(|| panic!("{own:?} is in no build folder"))
}

/// Returns the folder of the programs that were built together with `own`: tests are one folder deeper than programs.
fn programs_beside(own: &Path) -> Option<PathBuf> {
    let folder = own.parent()?;
    if folder.file_name()? == "deps" { folder.parent().map(Path::to_owned) } else { Some(folder.to_owned()) }
}

/// Returns the path of a program of the system.
///
/// # Panics
/// When it is not installed; the text names the Debian package.
pub fn system_program(name: &str, package: &str) -> PathBuf {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = places.iter().map(|place| Path::new(place).join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("the program `{name}` is needed: apt install {package}"))
}

/// Returns a command that starts a program, behind another one where there is one, such as an emulator with its arguments.
pub fn launched(launcher: &[String], program: &Path) -> Command {
    let Some((first, rest)) = launcher.split_first() else {
        return Command::new(program);
    };
    let mut command = Command::new(first);
    command.args(rest).arg(program);
    command
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
}

impl Process {
    /// Starts a command; what it prints is added to the file `log`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Self {
        let open = || {
            let file = OpenOptions::new().create(true).append(true).open(log);
            file.unwrap_or_else(|error| panic!("cannot write {log:?}: {error}"))
        };
        let child = command.stdin(Stdio::null()).stdout(open()).stderr(open()).spawn();
        let child = child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        Self { name: name.to_owned(), child, log: log.to_owned() }
    }

    /// The end, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything printed so far, also by earlier runs with the same log.
    pub fn printed(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The last lines printed.
    pub fn last_words(&self) -> String {
        let printed = self.printed();
        let lines: Vec<_> = printed.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When it does not end.
    pub fn terminate(&mut self) -> ExitStatus {
        if self.ended().is_none() {
            self.signal(Signal::TERM);
        }
        let name = self.name.clone();
        wait_for(&format!("{name} ends after SIGTERM"), SOON, || self.ended().ok_or_else(|| "it runs".to_owned()))
    }

    /// Stops it without a chance to clean up (SIGKILL).
    ///
    /// # Panics
    /// When the system refuses.
    pub fn kill(&mut self) {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.unwrap_or_else(|error| panic!("cannot kill {}: {error}", self.name));
    }

    /// Holds it still (SIGSTOP), as a machine that is suspended or overloaded does.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Tells it that the machine is about to sleep (SIGUSR1), as tilld-sleep.service does.
    pub fn put_to_sleep(&self) {
        self.signal(Signal::USR1);
    }

    /// Tells it that the machine has woken up (SIGUSR2).
    pub fn wake(&self) {
        self.signal(Signal::USR2);
    }

    /// Asks it to read its configuration again (SIGHUP).
    pub fn reload(&self) {
        self.signal(Signal::HUP);
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let sent = id.map(|id| kill_process(id, signal));
        assert!(matches!(sent, Some(Ok(()))), "cannot send {signal:?} to {}: {sent:?}", self.name);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing left to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
