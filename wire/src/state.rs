//! What a till says about itself under `up/state` and asks for under `up/replay` (contract §5).
//! It must not know when a till says it.

use serde::{Deserialize, Serialize};

use crate::time::UnixTime;

/// How present a till is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It has connected and is not yet able to sell.
    Init,
    /// It is subscribed and able to sell.
    Ready,
    /// It has said goodbye.
    Disconnected,
    /// The broker says for it, as its last will, that it went without goodbye.
    Lost,
    /// It sleeps on purpose.
    Sleeping,
}

impl Presence {
    /// Returns the word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Ready => "ready",
            Self::Disconnected => "disconnected",
            Self::Lost => "lost",
            Self::Sleeping => "sleeping",
        }
    }
}

/// The body of `up/state`, also of the last will.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TillState {
    /// How present the till is.
    pub state: Presence,
    /// The till's session, which grows with every connection: a reader ignores a `lost` older than the newest
    /// session it saw.
    pub session: u64,
    /// When the till said so.
    pub at: UnixTime,
}

/// The body of `up/replay`: publish again what you have for me since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// The time since which the till may have missed something.
    pub since: UnixTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bodies_are_those_of_the_contract() {
        let at = UnixTime::from_secs(1_795_143_845);
        for (state, word) in [
            (Presence::Init, "init"),
            (Presence::Ready, "ready"),
            (Presence::Disconnected, "disconnected"),
            (Presence::Lost, "lost"),
            (Presence::Sleeping, "sleeping"),
        ] {
            assert_eq!(state.as_str(), word);
            let said = TillState { state, session: 7, at };
            let json = serde_json::to_string(&said).expect("a state is JSON");
            let want = format!(r#"{{"state":"{word}","session":7,"at":"2026-11-20T03:04:05Z"}}"#);
            assert_eq!(json, want);
            assert_eq!(serde_json::from_str::<TillState>(&json).ok(), Some(said));
        }
        let json = serde_json::to_string(&Replay { since: at }).expect("a replay is JSON");
        assert_eq!(json, r#"{"since":"2026-11-20T03:04:05Z"}"#);
    }
}
