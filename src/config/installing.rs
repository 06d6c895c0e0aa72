//! What root's half of updates reads of the configuration file: who this terminal is, whom its file believes, and where the
//! terminal and the installer keep what they tell each other. It must not need a secret, nor anything that a sale does.

use std::path::{Path, PathBuf};

use till_settings::{Document, Faults, Mode, Table, path};
use till_wire::fleet::FleetKey;
use till_wire::{GroupName, TerminalNumber};
use toml::Value;

use super::fleet::Fleet;
use super::terminal::terminal_number;

/// What `tilld-update` needs of the file, and nothing else.
#[derive(Debug)]
pub struct InstallSettings {
    /// The number that the file gives the terminal, if it does.
    pub own: Option<TerminalNumber>,
    /// The keys that the file trusts.
    pub pinned: Vec<FleetKey>,
    /// The files of those keys.
    pub key_files: Vec<PathBuf>,
    /// The groups that the file names.
    pub groups: Vec<GroupName>,
    /// Where enrolment has put the claim, if the terminal is enrolled.
    pub identity: Option<PathBuf>,
    /// Where the installer says what came of an update.
    pub installer: PathBuf,
    /// Where the terminal keeps its sales, and what it has fetched of an update.
    pub store: PathBuf,
}

impl InstallSettings {
    /// Reads `[fleet]`, the terminal's number and the store's path.
    ///
    /// # Errors
    /// When the file is missing, unreadable or not TOML, or one of these has a fault.
    pub fn read(path: &Path) -> Result<Self, Faults> {
        let document = Document::read(path, Mode::Check)?;
        let files = document.look("fleet", "trusted_keys").and_then(Value::as_array);
        let files = files.into_iter().flatten().filter_map(Value::as_str).map(PathBuf::from).collect();
        let settings = Self::take(&document.root(), files);
        document.finish(settings).map(|(settings, _)| settings)
    }

    fn take(root: &Table, key_files: Vec<PathBuf>) -> Option<Self> {
        root.ignore_rest();
        let terminal = root.table("terminal");
        terminal.ignore_rest();
        let own = terminal.optional("number", terminal_number());
        let store = root.table("store");
        store.ignore_rest();
        let store = store.required("path", path());
        let fleet = Fleet::take(&root.table("fleet"));
        let Fleet { pinned, groups, installer, identity, .. } = fleet;
        let identity = identity.map(|place| place.path().to_owned());
        Some(Self { own, pinned, key_files, groups, identity, installer, store: store? })
    }
}
