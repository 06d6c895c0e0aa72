//! A terminal's request for a certificate (PKCS #10, RFC 2986). It must not know who may make one.

use rcgen::{
    CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType, DnValue, PublicKeyData as _,
};
use till_wire::TerminalNumber;

use crate::key::Key;
use crate::{AuthorityError, bounded};

const WHAT: &str = "a certificate request (PKCS #10, PEM)";

/// A request that was read: whoever made it holds its key. What it asks for beyond the key is not granted.
pub struct Request {
    pub(crate) asked: CertificateSigningRequestParams,
    common_name: Option<String>,
}

impl Request {
    /// Makes the request of a terminal, as PEM.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn make(key: &Key, terminal: TerminalNumber) -> Result<String, AuthorityError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&terminal.to_string());
        let request = params.serialize_request(&key.0).and_then(|request| request.pem());
        request.map_err(AuthorityError::make("a certificate request"))
    }

    /// Reads a request, of at most 16 KiB, and checks that its key has signed it.
    ///
    /// # Errors
    /// When it is no request, its signature is wrong, or its key is not on P-256.
    pub fn read(pem: &[u8]) -> Result<Self, AuthorityError> {
        let text = bounded(WHAT, pem)?;
        let asked =
            CertificateSigningRequestParams::from_pem(text).map_err(|error| AuthorityError::form(WHAT)(&error))?;
        // The header of an uncompressed point on P-256: 0x04 and twice 32 bytes (RFC 5480, section 2.2).
        let point = asked.public_key.der_bytes();
        let is_p256 = *asked.public_key.algorithm() == rcgen::PKCS_ECDSA_P256_SHA256;
        if !is_p256 || point.len() != 65 || point.first() != Some(&4) {
            return Err(AuthorityError::Algorithm { what: WHAT });
        }
        let name = asked.params.distinguished_name.get(&DnType::CommonName);
        let common_name = match name {
            Some(DnValue::Utf8String(text)) => Some(text.clone()),
            Some(DnValue::PrintableString(text)) => Some(text.as_str().to_owned()),
            // Nobody writes seven digits in another way.
            Some(_) | None => None,
        };
        Ok(Self { asked, common_name })
    }

    /// Returns the common name that it asks for.
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// Returns its public key: the 65 bytes of a point on P-256.
    pub fn public_key(&self) -> &[u8] {
        self.asked.public_key.der_bytes()
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({:?})", self.common_name)
    }
}

/// A subject that has a common name and nothing else.
pub(crate) fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
