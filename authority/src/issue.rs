//! The authority: what each kind of certificate of a fleet may do. It must not know who asks for one.
//!
//! A *root* is what everybody believes; it signs servers, operators and bridges, and an *issuer*. The issuer signs
//! terminals, and may sign nothing but clients: whoever takes it from the enrolment server cannot be a broker.

use std::net::IpAddr;
use std::time::Duration;

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData, RevokedCertParams, SanType, SerialNumber,
};
use ring::rand::{SecureRandom, SystemRandom};
use till_wire::{TerminalNumber, UnixTime};
use time::OffsetDateTime;

use crate::key::Key;
use crate::leaf::Leaf;
use crate::request::{Request, named};
use crate::{AuthorityError, bounded};

/// Whoever may sign certificates, with the key for it.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
    ends: UnixTime,
}

/// The common name of a client that is no terminal, such as `bridge-1`: 1 to 64 of `a-z A-Z 0-9 . _ -`, not seven digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientName(String);

/// The host name or address of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerName {
    /// A DNS name.
    Dns(String),
    /// An address.
    Address(IpAddr),
}

/// Clocks differ: a certificate is valid from a little before it was made.
const BEFORE: Duration = Duration::from_secs(3_600);

impl ClientName {
    /// Returns the name, or nothing when the text cannot be one. A terminal's number is none, so that nobody becomes a
    /// terminal by its name.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let terminal = text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_digit());
        ((1..=64).contains(&text.len()) && text.chars().all(plain) && !terminal).then(|| Self(text.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ServerName {
    /// Returns the name, or nothing when the text is neither a DNS name nor an address.
    pub fn new(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::Address(address));
        }
        let label = |label: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            (1..=63).contains(&label.len()) && label.bytes().all(plain) && !label.starts_with('-')
        };
        ((1..=253).contains(&text.len()) && text.split('.').all(label)).then(|| Self::Dns(text.to_owned()))
    }

    fn alternative(&self) -> Result<SanType, AuthorityError> {
        match self {
            Self::Dns(name) => Ia5String::try_from(name.as_str()).map(SanType::DnsName),
            Self::Address(address) => Ok(SanType::IpAddress(*address)),
        }
        .map_err(AuthorityError::make("a server's certificate"))
    }
}

