//! What the sandbox objects to. The codes are made up: Smart Glocal's list is not in the copies at hand (providers.md
//! §3.2). It must not know HTTP.

use serde_json::{Value, json};

/// A call that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) description: String,
}

impl Refusal {
    fn new(code: &str, description: &str) -> Self {
        Self { code: code.to_owned(), description: description.to_owned() }
    }

    /// A refusal with any code.
    pub(crate) fn with_code(code: &str) -> Self {
        Self::new(code, "the request was refused")
    }

    pub(crate) fn unknown_project() -> Self {
        Self::new("unauthorized", "unknown project")
    }

    pub(crate) fn signature() -> Self {
        Self::new("unauthorized", "the signature does not fit the body")
    }

    pub(crate) fn unknown_method() -> Self {
        Self::new("not_found", "there is no such method")
    }

    pub(crate) fn invalid(description: &str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn unknown_session() -> Self {
        Self::new("session_not_found", "there is no such session")
    }

    pub(crate) fn already_started() -> Self {
        Self::new("session_already_started", "the session has its payment")
    }

    pub(crate) fn not_ready() -> Self {
        Self::new("not_ready_to_confirm", "there is nothing to confirm yet")
    }

    pub(crate) fn already_confirmed() -> Self {
        Self::new("already_confirmed", "the session was confirmed before")
    }

    pub(crate) fn has_ended() -> Self {
        Self::new("session_has_ended", "the session has ended")
    }

    pub(crate) fn too_late_to_cancel() -> Self {
        Self::new("cannot_cancel", "a session is cancelled instead of being confirmed")
    }

    pub(crate) fn key_reused() -> Self {
        Self::new("idempotency_key_reused", "the key came with another body before")
    }

    pub(crate) fn to_text(&self) -> String {
        let error: Value = json!({ "code": self.code, "description": self.description });
        json!({ "status": "error", "error": error }).to_string()
    }
}
