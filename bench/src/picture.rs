//! Sees every picture that is put in place of the display's file, and when. It must not know who draws.

use std::fs;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use crate::Fault;
use crate::clock::{self, Micros};

/// A picture as it was put in place.
#[derive(Clone)]
pub(crate) struct Seen {
    /// When the file had it.
    pub(crate) at: Micros,
    /// The file.
    pub(crate) png: Arc<Vec<u8>>,
}

/// The watcher's notes.
pub(crate) struct Pictures(Arc<Mutex<Vec<Seen>>>);

impl Pictures {
    /// Watches the file; its folder must exist. The watch ends with the process.
    pub(crate) fn watch(file: &Path) -> Result<Self, Fault> {
        let folder = file.parent().ok_or("a picture lies in a folder")?;
        let inotify = inotify::init(CreateFlags::CLOEXEC)?;
        inotify::add_watch(&inotify, folder, WatchFlags::MOVED_TO)?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (notes, file) = (Arc::clone(&seen), file.to_owned());
        thread::Builder::new().name("pictures".to_owned()).spawn(move || note(&inotify, &file, &notes))?;
        Ok(Self(seen))
    }

    /// Returns the pictures since a time, oldest first.
    pub(crate) fn since(&self, start: Micros) -> Vec<Seen> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|seen| seen.at >= start).cloned().collect()
    }

    /// Forgets all pictures so far.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn note(inotify: &rustix::fd::OwnedFd, file: &PathBuf, notes: &Mutex<Vec<Seen>>) {
    let mut room = [MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(inotify, &mut room);
    while let Ok(event) = events.next() {
        let at = clock::now();
        let name = event.file_name().map(|name| name.to_bytes().to_vec());
        if name.as_deref() != file.file_name().map(|name| name.as_encoded_bytes())
            || !event.events().contains(ReadFlags::MOVED_TO)
        {
            continue;
        }
        if let Ok(png) = fs::read(file) {
            notes.lock().unwrap_or_else(PoisonError::into_inner).push(Seen { at, png: Arc::new(png) });
        }
    }
}
