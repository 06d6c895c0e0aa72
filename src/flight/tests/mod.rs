//! Recordings: written, read, refused, replayed; what they hold and what they never hold.

mod bounds;
mod cases;
mod events;
mod panics;
mod refused;
mod secrets;
mod selling;

use std::fs;
use std::path::{Path, PathBuf};

use super::read::read_from;
use super::{Recorder, Replayed, replay};

/// Replays what a recorder holds; nothing when it has seen no start.
pub(crate) fn replayed(recorder: &Recorder) -> Option<Replayed> {
    let text = text(recorder);
    let flight = (text.lines().count() > 1).then(|| read_from(Path::new("recorder"), text.as_bytes()));
    flight.map(|flight| replay(flight.expect("what was recorded can be read"), |_| ()))
}

/// The recording as it stands in a file.
fn text(recorder: &Recorder) -> String {
    recorder.lines().iter().map(|line| std::str::from_utf8(line).expect("lines are text")).collect()
}

/// A folder of a test's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("till-flight-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the system has room for a folder");
        Self(folder)
    }

    fn file(&self, text: &str) -> PathBuf {
        let file = self.0.join("recording.jsonl");
        fs::write(&file, text).expect("the folder takes a file");
        file
    }

    fn recordings(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).expect("the folder is there");
        let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
