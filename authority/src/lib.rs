//! X.509 for a fleet: its authority, a terminal's key and request, certificates and revocation lists. The one folder
//! that knows rcgen. It must not know files, sockets or clocks.

mod issue;
mod key;
mod leaf;
mod request;
#[cfg(test)]
mod tests;

pub use issue::{Authority, ClientName, ServerName};
pub use key::Key;
pub use leaf::Leaf;
pub use request::Request;

/// Why a certificate, key, request or list cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// It is longer than its kind may be.
    #[error("{what} of {length} bytes is longer than {limit}")]
    TooLong {
        /// What is read.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// It is not what it should be.
    #[error("cannot read {what}: {reason}")]
    Form {
        /// What is read.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A key has another algorithm than ECDSA on P-256, the only one here.
    #[error("{what} must be of an ECDSA key on the curve P-256")]
    Algorithm {
        /// What is read.
        what: &'static str,
    },
    /// It cannot be made.
    #[error("cannot make {what}: {reason}")]
    Make {
        /// What is made.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl AuthorityError {
    fn form(what: &'static str) -> impl Fn(&dyn std::fmt::Display) -> Self {
        move |reason| Self::Form { what, reason: reason.to_string() }
    }

    fn make(what: &'static str) -> impl FnOnce(rcgen::Error) -> Self {
        move |error| Self::Make { what, reason: error.to_string() }
    }
}

/// The largest text of PEM that is read, in bytes: a chain of three certificates has some 2 KiB.
const LARGEST: usize = 16_384;

fn bounded<'a>(what: &'static str, pem: &'a [u8]) -> Result<&'a str, AuthorityError> {
    if pem.len() > LARGEST {
        return Err(AuthorityError::TooLong { what, length: pem.len(), limit: LARGEST });
    }
    std::str::from_utf8(pem).map_err(|error| AuthorityError::form(what)(&error))
}
