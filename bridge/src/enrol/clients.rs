//! Judges the certificates that terminals show: of our root, alive, not on a revocation list. The lists may be
//! changed while connections are open. It must not know what follows from a judgement.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime as TlsTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use till_authority::{Authority, AuthorityError, Key, Request};
use till_settings::read_bounded;
use till_settings::tls::certificates;
use till_wire::{TerminalNumber, UnixTime};

/// See the module.
#[derive(Debug)]
pub(crate) struct Clients {
    roots: Arc<RootCertStore>,
    subjects: Vec<DistinguishedName>,
    /// Looks at no list.
    judge: Arc<dyn ClientCertVerifier>,
    /// One for each list: of several lists of issuers with the same name, rustls would take the first for all of them.
    listed: RwLock<Vec<Arc<dyn ClientCertVerifier>>>,
}

/// Revocation lists as they are read from a file.
pub(crate) type Lists = Vec<CertificateRevocationListDer<'static>>;

/// Why certificates cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientsError {
    /// See the text.
    #[error("cannot read the root certificate")]
    Root(#[source] till_settings::tls::TlsError),
    /// See the text.
    #[error("cannot use the root certificate")]
    UnusableRoot(#[source] rustls::Error),
    /// See the text.
    #[error("cannot judge certificates by this root and these lists")]
    Judge(#[source] VerifierBuilderError),
    /// See the text.
    #[error("cannot read revocation lists in PEM form")]
    Read(#[source] std::io::Error),
    /// See the text.
    #[error("cannot find revocation lists in PEM form")]
    Lists(#[source] pem::Error),
    /// See the text.
    #[error("cannot make a certificate for trying")]
    Trial(#[source] AuthorityError),
    /// See the text.
    #[error("a certificate of this issuer would not be believed")]
    Issuer(#[source] rustls::Error),
    /// See the text.
    #[error("none of the lists is one of this server's issuer, with its signature")]
    ForeignLists,
}

/// The largest file of revocation lists that is read, in bytes: some 300 000 certificates.
const LARGEST_LISTS: u64 = 16 * 1024 * 1024;

impl Clients {
    /// Believes what this root has signed.
    pub(crate) fn new(root: &Path) -> Result<Self, ClientsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(root).map_err(ClientsError::Root)? {
            roots.add(certificate).map_err(ClientsError::UnusableRoot)?;
        }
        let roots = Arc::new(roots);
        let judge = judge(&roots, Lists::new())?;
        Ok(Self { subjects: roots.subjects(), roots, judge, listed: RwLock::default() })
    }

    /// Judges by these lists from now on, and by no others.
    pub(crate) fn use_lists(&self, lists: Lists) -> Result<(), ClientsError> {
        let listed = self.for_each(lists)?;
        *self.listed.write().unwrap_or_else(PoisonError::into_inner) = listed;
        Ok(())
    }

    fn for_each(&self, lists: Lists) -> Result<Vec<Arc<dyn ClientCertVerifier>>, ClientsError> {
        lists.into_iter().map(|list| judge(&self.roots, vec![list])).collect()
    }

    /// Judges a chain now: lists and time may have changed since the handshake.
    pub(crate) fn judge(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> Result<(), rustls::Error> {
        let [leaf, rest @ ..] = chain else {
            return Err(CertificateError::BadEncoding.into());
        };
        self.verify_client_cert(leaf, rest, tls_time(now)).map(|_| ())
    }

    /// Tries whether terminals' certificates of this issuer are believed, so that a wrong file is found at the start, not
    /// by terminals.
    pub(crate) fn must_believe(&self, issuer: &Authority, now: UnixTime) -> Result<(), ClientsError> {
        self.judge(&trial(issuer, now)?, now).map_err(ClientsError::Issuer)
    }

    /// Tries whether one of these lists is of this issuer, with its signature: any other would be passed over.
    pub(crate) fn must_concern(&self, lists: Lists, issuer: &Authority, now: UnixTime) -> Result<(), ClientsError> {
        let chain = trial(issuer, now)?;
        let [leaf, rest @ ..] = chain.as_slice() else { return Err(ClientsError::ForeignLists) };
        let judges = self.for_each(lists)?;
        let concerns = judges.iter().any(|judge| judge.verify_client_cert(leaf, rest, tls_time(now)).is_ok());
        if concerns { Ok(()) } else { Err(ClientsError::ForeignLists) }
    }
}

/// Reads the lists of a file; there is at least one.
pub(crate) fn read_lists(path: &Path) -> Result<Lists, ClientsError> {
    let bytes = read_bounded(path, LARGEST_LISTS).map_err(ClientsError::Read)?;
    let lists: Result<Lists, _> = CertificateRevocationListDer::pem_slice_iter(&bytes).collect();
    let lists = lists.map_err(ClientsError::Lists)?;
    if lists.is_empty() { Err(ClientsError::Lists(pem::Error::NoItemsFound)) } else { Ok(lists) }
}

/// Makes a judge who refuses whoever has no list, where there is one at all.
fn judge(roots: &Arc<RootCertStore>, lists: Lists) -> Result<Arc<dyn ClientCertVerifier>, ClientsError> {
    WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), Arc::new(default_provider()))
        .allow_unauthenticated()
        .with_crls(lists)
        .only_check_end_entity_revocation()
        .build()
        .map_err(ClientsError::Judge)
}

fn tls_time(at: UnixTime) -> TlsTime {
    TlsTime::since_unix_epoch(Duration::from_secs(u64::try_from(at.secs()).unwrap_or(0)))
}

/// A chain of the issuer's that nobody gets.
fn trial(issuer: &Authority, now: UnixTime) -> Result<Vec<CertificateDer<'static>>, ClientsError> {
    let made = || {
        let Some(number) = TerminalNumber::new(TerminalNumber::MAX) else { return Ok(String::new()) };
        let request = Request::read(Request::make(&Key::generate()?, number)?.as_bytes())?;
        issuer.terminal(&request, number, now, Duration::from_secs(60))
    };
    let pem = made().map_err(ClientsError::Trial)?;
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(ClientsError::Lists)
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.subjects
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: TlsTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.judge.verify_client_cert(leaf, rest, now)?;
        for listed in &*self.listed.read().unwrap_or_else(PoisonError::into_inner) {
            // A list of another issuer refuses everybody else's, for want of a list: that says nothing.
            if let Err(error) = listed.verify_client_cert(leaf, rest, now) {
                if error == rustls::Error::from(CertificateError::Revoked) {
                    return Err(error);
                }
            }
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls12_signature(message, leaf, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
