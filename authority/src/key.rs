//! A private key: ECDSA on P-256 (RFC 5480), which every broker takes. It must not know whose it is.

use std::fmt;

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};

use crate::{AuthorityError, bounded};

/// A private key. Its `Debug` shows nothing.
pub struct Key(pub(crate) KeyPair);

impl Key {
    /// Draws a key.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn generate() -> Result<Self, AuthorityError> {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map(Self).map_err(AuthorityError::make("a key"))
    }

    /// Reads a key in PKCS #8, PEM.
    ///
    /// # Errors
    /// When it is anything else than a key on P-256. The error tells nothing of the key.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AuthorityError> {
        const WHAT: &str = "a private key (PKCS #8, PEM)";
        // Where a key stops being UTF-8 is nobody's business.
        std::str::from_utf8(pem).map_err(|_| AuthorityError::form(WHAT)(&"it is not text"))?;
        let text = bounded(WHAT, pem)?;
        KeyPair::from_pkcs8_pem_and_sign_algo(text, &PKCS_ECDSA_P256_SHA256)
            .map(Self)
            .map_err(|_| AuthorityError::Algorithm { what: WHAT })
    }

    /// Returns the key itself in PKCS #8, PEM: a secret.
    pub fn to_pem(&self) -> String {
        self.0.serialize_pem()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
