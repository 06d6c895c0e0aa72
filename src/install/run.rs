//! Runs the system's package tools, each with a limit in time. Unlike `crate::program` it lets them print as much as they
//! like, to files: a package's script that could not print would fail in the middle. It must not know what they are for.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::clock;

/// How often a program is looked at while it runs.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The most that is read of what one prints, in bytes, and the most characters of its complaint that are told.
const MOST: u64 = 64 * 1024;
const TOLD: usize = 300;
/// Where programs are, whatever the environment says.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What is to be run.
pub(super) struct Task<'a> {
    pub(super) program: &'a str,
    pub(super) arguments: &'a [&'a str],
    /// The longest that it may run.
    pub(super) limit: Duration,
}

/// Where programs work, and print.
#[derive(Debug)]
pub(super) struct Bench(PathBuf);

/// How a program ended.
struct Ended {
    status: ExitStatus,
    printed: String,
    complaint: String,
}

impl Bench {
    /// Names the folder, which is ours alone.
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Runs a program to its good end, and returns what it printed.
    pub(super) fn run(&self, task: &Task<'_>) -> Result<String, String> {
        let ended = self.end(task)?;
        if ended.status.success() {
            return Ok(ended.printed);
        }
        Err(format!("`{}` ended with {}: {}", shown(task), ended.status, ended.complaint))
    }

    /// Runs a program that answers by its exit code: what it printed when it says yes, by 0, and nothing when it says no, by 1.
    pub(super) fn ask(&self, task: &Task<'_>) -> Result<Option<String>, String> {
        let ended = self.end(task)?;
        match ended.status.code() {
            Some(0) => Ok(Some(ended.printed)),
            Some(1) => Ok(None),
            Some(_) | None => Err(format!("`{}` ended with {}: {}", shown(task), ended.status, ended.complaint)),
        }
    }

    fn end(&self, task: &Task<'_>) -> Result<Ended, String> {
        let (output, complaints) = (self.0.join("printed"), self.0.join("complaints"));
        let open = |path: &Path| {
            let file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
            file.map_err(|error| format!("cannot write `{}`: {error}", path.display()))
        };
        let mut command = Command::new(task.program);
        command.args(task.arguments).stdin(Stdio::null()).stdout(open(&output)?).stderr(open(&complaints)?);
        command.env_clear().env("PATH", PATH).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C.UTF-8");
        // A group of its own, so that what it has started ends with it.
        command.current_dir(&self.0).process_group(0);
        let mut child = command.spawn().map_err(|error| format!("cannot start `{}`: {error}", shown(task)))?;
        let status = wait(&mut child, task)?;
        let complaint = complaint_in(&complaints).or_else(|| complaint_in(&output));
        let complaint = complaint.unwrap_or_else(|| "it does not say why".to_owned());
        let printed = read(&output).map_err(|error| format!("cannot read what `{}` printed: {error}", shown(task)))?;
        Ok(Ended { status, printed, complaint })
    }
}

fn wait(child: &mut Child, task: &Task<'_>) -> Result<ExitStatus, String> {
    let deadline = clock::tick() + task.limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if clock::tick() < deadline => thread::sleep(LOOK_EVERY),
            Ok(None) => {
                if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                    // It may have ended in this moment.
                    let _ = kill_process_group(group, Signal::KILL);
                }
                let _ = child.wait();
                return Err(format!("`{}` did not end within {} s and was stopped", shown(task), task.limit.as_secs()));
            }
            Err(error) => return Err(format!("cannot wait for `{}`: {error}", shown(task))),
        }
    }
}

fn shown(task: &Task<'_>) -> String {
    let first = task.arguments.iter().find(|word| word.starts_with("--") && !word.starts_with("--root"));
    format!("{} {}", task.program, first.copied().unwrap_or_default()).trim_end().to_owned()
}

/// Reads the end of what was printed, which says most.
fn read(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    io::Seek::seek(&mut file, io::SeekFrom::Start(length.saturating_sub(MOST)))?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last line that names an error, else the last one: dpkg ends with a list of packages.
fn complaint_in(path: &Path) -> Option<String> {
    let text = read(path).ok()?;
    let mut lines = text.lines().rev().filter(|line| !line.trim().is_empty());
    let last = lines.clone().next()?;
    let line = lines.find(|line| line.contains("error")).unwrap_or(last);
    Some(line.trim().chars().filter(|c| !c.is_control()).take(TOLD).collect())
}

/// Tells whether a program is there to be started.
pub(super) fn is_found(program: &str) -> bool {
    PATH.split(':').any(|folder| Path::new(folder).join(program).is_file())
}
