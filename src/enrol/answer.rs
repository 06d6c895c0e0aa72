//! Judges a certificate that the enrolment server has given: a server that was broken into must not be able to hand over
//! one that only looks like ours. It must not ask for one.

use till_authority::{Key, Leaf, Request};
use till_settings::tls::{Identity, Roots, whole_chain};
use till_wire::{TerminalNumber, UnixTime};

use super::EnrolError;

/// The longest chain that is kept, in bytes: with its key it fits the bound of its file.
const LONGEST: usize = 12_288;

/// What was asked for.
pub(super) struct Wanted<'a> {
    pub(super) url: &'a str,
    pub(super) key: &'a Key,
    pub(super) terminal: TerminalNumber,
    pub(super) roots: Roots,
    pub(super) now: UnixTime,
}

impl Wanted<'_> {
    /// The request for it, as PEM.
    pub(super) fn request(&self) -> Result<String, EnrolError> {
        Request::make(self.key, self.terminal).map_err(EnrolError::Request)
    }

    /// Refuses a chain that the fleet's broker would not take from this terminal: of another key, with another name, not
    /// of the fleet's authority, or not valid now.
    pub(super) fn judge(self, chain: &str) -> Result<(), EnrolError> {
        let refuse = |reason: String| EnrolError::Answer { url: self.url.to_owned(), reason };
        if chain.len() > LONGEST {
            return Err(refuse(format!("it has more than {LONGEST} bytes")));
        }
        if chain.contains("PRIVATE KEY") {
            return Err(refuse("there is a private key in it".to_owned()));
        }
        let leaf = Leaf::read(chain.as_bytes()).map_err(|error| refuse(whole_chain(&error)))?;
        if leaf.common_name.as_deref() != Some(self.terminal.to_string().as_str()) {
            return Err(refuse(format!("it is not for terminal {}", self.terminal)));
        }
        // Reading the two together proves that the key is the certificate's.
        let identity = Identity::from_pem((self.key.to_pem() + chain).as_bytes());
        let identity = identity.map_err(|error| refuse(whole_chain(&error)))?;
        let now = u64::try_from(self.now.secs()).unwrap_or(0);
        identity.must_be_a_client_of(self.roots, now).map_err(|error| refuse(whole_chain(&error)))
    }
}
