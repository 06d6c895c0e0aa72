//! `[fleet]`: whose commands are obeyed, and as a member of which groups. It must not know commands.

use std::path::{Path, PathBuf};

use till_settings::tls::{self, whole_chain};
use till_settings::{Table, parsed, path};
use till_wire::GroupName;
use till_wire::fleet::FleetKey;

use crate::identity::Place;

/// Where the system's half of updates keeps what it says, unless somebody says otherwise.
const INSTALLER: &str = "/var/lib/tilld-update";

/// The most keys, and the most groups.
const MOST: usize = 32;

/// The terminal's place in its fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// The operators' public keys, of the file and of the claim by which it was enrolled; without one no command is obeyed.
    pub trusted_keys: Vec<FleetKey>,
    /// Those of the file alone: when there are any, only a claim that one of them has signed is believed.
    pub pinned: Vec<FleetKey>,
    /// Who may lead the terminal to another broker, beside one whose commands are obeyed.
    pub broker_keys: Vec<FleetKey>,
    /// Whose commands are obeyed as far as they can do no harm.
    pub harmless_keys: Vec<FleetKey>,
    /// The groups that it belongs to.
    pub groups: Vec<GroupName>,
    /// Where what enrolment gives is kept; nothing where the terminal is not to be enrolled.
    pub identity: Option<Place>,
    /// Where the system says what came of an update that it installed.
    pub installer: PathBuf,
}

impl Fleet {
    pub(super) fn take(table: &Table) -> Self {
        let group = parsed("a group's name (1 to 32 of a-z, 0-9, _ and -)", GroupName::new);
        let trusted_keys = take_keys(table, "trusted_keys");
        let broker_keys = take_keys(table, "broker_keys");
        let harmless_keys = take_keys(table, "harmless_keys");
        let identity = table.optional("identity", path()).map(Place::new);
        let installer = table.or("installer", INSTALLER, path());
        let groups = table.list("groups", MOST, group);
        Self { pinned: trusted_keys.clone(), trusted_keys, broker_keys, harmless_keys, groups, identity, installer }
    }

    /// Adds the keys that a claim names.
    pub(super) fn trust(&mut self, keys: &[FleetKey]) {
        for key in keys {
            if !self.trusted_keys.contains(key) {
                self.trusted_keys.push(*key);
            }
        }
    }
}

/// Reads a list of files with public keys; each that is none is a fault.
fn take_keys(table: &Table, name: &'static str) -> Vec<FleetKey> {
    let files = table.list(name, MOST, path());
    let mut keys = Vec::new();
    for (index, file) in files.iter().enumerate() {
        match read_key(file) {
            Ok(key) => keys.push(key),
            Err(why) => {
                table.fault_in(name, index, format!("a file with an Ed25519 public key in PEM form ({why})"));
            }
        }
    }
    keys
}

/// Reads the public key of a fleet.
pub(super) fn read_key(file: &Path) -> Result<FleetKey, String> {
    let der = tls::public_key(file).map_err(|error| whole_chain(&error))?;
    FleetKey::from_spki(&der).map_err(|error| error.to_string())
}
