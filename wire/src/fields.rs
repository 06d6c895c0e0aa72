//! Taking typed fields out of a provider's JSON. payOS's signed text is not injective (providers.md §1.6), so after the
//! signature every field's type counts too. It must not know which message it reads.

use serde_json::{Map, Value};

use crate::provider::WebhookError;

/// 2^53 − 1: beyond it numbers differ between programming languages.
pub(crate) const MAX_SAFE: u64 = 9_007_199_254_740_991;

/// A field that is not there or not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FieldError {
    #[error("the field `{field}` is missing")]
    Missing { field: &'static str },
    #[error("the field `{field}` is not {expected}")]
    WrongType { field: &'static str, expected: &'static str },
}

impl From<FieldError> for WebhookError {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::Missing { field } => Self::Missing { field },
            FieldError::WrongType { field, expected } => Self::WrongType { field, expected },
        }
    }
}

pub(crate) const WHOLE: &str = "a whole number from 0 to 9007199254740991";

/// Returns a field that must be there; null is not there.
pub(crate) fn present<'a>(data: &'a Map<String, Value>, field: &'static str) -> Result<&'a Value, FieldError> {
    match data.get(field) {
        None | Some(Value::Null) => Err(FieldError::Missing { field }),
        Some(value) => Ok(value),
    }
}

/// Returns a text that must be there, possibly empty.
pub(crate) fn text(data: &Map<String, Value>, field: &'static str) -> Result<String, FieldError> {
    match present(data, field)? {
        Value::String(text) => Ok(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(FieldError::WrongType { field, expected: "a text" })
        }
    }
}

/// Returns a text that must be there and not empty.
pub(crate) fn filled(data: &Map<String, Value>, field: &'static str) -> Result<String, FieldError> {
    let text = text(data, field)?;
    if text.is_empty() {
        return Err(FieldError::WrongType { field, expected: "a text that is not empty" });
    }
    Ok(text)
}

/// Returns a text that may be missing or null.
pub(crate) fn optional(data: &Map<String, Value>, field: &'static str) -> Result<Option<String>, FieldError> {
    match text(data, field) {
        Ok(text) => Ok(Some(text)),
        Err(FieldError::Missing { .. }) => Ok(None),
        Err(error @ FieldError::WrongType { .. }) => Err(error),
    }
}

/// Returns a whole number that must be there. A number in quotes is none.
pub(crate) fn whole(data: &Map<String, Value>, field: &'static str) -> Result<u64, FieldError> {
    present(data, field)?
        .as_u64()
        .filter(|number| *number <= MAX_SAFE)
        .ok_or(FieldError::WrongType { field, expected: WHOLE })
}
