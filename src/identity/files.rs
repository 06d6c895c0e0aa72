//! The files of the folder, private and given to whom it belongs. It must not know what is in them.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, fchown};
use std::path::Path;

use till_settings::{replace_file, sync_folder_of};

use super::IdentityError;

/// Only their owner reads and lists them.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Replaces a file in a folder, which is made if it is not there. An installer is often root and the daemon is not, so what
/// root writes is given to whom the folder belongs, and a new folder to whom the folder around it belongs.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), IdentityError> {
    make(folder)?;
    let path = folder.join(name);
    let written = replace_file(&path, bytes, FILE_MODE, |file| give(file, folder));
    written.map_err(|source| IdentityError::File { doing: "write", path, source })
}

/// Renames a file in its folder. Nothing happens where there is none.
pub(super) fn rename(folder: &Path, from: &str, to: &str) -> Result<(), IdentityError> {
    let path = folder.join(from);
    match fs::rename(&path, folder.join(to)).and_then(|()| sync_folder_of(&path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(|source| IdentityError::File { doing: "rename", path, source }),
    }
}

/// Removes a file. Nothing happens where there is none.
pub(super) fn remove(folder: &Path, name: &str) -> Result<(), IdentityError> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(|source| IdentityError::File { doing: "remove", path, source }),
    }
}

fn make(folder: &Path) -> Result<(), IdentityError> {
    let fault = |source| IdentityError::File { doing: "make the folder", path: folder.to_owned(), source };
    if folder.is_dir() {
        return Ok(());
    }
    let around = folder.parent().filter(|around| !around.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().mode(FOLDER_MODE).create(folder).map_err(fault)?;
    let made = File::open(folder).and_then(|made| give(&made, around));
    made.and_then(|()| sync_folder_of(folder)).map_err(fault)
}

/// Gives a new file to whom a folder belongs, where only root could say no.
fn give(file: &File, folder: &Path) -> io::Result<()> {
    let (own, wanted) = (file.metadata()?, fs::metadata(folder)?);
    if own.uid() != 0 || wanted.uid() == 0 {
        return Ok(());
    }
    fchown(file, Some(wanted.uid()), Some(wanted.gid()))
}
