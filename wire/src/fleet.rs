//! What a fleet's operator signs for its terminals: documents as compact JWS (RFC 7515) with EdDSA, and the claim by which
//! a terminal becomes a member of the fleet. It must not know who keeps a key, nor what time it is.

mod claim;
mod enrolment;
mod jws;
mod key;
#[cfg(test)]
mod tests;

pub use claim::{Claim, ClaimChannel, ClaimError, ClaimId, MAX_CLAIM};
pub use enrolment::{EnrolmentAnswer, EnrolmentError, EnrolmentRequest, MAX_ENROLMENT};
pub use jws::SignedError;
pub use key::{FleetKey, FleetKeyError, FleetSigner};
