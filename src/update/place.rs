//! The two folders of updates: the terminal's own, and the system's, which it reads. It must not know how bytes come.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use till_settings::{read_bounded, replace_file, sync_folder_of};
use till_wire::CommandId;
use till_wire::fleet::Update;

use super::{Before, Fate, Healthy, LARGEST_NOTE, Outcome};

/// The terminal's folder, below the store's.
pub(crate) const FOLDER: &str = "updates";
pub(crate) const DOWNLOAD: &str = "download";
pub(crate) const REQUEST: &str = "request.jwt";
pub(crate) const HEALTHY: &str = "healthy.json";
pub(crate) const RESULT: &str = "result.json";
pub(crate) const INSTALLING: &str = "installing.json";
const BEFORE: &str = "before.json";
const WHICH: &str = "download.json";

/// Room that an update must leave, in bytes: sales are worth more.
const RESERVE: u64 = 32 * 1024 * 1024;

/// Only the terminal reads what it fetches, and root.
const FILE_MODE: u32 = 0o600;

/// The folders.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    own: PathBuf,
    installer: PathBuf,
}

/// Which file the bytes are of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Which {
    sha256: String,
    size: u64,
    /// The server's own name for exactly these bytes (RFC 9110, 8.8.3).
    pub(super) etag: Option<String>,
}

/// Whether a request could be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withdrawn {
    /// Nobody will act on it.
    Yes,
    /// It is not there any more: the system has it.
    TooLate,
}

impl Place {
    /// Names the folders: the store's, in which ours is, and the system's.
    pub(crate) fn new(store: &Path, installer: &Path) -> Self {
        Self { own: store.join(FOLDER), installer: installer.to_owned() }
    }

    /// Takes up what is there of an update, or begins with nothing. Returns how many bytes there are, and what else is known
    /// of them.
    pub(super) fn begin(&self, update: &Update) -> io::Result<(u64, Which)> {
        if !self.own.is_dir() {
            DirBuilder::new().mode(0o700).create(&self.own)?;
            sync_folder_of(&self.own)?;
        }
        let wanted = Which { sha256: update.sha256.as_str().to_owned(), size: update.size, etag: None };
        let length = fs::metadata(self.download()).map(|file| file.len()).unwrap_or(0);
        let kept: Option<Which> = self.note(&self.own.join(WHICH)).ok().flatten();
        match kept {
            Some(which) if Which { etag: None, ..which.clone() } == wanted && length <= update.size => {
                Ok((length, which))
            }
            Some(_) | None => {
                self.start_over()?;
                self.name(&wanted)?;
                Ok((0, wanted))
            }
        }
    }

    /// Notes what the server calls the bytes.
    pub(super) fn name(&self, which: &Which) -> io::Result<()> {
        let text = serde_json::to_vec(which)?;
        replace_file(&self.own.join(WHICH), &text, FILE_MODE, |_| Ok(()))
    }

    /// Drops the bytes.
    pub(super) fn start_over(&self) -> io::Result<()> {
        gone(&self.download())
    }

    /// Returns where the bytes are.
    pub(super) fn download(&self) -> PathBuf {
        self.own.join(DOWNLOAD)
    }

    /// Opens the file for more bytes at its end.
    pub(super) fn append(&self) -> io::Result<File> {
        OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(self.download())
    }

    /// Tells how many bytes are free here, but for those that are never used up by an update.
    pub(super) fn room(&self) -> io::Result<u64> {
        let space = rustix::fs::statvfs(&self.own)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize).saturating_sub(RESERVE))
    }

    /// Forgets the update: its bytes, its request and what was said of it.
    pub(crate) fn clear(&self) -> io::Result<()> {
        [REQUEST, DOWNLOAD, WHICH, BEFORE, HEALTHY].iter().try_for_each(|name| gone(&self.own.join(name)))
    }

    /// Asks the system to install what was fetched, in the operator's own words, the only ones that it believes.
    pub(crate) fn hand_over(&self, document: &str, before: Before) -> io::Result<()> {
        gone(&self.own.join(HEALTHY))?;
        replace_file(&self.own.join(BEFORE), &serde_json::to_vec(&before)?, FILE_MODE, |_| Ok(()))?;
        replace_file(&self.own.join(REQUEST), document.as_bytes(), FILE_MODE, |_| Ok(()))
    }

    /// Takes the request back.
    pub(crate) fn withdraw(&self) -> io::Result<Withdrawn> {
        match fs::remove_file(self.own.join(REQUEST)) {
            Ok(()) => Ok(Withdrawn::Yes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Withdrawn::TooLate),
            Err(error) => Err(error),
        }
    }

    /// Returns what worked when the update was handed over; all, where that is not known.
    pub(crate) fn before(&self) -> Before {
        self.note(&self.own.join(BEFORE)).ok().flatten().unwrap_or(Before { display: true })
    }

    /// Tells whether the system is at it.
    pub(crate) fn is_being_installed(&self) -> bool {
        self.installer.join(INSTALLING).exists()
    }

    /// Returns what the system says of a command's update, if it has said anything.
    pub(crate) fn outcome(&self, command: CommandId) -> io::Result<Option<Fate>> {
        let said: Option<Outcome> = self.note(&self.installer.join(RESULT))?;
        Ok(said.filter(|said| said.command == command).map(|said| said.fate))
    }

    /// Says that this program is well.
    pub(crate) fn say_healthy(&self, healthy: &Healthy) -> io::Result<()> {
        let text = serde_json::to_vec(healthy)?;
        replace_file(&self.own.join(HEALTHY), &text, FILE_MODE, |_| Ok(()))
    }

    /// Reads a note, if there is one that can be read. One that is cut short is none.
    fn note<T: DeserializeOwned>(&self, path: &Path) -> io::Result<Option<T>> {
        match read_bounded(path, LARGEST_NOTE) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn gone(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
