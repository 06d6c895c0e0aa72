//! The audit log: one line of JSON for each sign-in and each command, on the disk before anybody hears that it was done.
//! Turned over by size. It must not know what a password is.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use till_settings::sync_folder_of;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::error;

use crate::clock;

/// See the module.
pub(crate) struct Audit {
    path: PathBuf,
    max_bytes: u64,
    keep: u64,
    file: Arc<Mutex<Option<File>>>,
}

/// The log cannot be written, so what was to be done is not done.
#[derive(Debug)]
pub(crate) struct Unwritten;

/// A disk that takes longer is as good as none.
const LIMIT: Duration = Duration::from_secs(5);
/// How much of the log's end is shown.
const SHOWN: u64 = 128 * 1024;

impl Audit {
    /// Opens the log, so that a folder that cannot be written is noticed at the start.
    pub(crate) fn open(path: &Path, max_bytes: u64, keep: u64) -> io::Result<Self> {
        let file = open(path)?;
        sync_folder_of(path)?;
        Ok(Self { path: path.to_owned(), max_bytes, keep, file: Arc::new(Mutex::new(Some(file))) })
    }

    /// Writes a line and returns once it is on the disk.
    pub(crate) async fn note(
        &self,
        event: &'static str,
        user: &str,
        source: IpAddr,
        more: Vec<(&'static str, Value)>,
    ) -> Result<(), Unwritten> {
        let mut line = Map::new();
        line.insert("at".into(), clock::now().to_string().into());
        line.insert("event".into(), event.into());
        line.insert("user".into(), user.into());
        line.insert("source".into(), source.to_string().into());
        line.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        let line = format!("{}\n", Value::Object(line));
        let (path, max_bytes, keep, file) = (self.path.clone(), self.max_bytes, self.keep, Arc::clone(&self.file));
        let writing = spawn_blocking(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            write(&path, max_bytes, keep, &mut file, &line)
        });
        match timeout(LIMIT, writing).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(fault))) => {
                error!(%fault, "the audit log cannot be written");
                Err(Unwritten)
            }
            Ok(Err(_)) | Err(_) => {
                error!("the audit log cannot be written: the disk does not answer");
                Err(Unwritten)
            }
        }
    }

    /// Returns the newest lines, newest first.
    pub(crate) async fn newest(&self, most: usize) -> Vec<Map<String, Value>> {
        let path = self.path.clone();
        let read = spawn_blocking(move || end_of(&path));
        let text = match timeout(LIMIT, read).await {
            Ok(Ok(Ok(text))) => text,
            Ok(Ok(Err(_)) | Err(_)) | Err(_) => return Vec::new(),
        };
        let lines = text.lines().rev().filter_map(|line| serde_json::from_str(line).ok());
        lines.take(most).collect()
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// A fault leaves no file open, so that the next line tries anew.
fn write(path: &Path, max_bytes: u64, keep: u64, file: &mut Option<File>, line: &str) -> io::Result<()> {
    let mut own = match file.take() {
        Some(own) => own,
        None => open(path)?,
    };
    let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
    if own.metadata()?.len().saturating_add(length) > max_bytes {
        turn_over(path, keep)?;
        own = open(path)?;
        sync_folder_of(path)?;
    }
    own.write_all(line.as_bytes())?;
    own.sync_data()?;
    *file = Some(own);
    Ok(())
}

/// `audit.jsonl` becomes `audit.jsonl.1`, and so on; the oldest goes.
fn turn_over(path: &Path, keep: u64) -> io::Result<()> {
    let numbered = |number: u64| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    for number in (1..keep).rev() {
        match std::fs::rename(numbered(number), numbered(number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    std::fs::rename(path, numbered(1))
}

fn end_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let from = length.saturating_sub(SHOWN);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(SHOWN).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // The first line may have begun before.
    let whole = if from == 0 { text.as_str() } else { text.split_once('\n').map_or("", |(_, rest)| rest) };
    Ok(whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_turns_over_and_keeps_so_many() {
        let folder = std::env::temp_dir().join(format!("till-audit-{}-{:08x}", std::process::id(), fastrand::u32(..)));
        std::fs::create_dir(&folder).expect("a folder");
        let path = folder.join("audit.jsonl");
        let mut file = None;
        for number in 0..10 {
            write(&path, 20, 2, &mut file, &format!("{{\"line\":{number}}}\n")).expect("a line");
        }
        let mut names: Vec<_> = std::fs::read_dir(&folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]);
        assert_eq!(end_of(&path).expect("its end"), "{\"line\":9}\n");
        std::fs::remove_dir_all(folder).expect("it goes");
    }
}
