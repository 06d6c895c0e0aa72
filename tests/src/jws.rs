//! Signs any claims with OpenSSL, as another program may, whatever they say. It must not know what they mean.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use till_wire::fleet::FleetSigner;

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

/// Returns the time in seconds since 1970, as claims have it.
///
/// # Panics
/// When it is before 1970.
#[expect(clippy::disallowed_methods, reason = "documents are signed now")]
pub fn now() -> i64 {
    let since =
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_else(|error| panic!("it is before 1970: {error}"));
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Makes an Ed25519 key: as a signer, as `NAME.key` and, its public half, as `NAME.pub` in the folder; returns the last's path.
///
/// # Panics
/// When OpenSSL does not make it.
pub fn key(folder: &Folder, name: &str) -> (FleetSigner, PathBuf) {
    let file = |end: &str| folder.file(&format!("{name}.{end}"));
    let (private, der, public) = (file("key"), file("der"), file("pub"));
    let openssl = system_program("openssl", "openssl");
    let make = |arguments: &[&str], input: Option<&Path>, output: &Path| {
        let mut command = Command::new(&openssl);
        command.args(arguments).arg("-out").arg(output);
        if let Some(input) = input {
            command.arg("-in").arg(input);
        }
        let done = run(&mut command);
        assert!(done.status.success(), "{done:?}");
    };
    make(&["genpkey", "-algorithm", "ed25519"], None, &private);
    make(&["pkey", "-outform", "DER"], Some(&private), &der);
    make(&["pkey", "-pubout"], Some(&private), &public);
    let der = std::fs::read(&der).unwrap_or_else(|error| panic!("OpenSSL has written it: {error}"));
    let signer = FleetSigner::from_pkcs8(&der).unwrap_or_else(|error| panic!("OpenSSL makes keys: {error}"));
    (signer, public)
}
