//! Smart Glocal's signatures: RSA (PKCS#1 v1.5) with SHA-256 over exactly the bytes of a body, in Base64, written from
//! the documentation (providers.md §3.1) and not from the till's code. It must not know what a body says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};

/// What stands before the key itself in the public key (SPKI) of an RSA pair of 2048 bits: two sequences, the name
/// `rsaEncryption`, and a bit string.
const SPKI_HEAD: [u8; 24] = [48, 130, 1, 34, 48, 13, 6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0, 3, 130, 1, 15, 0];

/// Signs with a private key.
#[derive(Debug)]
pub(crate) struct Pen(RsaKeyPair);

/// Tells with a public key whether a signature is right.
#[derive(Debug)]
pub(crate) struct Lens(UnparsedPublicKey<Vec<u8>>);

impl Pen {
    /// Reads a PKCS#8 key from PEM.
    pub(crate) fn new(pem: &str) -> Option<Self> {
        RsaKeyPair::from_pkcs8(&der(pem, "PRIVATE KEY")?).ok().map(Self)
    }

    /// The signature of a body, as the header `X-PARTNER-SIGN` carries it.
    pub(crate) fn sign(&self, body: &[u8]) -> String {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature)
            .expect("a sound key signs into a place as long as its modulus");
        STANDARD.encode(signature)
    }
}

impl Lens {
    /// Reads a key of 2048 bits (SPKI) from PEM.
    pub(crate) fn new(pem: &str) -> Option<Self> {
        let spki = der(pem, "PUBLIC KEY")?;
        let key = spki.strip_prefix(&SPKI_HEAD)?;
        Some(Self(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.to_vec())))
    }

    /// Whether the header's text is the signature of the body.
    pub(crate) fn is_right(&self, body: &[u8], signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| self.0.verify(body, &signature).is_ok())
    }
}

/// The bytes between the lines `-----BEGIN LABEL-----` and `-----END LABEL-----`.
fn der(pem: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (text, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD.decode(text.split_whitespace().collect::<String>()).ok()
}

#[cfg(test)]
mod tests;
