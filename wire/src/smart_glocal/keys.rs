//! Smart Glocal's signatures: RSA over exactly the bytes of a body, in base64, as the header `X-PARTNER-SIGN` carries them
//! (providers.md §3.1). It must not know what a body says.
//!
//! Smart Glocal's documentation names RSA and no more: that the hash is SHA-256, the padding PKCS#1 v1.5 and the text
//! standard base64 is what its one public integration does, and unconfirmed.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

use super::der::{self, Numbers};
use super::pem;

/// The sizes of public keys that signatures are believed under, in bits.
const SIZES: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The longest signature under such a key, in characters of base64.
const LONGEST: usize = 8192_usize.div_ceil(8).div_ceil(3) * 4;

/// The largest exponent of a public key, in bits.
const LARGEST_EXPONENT: usize = 33;

/// Why a key cannot be used. Nothing of the key is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no such block in the text.
    #[error("there is no block `{wanted}` in PEM form")]
    NoBlock {
        /// The labels that were looked for.
        wanted: String,
    },
    /// The block has no end, or something else than base64 in it, such as a passphrase's header.
    #[error("the block `{label}` is not whole, or is encrypted")]
    BrokenBlock {
        /// Its label.
        label: &'static str,
    },
    /// The block holds another kind of key, or a broken one.
    #[error("it is no RSA key")]
    NotRsa,
    /// The key is too small to protect anything, or larger than anybody's.
    #[error("it has {bits} bits, and 2048 to 8192 are needed")]
    Size {
        /// Its size.
        bits: usize,
    },
    /// The private key is not one to sign with.
    #[error("it is no RSA key of 2048 to 4096 bits without a passphrase ({reason})")]
    Rejected {
        /// The word of the library that signs.
        reason: String,
    },
}

/// A merchant's private key, which signs requests: RSA of 2048 to 4096 bits. `Debug` does not show it.
///
/// SHA-256 with PKCS#1 v1.5 is unconfirmed: ask the account manager before the first real request.
#[derive(Clone)]
pub struct SigningKey(Arc<KeyPair>);

/// Smart Glocal's public key, which proves webhooks and answers: RSA of 2048 to 8192 bits.
///
/// SHA-256 with PKCS#1 v1.5 is unconfirmed: ask the account manager before the first real request.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl SigningKey {
    /// Reads a private key in PEM form: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        const PKCS8: &str = "PRIVATE KEY";
        let (label, der) = pem::block(pem, [PKCS8, "RSA PRIVATE KEY"])?;
        let read = if label == PKCS8 { KeyPair::from_pkcs8(&der) } else { KeyPair::from_der(&der) };
        let rejected = |reason: &dyn fmt::Display| KeyError::Rejected { reason: reason.to_string() };
        let key = read.map(|pair| Self(Arc::new(pair))).map_err(|error| rejected(&error))?;
        // The library looks whether the parts of a key belong together only when it signs.
        match key.sign(b"") {
            Some(_) => Ok(key),
            None => Err(rejected(&"its parts do not belong together")),
        }
    }

    /// Returns the signature of exactly these bytes, or nothing when the library that signs gives up.
    pub fn sign(&self, body: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        // This padding draws no random numbers; the library asks for a source of them all the same.
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature).ok()?;
        Some(STANDARD.encode(signature))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl VerifyingKey {
    /// Reads a public key in PEM form: SPKI (`PUBLIC KEY`) or PKCS#1 (`RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        const SPKI: &str = "PUBLIC KEY";
        let (label, der) = pem::block(pem, [SPKI, "RSA PUBLIC KEY"])?;
        let numbers = if label == SPKI { der::of_spki(&der) } else { der::of_pkcs1(&der) };
        let Numbers { modulus, exponent } = numbers.ok_or(KeyError::NotRsa)?;
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        let bits = bits(modulus);
        if !SIZES.contains(&bits) {
            return Err(KeyError::Size { bits });
        }
        if !is_odd(modulus) || !is_odd(exponent) || exponent == [1] || self::bits(exponent) > LARGEST_EXPONENT {
            return Err(KeyError::NotRsa);
        }
        Ok(Self { modulus: modulus.to_owned(), exponent: exponent.to_owned() })
    }

    /// Tells whether a header's text is the signature of exactly these bytes.
    pub fn verifies(&self, body: &[u8], signature: &str) -> bool {
        if signature.len() > LONGEST {
            return false;
        }
        let key = PublicKeyComponents { n: &self.modulus, e: &self.exponent };
        let signature = STANDARD.decode(signature);
        signature.is_ok_and(|signature| key.verify(&RSA_PKCS1_2048_8192_SHA256, body, &signature).is_ok())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey(…)")
    }
}

/// Returns the size of a number without leading zeros.
fn bits(number: &[u8]) -> usize {
    let first = number.first().map_or(0, |first| first.leading_zeros() as usize);
    (number.len() * 8).saturating_sub(first)
}