impl Authority {
    /// Makes a root, which signs itself.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn root(name: &str, key: Key, now: UnixTime, valid: Duration) -> Result<Self, AuthorityError> {
        let mut params = params(name, now, valid)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key.0).map_err(AuthorityError::make("a root certificate"))?;
        Ok(Self::new(params, key, &certificate))
    }

    /// Makes an issuer of terminals' certificates.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn issuer(&self, name: &str, key: Key, now: UnixTime, valid: Duration) -> Result<Self, AuthorityError> {
        let mut params = self.params(name, now, valid)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = self.sign("an issuer's certificate", &params, &key.0)?;
        Ok(Self::new(params, key, &certificate))
    }

    fn new(params: CertificateParams, key: Key, certificate: &Certificate) -> Self {
        let ends = UnixTime::from_secs(params.not_after.unix_timestamp());
        let issuer = Issuer::new(params, key.0);
        Self { issuer, certificate: certificate.pem(), ends }
    }

    /// Reads an authority's certificate and key, both PEM.
    ///
    /// # Errors
    /// When one is broken, the certificate is not an authority's, or the key is another's.
    pub fn read(certificate: &[u8], key: &[u8]) -> Result<Self, AuthorityError> {
        const WHAT: &str = "an authority's certificate (X.509, PEM)";
        let form = AuthorityError::form(WHAT);
        let text = bounded(WHAT, certificate)?;
        let (leaf, key) = (Leaf::read(certificate)?, Key::from_pem(key)?);
        if !leaf.is_authority {
            return Err(form(&"it may not issue certificates"));
        }
        if leaf.public_key != key.0.der_bytes() {
            return Err(form(&"the key is another's"));
        }
        let issuer = Issuer::from_ca_cert_pem(text, key.0).map_err(|error| form(&error))?;
        Ok(Self { issuer, certificate: text.to_owned(), ends: leaf.not_after })
    }

    /// Returns its certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Returns its key in PKCS #8, PEM: a secret.
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Says until when it is valid; what it signs is valid no longer.
    pub fn ends(&self) -> UnixTime {
        self.ends
    }

    /// Signs a terminal's certificate, and returns it with its issuer's as a chain in PEM. The request gives the key;
    /// the name is the caller's.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn terminal(
        &self,
        request: &Request,
        terminal: TerminalNumber,
        now: UnixTime,
        valid: Duration,
    ) -> Result<String, AuthorityError> {
        let params = self.client_params(&terminal.to_string(), now, valid)?;
        let certificate = self.sign("a terminal's certificate", &params, &request.asked.public_key)?;
        Ok(certificate.pem() + &self.certificate)
    }

    /// Signs the certificate of a client that is no terminal: a bridge or an operator, in PEM.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn client(
        &self,
        name: &ClientName,
        key: &Key,
        now: UnixTime,
        valid: Duration,
    ) -> Result<String, AuthorityError> {
        let params = self.client_params(name.as_str(), now, valid)?;
        Ok(self.sign("a client's certificate", &params, &key.0)?.pem())
    }

    /// Signs the certificate of a server with these names, the first of which is its common name, in PEM.
    ///
    /// # Errors
    /// When it cannot be signed, or has no name.
    pub fn server(
        &self,
        names: &[ServerName],
        key: &Key,
        now: UnixTime,
        valid: Duration,
    ) -> Result<String, AuthorityError> {
        const WHAT: &str = "a server's certificate";
        let first = names.first().ok_or(AuthorityError::Make { what: WHAT, reason: "it has no name".into() })?;
        let common_name = match first {
            // A common name has at most 64 characters (RFC 5280, appendix A); what counts are the alternative names.
            ServerName::Dns(name) => name.chars().take(64).collect(),
            ServerName::Address(address) => address.to_string(),
        };
        let mut params = self.params(&common_name, now, valid)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = names.iter().map(ServerName::alternative).collect::<Result<_, _>>()?;
        Ok(self.sign(WHAT, &params, &key.0)?.pem())
    }

    /// Signs a list of the certificates that are no longer good, by their serial numbers and since when; it is to be
    /// replaced before `next`. `number` grows with each list.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn revocations(
        &self,
        revoked: &[(Vec<u8>, UnixTime)],
        number: u64,
        now: UnixTime,
        next: UnixTime,
    ) -> Result<String, AuthorityError> {
        const WHAT: &str = "a revocation list";
        let one = |(serial, at): &(Vec<u8>, UnixTime)| {
            Ok(RevokedCertParams {
                serial_number: SerialNumber::from_slice(serial),
                revocation_time: moment(WHAT, *at)?,
                reason_code: None,
                invalidity_date: None,
            })
        };
        let params = CertificateRevocationListParams {
            this_update: moment(WHAT, now)?,
            next_update: moment(WHAT, next)?,
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(one).collect::<Result<_, AuthorityError>>()?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).and_then(|list| list.pem());
        list.map_err(AuthorityError::make(WHAT))
    }

    fn client_params(&self, name: &str, now: UnixTime, valid: Duration) -> Result<CertificateParams, AuthorityError> {
        let mut params = self.params(name, now, valid)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Ok(params)
    }

    /// A certificate that does not outlive the authority's.
    fn params(&self, name: &str, now: UnixTime, valid: Duration) -> Result<CertificateParams, AuthorityError> {
        let mut params = params(name, now, valid)?;
        params.not_after = params.not_after.min(moment("a certificate", self.ends)?);
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }

    fn sign(
        &self,
        what: &'static str,
        params: &CertificateParams,
        key: &impl PublicKeyData,
    ) -> Result<Certificate, AuthorityError> {
        params.signed_by(key, &self.issuer).map_err(AuthorityError::make(what))
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authority(until {})", self.ends)
    }
}

fn params(name: &str, now: UnixTime, valid: Duration) -> Result<CertificateParams, AuthorityError> {
    const WHAT: &str = "a certificate";
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let at = |secs: i64| moment(WHAT, UnixTime::from_secs(secs));
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.not_before = at(now.secs().saturating_sub(seconds(BEFORE)))?;
    params.not_after = at(now.secs().saturating_add(seconds(valid)))?;
    params.serial_number = Some(serial_number()?);
    Ok(params)
}

/// A serial number that cannot be guessed: 127 bits, positive (RFC 5280, section 4.1.2.2).
fn serial_number() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map_err(|_| AuthorityError::Make { what: "a serial number", reason: "no random numbers".into() })?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    Ok(SerialNumber::from_slice(&bytes))
}

fn moment(what: &'static str, at: UnixTime) -> Result<OffsetDateTime, AuthorityError> {
    OffsetDateTime::from_unix_timestamp(at.secs())
        .map_err(|error| AuthorityError::Make { what, reason: error.to_string() })
}
