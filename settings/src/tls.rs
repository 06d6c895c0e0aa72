//! TLS with rustls and ring: the one place that makes configurations of clients and servers. It must not know who talks
//! to whom.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};

use crate::document::read_bounded;
use crate::secret::Secret;

/// The largest file of certificates that is read, in bytes.
const LARGEST: u64 = 1_048_576;

/// What went wrong while TLS was being set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of certificates could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file has no certificates, or broken ones.
    #[error("cannot find certificates in PEM form in `{path}`")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// A text has no certificates, or broken ones.
    #[error("cannot find certificates in PEM form")]
    Chain(#[source] pem::Error),
    /// A file has no public key.
    #[error("cannot find a public key in PEM form in `{path}`")]
    PublicKey {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// A certificate is not a client's of these authorities, or not now.
    #[error("the authority does not vouch for this client's certificate now")]
    Client(#[source] rustls::Error),
    /// Nothing can be judged by these roots.
    #[error("cannot judge clients by these root certificates")]
    Verifier(#[source] rustls::server::VerifierBuilderError),
    /// A root certificate is not one.
    #[error("cannot use a root certificate")]
    Root(#[source] rustls::Error),
    /// The system has no root certificates.
    #[error("cannot find root certificates on this system")]
    NoSystemRoots,
    /// A private key is no PEM.
    #[error("cannot find a private key in PEM form")]
    Key(#[source] pem::Error),
    /// A certificate and its key do not fit together, or cannot be used.
    #[error("cannot use the certificate with its private key")]
    Identity(#[source] rustls::Error),
    /// The protocol versions cannot be used with this cryptography.
    #[error("cannot set up the protocol versions")]
    Protocol(#[source] rustls::Error),
}

/// Whose certificates are believed.
#[derive(Clone, Debug)]
pub enum Roots {
    /// Those of the system.
    System,
    /// These, and the system's.
    SystemAnd(Vec<CertificateDer<'static>>),
    /// These alone.
    Only(Vec<CertificateDer<'static>>),
}

impl Roots {
    fn store(self) -> Result<RootCertStore, TlsError> {
        let mut store = RootCertStore::empty();
        let (named, with_system) = match self {
            Self::System => (Vec::new(), true),
            Self::SystemAnd(named) => (named, true),
            Self::Only(named) => (named, false),
        };
        for certificate in named {
            store.add(certificate).map_err(TlsError::Root)?;
        }
        if with_system {
            // Single broken certificates in the system's collection are none of our business.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        if store.is_empty() {
            return Err(TlsError::NoSystemRoots);
        }
        Ok(store)
    }
}

/// A certificate chain with its private key, which `Debug` does not show.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads the chain from a PEM file and the key from a PEM secret.
    ///
    /// # Errors
    /// When either is unreadable or not PEM, or the key is not the certificate's.
    pub fn read(certificate: &Path, key: &Secret) -> Result<Self, TlsError> {
        let chain = certificates(certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key.expose()).map_err(TlsError::Key)?;
        let provider = crypto::ring::default_provider();
        CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider).map_err(TlsError::Identity)?;
        Ok(Self { chain, key })
    }
}

impl Identity {
    /// Takes the chain and the key out of one PEM text.
    ///
    /// # Errors
    /// When either is missing or broken, or the key is not the certificate's.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates_in(pem).map_err(TlsError::Chain)?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(TlsError::Key)?;
        let provider = crypto::ring::default_provider();
        CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider).map_err(TlsError::Identity)?;
        Ok(Self { chain, key })
    }

    /// Tells whether a server that believes these roots alone believes this as a client's, at this moment (in seconds
    /// since 1970).
    ///
    /// # Errors
    /// When it does not, with the reason.
    pub fn must_be_a_client_of(&self, roots: Roots, now: u64) -> Result<(), TlsError> {
        let provider = Arc::new(crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots.store()?), provider).build();
        let verifier = verifier.map_err(TlsError::Verifier)?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
        let [leaf, rest @ ..] = self.chain.as_slice() else {
            return Err(TlsError::Chain(pem::Error::NoItemsFound));
        };
        verifier.verify_client_cert(leaf, rest, now).map(|_| ()).map_err(TlsError::Client)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// Reads the certificates of a PEM file; there is at least one.
///
/// # Errors
/// When the file is unreadable, larger than 1 MiB, or has no certificate or a broken one.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read_bounded(path, LARGEST).map_err(|source| TlsError::Read { path: path.to_owned(), source })?;
    certificates_in(&bytes).map_err(|source| TlsError::Certificates { path: path.to_owned(), source })
}

/// Takes the certificates out of PEM text; there is at least one.
///
/// # Errors
/// When it has no certificate or a broken one.
pub fn certificates_in(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let read: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?;
    if read.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(read) }
}

/// Reads the public key of a PEM file, as `SubjectPublicKeyInfo` in DER.
///
/// # Errors
/// When the file is unreadable, larger than 1 MiB, or has no public key.
pub fn public_key(path: &Path) -> Result<Vec<u8>, TlsError> {
    let bytes = read_bounded(path, LARGEST).map_err(|source| TlsError::Read { path: path.to_owned(), source })?;
    let key = SubjectPublicKeyInfoDer::from_pem_slice(&bytes);
    key.map(|key| key.as_ref().to_vec()).map_err(|source| TlsError::PublicKey { path: path.to_owned(), source })
}

/// Makes the configuration of a TLS client: TLS 1.2 and 1.3, and a certificate of its own if it has one.
///
/// # Errors
/// When there are no usable root certificates, or the identity is not usable.
pub fn client_config(roots: Roots, identity: Option<Identity>) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Protocol)?
        .with_root_certificates(roots.store()?);
    match identity {
        Some(Identity { chain, key }) => builder.with_client_auth_cert(chain, key).map_err(TlsError::Identity),
        None => Ok(builder.with_no_client_auth()),
    }
}

/// Makes the configuration of a TLS server that asks its clients for no certificate.
///
/// # Errors
/// When the identity is not usable.
pub fn server_config(identity: Identity) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Protocol)?
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .map_err(TlsError::Identity)
}

/// Returns an error with its causes on one line, for a fault's text.
pub fn whole_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
