//! Runs a program beside the daemon: no shell, bytes in, bytes out, all of it bounded in size and time. It must not know
//! what the programs are for.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::rc::Rc;
use std::time::Duration;
use std::{env, thread};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

use crate::clock;
use crate::till::Tick;

/// How often a program is looked at while it runs.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long a program that was killed may take to be gone. One that a device driver holds takes longer.
const GONE: Duration = Duration::from_secs(1);
/// The most programs that cannot be killed, until no more are started.
const MOST_STUCK: usize = 2;
/// The most bytes of a program's complaints that are kept, and the most characters that are told.
const COMPLAINTS: u64 = 4096;
const TOLD: usize = 200;
/// What a program sees of our environment: where programs are, and what ALSA and sound servers look for. Not all of it,
/// because a secret may stand there.
const ENVIRONMENT: [&str; 8] = [
    "PATH",
    "HOME",
    "XDG_RUNTIME_DIR",
    "ALSA_CONFIG_PATH",
    "ALSA_CONFIG_DIR",
    "PULSE_SERVER",
    "PIPEWIRE_REMOTE",
    "ESPEAK_DATA_PATH",
];

/// What is to be run.
pub(crate) struct Task<'a> {
    /// Its path, or a name to be found in `PATH`.
    pub(crate) program: &'a Path,
    /// The Debian package that has it.
    pub(crate) package: &'static str,
    pub(crate) arguments: &'a [&'a OsStr],
    /// What it reads.
    pub(crate) input: &'a [u8],
    /// The most bytes that it may print.
    pub(crate) most: u64,
    /// The longest that it may run.
    pub(crate) limit: Duration,
}

/// Why a program did not do what it was to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("`{program}` is not found: install the package {package}")]
    NotFound { program: String, package: &'static str },
    #[error("cannot start `{program}`")]
    Start {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("cannot hold what `{program}` reads and prints")]
    Memory {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("`{program}` ended with {status}: {complaint}")]
    Failed { program: String, status: ExitStatus, complaint: String },
    #[error("`{program}` did not end within {} s and was stopped", limit.as_secs())]
    Hung { program: String, limit: Duration },
    #[error("`{program}` printed more than {most} bytes")]
    TooMuch { program: String, most: u64 },
    #[error("`{program}` is not started: earlier ones cannot be stopped, a device driver holds them")]
    Stuck { program: String },
    /// Something newer is to be done.
    #[error("`{program}` was stopped for something newer")]
    Interrupted { program: String },
}

/// Starts programs, and remembers those that could not be stopped.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    stuck: Rc<RefCell<Vec<Child>>>,
}

/// A program that runs. Dropping it stops it.
pub(crate) struct Running {
    name: String,
    child: Option<Child>,
    output: File,
    complaints: File,
    most: u64,
    limit: Duration,
    deadline: Tick,
    stuck: Rc<RefCell<Vec<Child>>>,
}

impl Runner {
    /// Starts a program.
    ///
    /// # Errors
    /// When it is not there, or the system refuses.
    pub(crate) fn start(&self, task: &Task<'_>) -> Result<Running, Trouble> {
        let name = task.program.display().to_string();
        let mut stuck = self.stuck.borrow_mut();
        stuck.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        if stuck.len() >= MOST_STUCK {
            return Err(Trouble::Stuck { program: name });
        }
        drop(stuck);
        let files = || Ok((input(task.input)?, bounded(task.most)?, bounded(COMPLAINTS)?));
        let (input, output, complaints) =
            files().map_err(|source| Trouble::Memory { program: name.clone(), source })?;
        let handles = || Ok((output.try_clone()?, complaints.try_clone()?));
        let (out, err) = handles().map_err(|source| Trouble::Memory { program: name.clone(), source })?;
        let mut command = Command::new(task.program);
        command.args(task.arguments).stdin(input).stdout(out).stderr(err).env_clear();
        command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        match command.spawn() {
            Ok(child) => Ok(Running {
                name,
                child: Some(child),
                output,
                complaints,
                most: task.most,
                limit: task.limit,
                deadline: clock::tick() + task.limit,
                stuck: Rc::clone(&self.stuck),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Trouble::NotFound { program: name, package: task.package })
            }
            Err(source) => Err(Trouble::Start { program: name, source }),
        }
    }
}

impl Running {
    /// Waits until the program has ended well, and returns what it printed.
    ///
    /// # Errors
    /// When it does not end well or in time, or `is_over` says that nobody needs it any more.
    pub(crate) fn finish(mut self, is_over: &dyn Fn() -> bool) -> Result<Vec<u8>, Trouble> {
        let status = self.wait(is_over)?;
        let printed = printed(&self.output).map_err(|source| Trouble::Memory { program: self.name.clone(), source })?;
        // Whoever wants to print more is told that he cannot, and ends for that reason.
        if u64::try_from(printed.len()).is_ok_and(|length| length >= self.most) {
            return Err(Trouble::TooMuch { program: self.name.clone(), most: self.most });
        }
        if !status.success() {
            return Err(Trouble::Failed { program: self.name.clone(), status, complaint: self.complaint() });
        }
        Ok(printed)
    }

    fn wait(&mut self, is_over: &dyn Fn() -> bool) -> Result<ExitStatus, Trouble> {
        loop {
            let program = || self.name.clone();
            match self.child.as_mut().map(Child::try_wait) {
                Some(Ok(Some(status))) => {
                    self.child = None;
                    return Ok(status);
                }
                Some(Err(source)) => return Err(Trouble::Start { program: program(), source }),
                Some(Ok(None)) | None => {}
            }
            if is_over() {
                return Err(Trouble::Interrupted { program: program() });
            }
            if clock::tick() >= self.deadline {
                return Err(Trouble::Hung { program: program(), limit: self.limit });
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Returns the last line that the program complained with, which says most.
    fn complaint(&self) -> String {
        let bytes = printed(&self.complaints).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
        line.trim().chars().filter(|c| !c.is_control()).take(TOLD).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // It may have ended in this moment.
        let _ = child.kill();
        let gone = clock::tick() + GONE;
        while matches!(child.try_wait(), Ok(None)) {
            if clock::tick() >= gone {
                self.stuck.borrow_mut().push(child);
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// Returns a file in memory with these bytes: unlike a pipe it never makes us wait for the one who reads.
fn input(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("tilld-input", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Returns a file in memory that takes so many bytes and cannot grow; it costs only what is written.
fn bounded(most: u64) -> io::Result<File> {
    let file = memfd_create("tilld-output", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    ftruncate(&file, most)?;
    fcntl_add_seals(&file, SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(File::from(file))
}

/// Reads what was written. Whoever writes shares our place in the file, which tells how much it was.
fn printed(mut file: &File) -> io::Result<Vec<u8>> {
    let length = usize::try_from(file.stream_position()?).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// Tells whether a program is there to be started.
pub(crate) fn is_found(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let places = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&places).any(|place| place.join(program).is_file())
}
