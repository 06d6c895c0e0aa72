//! Finan's signature, written from its documentation (providers.md §2.1) and not from the till's code, so that the two
//! check each other. It must not know payments.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// How a signature is made; Finan's documentation can be read in two ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureKind {
    /// SHA-256 over a text that begins with the secret, as the documentation's formula and program do.
    #[default]
    Sha256Concat,
    /// HMAC-SHA256 with the secret as its key, as the documentation's prose says.
    HmacSha256,
}

/// What a signature covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// In capitals.
    pub(crate) method: &'a str,
    /// Without host and `/open`, with the query.
    pub(crate) path: &'a str,
    /// Empty for GET.
    pub(crate) body: &'a str,
    /// Unix seconds as in `x-timestamp`.
    pub(crate) timestamp: &'a str,
}

/// The signature in lower-case hex.
pub(crate) fn sign(kind: SignatureKind, secret: &str, signed: Signed<'_>) -> String {
    let Signed { method, path, body, timestamp } = signed;
    let text = format!("{method}_{path}_{body}_{timestamp}");
    match kind {
        SignatureKind::Sha256Concat => hex(&Sha256::digest(format!("{secret}_{text}"))),
        SignatureKind::HmacSha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
            mac.update(text.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
    }
}

/// Whether a JSON text has no white space outside of its strings. The documentation hashes a compact body, and does not
/// say whether Finan's server compacts what it gets: only a body that is compact already is safe.
pub(crate) fn is_compact(json: &str) -> bool {
    let (mut inside, mut escaped) = (false, false);
    json.bytes().all(|byte| {
        if inside {
            inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            return true;
        }
        inside = byte == b'"';
        !byte.is_ascii_whitespace()
    })
}

/// The path, with its query, that the signature of a webhook to `url` covers.
pub(crate) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
