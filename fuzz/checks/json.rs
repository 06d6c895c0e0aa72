//! Providers' JSON: read as serde_json reads it, but for objects with a key that stands twice; nothing is lost.

use serde_json::Value;
use till_wire::json;

use super::check_error;

/// Reads the input as JSON.
pub fn json(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let plain = serde_json::from_str::<Value>(text);
    match json::parse(text) {
        Ok(value) => {
            assert_eq!(plain.ok().as_ref(), Some(&value));
            let written = value.to_string();
            let again = json::parse(&written).expect("what was read is JSON");
            assert_eq!(again, value);
            assert_eq!(again.to_string(), written, "the order of keys is kept");
            assert_eq!(entries(&value), colons(text), "a key that stands twice was dropped: {text:?}");
        }
        Err(error) => {
            check_error(&error, data, &[]);
            // Who allows a key twice keeps one of both, so what it read is smaller than what stands there.
            let twice = error.to_string().contains("` stands twice at line ");
            assert!(twice || plain.is_err(), "{error}: {text:?}");
        }
    }
}

/// How many entries all objects have together.
fn entries(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.len() + map.values().map(entries).sum::<usize>(),
        Value::Array(values) => values.iter().map(entries).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// How many colons stand outside of texts: one for each entry that was written.
fn colons(text: &str) -> usize {
    let (mut inside, mut escaped, mut colons) = (false, false, 0);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => inside = !inside,
            b':' if !inside => colons += 1,
            _ => {}
        }
    }
    colons
}
