//! Beginning anew: the process becomes a new start of its own program, under the number by which systemd knows it, with the
//! socket that systemd has handed over. It must not know why.

use std::env;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::{self, Command};

use rustix::io::{FdFlags, fcntl_setfd};

/// What a new start needs of this one.
#[derive(Debug)]
pub struct Again {
    /// Kept open for it.
    handed_over: Option<UnixListener>,
}

impl Again {
    /// Keeps what was handed over, whose number must stay what it is, and returns a second handle for whoever uses it.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn new(handed_over: Option<UnixListener>) -> io::Result<(Self, Option<UnixListener>)> {
        let used = handed_over.as_ref().map(UnixListener::try_clone).transpose()?;
        Ok((Self { handed_over }, used))
    }

    /// Begins anew; returns only when that could not be done. Whatever else this process has open is closed by it.
    pub fn begin(self) -> io::Error {
        let mut arguments = env::args_os();
        let Some(program) = arguments.next() else { return io::Error::other("this program does not know its name") };
        let mut command = Command::new(program);
        command.args(arguments);
        if let Some(socket) = &self.handed_over {
            if let Err(error) = fcntl_setfd(socket.as_fd(), FdFlags::empty()) {
                return error.into();
            }
            // sd_listen_fds(3); the protocol wants it at 3.
            command.env("LISTEN_PID", process::id().to_string()).env("LISTEN_FDS", "1");
        }
        command.exec()
    }
}
