//! Writes a recording into a file, also from a panic: it never waits, never panics and never fails the daemon. It must not
//! know what stands in the lines.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::Once;

use till_wire::UnixTime;

use super::recorder::{Bytes, Recorder, Weak};
use crate::clock;

/// So many files are kept.
const KEPT: usize = 3;
/// A program that panics again and again writes a file at most so often: the first ones tell most.
const PAUSE_SECS: i64 = 60;

/// Why a recording could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// Somebody is at the recorder and may never leave it.
    #[error("the flight recorder is in use")]
    InUse,
    /// The file cannot be written.
    #[error("cannot write the flight recorder to `{}`", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Recorder {
    /// Writes all lines into `flight-<unix seconds>.jsonl` in a folder, readable by the owner alone, and removes the oldest
    /// of more than three such files.
    ///
    /// # Errors
    /// When the recorder is in use, or the disk refuses; what was written until then stays.
    pub fn write_to(&self, folder: &Path, now: UnixTime) -> Result<PathBuf, DumpError> {
        let lines = self.try_lines().ok_or(DumpError::InUse)?;
        let path = folder.join(format!("flight-{}.jsonl", now.secs()));
        make_room(folder);
        match write(&path, &lines) {
            Ok(()) => Ok(path),
            Err(source) => Err(DumpError::Write { path, source }),
        }
    }
}

fn write(path: &Path, lines: &[Bytes]) -> io::Result<()> {
    // Another panic of the same second adds nothing: `create_new` refuses it.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut file = BufWriter::new(file);
    for line in lines {
        file.write_all(line)?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Removes the oldest recordings, so that with the next one there are as many as are kept.
fn make_room(folder: &Path) {
    let names = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut dated: Vec<(i64, PathBuf)> = names.filter_map(|entry| Some((date(&entry.path())?, entry.path()))).collect();
    dated.sort();
    let too_many = (dated.len() + 1).saturating_sub(KEPT);
    for (_, path) in dated.into_iter().take(too_many) {
        // One that cannot be removed does no harm; the next time it is tried again.
        let _ = fs::remove_file(path);
    }
}

/// Removes every recording in a folder.
///
/// # Errors
/// When one cannot be removed.
pub fn remove_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if date(&path).is_some() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn date(path: &Path) -> Option<i64> {
    path.file_name()?.to_str()?.strip_prefix("flight-")?.strip_suffix(".jsonl")?.parse().ok()
}

/// Who is to be written, and where.
struct Watched {
    recorder: Weak,
    folder: PathBuf,
    /// When it was written last.
    written: Option<i64>,
}

static WATCHED: Mutex<Vec<Watched>> = Mutex::new(Vec::new());

/// Has a recorder written into a folder when any thread panics, as long as there is that recorder. A panic that
/// `is_caught` tells of is none.
pub fn write_on_panic(recorder: &Recorder, folder: &Path, is_caught: fn() -> bool) {
    static HOOK: Once = Once::new();
    if let Ok(mut watched) = WATCHED.lock() {
        watched.retain(|watched| watched.recorder.upgrade().is_some());
        watched.push(Watched { recorder: recorder.weak(), folder: folder.to_owned(), written: None });
    }
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            usual(panic);
            if !is_caught() {
                write_all();
            }
        }));
    });
}

/// Writes every recorder that nobody holds.
fn write_all() {
    let Ok(mut watched) = WATCHED.try_lock() else { return };
    let now = clock::wall();
    for watched in watched.iter_mut() {
        let Some(recorder) = watched.recorder.upgrade() else { continue };
        if watched.written.is_some_and(|written| (written..written.saturating_add(PAUSE_SECS)).contains(&now.secs())) {
            continue;
        }
        watched.written = Some(now.secs());
        tell(&recorder.write_to(&watched.folder, now));
    }
}

/// Says in the log where a recording is, or why there is none.
pub(crate) fn tell(written: &Result<PathBuf, DumpError>) {
    match written {
        Ok(path) => tracing::error!(
            file = %path.display(),
            "what led to this was written down; `till-demo --replay` runs it again, and support can use it"
        ),
        Err(error) => tracing::error!(error = %till_settings::tls::whole_chain(error), "what led to this is lost"),
    }
}
