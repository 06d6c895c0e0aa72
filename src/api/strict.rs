//! JSON that hides nothing: keys written twice are kept, whole numbers stay apart from fractions. serde's own value drops
//! the first of two equal keys, and two readers of one request must not see different amounts. It must not know any field.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Switch(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why bytes are no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotJson {
    /// They are not JSON.
    Malformed(String),
    /// They are JSON, but hold a number of an impossible size, somewhere in this field of the outermost object.
    Number { field: String },
}

impl Json {
    /// Reads one value and nothing behind it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NotJson> {
        let field = RefCell::new(String::new());
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let outermost = Reader { depth: 0, field: &field };
        let read = outermost.deserialize(&mut reader);
        let whole = read.and_then(|json| reader.end().map(|()| json));
        whole.map_err(|error| {
            let message = error.to_string();
            if message.starts_with("number out of range") {
                NotJson::Number { field: field.borrow().clone() }
            } else {
                NotJson::Malformed(message)
            }
        })
    }

    /// Returns the value with the keys of its objects in order and without those that are `null`, so that two ways of
    /// writing one request become one.
    pub(super) fn canonical(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Switch(switch) => Value::Bool(*switch),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(values) => values.iter().map(Self::canonical).collect(),
            Self::Object(entries) => {
                let mut entries: Vec<&(String, Json)> =
                    entries.iter().filter(|(_, value)| *value != Self::Null).collect();
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                let sorted: Map<String, Value> =
                    entries.into_iter().map(|(key, value)| (key.clone(), value.canonical())).collect();
                Value::Object(sorted)
            }
        }
    }
}

/// Reads a value and remembers in which field of the outermost object it is.
struct Reader<'f> {
    depth: u8,
    field: &'f RefCell<String>,
}

impl Reader<'_> {
    fn deeper(&self) -> Self {
        Self { depth: self.depth.saturating_add(1), field: self.field }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, switch: bool) -> Result<Json, E> {
        Ok(Json::Switch(switch))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        Number::from_f64(number).map(Json::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.deeper())? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if self.depth == 0 {
                self.field.replace(key.clone());
            }
            entries.push((key, map.next_value_seed(self.deeper())?));
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_written_twice_is_kept_twice() {
        let whole = |number: u64| Json::Number(number.into());
        assert_eq!(
            Json::parse(br#"{"amount":1,"amount":2}"#),
            Ok(Json::Object(vec![("amount".into(), whole(1)), ("amount".into(), whole(2)),]))
        );
    }

    #[test]
    fn an_impossible_number_names_its_field() {
        let digits = format!(r#"{{"note":"a","amount":1{}}}"#, "0".repeat(400));
        assert_eq!(Json::parse(digits.as_bytes()), Err(NotJson::Number { field: "amount".into() }));
    }

    #[test]
    fn what_is_not_json_is_refused_without_harm() {
        let deep = "[".repeat(100_000);
        for bytes in [&b""[..], b"{", b"{}{}", b"amount=1", b"\xff", b"\"\xff\"", b"{\"a\":NaN}", deep.as_bytes()] {
            assert!(matches!(Json::parse(bytes), Err(NotJson::Malformed(_))), "{bytes:?}");
        }
    }

    #[test]
    fn the_order_of_keys_and_null_do_not_matter_to_the_canonical_form() {
        let canonical = |text: &str| Json::parse(text.as_bytes()).expect("the text is JSON").canonical().to_string();
        assert_eq!(canonical(r#"{ "note":null, "b":[{"y":1,"x":2}], "a":"é" }"#), r#"{"a":"é","b":[{"x":2,"y":1}]}"#);
    }
}
