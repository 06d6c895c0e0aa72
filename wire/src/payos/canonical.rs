//! The text over which payOS signs a `data` object (providers.md §1.4), made from the raw parsed map.
//! It must not guess: where payOS's own SDKs disagree there is no right text, and it says so.

use serde_json::{Map, Number, Value};

use crate::fields::MAX_SAFE;
use crate::text::shown;

/// Why there is no agreed text, so that no signature can be checked (providers.md §1.5).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// An object that is not inside an array.
    #[error("`{key}` is an object outside of an array, which has no agreed signed form")]
    NestedObject {
        /// The key in `data`.
        key: String,
    },
    /// An array of something else than objects.
    #[error("`{key}` is an array of something else than objects, which has no agreed signed form")]
    Elements {
        /// The key in `data`.
        key: String,
    },
    /// A number that programming languages write differently.
    #[error("`{key}` has the number `{number}`, which has no agreed signed form")]
    Number {
        /// The key in `data`.
        key: String,
        /// The number.
        number: String,
    },
    /// A key that programming languages sort differently.
    #[error("the key `{key}` has no agreed place in the signed form")]
    KeyOrder {
        /// The key, at whatever depth.
        key: String,
    },
}

/// What a transfer comes to, so that its text is one allocation.
const USUAL_LENGTH: usize = 768;

/// Returns the text that payOS signs: keys in ASCII order, `key=value` joined by `&`, nothing escaped.
///
/// # Errors
/// Refuses what payOS's SDKs write in different ways.
pub fn canonical(data: &Map<String, Value>) -> Result<String, CanonicalError> {
    let mut text = String::with_capacity(USUAL_LENGTH);
    for (key, value) in sorted(data) {
        check_key(key)?;
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(key);
        text.push('=');
        push_value(&mut text, key, value)?;
    }
    Ok(text)
}

fn sorted(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

/// JavaScript moves keys that are whole numbers to the front, and sorts beyond ASCII by UTF-16.
fn check_key(key: &str) -> Result<(), CanonicalError> {
    let number = !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit());
    if number || !key.is_ascii() {
        return Err(CanonicalError::KeyOrder { key: shown(key) });
    }
    Ok(())
}

/// Writes a value that stands directly in `data`.
fn push_value(text: &mut String, key: &str, value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Null => {}
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&plain(key, number)?),
        // The SDKs take these two words for values that are not there.
        Value::String(word) if word == "null" || word == "undefined" => {}
        Value::String(word) => text.push_str(word),
        Value::Array(elements) => push_elements(text, key, elements)?,
        Value::Object(_) => return Err(CanonicalError::NestedObject { key: shown(key) }),
    }
    Ok(())
}

/// Writes an array that stands directly in `data` as compact JSON, the keys of each element sorted, one level deep.
fn push_elements(text: &mut String, key: &str, elements: &[Value]) -> Result<(), CanonicalError> {
    text.push('[');
    for (at, element) in elements.iter().enumerate() {
        let Value::Object(object) = element else {
            return Err(CanonicalError::Elements { key: shown(key) });
        };
        if at > 0 {
            text.push(',');
        }
        push_object(text, key, sorted(object))?;
    }
    text.push(']');
    Ok(())
}

fn push_object<'a>(
    text: &mut String,
    key: &str,
    entries: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> Result<(), CanonicalError> {
    text.push('{');
    for (at, (name, value)) in entries.into_iter().enumerate() {
        check_key(name)?;
        if at > 0 {
            text.push(',');
        }
        push_string(text, name);
        text.push(':');
        push_json(text, key, value)?;
    }
    text.push('}');
    Ok(())
}

/// Writes a value inside an array's element as compact JSON, keys in the order in which they were sent.
fn push_json(text: &mut String, key: &str, value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&plain(key, number)?),
        Value::String(string) => push_string(text, string),
        Value::Array(elements) => {
            text.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                push_json(text, key, element)?;
            }
            text.push(']');
        }
        Value::Object(object) => push_object(text, key, object)?,
    }
    Ok(())
}

/// Writes a JSON string as serde_json does, which is as `JSON.stringify` does: beyond ASCII and `/` nothing is escaped.
fn push_string(text: &mut String, string: &str) {
    text.push_str(&Value::from(string).to_string());
}

/// Returns a number's digits where all languages write the same ones: whole numbers up to 2^53 − 1, and fractions
/// that nobody writes with an exponent. A whole number written `1.0` or `1e3` is `1.0` for some and `1` for others.
fn plain(key: &str, number: &Number) -> Result<String, CanonicalError> {
    let refused = || CanonicalError::Number { key: shown(key), number: shown(&number.to_string()) };
    if let Some(whole) = number.as_i64() {
        return if whole.unsigned_abs() <= MAX_SAFE { Ok(whole.to_string()) } else { Err(refused()) };
    }
    let fraction = number.as_f64().ok_or_else(refused)?;
    if fraction.fract() == 0.0 || fraction.abs() < 1e-4 {
        return Err(refused());
    }
    Ok(fraction.to_string())
}
