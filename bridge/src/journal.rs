//! The journal: verified webhooks on disk before anybody is told that they were taken, kept for
//! replays, and known as undelivered until the broker has them. Knows nothing of HTTP or MQTT.
//!
//! The files are append-only. A *segment* holds framed records (see [`record`]), beside it lies a
//! file of *marks* that say which of its entries were delivered. Records are fsynced before the
//! answer; marks are not, since a lost mark only means that an entry is published once more.
//! Segments are dropped whole. A process never appends to a segment of an earlier one.

mod fresh;
mod log;
mod marks;
mod read;
mod record;
mod recovery;
mod shared;
#[cfg(test)]
mod tests;
mod worker;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use self::read::{Chunk, Cursor};
pub(crate) use self::record::{Entry, Stored};
pub(crate) use self::worker::{Journal, Reader, WorkerStopped};

use self::record::Heading;

/// Numbers entries in the order in which they were taken; grows over restarts, with gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EntryNumber(u64);

impl EntryNumber {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) fn new(value: u64) -> Self {
        Self(value)
    }

    pub(crate) fn value(self) -> u64 {
        self.0
    }

    /// Returns the number before this one.
    pub(crate) fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    fn next(self) -> Self {
        // 2^64 webhooks do not come in.
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for EntryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the journal lies and how much it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The folder; made if it is not there.
    pub(crate) directory: PathBuf,
    /// How long entries are kept for replays.
    pub(crate) keep: Duration,
    /// What all files may take together, in bytes.
    pub(crate) max_bytes: u64,
}

impl Limits {
    /// A segment is small against the whole, so that dropping one gives up little.
    fn segment_bytes(&self) -> u64 {
        (self.max_bytes / 16).clamp(8 * 1024, 8 * 1024 * 1024)
    }
}

/// Says whether webhooks can be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Good,
    /// `journal.max_bytes` is reached and everything that could be dropped is dropped.
    Full,
    /// The disk refused the last commit, with its words.
    Faulty(String),
}

/// The journal at one moment, for metrics and `/readyz`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) bytes: u64,
    pub(crate) max_bytes: u64,
    pub(crate) segments: usize,
    pub(crate) entries: u64,
    pub(crate) undelivered: usize,
    /// Stretches of damaged bytes that were found since the start.
    pub(crate) damaged: u64,
    pub(crate) health: Health,
}

/// Why the journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or a file in it cannot be made, listed or read.
    #[error("cannot {doing} `{path}`")]
    File {
        /// What was attempted.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Two processes with one journal would drop each other's entries.
    #[error("the journal `{path}` is in use by another process")]
    InUse {
        /// The journal's folder.
        path: PathBuf,
    },
    /// The thread that writes could not be started.
    #[error("cannot start the journal's thread")]
    Thread(#[source] io::Error),
}

impl OpenError {
    fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }
}

/// Why an entry was not taken. It may be found after a restart all the same, which is harmless.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub(crate) enum AppendError {
    #[error("the journal is full of undelivered entries")]
    Full,
    #[error("cannot write the journal: {0}")]
    Write(String),
    #[error("more webhooks wait for the disk than may")]
    Busy,
    #[error("the journal's thread has stopped")]
    Stopped,
    #[error("the envelope is larger than the journal takes")]
    TooLarge,
}
