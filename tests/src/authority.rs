//! A certificate authority of a test's own, made by `openssl`. It must not know who gets the certificates.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rumqttc::{TlsConfiguration, Transport};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::folder::{Folder, write_private};
use crate::process::{run, system_program};

/// An authority whose files are in a test's folder.
#[derive(Debug)]
pub struct Authority {
    name: String,
    /// Its certificate.
    pub certificate: PathBuf,
    key: PathBuf,
}

/// A certificate and its private key.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate's file.
    pub certificate: PathBuf,
    /// The key's file, which only its owner can read.
    pub key: PathBuf,
}

/// A new elliptic key, as all of ours are.
const NEW_KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/// What a server's or a client's certificate may do.
const LEAF: &str = "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1,IP:10.0.2.2,DNS:localhost\n\
                    extendedKeyUsage=serverAuth,clientAuth\n";

impl Authority {
    /// Makes an authority.
    ///
    /// # Panics
    /// When `openssl` is missing or refuses.
    pub fn make(folder: &Folder, name: &str) -> Self {
        let (certificate, key) = (folder.file(&format!("{name}.pem")), folder.file(&format!("{name}.key")));
        let mut command = openssl("req");
        command.args(["-x509", "-days", "2", "-subj"]).arg(format!("/CN={name}")).args(NEW_KEY);
        expect_success(command.arg("-keyout").arg(&key).arg("-out").arg(&certificate));
        Self { name: name.to_owned(), certificate, key }
    }

    /// Makes a certificate with this common name for 127.0.0.1, and for 10.0.2.2, which is the same to a machine that is
    /// emulated here; for servers and clients.
    ///
    /// # Panics
    /// When `openssl` refuses.
    pub fn issue(&self, folder: &Folder, common_name: &str) -> Identity {
        self.sign(folder, common_name, LEAF, Life::TwoDays)
    }

    /// Makes a certificate like [`Authority::issue`] that lasts for 90 days.
    pub fn issue_for_long(&self, folder: &Folder, common_name: &str) -> Identity {
        self.sign(folder, common_name, LEAF, Life::NinetyDays)
    }

    /// Makes a certificate like [`Authority::issue`] whose time has been over since yesterday.
    ///
    /// # Panics
    /// When `openssl` refuses.
    pub fn issue_expired(&self, folder: &Folder, common_name: &str) -> Identity {
        self.sign(folder, common_name, LEAF, Life::OverSinceYesterday)
    }

    /// Makes an authority below this one that may sign nothing but clients, as a fleet's issuer is.
    ///
    /// # Panics
    /// When `openssl` refuses.
    pub fn issuer(&self, folder: &Folder, common_name: &str) -> Identity {
        let uses = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n\
                    extendedKeyUsage=clientAuth\nsubjectKeyIdentifier=hash\n";
        self.sign(folder, common_name, uses, Life::TwoDays)
    }

    fn sign(&self, folder: &Folder, common_name: &str, extensions: &str, life: Life) -> Identity {
        let file = |end: &str| folder.file(&format!("{}-{common_name}-{:08x}.{end}", self.name, fastrand::u32(..)));
        let (certificate, key, request) = (file("pem"), file("key"), file("csr"));
        let mut command = openssl("req");
        command.args(["-new", "-subj"]).arg(format!("/CN={common_name}")).args(NEW_KEY);
        expect_success(command.arg("-keyout").arg(&key).arg("-out").arg(&request));
        let uses = file("ext");
        write_private(&uses, extensions.as_bytes());
        let days = match life {
            Life::TwoDays => "2",
            Life::NinetyDays => "90",
            Life::OverSinceYesterday => "-1",
        };
        let mut command = openssl("x509");
        command.args(["-req", "-days", days, "-set_serial"]).arg(fastrand::u32(1..).to_string());
        command.arg("-in").arg(&request).arg("-CA").arg(&self.certificate).arg("-CAkey").arg(&self.key);
        expect_success(command.arg("-extfile").arg(&uses).arg("-out").arg(&certificate));
        Identity { certificate, key }
    }

    /// Writes the list of the certificates of this authority that are taken back: these. It is good for two days.
    ///
    /// # Panics
    /// When `openssl` refuses.
    pub fn revoke(&self, folder: &Folder, revoked: &[&Identity], list: &Path) {
        let place = folder.folder(&format!("{}-revoked-{:08x}", self.name, fastrand::u32(..)));
        let (database, config) = (place.join("index.txt"), place.join("ca.conf"));
        write_private(&database, b"");
        let text = format!("[ca]\ndefault_ca = ca\n[ca]\ndatabase = {}\ndefault_md = sha256\n", database.display());
        write_private(&config, text.as_bytes());
        let authority = || {
            let mut command = openssl("ca");
            command.arg("-config").arg(&config).arg("-cert").arg(&self.certificate).arg("-keyfile").arg(&self.key);
            command
        };
        for identity in revoked {
            expect_success(authority().arg("-revoke").arg(&identity.certificate));
        }
        expect_success(authority().args(["-gencrl", "-crldays", "2"]).arg("-out").arg(list));
    }

    /// TLS to a broker of this authority for a client of a test's own, with the certificate that it shows, if any.
    ///
    /// # Panics
    /// When a certificate or key is none.
    pub fn transport(&self, shown: Option<&Identity>) -> Transport {
        let mut roots = RootCertStore::empty();
        roots.add(certificate(&self.certificate)).unwrap_or_else(|error| panic!("{self:?}: {error}"));
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
        let builder = builder.unwrap_or_else(|error| panic!("no TLS: {error}")).with_root_certificates(roots);
        let config = match shown {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let key = PrivateKeyDer::from_pem_file(&identity.key);
                let key = key.unwrap_or_else(|error| panic!("{:?}: {error}", identity.key));
                let config = builder.with_client_auth_cert(vec![certificate(&identity.certificate)], key);
                config.unwrap_or_else(|error| panic!("{identity:?} is no client's: {error}"))
            }
        };
        Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config)))
    }
}

fn certificate(file: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file).unwrap_or_else(|error| panic!("{file:?} is no certificate: {error}"))
}

/// How long a certificate is good.
#[derive(Clone, Copy, Debug)]
enum Life {
    TwoDays,
    NinetyDays,
    OverSinceYesterday,
}

impl Identity {
    /// The lines of `[mqtt]` with which a program of ours shows this identity and believes an authority.
    pub fn settings(&self, authority: &Authority) -> String {
        let (ca, certificate, key) = (&authority.certificate, &self.certificate, &self.key);
        format!("ca = {ca:?}\ncert = {certificate:?}\nkey = {{ file = {key:?} }}")
    }

    /// The lines with which mosquitto listens as this server, for clients whose certificates say who they are.
    pub fn listener(&self, port: u16, authority: &Authority) -> String {
        format!(
            "listener {port} 127.0.0.1\ncafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true\n\
             use_identity_as_username true\nallow_anonymous false",
            authority.certificate.display(),
            self.certificate.display(),
            self.key.display()
        )
    }
}

fn openssl(verb: &str) -> Command {
    let mut command = Command::new(system_program("openssl", "openssl"));
    command.arg(verb);
    command
}

#[track_caller]
fn expect_success(command: &mut Command) {
    let output = run(command);
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
