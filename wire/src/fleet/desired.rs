//! The configuration that the operator wants a terminal to have, as he signs it, and what the terminal says of it (contract
//! §5, `down/desired` and `up/reported`). It must not know which keys there are, nor what time it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::command::Audience;
use super::jws::{self, SignedError};
use super::key::{FleetKey, FleetSigner};
use crate::envelope::MAX_MESSAGE;
use crate::time::UnixTime;

/// The longest document in bytes: the largest message of the contract.
pub const MAX_DESIRED: usize = MAX_MESSAGE;

/// The largest version: whole numbers up to it are the same in every reader of JSON (RFC 8259, section 6).
pub const MAX_VERSION: u64 = (1 << 53) - 1;

/// How deep the tables of a configuration lie within one another at most.
const DEEPEST: usize = 8;

/// A configuration that is wanted. That it is signed does not make it one that can be applied: that is for the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desired {
    /// Whom it is for.
    pub aud: Audience,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// From when it is not to be taken up any more, in seconds since 1970; left out mostly. What is applied stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Grows with every document of a terminal; 1 to [`MAX_VERSION`].
    pub version: u64,
    /// Tables with keys as in `tilld.toml`, or keys with dots, as far as they may be changed from afar. It is all that is changed: a key that
    /// an older version named and this one does not has the file's value again.
    pub config: Map<String, Value>,
    /// Another broker: a [`DesiredBroker`] that a second key has signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker: Option<String>,
}

/// Another broker, as the holder of a second key signs it, so that whoever has the fleet's key alone can lead no terminal away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesiredBroker {
    /// Whom it is for; as in the document around it.
    pub aud: Audience,
    /// The version of the document that it was made for; later documents carry it on.
    pub version: u64,
    /// Where the broker is: `mqtts://host[:port]`.
    pub url: String,
    /// The certificates of the authority that the broker's is signed by, in PEM; left out where it stays the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// Why such a document is not believed, or not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DesiredError {
    /// The document is not believed, or not of this kind.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is a command as well.
    #[error("a document with `cmd` is a command, and no configuration")]
    Command,
    /// The version is out of bounds.
    #[error("the configuration's `version` must be 1 to 9007199254740991")]
    Version,
    /// The configuration is nested deeper than any is.
    #[error("the configuration has tables nested deeper than {DEEPEST}")]
    Deep,
}

impl Desired {
    /// Signs the document.
    ///
    /// # Errors
    /// When its version is out of bounds, or it is longer than [`MAX_DESIRED`].
    pub fn sign(&self, signer: &FleetSigner) -> Result<String, DesiredError> {
        self.check()?;
        Ok(jws::sign(self, signer, MAX_DESIRED)?)
    }

    /// Reads a document that one of these keys has signed. Whom it is for, and whether it is newer than what is applied, is
    /// still to be judged.
    ///
    /// # Errors
    /// When none has, or it is not of this kind.
    pub fn open(document: &[u8], trusted: &[FleetKey]) -> Result<Self, DesiredError> {
        let claims: Claims = jws::open(jws::text(document, MAX_DESIRED)?, trusted, MAX_DESIRED)?;
        claims.desired()
    }

    /// Reads a document without any proof, for showing it to whoever has it. Nothing may be done by it.
    ///
    /// # Errors
    /// When it is not of this kind.
    pub fn peek(document: &[u8]) -> Result<Self, DesiredError> {
        let claims: Claims = jws::peek(jws::text(document, MAX_DESIRED)?, MAX_DESIRED)?;
        claims.desired()
    }

    /// Returns the name of what it says, whichever version says it: the SHA-256 of `config`, and of `broker` after it if there
    /// is one, as JSON without spaces whose keys are sorted by their bytes; 64 hex digits.
    pub fn hash(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(sorted(&Value::Object(self.config.clone())).to_string());
        if let Some(broker) = &self.broker {
            digest.update(broker);
        }
        let digest: [u8; 32] = digest.finalize().into();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn check(&self) -> Result<(), DesiredError> {
        if !(1..=MAX_VERSION).contains(&self.version) {
            return Err(DesiredError::Version);
        }
        let shallow = self.config.values().all(|value| is_shallow(value, DEEPEST));
        if shallow { Ok(()) } else { Err(DesiredError::Deep) }
    }
}

/// What a document says. Of other claims none is ours to judge (RFC 7519, section 4), but one that makes it a command, too.
#[derive(Deserialize)]
struct Claims {
    #[serde(flatten)]
    desired: Desired,
    #[serde(default)]
    cmd: Option<Value>,
}

impl Claims {
    fn desired(self) -> Result<Desired, DesiredError> {
        if self.cmd.is_some() {
            return Err(DesiredError::Command);
        }
        self.desired.check().map(|()| self.desired)
    }
}

impl DesiredBroker {
    /// Signs it with the second key.
    ///
    /// # Errors
    /// When it is longer than [`MAX_DESIRED`].
    pub fn sign(&self, signer: &FleetSigner) -> Result<String, DesiredError> {
        Ok(jws::sign(self, signer, MAX_DESIRED)?)
    }

    /// Reads what one of these keys has signed.
    ///
    /// # Errors
    /// When none has, or it is not of this kind.
    pub fn open(document: &str, trusted: &[FleetKey]) -> Result<Self, DesiredError> {
        Ok(jws::open(document, trusted, MAX_DESIRED)?)
    }

    /// Reads it without any proof.
    ///
    /// # Errors
    /// When it is not of this kind.
    pub fn peek(document: &str) -> Result<Self, DesiredError> {
        Ok(jws::peek(document, MAX_DESIRED)?)
    }
}

/// Returns the same JSON with the keys of every object in the order of their bytes.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by_key(|(key, _)| key.as_bytes());
            Value::Object(keys.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn is_shallow(value: &Value, left: usize) -> bool {
    match value {
        Value::Object(map) => left > 0 && map.values().all(|value| is_shallow(value, left - 1)),
        Value::Array(list) => left > 0 && list.iter().all(|value| is_shallow(value, left - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// The body of `up/reported`: which configuration is applied, and what is wrong with one that is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// The version that is applied; left out while the terminal has its file's configuration alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// [`Desired::hash`] of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// When the terminal last took up or refused one; left out when it never has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<UnixTime>,
    /// Why the newest one is not applied; left out when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<ReportedFault>,
}

/// Why a configuration is not applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFault {
    /// The version that is not applied; left out where it is not proven that it is the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// What is wrong, one line for each fault.
    pub reasons: Vec<String>,
}
