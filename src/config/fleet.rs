//! `[fleet]`: whose commands are obeyed, and as a member of which groups. It must not know commands.

use std::fmt;
use std::path::PathBuf;

use till_settings::{Table, parsed, path};

/// The most keys, and the most groups.
const MOST: usize = 32;

/// The terminal's place in its fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// The files of the operators' public keys; without one no command is obeyed.
    pub trusted_keys: Vec<PathBuf>,
    /// The groups that it belongs to.
    pub groups: Vec<GroupName>,
}

/// The name of a group of terminals: 1 to 32 of `a-z`, `0-9`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

impl GroupName {
    /// Returns the name, or nothing when the text cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(plain);
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Fleet {
    pub(super) fn take(table: &Table) -> Self {
        let file = path().then(|path| path.is_file().then_some(path)).expecting("a file with a public key");
        let group = parsed("a group's name (1 to 32 of a-z, 0-9, _ and -)", GroupName::new);
        Self { trusted_keys: table.list("trusted_keys", MOST, file), groups: table.list("groups", MOST, group) }
    }
}
