//! What a certificate says of itself, read without believing it: TLS does that. It must not know what follows from it.

use till_wire::UnixTime;
use x509_parser::pem::Pem;
use x509_parser::prelude::{X509Certificate, X509Name};

use crate::{AuthorityError, bounded};

const WHAT: &str = "a certificate (X.509, PEM)";

/// What the first certificate of a chain says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The subject's common name, if it has exactly one.
    pub common_name: Option<String>,
    /// The common name of whoever signed it, if it has exactly one.
    pub issuer: Option<String>,
    /// The serial number, big-endian and without leading zeros.
    pub serial: Vec<u8>,
    /// From when it is valid.
    pub not_before: UnixTime,
    /// Until when it is valid.
    pub not_after: UnixTime,
    /// The public key: for P-256, the 65 bytes of its point.
    pub public_key: Vec<u8>,
    /// Whether it may issue others.
    pub is_authority: bool,
}

impl Leaf {
    /// Reads the first certificate of PEM text of at most 16 KiB. Other blocks before it, such as its key, are passed
    /// over.
    ///
    /// # Errors
    /// When there is none, or it is broken.
    pub fn read(pem: &[u8]) -> Result<Self, AuthorityError> {
        let form = AuthorityError::form(WHAT);
        bounded(WHAT, pem)?;
        for block in Pem::iter_from_buffer(pem) {
            let block = block.map_err(|error| form(&error))?;
            if block.label == "CERTIFICATE" {
                return block.parse_x509().map(|certificate| Self::of(&certificate)).map_err(|error| form(&error));
            }
        }
        Err(form(&"there is none"))
    }

    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// When it is broken.
    pub fn from_der(der: &[u8]) -> Result<Self, AuthorityError> {
        let parsed = x509_parser::parse_x509_certificate(der);
        parsed.map(|(_, certificate)| Self::of(&certificate)).map_err(|error| AuthorityError::form(WHAT)(&error))
    }

    fn of(certificate: &X509Certificate<'_>) -> Self {
        let serial = certificate.raw_serial();
        let validity = certificate.validity();
        Self {
            common_name: only_common_name(certificate.subject()),
            issuer: only_common_name(certificate.issuer()),
            serial: serial.iter().copied().skip_while(|byte| *byte == 0).collect(),
            not_before: UnixTime::from_secs(validity.not_before.timestamp()),
            not_after: UnixTime::from_secs(validity.not_after.timestamp()),
            public_key: certificate.public_key().subject_public_key.data.to_vec(),
            is_authority: certificate.is_ca(),
        }
    }

    /// Says when it is to be renewed: at two thirds of its life.
    pub fn renew_at(&self) -> UnixTime {
        let life = self.not_after.ms().saturating_sub(self.not_before.ms()).max(0);
        UnixTime::from_ms(self.not_before.ms().saturating_add(life / 3 * 2))
    }
}

fn only_common_name(name: &X509Name<'_>) -> Option<String> {
    let mut names = name.iter_common_name();
    let only = names.next().filter(|_| names.next().is_none());
    only.and_then(|name| name.as_str().ok()).map(str::to_owned)
}
