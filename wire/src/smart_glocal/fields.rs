//! Fields of a body that may be missing or not what they should be, where that is no reason to refuse the whole. It must
//! not know which message it reads.

use serde_json::{Map, Value};

use crate::fields::{FieldError, MAX_SAFE};

/// Returns a field that is there; null is not there.
pub(super) fn present<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    fields.get(field).filter(|value| !value.is_null())
}

/// Returns a text, where there is one.
pub(super) fn maybe_text<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    fields.get(field).and_then(Value::as_str)
}

/// Returns an object, where there is one.
pub(super) fn maybe_object<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a Map<String, Value>> {
    fields.get(field).and_then(Value::as_object)
}

/// Returns a whole number, where there is one. A number in quotes is none.
pub(super) fn maybe_whole(fields: &Map<String, Value>, field: &str) -> Option<u64> {
    fields.get(field).and_then(Value::as_u64).filter(|number| *number <= MAX_SAFE)
}

/// Returns the objects of a list, which may be missing.
pub(super) fn objects<'a>(
    fields: &'a Map<String, Value>,
    field: &'static str,
) -> Result<Vec<&'a Map<String, Value>>, FieldError> {
    let Some(value) = present(fields, field) else {
        return Ok(Vec::new());
    };
    let listed = value.as_array().and_then(|list| list.iter().map(Value::as_object).collect());
    listed.ok_or(FieldError::WrongType { field, expected: "a list of objects" })
}
