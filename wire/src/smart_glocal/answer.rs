//! Smart Glocal's answers to a till's own requests: believed or not, and the session in them (providers.md §3.2). It must
//! not know which request it answers.

use serde_json::{Map, Value};

use super::fields::maybe_object;
use super::keys::VerifyingKey;
use super::session::{Complaint, Session};
use crate::fields::{FieldError, text};
use crate::json;
use crate::provider::{RefusalCause, Reply, Trouble, Verdict};

/// The header that a signature comes in.
pub(super) const SIGNATURE: &str = "x-partner-sign";

/// How answers are believed.
#[derive(Clone, Debug)]
pub(super) struct Belief {
    pub(super) keys: Vec<VerifyingKey>,
    /// Whether an answer without a signature is refused. Smart Glocal's documentation does not say whether there is one.
    pub(super) only_signed: bool,
}

/// Why an answer is not the success that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum AnswerError {
    /// Smart Glocal said no.
    #[error("Smart Glocal says no ({})", .0.words)]
    Refused(Complaint),
    /// It must be signed and is not.
    #[error("Smart Glocal's answer has no signature")]
    NotSigned,
    /// Its signature is that of something else, or somebody else's.
    #[error("Smart Glocal's answer has a wrong signature")]
    WrongSignature,
    /// It is no JSON, or not the JSON that it should be.
    #[error("cannot read Smart Glocal's answer: {0}")]
    Malformed(String),
}

impl From<FieldError> for AnswerError {
    fn from(error: FieldError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl Belief {
    /// Returns the session of an answer of success. A no of HTTP may be explained by the body, and is never undone.
    pub(super) fn session(&self, reply: &Reply) -> Result<Session, Trouble> {
        let session = self.read(reply);
        match &reply.verdict {
            Verdict::Yes => session.map_err(trouble),
            Verdict::Forbidden { reason } => Err(refused(RefusalCause::Access, reason, session)),
            Verdict::No { reason, .. } => match session {
                // Whoever signs with a wrong key is not to be taken at his word.
                Err(wrong @ AnswerError::WrongSignature) => Err(trouble(wrong)),
                other @ (Ok(_) | Err(AnswerError::Refused(_) | AnswerError::NotSigned | AnswerError::Malformed(_))) => {
                    Err(refused(RefusalCause::Unsaid, reason, other))
                }
            },
        }
    }

    fn read(&self, reply: &Reply) -> Result<Session, AnswerError> {
        match reply.headers.get(SIGNATURE).filter(|signature| !signature.is_empty()) {
            Some(signature) if !self.keys.iter().any(|key| key.verifies(&reply.body, signature)) => {
                return Err(AnswerError::WrongSignature);
            }
            None if self.only_signed => return Err(AnswerError::NotSigned),
            Some(_) | None => {}
        }
        let body = object(&reply.body)?;
        match text(&body, "status")?.as_str() {
            "ok" => Ok(Session::of(&body)?),
            "error" => {
                Err(AnswerError::Refused(maybe_object(&body, "error").map_or_else(Complaint::default, Complaint::of)))
            }
            _ => Err(AnswerError::Malformed("the field `status` is neither `ok` nor `error`".to_owned())),
        }
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, AnswerError> {
    let text = std::str::from_utf8(body).map_err(|_| AnswerError::Malformed("it is not UTF-8".to_owned()))?;
    match json::parse(text).map_err(|error| AnswerError::Malformed(error.to_string()))? {
        Value::Object(body) => Ok(body),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(AnswerError::Malformed("it is not a JSON object".to_owned()))
        }
    }
}

/// Adds Smart Glocal's words, where there are any, to what HTTP says.
fn refused(cause: RefusalCause, reason: &str, session: Result<Session, AnswerError>) -> Trouble {
    let (complaint, reason) = match session {
        Err(AnswerError::Refused(said)) => {
            let reason = format!("{reason}: {}", AnswerError::Refused(said.clone()));
            (said, reason)
        }
        Ok(_) | Err(AnswerError::NotSigned | AnswerError::WrongSignature | AnswerError::Malformed(_)) => {
            (Complaint::default(), reason.to_owned())
        }
    };
    Trouble::Refused(complaint.refusal(cause, reason))
}

fn trouble(error: AnswerError) -> Trouble {
    let reason = error.to_string();
    match error {
        AnswerError::Refused(said) => Trouble::Refused(said.refusal(RefusalCause::Unsaid, reason)),
        AnswerError::NotSigned | AnswerError::WrongSignature | AnswerError::Malformed(_) => Trouble::Invalid { reason },
    }
}
