//! A wall clock that a test sets while a program runs (libfaketime); timers count on. It must not know the program.

use std::path::PathBuf;

use crate::folder::Folder;

/// The clock on the wall of one program.
#[derive(Debug)]
pub struct WrongClock {
    file: PathBuf,
}

impl WrongClock {
    /// A clock that shows what libfaketime understands, e.g. `@1970-01-02 00:00:00` or `+1y`.
    pub fn showing(folder: &Folder, time: &str) -> Self {
        Self { file: folder.write("wall-clock", format!("{time}\n")) }
    }

    /// Sets the clock; the program sees it at once.
    ///
    /// # Panics
    /// When the file cannot be replaced.
    pub fn set(&self, time: &str) {
        // A program that reads half of a line would see no time at all.
        let part = self.file.with_extension("part");
        let written = std::fs::write(&part, format!("{time}\n")).and_then(|()| std::fs::rename(&part, &self.file));
        written.unwrap_or_else(|error| panic!("cannot set the clock: {error}"));
    }

    /// What stands in front of a program to give it this clock.
    ///
    /// # Panics
    /// When libfaketime is missing.
    pub fn launcher(&self) -> Vec<String> {
        let preload = format!("LD_PRELOAD={}", library().display());
        let file = format!("FAKETIME_TIMESTAMP_FILE={}", self.file.display());
        let words = [
            "/usr/bin/env",
            &preload,
            &file,
            "FAKETIME_NO_CACHE=1",
            // Only the clock on the wall is wrong: timers count on.
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ];
        words.map(str::to_owned).to_vec()
    }
}

fn library() -> PathBuf {
    let places = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let library = places.map(|place| place.path().join("faketime/libfaketime.so.1")).find(|path| path.is_file());
    library.unwrap_or_else(|| panic!("libfaketime is needed: apt install faketime"))
}
