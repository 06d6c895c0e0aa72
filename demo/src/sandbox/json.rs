//! JSON as providers write it: objects keep the order in which their fields were put, which is not the sorted order that
//! payOS's signatures use. It must not know what the fields mean.

use serde_json::Value;

/// A JSON value whose objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number in its own spelling.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Fields),
}

/// The fields of an object in the order of writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields(Vec<(String, Json)>);

impl Fields {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Appends a field; for building an object in one expression.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.0.push((key.to_owned(), value.into()));
        self
    }

    /// Replaces a field's value where it stands, or appends it.
    pub(crate) fn put(&mut self, key: &str, value: impl Into<Json>) {
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((key.to_owned(), value.into())),
        }
    }

    /// The fields in ascending order of their keys.
    pub(crate) fn sorted(&self) -> Vec<&(String, Json)> {
        let mut fields: Vec<_> = self.0.iter().collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        fields
    }

    /// Compact JSON in the order of writing.
    pub(crate) fn to_text(&self) -> String {
        object_text(self.0.iter())
    }
}

impl Json {
    /// Compact JSON; `/`, `<`, `>`, `&` and letters beyond ASCII stay as they are.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(yes) => yes.to_string(),
            Self::Number(spelling) => spelling.clone(),
            Self::Text(text) => quoted(text),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::to_text).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(fields) => fields.to_text(),
        }
    }

    /// Like `to_text`, with this object's own keys sorted and deeper ones as they are.
    pub(crate) fn to_text_sorted_once(&self) -> String {
        match self {
            Self::Object(fields) => object_text(fields.sorted().into_iter()),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => self.to_text(),
        }
    }
}

fn object_text<'a>(fields: impl Iterator<Item = &'a (String, Json)>) -> String {
    let fields: Vec<_> = fields.map(|(key, value)| format!("{}:{}", quoted(key), value.to_text())).collect();
    format!("{{{}}}", fields.join(","))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Option<String>> for Json {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<Fields> for Json {
    fn from(fields: Fields) -> Self {
        Self::Object(fields)
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => Self::Object(Fields(map.iter().map(|(k, v)| (k.clone(), Self::from(v))).collect())),
        }
    }
}
