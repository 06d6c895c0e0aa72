//! Folders for tests, gone when the test is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder of its own for one store.
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tilld-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the folder for temporary files can be written");
        Self(path)
    }

    /// Returns the place of the store, `store.path`.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns sled's folder.
    pub(super) fn sled(&self) -> PathBuf {
        self.0.join("sled")
    }

    /// Returns a copy of everything here.
    pub(super) fn copy(&self) -> Self {
        let copy = Self::new();
        copy_folder(&self.0, &copy.0);
        copy
    }

    /// Returns the names of the store's files inside sled's folder, in order.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut files = files_of(&self.sled());
        let blobs = files_of(&self.sled().join("blobs"));
        files.extend(blobs.into_iter().map(|name| Path::new("blobs").join(name)));
        files.sort();
        files
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for temporary files and does no harm there.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder for temporary files can be written");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("there is a store");
    let entries = entries.map(|entry| entry.expect("the folder can be read"));
    let files = entries.filter(|entry| entry.path().is_file());
    files.map(|entry| entry.file_name().into()).collect()
}
