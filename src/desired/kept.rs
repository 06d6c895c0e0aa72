//! What is kept of wanted configurations, in one small file beside the store: which is applied, to which to go back, and why
//! the newest is not applied. It must not know what a configuration says.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use till_settings::{read_bounded, replace_file, sync_folder_of};
use till_wire::UnixTime;
use till_wire::fleet::ReportedFault;

/// The file, in the store's folder.
const NAME: &str = "desired.json";

/// The largest that it can be: two documents, and a fault.
const LARGEST: u64 = 1024 * 1024;

/// The record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The newest that was taken up, whatever has become of it: none with a lower version, or made before it, counts.
    #[serde(default)]
    pub(super) newest: Option<Mark>,
    /// The version of the newest that led to another broker.
    #[serde(default)]
    pub(super) broker: Option<u64>,
    /// The document that is applied; nothing while the file's own configuration is.
    #[serde(default)]
    pub(super) applied: Option<String>,
    /// While it is not certain that the terminal can live with it.
    #[serde(default)]
    pub(super) trial: Option<Trial>,
    /// Why the newest is not applied.
    #[serde(default)]
    pub(super) fault: Option<ReportedFault>,
    /// When any of this changed last.
    #[serde(default)]
    pub(super) at: Option<UnixTime>,
}

/// How new a document is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) version: u64,
    pub(super) iat: i64,
    /// The name of what it says.
    pub(super) hash: String,
}

/// A configuration that is being tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trial {
    /// The document to go back to; nothing for the file's own configuration.
    pub(super) before: Option<String>,
    /// How many starts with it have begun and not got as far as the loop.
    pub(super) starts: u32,
    /// Whether the broker must be reached with it first.
    pub(super) awaits_broker: bool,
}

fn file(store: &Path) -> PathBuf {
    store.join(NAME)
}

impl Kept {
    /// Reads the record; there is none at first. A damaged one is as good as none: the broker brings the newest again. Why a
    /// folder cannot be read at all, the store says when it is opened.
    pub(super) fn read(store: &Path) -> Self {
        let record = match read_bounded(&file(store), LARGEST) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => Err(error),
        };
        record.unwrap_or_else(|error| {
            tracing::warn!(%error, "the record of the configuration from afar cannot be used, and is begun anew");
            Self::default()
        })
    }

    /// Writes the record down.
    ///
    /// # Errors
    /// When it cannot be; the record before is there still.
    pub(super) fn write(&self, store: &Path) -> io::Result<()> {
        replace_file(&file(store), &serde_json::to_vec(self)?, 0o600, |_| Ok(()))
    }
}

/// Forgets everything.
///
/// # Errors
/// When a file cannot be removed.
pub(super) fn forget(store: &Path) -> io::Result<()> {
    match std::fs::remove_file(file(store)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => sync_folder_of(&file(store)),
    }
}
