//! The folder of what enrolment gave this terminal (`fleet.identity`): the claim by which it joined its fleet, its key
//! with its certificate, and the fleet's authority. It must not know how a certificate is got, nor use one.
//!
//! | file | what it is |
//! |---|---|
//! | `claim.jwt` | the claim, written last: the terminal is enrolled when it is there |
//! | `till.pem` | the key and the certificate's chain, in one file so that neither is ever without the other |
//! | `next.pem` | the same, renewed and not yet tried |
//! | `ca.pem` | the fleet's authority, out of the claim |
//! | `asking.pem` | the key of an enrolment that has not been answered |

mod files;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use till_authority::{AuthorityError, Key, Leaf};
use till_settings::read_bounded;
use till_wire::fleet::{Claim, ClaimError, ClaimId, FleetKey, MAX_CLAIM};

/// The largest file of keys and certificates that is read, in bytes.
const LARGEST: u64 = 16_384;

const CLAIM: &str = "claim.jwt";
const CURRENT: &str = "till.pem";
const NEXT: &str = "next.pem";
const AUTHORITY: &str = "ca.pem";
const ASKING: &str = "asking.pem";

/// The folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(PathBuf);

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file of it cannot be read, written, or given to whom the folder belongs.
    #[error("cannot {doing} `{path}`")]
    File {
        /// What was attempted.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What is kept as a claim is none that may be believed.
    #[error("`{path}` cannot be believed: {source}; enrol this terminal again (tilld enrol)")]
    Claim {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ClaimError,
    },
    /// A key or certificate is broken.
    #[error("`{path}` cannot be used; enrol this terminal again (tilld enrol)")]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: AuthorityError,
    },
    /// The authority beside the claim is another than the claim's.
    #[error("`{path}` is not what the claim says; enrol this terminal again (tilld enrol)")]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl Place {
    /// Takes the folder's path.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Returns the folder's path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the file with the key and the certificate that are used.
    pub fn certificate_file(&self) -> PathBuf {
        self.0.join(CURRENT)
    }

    /// Returns the file of the fleet's authority.
    pub fn authority_file(&self) -> PathBuf {
        self.0.join(AUTHORITY)
    }

    /// Forgets everything: the terminal is no longer enrolled. The claim goes first.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn forget(&self) -> Result<(), IdentityError> {
        [CLAIM, CURRENT, NEXT, AUTHORITY, ASKING].iter().try_for_each(|name| files::remove(&self.0, name))
    }

    /// Returns the claim by which this terminal was enrolled, if it was. `pinned` are the keys that the terminal's own
    /// configuration trusts; without one, the claim was believed when it was handed over, and must be whole.
    ///
    /// # Errors
    /// When there is a claim, and it or what came with it cannot be believed or used.
    pub fn claim(&self, pinned: &[FleetKey]) -> Result<Option<Claim>, IdentityError> {
        let path = self.0.join(CLAIM);
        let Some(bytes) = self.read(CLAIM, MAX_CLAIM.try_into().unwrap_or(u64::MAX))? else {
            return Ok(None);
        };
        let document = String::from_utf8_lossy(&bytes);
        let claim = match pinned {
            [] => Claim::open_by_itself(&document),
            keys => Claim::open(&document, keys),
        };
        let claim = claim.map_err(|source| IdentityError::Claim { path, source })?;
        match self.read(AUTHORITY, LARGEST)? {
            Some(kept) if kept == claim.ca.as_bytes() => Ok(Some(claim)),
            Some(_) | None => Err(IdentityError::Changed { path: self.authority_file() }),
        }
    }

    /// Returns the key with which a claim is answered: the one that it was asked with before, where no answer came, since
    /// a claim works for one key alone.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn key_to_ask_with(&self, claim: &ClaimId) -> Result<Key, IdentityError> {
        let heading = format!("claim {claim}\n");
        if let Some(kept) = self.read(ASKING, LARGEST)? {
            // A key for another claim, or half a file of a lost disk, is of no use.
            if let Some(Ok(key)) = kept.strip_prefix(heading.as_bytes()).map(Key::from_pem) {
                return Ok(key);
            }
        }
        let key = Key::generate().map_err(|source| IdentityError::Pem { path: self.0.join(ASKING), source })?;
        self.write(ASKING, (heading + &key.to_pem()).as_bytes())?;
        Ok(key)
    }

    /// Makes the terminal a member: keeps its key and certificate, the fleet's authority, and at last the claim.
    ///
    /// # Errors
    /// When the folder cannot be written; doing it again makes it whole.
    pub fn join(&self, document: &str, claim: &Claim, key: &Key, chain: &str) -> Result<(), IdentityError> {
        self.write(CURRENT, (key.to_pem() + chain).as_bytes())?;
        self.write(AUTHORITY, claim.ca.as_bytes())?;
        self.write(CLAIM, document.trim().as_bytes())?;
        self.remove(NEXT)?;
        self.remove(ASKING)
    }

    /// Keeps a renewed key and certificate beside those that are used.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep_next(&self, key: &Key, chain: &str) -> Result<(), IdentityError> {
        self.write(NEXT, (key.to_pem() + chain).as_bytes())
    }

    /// Uses the renewed key and certificate from now on. Nothing changes where there are none.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn use_next(&self) -> Result<(), IdentityError> {
        files::rename(&self.0, NEXT, CURRENT)
    }

    /// Drops the renewed key and certificate.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn drop_next(&self) -> Result<(), IdentityError> {
        self.remove(NEXT)
    }

    /// Returns the key and certificate that are used, as PEM: a secret.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn current(&self) -> Result<Option<Vec<u8>>, IdentityError> {
        self.read(CURRENT, LARGEST)
    }

    /// Returns the renewed key and certificate, as PEM: a secret.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn next(&self) -> Result<Option<Vec<u8>>, IdentityError> {
        self.read(NEXT, LARGEST)
    }

    /// Returns what the certificate that is used says of itself.
    ///
    /// # Errors
    /// When there is none, or it is broken.
    pub fn leaf(&self) -> Result<Leaf, IdentityError> {
        let pem = self.current()?.unwrap_or_default();
        Leaf::read(&pem).map_err(|source| IdentityError::Pem { path: self.certificate_file(), source })
    }

    fn read(&self, name: &str, largest: u64) -> Result<Option<Vec<u8>>, IdentityError> {
        let path = self.0.join(name);
        match read_bounded(&path, largest) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(IdentityError::File { doing: "read", path, source }),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), IdentityError> {
        files::write(&self.0, name, bytes)
    }

    fn remove(&self, name: &str) -> Result<(), IdentityError> {
        files::remove(&self.0, name)
    }
}
