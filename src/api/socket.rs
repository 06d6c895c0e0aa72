//! The unix socket: handed over by whoever started the daemon, or made with mode 0660, taken over from a process that died,
//! never from one that lives, and removed at the end. It must not know what is served on it.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener as HandedOver, UnixStream as BlockingStream};
use std::path::{Path, PathBuf};

use listenfd::ListenFd;
use tokio::net::UnixListener;

/// A socket that listens. The file of one that was made here goes with it.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) listener: UnixListener,
    _file: Option<SocketFile>,
}

/// Removes the file when it is dropped.
#[derive(Debug)]
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::debug!(path = %self.0.display(), %error, "cannot remove the socket");
        }
    }
}

/// Owner and group may call; the group is how a terminal lets its cashiers in.
const MODE: u32 = 0o660;

impl Socket {
    /// Listens on a path.
    pub(super) fn bind(path: &Path) -> io::Result<Self> {
        remove_dead(path)?;
        let listener = UnixListener::bind(path)?;
        let file = SocketFile(path.to_owned());
        fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
        Ok(Self { listener, _file: Some(file) })
    }

    /// Goes on with a socket that listens already. Whoever made it keeps it while the daemon is away, so calls wait.
    pub(super) fn take_over(listener: HandedOver) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { listener: UnixListener::from_std(listener)?, _file: None })
    }

    /// Tells whether it is this file.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        self.listener.local_addr().is_ok_and(|own| own.as_pathname() == Some(path))
    }
}

/// Returns the unix socket that systemd hands to this process, if it does (`tilld.socket`). A second call finds none.
///
/// # Errors
/// When what it hands over first is something else.
pub fn handed_over() -> io::Result<Option<HandedOver>> {
    ListenFd::from_env().take_unix_listener(0)
}

/// Removes a socket that nobody listens on any more.
fn remove_dead(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the path is something else than a socket"));
    }
    match BlockingStream::connect(path) {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens on it")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}
