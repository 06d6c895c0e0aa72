//! An update between the operator's server and the system that installs it: the bytes come bit by bit into one folder, are
//! proven there, and are handed over with the command that asks for them. It must not know when, nor decide what came of it.
//!
//! | file in `updates/` below `store.path` | what it is |
//! |---|---|
//! | `download` | what is there of the file |
//! | `download.json` | which file that is, and what its server calls it |
//! | `request.jwt` | the operator's command as it came; the system takes it away |
//! | `before.json` | what worked then, see [`Before`] |
//! | `healthy.json` | which program is well after its start; see [`Healthy`] |
//!
//! What the system says stands in a folder of its own, `fleet.installer`: [`Outcome`] in `result.json`, and `installing.json`
//! for as long as it is at it.

mod fetch;
mod place;
mod proof;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use till_wire::CommandId;

pub(crate) use fetch::{FetchError, Stop, fetch, stop};
pub(crate) use place::{DOWNLOAD, FOLDER, HEALTHY, INSTALLING, Place, REQUEST, RESULT, Withdrawn};

/// The largest note that is read, in bytes.
pub(crate) const LARGEST_NOTE: u64 = 4096;

/// What the system says of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// By which command.
    pub(crate) command: CommandId,
    /// What came of it.
    #[serde(flatten)]
    pub(crate) fate: Fate,
}

/// What came of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub(crate) enum Fate {
    /// It is installed, and the program that was started by it is well.
    Succeeded {
        /// The version of what is installed.
        version: String,
    },
    /// It is not, or the one from before is back.
    Failed {
        /// Why, in one sentence.
        reason: String,
    },
}

/// What worked before an installation, and has to work after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Before {
    /// The display, if there is one.
    pub(crate) display: bool,
}

/// Says that the program that an installation has started is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Healthy {
    /// The command that asked for the installation.
    pub(crate) command: CommandId,
    /// The version that the program has.
    pub(crate) version: String,
}
