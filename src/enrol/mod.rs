//! How a terminal becomes a member of its fleet, and stays one: asks the enrolment server for a certificate with a claim,
//! and later for its successor with the certificate itself (contract §5). It must not know who handed the claim over, nor
//! what the certificate is used for.

mod answer;
mod ask;
mod join;
mod renew;
#[cfg(test)]
mod tests;

pub use join::{Joining, join};
pub use renew::{Renewal, Renewed};

use std::time::Duration;

use till_authority::AuthorityError;
use till_settings::tls::TlsError;
use till_wire::TerminalNumber;
use till_wire::fleet::ClaimError;

use crate::identity::IdentityError;

/// How long the enrolment server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a terminal has not got a certificate.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The claim is none, or not to be believed, or over.
    #[error("cannot enrol with this claim")]
    Claim(#[source] ClaimError),
    /// The terminal's clock is not set, so neither claims nor certificates can be judged.
    #[error("cannot enrol before the clock is set (it shows a time before this program was made)")]
    ClockNotSet,
    /// A part of the claim is signed, but cannot be used.
    #[error("cannot enrol with this claim: its `{field}` is not {expected}; make a new one (till fleet claim)")]
    Useless {
        /// Which part.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The claim is for another terminal than this one is already.
    #[error(
        "this claim is for terminal {claimed}, and this is terminal {own}; to make it another terminal, its store and \
         the folder fleet.identity have to be removed first"
    )]
    OtherTerminal {
        /// Whose claim it is.
        claimed: TerminalNumber,
        /// Who this is.
        own: TerminalNumber,
    },
    /// What enrolment gives cannot be kept.
    #[error("cannot keep what enrolment gives")]
    Place(#[from] IdentityError),
    /// The server cannot be reached.
    #[error("cannot ask the enrolment server at {url}: {reason}; the same can be asked again")]
    NotReached {
        /// Where it is.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server says no.
    #[error("the enrolment server at {url} refuses ({status}): {reason}")]
    Refused {
        /// Where it is.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it says, on one short line.
        reason: String,
    },
    /// The server's answer is not a certificate for this terminal and this key from this fleet.
    #[error("the enrolment server at {url} has given no certificate that can be used: {reason}")]
    Answer {
        /// Where it is.
        url: String,
        /// What is wrong, on one short line.
        reason: String,
    },
    /// A request cannot be made.
    #[error("cannot ask for a certificate")]
    Request(#[source] AuthorityError),
    /// TLS cannot be set up.
    #[error("cannot set up TLS for the enrolment server")]
    Tls(#[source] TlsError),
    /// The HTTP client cannot be made.
    #[error("cannot set up HTTP for the enrolment server")]
    Http(#[source] reqwest::Error),
}

impl EnrolError {
    /// Tells whether the same may succeed a little later.
    pub fn passes(&self) -> bool {
        match self {
            Self::NotReached { .. } | Self::ClockNotSet => true,
            Self::Refused { status, .. } => matches!(status, 429 | 500..=599),
            Self::Claim(_)
            | Self::Useless { .. }
            | Self::OtherTerminal { .. }
            | Self::Place(_)
            | Self::Answer { .. }
            | Self::Request(_)
            | Self::Tls(_)
            | Self::Http(_) => false,
        }
    }
}
