//! Finan's signatures: SHA-256 over a text that begins with the secret, or HMAC-SHA-256, written as lower-case hex
//! (providers.md §2.1). It must not keep a secret, nor compare a signature byte by byte.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::ids::read_hex;

/// The two readings of Finan's documentation. Its program does the first, its prose says the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinanSignature {
    /// SHA-256 over a text that begins with the secret.
    #[default]
    Sha256Concat,
    /// HMAC-SHA-256 with the secret as its key.
    HmacSha256,
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path with its query string: of a request without `/open`, of a webhook the public one.
    pub path: &'a str,
    /// The body, byte for byte as it is sent; empty with GET.
    pub payload: &'a [u8],
    /// Unix seconds in decimal, as in `x-timestamp`.
    pub timestamp: &'a str,
}

/// Stands between the parts.
const SEPARATOR: [u8; 1] = [b'_'];

impl FinanSignature {
    /// Returns the signature under a secret.
    pub fn sign(self, secret: &[u8], signed: &Signed<'_>) -> String {
        self.digest(secret, signed).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Tells, in constant time, whether a signature is right under a secret. Only 64 lower-case hex digits are a
    /// signature, and an empty secret signs nothing, since anybody has it.
    pub fn verifies(self, secret: &[u8], signed: &Signed<'_>, signature: &str) -> bool {
        let Some(stated) = read_hex::<32>(signature) else {
            return false;
        };
        // A plain hash has no comparison of its own: the HMACs of both are compared, so nothing is learned from when
        // the first difference is met.
        let computed: [u8; 32] = keyed(secret).chain_update(self.digest(secret, signed)).finalize().into_bytes().into();
        !secret.is_empty() && keyed(secret).chain_update(stated).verify_slice(&computed).is_ok()
    }

    fn digest(self, secret: &[u8], signed: &Signed<'_>) -> [u8; 32] {
        let Signed { method, path, payload, timestamp } = *signed;
        let parts: [&[u8]; 7] =
            [method.as_bytes(), &SEPARATOR, path.as_bytes(), &SEPARATOR, payload, &SEPARATOR, timestamp.as_bytes()];
        match self {
            Self::Sha256Concat => {
                let begun = Sha256::new().chain_update(secret).chain_update(SEPARATOR);
                parts.iter().fold(begun, |hash, part| hash.chain_update(part)).finalize().into()
            }
            Self::HmacSha256 => {
                parts.iter().fold(keyed(secret), |mac, part| mac.chain_update(part)).finalize().into_bytes().into()
            }
        }
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}
