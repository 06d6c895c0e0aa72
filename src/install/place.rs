//! The installer's own folder, `fleet.installer`: what everybody may read, and below it what root alone may. Files are whole or
//! not there, and on the disk when a call returns. It must not know what an installation is.
//!
//! | file | what it is |
//! |---|---|
//! | `result.json` | what came of the last update |
//! | `installing.json` | there for as long as one is being installed |
//! | `private/journal.json` | the request, and how far it is |
//! | `private/done.json` | which commands were carried out |
//! | `private/new` | the copy of the file that is to be installed |
//! | `private/kept.deb` | the package that is installed: the way back |

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;
use serde::Serialize;
use serde::de::DeserializeOwned;
use till_settings::{read_bounded, replace_file, sync_folder_of};

use crate::update::{INSTALLING, RESULT};

const PRIVATE: &str = "private";
const NEW: &str = "new";
const KEPT: &str = "kept.deb";

/// The journal and the list of what was done.
pub(super) const JOURNAL: &str = "journal.json";
pub(super) const DONE: &str = "done.json";

/// The largest of our own files that is read, in bytes: a journal has whatever was handed over in it, at most 64 KiB, each byte
/// of which JSON may write with six.
const LARGEST: u64 = 512 * 1024;

/// Who may read.
const EVERYBODY: u32 = 0o644;
const ROOT: u32 = 0o600;

/// The folder, which one process at a time has.
#[derive(Debug)]
pub(super) struct Place {
    open: PathBuf,
    private: PathBuf,
    _alone: File,
}

impl Place {
    /// Opens the folder, and makes it where it is missing.
    ///
    /// # Errors
    /// When it is not ours alone, or another process has it.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let private = folder.join(PRIVATE);
        for (path, mode) in [(folder, 0o755), (private.as_path(), 0o700)] {
            if !path.exists() {
                DirBuilder::new().mode(mode).create(path)?;
                sync_folder_of(path)?;
            }
            must_be_ours(path)?;
            // Whatever the umask is: the terminal reads what is said in the one, and nobody looks into the other.
            fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
        let alone = File::open(&private)?;
        flock(&alone, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { open: folder.to_owned(), private, _alone: alone })
    }

    /// Returns the folder that root alone reads.
    pub(super) fn private(&self) -> &Path {
        &self.private
    }

    /// Returns where the file is that is to be installed.
    pub(super) fn new_file(&self) -> PathBuf {
        self.private.join(NEW)
    }

    /// Returns where the package is that was installed last.
    pub(super) fn kept(&self) -> PathBuf {
        self.private.join(KEPT)
    }

    /// Makes the file for the copy, which nobody has opened yet.
    pub(super) fn make_new(&self) -> io::Result<File> {
        gone(&self.new_file())?;
        OpenOptions::new().write(true).create_new(true).mode(ROOT).open(self.new_file())
    }

    /// Brings the name of a file here to the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        sync_folder_of(&self.new_file())
    }

    /// Keeps the new package as the way back, in place of the one from before.
    pub(super) fn promote(&self) -> io::Result<()> {
        match fs::rename(self.new_file(), self.kept()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.sync(),
        }
    }

    /// Removes the copy.
    pub(super) fn drop_new(&self) -> io::Result<()> {
        gone(&self.new_file())
    }

    /// Reads a note of our own. One that is broken is an error: it was written whole.
    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        read(&self.private.join(name))
    }

    /// Writes a note of our own.
    pub(super) fn write(&self, name: &str, note: &impl Serialize) -> io::Result<()> {
        replace_file(&self.private.join(name), &serde_json::to_vec(note)?, ROOT, |_| Ok(()))
    }

    /// Removes a note of our own.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        gone(&self.private.join(name))?;
        self.sync()
    }

    /// Reads what was said last. What another version of this program has said otherwise is nothing.
    pub(super) fn result<T: DeserializeOwned>(&self) -> io::Result<Option<T>> {
        let told = bytes(&self.open.join(RESULT))?;
        Ok(told.and_then(|told| serde_json::from_slice(&told).ok()))
    }

    /// Says something to everybody.
    pub(super) fn say(&self, result: &impl Serialize) -> io::Result<()> {
        self.publish(RESULT, &serde_json::to_vec(result)?)
    }

    /// Shows that something is being installed.
    pub(super) fn show_work(&self) -> io::Result<()> {
        if self.open.join(INSTALLING).exists() { Ok(()) } else { self.publish(INSTALLING, b"{}") }
    }

    /// Shows that nothing is being installed any more.
    pub(super) fn show_rest(&self) -> io::Result<()> {
        let path = self.open.join(INSTALLING);
        gone(&path)?;
        sync_folder_of(&path)
    }

    fn publish(&self, name: &str, text: &[u8]) -> io::Result<()> {
        // The mode is set and not asked for: a umask would take away what the terminal needs.
        let open = |file: &File| file.set_permissions(Permissions::from_mode(EVERYBODY));
        replace_file(&self.open.join(name), text, EVERYBODY, open)
    }
}

/// Refuses what somebody else could change: what root's half believes is root's.
pub(super) fn must_be_ours(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?;
    let is_ours = found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0;
    if is_ours {
        return Ok(());
    }
    let why = format!("`{}` must belong to root, and nobody else may write to it", path.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let found = bytes(path)?;
    Ok(found.map(|found| serde_json::from_slice(&found)).transpose()?)
}

fn bytes(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match read_bounded(path, LARGEST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn gone(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
