//! Signs any claims with OpenSSL, as another program may, whatever they say. It must not know what they mean.

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::folder::Folder;
use crate::process::{run, system_program};

/// Returns a compact JWS (RFC 7515) over claims, with `alg` EdDSA, this name of a key, and a signature by a key in a file.
///
/// # Panics
/// When OpenSSL does not sign.
pub fn sign(claims: &str, kid: &str, key: &Path) -> String {
    let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let folder = Folder::make();
    let (text, signature) = (folder.write("message", message.clone()), folder.file("signature"));
    let mut openssl = Command::new(system_program("openssl", "openssl"));
    openssl.args(["pkeyutl", "-sign", "-rawin", "-inkey"]).arg(key).arg("-in").arg(text).arg("-out").arg(&signature);
    let done = run(&mut openssl);
    assert!(done.status.success(), "{done:?}");
    let signature = std::fs::read(&signature).unwrap_or_else(|error| panic!("OpenSSL has signed: {error}"));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
