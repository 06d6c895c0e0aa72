//! Webhooks as Smart Glocal sends them (providers.md §3.4), signed by the program `openssl` with the public example key
//! of `demo/keys/`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// An order of terminal 1017 whose sequence belongs to November 2026.
pub(crate) const ORDER: &str = "0001017-029727122";

/// A `[[channel]]` that knows another key, and Smart Glocal's as the next one.
pub(crate) const CHANNEL: &str = "[[channel]]\nid = \"glocal\"\nprovider = \"smart-glocal\"\n\
                                  webhook_public_key = \"FOLDER/merchant.pub.pem\"\n\
                                  webhook_public_key_next = \"FOLDER/smart-glocal.pub.pem\"\n";

/// The keys that [`CHANNEL`] names.
pub(crate) const PUBLIC_KEYS: [&str; 2] = ["merchant.pub.pem", "smart-glocal.pub.pem"];

/// A key of the repository's public examples.
pub(crate) fn key(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo/keys").join(name)
}

/// A webhook of this type about one payment of 50 000 đồng.
pub(crate) fn webhook(kind: &str, status: &str, reference: &str) -> Value {
    json!({
        "type": kind, "status": "ok",
        "session": {
            "id": "ps_5666", "status": "in_progress", "created_at": "2026-11-20T07:48:28.275964Z",
            "updated_at": "2026-11-20T07:49:43.022068Z",
            "acquiring_payments": [{
                "id": "pm_12354", "status": status, "created_at": "2026-11-20T07:48:28.296138Z",
                "finished_at": "2026-11-20T07:49:43.002789Z", "customer": {"reference": reference},
                "amount_details": {"amount": 50000, "currency": "VND"},
            }],
        },
    })
}

/// The signature of exactly these bytes under a private key of `demo/keys/`.
pub(crate) fn signature(key_name: &str, body: &[u8]) -> String {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-sign"])
        .arg(key(key_name))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program `openssl` is needed: apt install openssl");
    openssl.stdin.take().expect("it was asked for").write_all(body).expect("openssl reads");
    let output = openssl.wait_with_output().expect("openssl ends");
    assert!(output.status.success(), "openssl signs");
    STANDARD.encode(output.stdout)
}

/// Header lines that are right for a body.
pub(crate) fn signed(body: &[u8]) -> String {
    format!("X-PARTNER-SIGN: {}\r\n", signature("smart-glocal.pem", body))
}
