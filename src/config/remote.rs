//! What the fleet's operator may change from afar, on top of the file: never a secret, never whom the terminal believes, never
//! where money goes. It must not know who has asked for it, nor whether he may.

use std::path::PathBuf;

use serde_json::{Map, Value};
use till_settings::Document;

/// The keys that may be changed from afar, by their tables.
pub const CHANGEABLE: [(&str, &[&str]); 6] = [
    ("terminal", &["label", "locale"]),
    ("display", &["theme", "shift", "dim_after_s", "dim_percent", "night"]),
    ("sound", &["driver", "voice", "volume"]),
    ("sale", &["channel", "expire_s", "request_s", "max_amount", "result_s"]),
    ("offline", &["mode", "wait_s", "max_amount", "max_total", "max_count", "max_age_h"]),
    ("fleet", &["groups"]),
];

/// Values that stand in the places of the file's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remote {
    values: Vec<(&'static str, &'static str, toml::Value)>,
    broker: Option<RemoteBroker>,
}

/// Another broker than the file's, or the claim's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBroker {
    /// Where it is.
    pub url: String,
    /// The file of its authority's certificates, where that is another.
    pub ca: Option<PathBuf>,
}

impl Remote {
    /// Takes the keys that may be changed. Whether their values are right is seen when they are read with the file.
    ///
    /// # Errors
    /// One sentence for each key that is not known here, or may not be changed.
    pub fn take(config: &Map<String, Value>) -> Result<Self, Vec<String>> {
        let mut remote = Self::default();
        let mut refused = Vec::new();
        for (name, value) in config {
            // `"sale.expire_s": 60` says the same as `"sale": {"expire_s": 60}`.
            match (name.split_once('.'), value) {
                (Some((table, key)), value) => remote.put(table, key, value, &mut refused),
                (None, Value::Object(keys)) if CHANGEABLE.iter().any(|(known, _)| known == name) => {
                    keys.iter().for_each(|(key, value)| remote.put(name, key, value, &mut refused));
                }
                (None, _) => refused.push(format!("{}: it cannot be changed from afar", shown(name))),
            }
        }
        if refused.is_empty() { Ok(remote) } else { Err(refused) }
    }

    /// Adds a value, or says why not.
    fn put(&mut self, table: &str, key: &str, value: &Value, refused: &mut Vec<String>) {
        let known = CHANGEABLE.iter().find(|(known, _)| *known == table);
        let known = known.and_then(|(table, keys)| keys.iter().find(|known| **known == key).map(|key| (*table, *key)));
        let Some(((table, key), value)) = known.zip(toml::Value::try_from(value).ok()) else {
            refused.push(format!("{}.{}: it cannot be changed from afar", shown(table), shown(key)));
            return;
        };
        if self.values.iter().any(|(old_table, old_key, _)| (*old_table, *old_key) == (table, key)) {
            refused.push(format!("{table}.{key}: it is there twice"));
            return;
        }
        self.values.push((table, key, value));
    }

    /// Adds another broker.
    #[must_use]
    pub fn with_broker(self, broker: Option<RemoteBroker>) -> Self {
        Self { broker, ..self }
    }

    /// Puts the values into the document, in the places of those that stand there.
    pub(super) fn lay_over(&self, document: &mut Document) {
        for (table, key, value) in &self.values {
            document.set(table, key, value.clone());
        }
        if let Some(RemoteBroker { url, ca }) = &self.broker {
            document.set("mqtt", "url", url.as_str());
            if let Some(ca) = ca {
                document.set("mqtt", "ca", ca.display().to_string());
            }
        }
    }
}

/// A name that somebody has sent, short and on one line.
fn shown(name: &str) -> String {
    name.chars().take(40).filter(|c| !c.is_control()).collect()
}
