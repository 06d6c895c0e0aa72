//! The environment variables that secrets are taken from, as a value, so that tests need not change the process.
//! It must not know which variables are asked for.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Environment variables by name; it has no `Debug`, because they may be secrets.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// Returns the variables of this process.
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// Returns an environment of these variables alone.
    pub fn new<const N: usize>(variables: [(&str, &OsStr); N]) -> Self {
        let owned = variables.map(|(name, value)| (name.into(), value.to_owned()));
        Self(owned.into())
    }

    /// Returns the same environment with one more variable, unless it has that already.
    #[must_use]
    pub fn or(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.0.entry(name.into()).or_insert_with(|| value.into());
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}
