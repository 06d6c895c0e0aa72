//! Reading a provider's JSON without losing anything of it: key order is kept, a key that stands twice is refused.
//! It must not know what the JSON is about.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::text::{bounded, shown};

/// Why a text is not the JSON that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct JsonError {
    /// What the reader says, with line and column, cut to a line.
    reason: String,
}

/// Reads one JSON value. Two readers may differ on which of two equal keys counts, so an object that has one twice,
/// at any depth, is refused; so is nesting deeper than serde_json's 128 levels.
///
/// # Errors
/// Refuses what is not exactly one JSON value, and equal keys.
pub fn parse(text: &str) -> Result<Value, JsonError> {
    serde_json::from_str::<Unique>(text)
        .map(|Unique(value)| value)
        .map_err(|error| JsonError { reason: bounded(&error.to_string(), 200) })
}

/// A JSON value without equal keys.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match values.entry(key) {
                Entry::Occupied(known) => {
                    let key = shown(known.key());
                    return Err(A::Error::custom(format_args!("the key `{key}` stands twice")));
                }
                Entry::Vacant(place) => {
                    let Unique(value) = map.next_value()?;
                    place.insert(value);
                }
            }
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reason(text: &str) -> String {
        parse(text).map_or_else(|error| error.to_string(), |value| value.to_string())
    }

    #[test]
    fn json_is_read_whole_and_in_its_order() {
        let text = r#"{"b":[1,-2,1.5,true,null,"đ\n"],"a":{"d":{},"c":18446744073709551615}}"#;
        assert_eq!(reason(text), text);
        assert_eq!(parse(" {\"a\" : 1e3} ").ok(), Some(json!({"a": 1000.0})));
    }

    #[test]
    fn p11_a_key_that_stands_twice_is_refused_at_any_depth() {
        assert_eq!(reason(r#"{"a":1,"a":1}"#), "the key `a` stands twice at line 1 column 10");
        assert_eq!(reason(r#"[{"x":[{"a":1,"\u0061":2}]}]"#), "the key `a` stands twice at line 1 column 22");
        let long = "k".repeat(100);
        let text = format!(r#"{{"{long}":1,"{long}":1}}"#);
        assert!(reason(&text).starts_with(&format!("the key `{}…` stands twice", "k".repeat(40))));
    }

    #[test]
    fn p9_nesting_is_bounded() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(&nested(127)).is_ok());
        assert_eq!(reason(&nested(128)), "recursion limit exceeded at line 1 column 128");
        assert!(parse(&"{\"a\":".repeat(100_000)).is_err());
    }

    #[test]
    fn p11_what_is_not_one_json_value_is_refused() {
        for text in [
            "",
            " ",
            "<html>",
            "{",
            "{}{}",
            "{\"a\":}",
            "{a:1}",
            "[1,]",
            "NaN",
            "1e999",
            "01",
            "\"\\ud800\"",
            "'a'",
            "{\"a\":1}x",
            "\u{feff}{}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
