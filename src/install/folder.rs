//! A folder in which somebody else may write, read by root: no link of his is followed, nothing but regular files is opened,
//! and all of it is bounded. It must not know what is in there.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fsync, openat, readlinkat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

/// The most links on the way to a folder.
const MOST_LINKS: u32 = 40;

/// A folder.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

impl Folder {
    /// Opens a folder by its absolute path. Links on the way are followed only where they are our own, as systemd makes one
    /// for a service's folder.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if !path.is_absolute() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "its path does not begin at `/`"));
        }
        let (mut at, mut links) = (top()?, 0);
        let mut ahead = steps(path);
        while let Some(name) = ahead.pop() {
            match openat(
                &at,
                &name,
                OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                Mode::empty(),
            ) {
                Ok(next) => at = next,
                Err(Errno::LOOP | Errno::NOTDIR) if links < MOST_LINKS => {
                    links += 1;
                    let target = own_link(&at, &name)?;
                    if target.is_absolute() {
                        at = top()?;
                    }
                    ahead.extend(steps(&target));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Self(at))
    }

    /// Opens a regular file of it; nothing when there is no file of this name.
    pub(super) fn file(&self, name: &str) -> io::Result<Option<File>> {
        // Without NONBLOCK a pipe in its place would have us wait for whoever writes to it.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(io::Error::other("a link, which is not followed")),
            Err(error) => return Err(error.into()),
        };
        if file.metadata()?.is_file() { Ok(Some(file)) } else { Err(io::Error::other("not a regular file")) }
    }

    /// Reads a file of at most so many bytes; nothing when there is no file of this name.
    pub(super) fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.file(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {most} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Removes a file, for good. That there is none is no fault.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) => Ok(fsync(&self.0)?),
            Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn top() -> io::Result<OwnedFd> {
    Ok(openat(CWD, "/", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// The names on a path, the last one first.
fn steps(path: &Path) -> Vec<OsString> {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    });
    let mut names: Vec<_> = names.collect();
    names.reverse();
    names
}

/// Returns where a link leads that is our own.
fn own_link(at: &OwnedFd, name: &OsString) -> io::Result<PathBuf> {
    let found = statat(at, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::Symlink {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder"));
    }
    if found.st_uid != geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "a link that somebody else has made"));
    }
    let target = readlinkat(at, name, Vec::new())?;
    Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
}
