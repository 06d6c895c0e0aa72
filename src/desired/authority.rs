//! The certificates of another broker's authority, each version's in a file of its own beside the store, for as long as it is
//! applied or may be gone back to. It must not judge them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use till_settings::replace_file;

const HEAD: &str = "desired-ca-";
const TAIL: &str = ".pem";

/// Where the certificates of a version are.
pub(super) fn place(store: &Path, version: u64) -> PathBuf {
    store.join(format!("{HEAD}{version}{TAIL}"))
}

/// Puts them there.
pub(super) fn write(store: &Path, version: u64, pem: &str) -> io::Result<()> {
    replace_file(&place(store, version), pem.as_bytes(), 0o600, |_| Ok(()))
}

/// Removes those of all other versions. One that stays behind does no harm.
pub(super) fn keep_only(store: &Path, versions: &[u64]) {
    for path in fs::read_dir(store).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if version_of(&path).is_some_and(|version| !versions.contains(&version)) {
            if let Err(error) = fs::remove_file(&path) {
                tracing::debug!(path = %path.display(), %error, "cannot remove old certificates");
            }
        }
    }
}

fn version_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix(HEAD)?.strip_suffix(TAIL)?.parse().ok()
}
