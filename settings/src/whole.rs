//! Files that are whole or not there, whatever cuts the power or ends the program. It must not know what is in them.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Puts a file into the place of an older one: writes it under another name, with this mode from its first byte, brings it
/// to the disk, and only then gives it its name. `prepare` sees the file while it is empty.
///
/// # Errors
/// When any of it cannot be done; the older file is then there still, or the new one.
pub fn replace_file(
    path: &Path,
    content: &[u8],
    mode: u32,
    prepare: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let part = part_of(path);
    // A crash may have left one behind, which may be open to others, or somebody else's.
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let written = write_part(&part, content, mode, prepare).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // What stays behind is removed the next time.
        let _ = fs::remove_file(&part);
    }
    written.and_then(|()| sync_folder_of(path))
}

/// Brings the name of a file or folder to the disk, or that it is gone.
///
/// # Errors
/// When the folder around it cannot be opened or synced.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_part(part: &Path, content: &[u8], mode: u32, prepare: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(part)?;
    prepare(&file)?;
    file.write_all(content)?;
    file.sync_all()
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}
