//! The folder of the fleet's keys: files that appear whole or not at all, secrets that nobody else can read at any
//! moment, and one command at a time. It must not know what is in them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use till_settings::{read_bounded, replace_file, sync_folder_of};

use super::super::fault::Fault;
use super::super::words::{FleetAttempt, Lacking, Words};
use super::cannot;

/// The largest certificate or key that is read, in bytes.
const LARGEST: u64 = 65_536;

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    Owner,
    Everybody,
}

/// The folder, which nobody else of our kind works in meanwhile.
pub(super) struct Folder {
    path: PathBuf,
    words: &'static Words,
    /// Held until the command is over.
    _lock: File,
}

impl Folder {
    /// Makes the folder, where there is none, and takes it.
    pub(super) fn begin(path: &Path, words: &'static Words) -> Result<Self, Fault> {
        let fault = |error: io::Error| {
            let is_busy = error.kind() == io::ErrorKind::WouldBlock;
            let why = if is_busy { words.fleet.busy.to_owned() } else { (words.system)(&error) };
            cannot(words, FleetAttempt::Begin(path), &why)
        };
        let lock = make(path).and_then(|()| lock(&path.join(".lock"))).map_err(fault)?;
        Ok(Self { path: path.to_owned(), words, _lock: lock })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Refuses to go on where one of these files is there.
    pub(super) fn must_lack(&self, names: &[String]) -> Result<(), Fault> {
        for name in names {
            let path = self.file(name);
            match fs::symlink_metadata(&path) {
                Ok(_) => return Err(Fault::Failed(self.there_already(&path))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.cannot(FleetAttempt::Read(&path), &error)),
            }
        }
        Ok(())
    }

    fn there_already(&self, path: &Path) -> String {
        (self.words.cannot_do)(&(self.words.fleet.attempt)(FleetAttempt::Write(path)), &(self.words.fleet.exists)(path))
    }

    /// Writes a file, in place of an older one.
    pub(super) fn write(&self, name: &str, content: &str, readers: Readers) -> Result<(), Fault> {
        let path = self.file(name);
        write(&path, content.as_bytes(), readers).map_err(|error| self.cannot(FleetAttempt::Write(&path), &error))
    }

    /// Reads a file; `lacking` says what to do when it is not there.
    pub(super) fn read(&self, name: &str, lacking: Lacking) -> Result<Vec<u8>, Fault> {
        self.read_up_to(name, LARGEST, lacking)
    }

    /// Reads a file of at most so many bytes.
    pub(super) fn read_up_to(&self, name: &str, largest: u64, lacking: Lacking) -> Result<Vec<u8>, Fault> {
        let path = self.file(name);
        read_bounded(&path, largest).map_err(|error| self.not_read(&path, &error, lacking))
    }

    /// Reads a file that others cannot read, else refuses it.
    pub(super) fn read_secret(&self, name: &str, lacking: Lacking) -> Result<Vec<u8>, Fault> {
        let path = self.file(name);
        let metadata = fs::metadata(&path).map_err(|error| self.not_read(&path, &error, lacking))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o004 != 0 {
            return Err(cannot(self.words, FleetAttempt::Read(&path), &(self.words.fleet.open_to_others)(mode)));
        }
        self.read(name, lacking)
    }

    /// Tells whether a file is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.file(name).is_file()
    }

    fn not_read(&self, path: &Path, error: &io::Error, lacking: Lacking) -> Fault {
        if error.kind() == io::ErrorKind::NotFound {
            return cannot(self.words, FleetAttempt::Read(path), (self.words.fleet.lacking)(lacking));
        }
        self.cannot(FleetAttempt::Read(path), error)
    }

    fn cannot(&self, attempt: FleetAttempt<'_>, error: &io::Error) -> Fault {
        cannot(self.words, attempt, &(self.words.system)(error))
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    sync_folder_of(path)
}

/// Takes the lock's file, which is empty and stays.
fn lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

/// Puts a file into the place of an older one, whole.
pub(super) fn write(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everybody => 0o644,
    };
    replace_file(path, content, mode, |_| Ok(()))
}
