//! Makes a file all at once, under a name that nobody has: it is there whole or not at all, also after a power cut, and
//! of many who want the name one gets it, on a shared file system too. It must not know what is written.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use till_wire::UnixTime;

/// What came of the wish for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// The file is ours.
    Ours,
    /// The name was taken before.
    Taken,
}

/// Where files are written before they get their names.
pub(super) struct Workshop(PathBuf);

/// A file without its name is left behind when its writer was killed; younger ones may be another server's.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

impl Workshop {
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        make_folder(&folder)?;
        Ok(Self(folder))
    }

    /// Writes the file and syncs it, then gives it its name and syncs that. An error may leave it made or not.
    pub(super) fn make(&self, folder: &Path, name: &str, content: &[u8]) -> io::Result<Made> {
        let part = self.0.join(format!("{name}.{:016x}", fastrand::u64(..)));
        let made = write(&part, content).and_then(|()| match fs::hard_link(&part, folder.join(name)) {
            Ok(()) => Ok(Made::Ours),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Made::Taken),
            Err(error) => Err(error),
        });
        // What stays behind is cleared later.
        let _left = fs::remove_file(&part);
        // Also when it was taken: whoever made it may have been killed before he could sync the name.
        made.and_then(|made| sync_folder(folder).map(|()| made))
    }

    /// Makes a file as any other and removes it: some file systems know no links.
    pub(super) fn prove(&self) -> io::Result<()> {
        let name = format!("proof.{:016x}", fastrand::u64(..));
        self.make(&self.0, &name, b"")?;
        remove(&self.0.join(name))
    }

    /// Removes what was left behind.
    pub(super) fn clear(&self, now: UnixTime) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let made = entry.metadata().and_then(|metadata| metadata.modified());
            let age = made.ok().and_then(|made| {
                let made = made.duration_since(std::time::UNIX_EPOCH).ok()?;
                Duration::from_millis(u64::try_from(now.ms()).ok()?).checked_sub(made)
            });
            if age.is_some_and(|age| age > LEFT_BEHIND) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a folder that only this user can read, where there is none, and syncs its name.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)?.sync_all()
}

/// Removes a file; another server may have been faster.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
