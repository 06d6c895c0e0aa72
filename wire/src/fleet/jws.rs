//! Signed documents: compact JWS (RFC 7515) with `alg` EdDSA (RFC 8037), the only algorithm, so that no header can talk
//! a reader into another. It must not know what a document says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::key::{FleetKey, FleetSigner};
use crate::json;
use crate::text::{bounded, shown};

/// Why a signed document is not believed, or not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// It is longer than its kind may be.
    #[error("a signed document of {length} bytes is longer than {limit}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// It is not three parts of base64url with JSON in them.
    #[error("this is not a signed document (three parts of base64url with dots between): {reason}")]
    Form {
        /// What is wrong, on one short line.
        reason: String,
    },
    /// Its header names another algorithm, or extensions that must be understood.
    #[error("a signed document's header must have `alg` EdDSA, a `kid`, and no `crit`")]
    Header,
    /// None of the trusted keys has this name.
    #[error("the document is signed with the key `{kid}`, which is not trusted here")]
    UnknownKey {
        /// The name in the header, cut to forty characters.
        kid: String,
    },
    /// The signature is not that key's over this text.
    #[error("the document's signature is wrong")]
    Signature,
    /// It is signed, but does not say what its kind must say.
    #[error("the signed document cannot be used: {reason}")]
    Content {
        /// What is wrong, on one short line.
        reason: String,
    },
}

/// A header as we write it. Of what we read, other names are passed over (RFC 7515, section 4), but `crit`.
#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    #[serde(default, skip_serializing)]
    crit: Option<serde_json::Value>,
}

const ALGORITHM: &str = "EdDSA";
const TYPE: &str = "JWT";

/// Signs a document.
pub(super) fn sign<T: Serialize>(claims: &T, signer: &FleetSigner, limit: usize) -> Result<String, SignedError> {
    let header = Header { alg: ALGORITHM.into(), kid: signer.key().kid(), typ: Some(TYPE.into()), crit: None };
    let part = |json: Result<Vec<u8>, serde_json::Error>| {
        json.map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(|error| content(&error.to_string()))
    };
    let message = format!("{}.{}", part(serde_json::to_vec(&header))?, part(serde_json::to_vec(claims))?);
    let signature = signer.sign(message.as_bytes());
    let document = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
    within(document.len(), limit).map(|()| document)
}

/// Reads what a document says, once its signature is proven to be one of these keys'.
pub(super) fn open<T: DeserializeOwned>(document: &str, keys: &[FleetKey], limit: usize) -> Result<T, SignedError> {
    let parts = Parts::of(document, limit)?;
    let header = parts.header()?;
    let known = keys.iter().find(|key| key.kid() == header.kid);
    let key = known.ok_or_else(|| SignedError::UnknownKey { kid: shown(&header.kid) })?;
    let signature = decoded(parts.signature)?;
    if !key.verifies(parts.message.as_bytes(), &signature) {
        return Err(SignedError::Signature);
    }
    parts.claims()
}

/// Reads what a document says without any proof: only for finding out which keys to ask for one.
pub(super) fn peek<T: DeserializeOwned>(document: &str, limit: usize) -> Result<T, SignedError> {
    Parts::of(document, limit)?.claims()
}

/// Reads a message as a document, which is text; what is too long is not even looked at.
pub(super) fn text(message: &[u8], limit: usize) -> Result<&str, SignedError> {
    within(message.len(), limit)?;
    let text = std::str::from_utf8(message).map_err(|_| form("it is not UTF-8"))?;
    Ok(text.trim())
}

/// A document's three parts, still in base64url.
struct Parts<'a> {
    /// What is signed: header, dot, claims.
    message: &'a str,
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(document: &'a str, limit: usize) -> Result<Self, SignedError> {
        within(document.len(), limit)?;
        let split = document.rsplit_once('.').and_then(|(message, signature)| {
            let (header, claims) = message.split_once('.')?;
            (!claims.contains('.')).then_some(Self { message, header, claims, signature })
        });
        split.ok_or_else(|| form("it has not three parts"))
    }

    fn header(&self) -> Result<Header, SignedError> {
        let header: Header = unique(&decoded(self.header)?).map_err(|_| SignedError::Header)?;
        if header.alg != ALGORITHM || header.crit.is_some() {
            return Err(SignedError::Header);
        }
        Ok(header)
    }

    fn claims<T: DeserializeOwned>(&self) -> Result<T, SignedError> {
        unique(&decoded(self.claims)?).map_err(|reason| content(&reason))
    }
}

/// Reads JSON in which no key stands twice.
fn unique<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let value = json::parse(text).map_err(|error| error.to_string())?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn decoded(part: &str) -> Result<Vec<u8>, SignedError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|error| form(&error.to_string()))
}

fn within(length: usize, limit: usize) -> Result<(), SignedError> {
    if length > limit { Err(SignedError::TooLong { length, limit }) } else { Ok(()) }
}

fn form(reason: &str) -> SignedError {
    SignedError::Form { reason: bounded(reason, 120) }
}

fn content(reason: &str) -> SignedError {
    SignedError::Content { reason: bounded(reason, 200) }
}
