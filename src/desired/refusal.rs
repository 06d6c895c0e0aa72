//! Why a wanted configuration is refused, and how that is told. It must not know what is judged.

use std::fmt;

use till_settings::{Fault, Faults};
use till_wire::fleet::ReportedFault;

/// The most that is said of what is wrong, in lines and in characters of each.
const MOST_REASONS: usize = 20;
const LONGEST_REASON: usize = 300;

/// Why a document is refused.
pub(super) enum Refusal {
    /// Nobody knows whose it is.
    Unproven(String),
    /// It is the operator's.
    Wrong { version: u64, reasons: Vec<String> },
}

/// Each fault of the file with the document on top of it, without the file's name.
pub(super) fn reasons(faults: &Faults) -> Vec<String> {
    let one = |fault: &Fault| {
        let text = fault.to_string();
        let file = format!("{}: ", fault.file.display());
        text.strip_prefix(&file).unwrap_or(&text).to_owned()
    };
    faults.0.iter().map(one).collect()
}

impl Refusal {
    /// Returns what `up/reported` says of it.
    pub(super) fn reported(&self) -> ReportedFault {
        let (version, reasons) = match self {
            Self::Unproven(reason) => (None, std::slice::from_ref(reason)),
            Self::Wrong { version, reasons } => (Some(*version), reasons.as_slice()),
        };
        let short = |reason: &String| reason.chars().take(LONGEST_REASON).collect();
        ReportedFault { version, reasons: reasons.iter().take(MOST_REASONS).map(short).collect() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unproven(reason) => f.write_str(reason),
            Self::Wrong { version, reasons } => write!(f, "version {version}: {}", reasons.join("; ")),
        }
    }
}
