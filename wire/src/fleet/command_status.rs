//! How a command fares, as it is retained under `up/command/{id}` (contract §5). It must not know what commands there are.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a command is rejected whose audience the terminal is not. Whoever tells a whole fleet something that is for one of its
/// groups hears it of all others.
pub const NOT_MEANT: &str = "it is for another terminal (`aud`)";

/// How far a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// The terminal has it, durably, and will carry it out.
    Received,
    /// It is being carried out.
    Running,
    /// It was carried out.
    Succeeded,
    /// It was not, or not wholly.
    Failed,
    /// It is not obeyed: nothing was done.
    Rejected,
    /// Its time was over before it could be carried out: nothing was done.
    Expired,
}

impl CommandState {
    /// Returns the word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }
}

/// The body of `up/command/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandStatus {
    /// How far it is.
    pub status: CommandState,
    /// Why it failed, is not obeyed or has expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What has been done of it, or is waited for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
    /// What came of it; each command has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
}

impl CommandStatus {
    /// A status with nothing beside it.
    pub fn plain(status: CommandState) -> Self {
        Self { status, reason: None, progress: None, result: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bodies_are_those_of_the_contract() {
        for (state, word) in [
            (CommandState::Received, "received"),
            (CommandState::Running, "running"),
            (CommandState::Succeeded, "succeeded"),
            (CommandState::Failed, "failed"),
            (CommandState::Rejected, "rejected"),
            (CommandState::Expired, "expired"),
        ] {
            assert_eq!(state.as_str(), word);
            let json = serde_json::to_string(&CommandStatus::plain(state)).expect("a status is JSON");
            assert_eq!(json, format!(r#"{{"status":"{word}"}}"#));
            assert_eq!(serde_json::from_str::<CommandStatus>(&json).ok(), Some(CommandStatus::plain(state)));
        }
    }
}
