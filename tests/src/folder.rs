//! A temporary folder for one test: removed at its end, kept and named when the test failed. It must not know what is
//! written there.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;

/// A new folder that only this user can read.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder in the system's place for temporary files.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn make() -> Self {
        let path = std::env::temp_dir().join(format!("till-tests-{}-{:08x}", std::process::id(), fastrand::u32(..)));
        DirBuilder::new().mode(0o700).create(&path).unwrap_or_else(|error| panic!("cannot make {path:?}: {error}"));
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes a folder in it.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.file(name);
        fs::create_dir_all(&path).unwrap_or_else(|error| panic!("cannot make {path:?}: {error}"));
        path
    }

    /// Writes a file that only this user can read, over an older one, and returns its path.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        write_private(&path, content.as_ref());
        path
    }
}

/// Writes a file that only this user can read.
///
/// # Panics
/// When the system refuses.
pub fn write_private(path: &Path, content: &[u8]) {
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(content));
    written.unwrap_or_else(|error| panic!("cannot write {path:?}: {error}"));
}

impl Drop for Folder {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the test's files and logs are kept in {}", self.0.display());
        } else {
            // What cannot be removed stays in the system's place for temporary files, and is cleared with it.
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
