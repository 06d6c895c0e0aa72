//! Certificates of the listener's own, made by openssl, and clients that believe one of them and no other.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use till_settings::tls::{Roots, certificates, client_config};

/// The files of a certificate for 127.0.0.1 and localhost, and of its key.
pub(crate) struct Certificate {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificate {
    pub(crate) fn make(folder: &Path, name: &str) -> Self {
        let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&cert)
            .output()
            .expect("the program `openssl` is needed: apt install openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("its mode");
        Self { cert, key }
    }

    /// Returns the line of the configuration.
    pub(crate) fn line(&self) -> String {
        let Self { cert, key } = self;
        format!("tls = {{ cert = {cert:?}, key = {{ file = {key:?} }} }}")
    }

    /// Returns a client that believes this certificate alone.
    pub(crate) fn client(&self) -> rustls::ClientConfig {
        let roots = certificates(&self.cert).expect("the certificate");
        client_config(Roots::Only(roots), None).expect("a client")
    }
}
