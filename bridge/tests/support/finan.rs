//! Webhooks as Finan sends them, signed by code of the tests' own (providers.md §2.1, §2.2).

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const SECRET: &str = "finan-secret_with_underscores";
pub(crate) const NEXT_SECRET: &str = "finan-secret-to-come";

/// An order of terminal 1017 whose sequence belongs to November 2026.
pub(crate) const ORDER: &str = "0001017-029727122";

/// A `[[channel]]` with everything that is not set to something else.
pub(crate) const CHANNEL: &str = "[[channel]]\nid = \"finan\"\nprovider = \"finan\"\n\
                                  secret = { file = \"FOLDER/secret\" }\n\
                                  secret_next = { file = \"FOLDER/secret-next\" }\n";

/// The body of a payment.
pub(crate) fn payment(reference: &str, id: &str) -> Value {
    json!({
        "id": id, "reference_id": reference, "payment_method": "bank_transfer",
        "payment_request_id": "PR-550e8400-e29b-41d4-a716-446655440000", "amount": 50000,
        "created_at": "2026-11-20T03:04:05Z",
    })
}

/// Now, as Finan writes it, moved by so many seconds.
pub(crate) fn timestamp(offset_s: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "a provider has a clock of its own")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    (i64::try_from(since).expect("it is before the end of time") + offset_s).to_string()
}

fn text(path: &str, body: &[u8], timestamp: &str) -> Vec<u8> {
    [b"POST_", path.as_bytes(), b"_", body, b"_", timestamp.as_bytes()].concat()
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("a String takes it");
    }
    hex
}

/// The signature of `sha256_concat`.
pub(crate) fn signature(secret: &str, path: &str, body: &[u8], timestamp: &str) -> String {
    hex(&Sha256::digest([secret.as_bytes(), b"_", &text(path, body, timestamp)].concat()))
}

/// The signature of `hmac_sha256`.
pub(crate) fn hmac_signature(secret: &str, path: &str, body: &[u8], timestamp: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length will do");
    mac.update(&text(path, body, timestamp));
    hex(&mac.finalize().into_bytes())
}

/// Header lines, each with its line break.
pub(crate) fn lines(signature: &str, timestamp: &str) -> String {
    format!("X-Client-Id: client-1\r\nX-Signature: {signature}\r\nX-Timestamp: {timestamp}\r\n")
}

/// Header lines that are right for a body on this path now.
pub(crate) fn signed(path: &str, body: &[u8]) -> String {
    let now = timestamp(0);
    lines(&signature(SECRET, path, body, &now), &now)
}
