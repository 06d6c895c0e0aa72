//! A serial line: opened raw with 9600 8N1, read and written line by line. It must not know what lines say.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::termios::{ControlModes, OptionalActions, tcgetattr, tcsetattr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::time::timeout;

/// The most bytes of a line, its end left out: an amount of 9 digits and a reference of 100.
pub(super) const LONGEST: usize = 120;
/// Bits a second.
const SPEED: u32 = 9600;
/// How long a register may keep us from writing: longer than a full line takes at this speed.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open line.
#[derive(Debug)]
pub(super) struct Line {
    reads: Receiver,
    writes: Sender,
    /// Bytes that have come and are no whole line yet, and lines that wait.
    waiting: Vec<u8>,
    /// Whether the line that is coming is too long; the rest of it is dropped.
    overflows: bool,
}

/// What came over the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A line without its end.
    Line(Vec<u8>),
    /// A line that was longer than [`LONGEST`].
    TooLong,
}

impl Line {
    /// Opens a device and makes it raw: eight bits, no parity, one stop bit, no flow control, no echo.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let reads = rustix::fs::open(path, flags, Mode::empty())?;
        let mut modes = tcgetattr(&reads)?;
        modes.make_raw();
        modes.control_modes -=
            ControlModes::CSIZE | ControlModes::PARENB | ControlModes::CSTOPB | ControlModes::CRTSCTS;
        modes.control_modes |= ControlModes::CS8 | ControlModes::CLOCAL | ControlModes::CREAD;
        modes.set_speed(SPEED)?;
        tcsetattr(&reads, OptionalActions::Now, &modes)?;
        let writes = reads.as_fd().try_clone_to_owned()?;
        // Bytes come and go as through two pipes.
        let (reads, writes) = (Receiver::from_owned_fd_unchecked(reads)?, Sender::from_owned_fd_unchecked(writes)?);
        Ok(Self { reads, writes, waiting: Vec::new(), overflows: false })
    }

    /// Waits for the next line. Nothing is lost when the wait is given up.
    pub(super) async fn hear(&mut self) -> io::Result<Heard> {
        loop {
            if let Some(heard) = self.next() {
                return Ok(heard);
            }
            let mut bytes = [0; 256];
            let count = self.reads.read(&mut bytes).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.waiting.extend(bytes.iter().take(count));
        }
    }

    /// Takes the first whole line of what has come; a part of one stays, within bounds.
    fn next(&mut self) -> Option<Heard> {
        let end = self.waiting.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let Some(end) = end else {
            if self.waiting.len() > LONGEST {
                self.waiting.clear();
                self.overflows = true;
            }
            return None;
        };
        let rest = self.waiting.split_off(end + 1);
        let mut line = std::mem::replace(&mut self.waiting, rest);
        line.truncate(end);
        let too_long = std::mem::take(&mut self.overflows) || line.len() > LONGEST;
        Some(if too_long { Heard::TooLong } else { Heard::Line(line) })
    }

    /// Writes a line.
    pub(super) async fn say(&mut self, text: &str) -> io::Result<()> {
        let line = format!("{text}\r\n");
        let written = timeout(PATIENCE, self.writes.write_all(line.as_bytes())).await;
        written.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the register does not take our lines")))
    }
}
