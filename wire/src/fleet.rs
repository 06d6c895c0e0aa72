//! What a fleet's operator signs for its terminals: documents as compact JWS (RFC 7515) with EdDSA, the claim by which a
//! terminal becomes a member of the fleet, the commands that it obeys, and the configuration that it is to have. It must not
//! know who keeps a key, nor what time it is.

mod claim;
mod command;
mod command_status;
mod desired;
mod enrolment;
mod instruction;
mod jws;
mod key;
#[cfg(test)]
mod tests;
mod update;

pub use claim::{Claim, ClaimChannel, ClaimError, ClaimId, MAX_CLAIM};
pub use command::{Audience, Command, CommandError, MAX_COMMAND, MAX_HARMLESS_LIFE_S, MAX_LIFE_S};
pub use command_status::{CommandState, CommandStatus, NOT_MEANT};
pub use desired::{Desired, DesiredBroker, DesiredError, MAX_DESIRED, MAX_VERSION, Reported, ReportedFault};
pub use enrolment::{EnrolmentAnswer, EnrolmentError, EnrolmentRequest, MAX_ENROLMENT};
pub use instruction::{Instruction, InstructionError, LogLevel, MAX_TEXT};
pub use jws::SignedError;
pub use key::{FleetKey, FleetKeyError, FleetSigner};
pub use update::{Checksum, MAX_UPDATE, PackageVersion, Update, UpdateKind, UpdateUrl};
