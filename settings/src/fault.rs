//! What is wrong in a configuration file, one line each, and what could not be checked. It must not know how values are
//! read, and never holds the content of a secret.

use std::fmt;
use std::path::PathBuf;

use toml::Value;

/// One mistake in a configuration file: where it stands, what stands there, and what should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file as it was named on the command line.
    pub file: PathBuf,
    /// The full dotted key such as `channel[0].base_url`, or a line of the file; empty when the whole file is meant.
    pub key: String,
    /// The value as written, `(missing)`, or `(hidden)` where it may be a secret; empty when there is none to show.
    pub value: String,
    /// What would be right, as the rest of a sentence that begins with "expected".
    pub expected: String,
}

/// What stands for a value that the file does not have.
pub(crate) const MISSING: &str = "(missing)";

/// What stands for a value that may be a secret.
pub(crate) const HIDDEN: &str = "(hidden)";

impl fmt::Display for Fault {
    /// Writes `FILE: KEY = VALUE: expected …` on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        match (self.key.is_empty(), self.value.is_empty()) {
            (false, false) => write!(f, "{} = {}: ", self.key, self.value)?,
            (false, true) => write!(f, "{}: ", self.key)?,
            (true, false) => write!(f, "{}: ", self.value)?,
            (true, true) => {}
        }
        write!(f, "expected {}", self.expected)
    }
}

/// Every fault of a file, found in one run; its text has one line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Something that was not checked, which is worth a line but is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file as it was named on the command line.
    pub file: PathBuf,
    /// The full dotted key.
    pub key: String,
    /// The value as written.
    pub value: String,
    /// Why it was not checked, as a clause.
    pub text: String,
}

impl fmt::Display for Note {
    /// Writes `FILE: KEY = VALUE: not checked, …` on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, key, value) = (self.file.display(), &self.key, &self.value);
        write!(f, "{file}: {key} = {value}: not checked, {}", self.text)
    }
}

/// Returns a value as it would be written in the file, on one line and shortened.
pub(crate) fn shown(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        // A URL may carry a password in front of its host.
        let may_hold_password = text.contains("://") && text.contains('@');
        return if may_hold_password { HIDDEN.to_owned() } else { quoted(text) };
    }
    if let Some(list) = value.as_array() {
        return if list.is_empty() { "[]" } else { "[ … ]" }.to_owned();
    }
    if let Some(table) = value.as_table() {
        return if table.is_empty() { "{}" } else { "{ … }" }.to_owned();
    }
    if let Some(number) = value.as_integer() {
        return number.to_string();
    }
    if let Some(number) = value.as_float() {
        return format!("{number:?}");
    }
    if let Some(switch) = value.as_bool() {
        return switch.to_string();
    }
    value.as_datetime().map(ToString::to_string).unwrap_or_default()
}

/// Returns a text in quotation marks, without line breaks, cut after 80 characters.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(LONGEST).chain(['…']).collect();
    format!("{start:?}")
}
