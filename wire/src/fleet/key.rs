//! The keys of a fleet: Ed25519 (RFC 8032). It must not know files.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use crate::text::text_form;

/// A public key whose documents are believed. Written as the `x` of a JWK (RFC 8037): its 32 bytes in base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FleetKey([u8; 32]);

/// A private key that signs for the fleet. Its `Debug` shows the public half alone.
pub struct FleetSigner {
    pair: Ed25519KeyPair,
    key: FleetKey,
}

/// Why something is not a key of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FleetKeyError {
    /// The text is not 32 bytes in base64url.
    #[error("a public key of a fleet is 43 characters of base64url")]
    Text,
    /// The DER is not an Ed25519 public key.
    #[error("this is not the public key of an Ed25519 pair (SubjectPublicKeyInfo, RFC 8410)")]
    Public,
    /// The DER is not an Ed25519 private key.
    #[error("this is not the private key of an Ed25519 pair (PKCS #8, RFC 8410)")]
    Private,
}

/// What stands before the 32 bytes of an Ed25519 key in its `SubjectPublicKeyInfo` (RFC 8410, section 4).
const SPKI_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

impl FleetKey {
    /// Takes the key's 32 bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// When it is anything else than an Ed25519 key.
    pub fn from_spki(der: &[u8]) -> Result<Self, FleetKeyError> {
        let bytes = der.strip_prefix(&SPKI_HEAD).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(FleetKeyError::Public)
    }

    /// Returns the `SubjectPublicKeyInfo` in DER.
    pub fn to_spki(&self) -> Vec<u8> {
        [SPKI_HEAD.as_slice(), &self.0].concat()
    }

    /// Returns the key's 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the name of the key in a document's header: the first 16 hex digits of the SHA-256 of its 32 bytes
    /// (contract §5).
    pub fn kid(&self) -> String {
        let digest: [u8; 32] = Sha256::digest(self.0).into();
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Display for FleetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for FleetKey {
    type Err = FleetKeyError;

    fn from_str(text: &str) -> Result<Self, FleetKeyError> {
        // Longer ones are not looked at: a key has one length.
        let bytes = Some(text).filter(|text| text.len() == 43).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(FleetKeyError::Text)
    }
}

text_form!(FleetKey, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", pattern("^[A-Za-z0-9_-]{43}$"));

impl FleetSigner {
    /// Reads a private key in PKCS #8, with its public half or without (OpenSSL leaves it out).
    ///
    /// # Errors
    /// When it is anything else than an Ed25519 key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, FleetKeyError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| FleetKeyError::Private)?;
        let bytes = pair.public_key().as_ref().try_into().map_err(|_| FleetKeyError::Private)?;
        Ok(Self { pair, key: FleetKey(bytes) })
    }

    /// Returns the public half.
    pub const fn key(&self) -> FleetKey {
        self.key
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for FleetSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FleetSigner({})", self.key)
    }
}
