//! One table of a configuration file: takes typed values out of it, and notes a fault where one is wrong, missing or
//! unknown. It must not know which keys a program has.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::Value;

use crate::asked::LeftOut;
#[cfg(debug_assertions)]
use crate::asked::{self, Asked};
use crate::document::{Document, Mode};
use crate::fault::{HIDDEN, MISSING, shown};
use crate::kind::Kind;
use crate::secret::{self, Content, Refusal, Secret, Source};

/// A table that is being read. What a method cannot return has been noted as a fault, so a caller reads every key
/// first and only then gives up on what is missing. Keys that nobody asked for are noted when it is dropped.
pub struct Table<'d> {
    document: &'d Document,
    /// The dotted way to this table, empty for the root.
    place: String,
    /// Nothing when the file has no such table, or another value in its place.
    values: Option<&'d toml::Table>,
    /// Whether faults are noted: not when another value stood here, which was noted already.
    quiet: bool,
    asked: RefCell<BTreeMap<&'static str, Showing>>,
    rest_ignored: Cell<bool>,
}

/// Whether a fault may show the value of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Showing {
    Plain,
    /// Not at all.
    Hidden,
    /// Only where the secret comes from.
    Secret,
}

impl<'d> Table<'d> {
    pub(crate) fn root(document: &'d Document, values: &'d toml::Table) -> Self {
        Self::new(document, String::new(), Some(values))
    }

    fn new(document: &'d Document, place: String, values: Option<&'d toml::Table>) -> Self {
        Self { document, place, values, quiet: false, asked: RefCell::default(), rest_ignored: Cell::new(false) }
    }

    fn ask(&self, key: &'static str, showing: Showing) -> Option<&'d Value> {
        self.asked.borrow_mut().insert(key, showing);
        self.values.and_then(|values| values.get(key))
    }

    /// Tells whoever listens that a key is asked for.
    #[cfg(debug_assertions)]
    fn tell(&self, key: &str, asked: impl FnOnce() -> (String, LeftOut)) {
        asked::tell(|| {
            let (takes, left_out) = asked();
            Asked { key: self.full_key(key), takes, left_out }
        });
    }

    /// Nobody listens to a program that is shipped.
    #[cfg(not(debug_assertions))]
    fn tell(&self, _: &str, _: impl FnOnce() -> (String, LeftOut)) {}

    fn tell_default<T: PartialEq + 'static>(&self, key: &str, default: &T, kind: &Kind<T>) {
        self.tell(key, || {
            let shown = self.values.and_then(|values| values.get(key));
            let is_shown = shown.map(|shown| kind.convert(shown).as_ref() == Some(default));
            (kind.expected.clone(), LeftOut::Default { is_shown })
        });
    }

    /// Returns the value of a key that must be there.
    pub fn required<T: 'static>(&self, key: &'static str, kind: Kind<T>) -> Option<T> {
        self.tell(key, || (kind.expected.clone(), LeftOut::Fault));
        self.plain(key, kind)
    }

    fn plain<T: 'static>(&self, key: &'static str, kind: Kind<T>) -> Option<T> {
        let value = self.ask(key, Showing::Plain);
        self.converted(key, value, kind)
    }

    fn converted<T: 'static>(&self, key: &'static str, value: Option<&Value>, kind: Kind<T>) -> Option<T> {
        let read = value.and_then(|value| kind.convert(value));
        if read.is_none() {
            self.fault(key, kind.expected);
        }
        read
    }

    /// Returns the value of a key that may be left out; a wrong one is a fault and left out too.
    pub fn optional<T: 'static>(&self, key: &'static str, kind: Kind<T>) -> Option<T> {
        self.tell(key, || (kind.expected.clone(), LeftOut::Nothing));
        self.ask(key, Showing::Plain)?;
        self.plain(key, kind)
    }

    /// Returns the value of a key that may be left out and whose value a fault does not show.
    pub fn optional_hidden<T: 'static>(&self, key: &'static str, kind: Kind<T>) -> Option<T> {
        self.tell(key, || (kind.expected.clone(), LeftOut::Nothing));
        let value = self.ask(key, Showing::Hidden)?;
        self.converted(key, Some(value), kind)
    }

    /// Returns the value of a key, or what it is when left out.
    pub fn or<T: PartialEq + 'static>(&self, key: &'static str, default: impl Into<T>, kind: Kind<T>) -> T {
        let default = default.into();
        self.tell_default(key, &default, &kind);
        self.ask(key, Showing::Plain).and_then(|_| self.plain(key, kind)).unwrap_or(default)
    }

    /// Returns the value of a key, or what it is when left out, where that had to be made and may be nothing.
    pub fn or_made<T: PartialEq + 'static>(&self, key: &'static str, default: Option<T>, kind: Kind<T>) -> Option<T> {
        match &default {
            Some(default) => self.tell_default(key, default, &kind),
            None => self.tell(key, || (kind.expected.clone(), LeftOut::Nothing)),
        }
        if self.ask(key, Showing::Plain).is_none() { default } else { self.plain(key, kind) }
    }

    /// Returns the values of a list of at most `most`; a list that is left out is empty. Each wrong value is a fault
    /// of its own.
    pub fn list<T: 'static>(&self, key: &'static str, most: usize, kind: Kind<T>) -> Vec<T> {
        self.tell(key, || (format!("a list of at most {most}, each {}", kind.expected), LeftOut::Nothing));
        let Some(value) = self.ask(key, Showing::Plain) else {
            return Vec::new();
        };
        let Some(values) = value.as_array().filter(|values| values.len() <= most) else {
            self.fault(key, format!("a list of at most {most}"));
            return Vec::new();
        };
        self.each(key, values, &kind)
    }

    /// Returns the values of a list of exactly `N`, or what they are when the key is left out or wrong. Each wrong value is
    /// a fault of its own.
    pub fn array_or<T: PartialEq + 'static, const N: usize>(
        &self,
        key: &'static str,
        default: [T; N],
        kind: Kind<T>,
    ) -> [T; N] {
        let expected = format!("a list of {N}, each {}", kind.expected);
        self.tell(key, || {
            let shown = self.values.and_then(|values| values.get(key)).and_then(Value::as_array);
            let same = |shown: &Vec<Value>| {
                shown.len() == N && shown.iter().zip(&default).all(|(one, own)| kind.convert(one).as_ref() == Some(own))
            };
            (expected.clone(), LeftOut::Default { is_shown: shown.map(same) })
        });
        let Some(value) = self.ask(key, Showing::Plain) else { return default };
        let Some(values) = value.as_array().filter(|values| values.len() == N) else {
            self.fault(key, expected);
            return default;
        };
        self.each(key, values, &kind).try_into().unwrap_or(default)
    }

    fn each<T: 'static>(&self, key: &str, values: &[Value], kind: &Kind<T>) -> Vec<T> {
        let mut read = Vec::new();
        for (index, value) in values.iter().enumerate() {
            match kind.convert(value) {
                Some(value) => read.push(value),
                None => {
                    let key = self.full_key(&format!("{key}[{index}]"));
                    self.note_fault(key, shown(value), kind.expected.clone());
                }
            }
        }
        read
    }

    /// Tells whether the file has the key. Whoever only looks has not read it.
    pub fn has(&self, key: &str) -> bool {
        self.values.is_some_and(|values| values.contains_key(key))
    }

    /// Tells whether a key's value is a list, for keys that take either a list or a word.
    pub fn is_list(&self, key: &str) -> bool {
        let value = self.values.and_then(|values| values.get(key));
        value.is_some_and(Value::is_array)
    }

    /// Returns a table; one that is left out is empty, so that its required keys are noted.
    pub fn table(&self, key: &'static str) -> Table<'d> {
        let value = self.ask(key, Showing::Plain);
        let values = value.and_then(Value::as_table);
        let mut table = Table::new(self.document, self.full_key(key), values);
        table.quiet = self.quiet;
        if value.is_some() && values.is_none() {
            self.fault(key, "a table");
            table.quiet = true;
        }
        table
    }

    /// Returns a table that may be left out.
    pub fn optional_table(&self, key: &'static str) -> Option<Table<'d>> {
        self.tell(key, || ("a table".to_owned(), LeftOut::Nothing));
        self.ask(key, Showing::Plain).map(|_| self.table(key))
    }

    /// Returns the tables of a list such as `[[channel]]`, from one to `most`.
    pub fn tables(&self, key: &'static str, most: usize) -> Vec<Table<'d>> {
        self.tell(key, || (format!("from 1 to {most} tables"), LeftOut::Fault));
        let values = self.ask(key, Showing::Plain).and_then(Value::as_array);
        let fitting = values.filter(|values| (1..=most).contains(&values.len()));
        let Some(values) = fitting else {
            self.fault(key, format!("from 1 to {most} tables [[{key}]]"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let place = self.full_key(&format!("{key}[{index}]"));
            match value.as_table() {
                Some(values) => tables.push(Table::new(self.document, place, Some(values))),
                None => self.note_fault(place, shown(value), format!("a table [[{key}]]")),
            }
        }
        tables
    }

    /// Returns a secret that must be there.
    pub fn secret(&self, key: &'static str, content: Content) -> Option<Secret> {
        self.tell(key, || (content.expected().to_owned(), LeftOut::Fault));
        self.read_secret(key, content)
    }

    fn read_secret(&self, key: &'static str, content: Content) -> Option<Secret> {
        let Some(value) = self.ask(key, Showing::Secret) else {
            self.fault(key, secret::EXPECTED);
            return None;
        };
        let source = self.secret_source(key, value)?;
        match source.load(content, self.document.environment()) {
            Ok(secret) => Some(secret),
            Err(Refusal::NoCredentials) if self.document.mode() == Mode::Check => {
                let why = "because $CREDENTIALS_DIRECTORY is not set";
                let (key, value) = (self.full_key(key), secret::shown(value));
                self.document.note(key, value, why);
                Some(Secret::new([]))
            }
            Err(Refusal::NoCredentials) => {
                self.fault(key, "$CREDENTIALS_DIRECTORY to be set, as systemd does");
                None
            }
            Err(Refusal::Unreadable(expected) | Refusal::Unusable(expected)) => {
                self.fault(key, expected);
                None
            }
        }
    }

    /// Returns a secret that may be left out.
    pub fn optional_secret(&self, key: &'static str, content: Content) -> Option<Secret> {
        self.tell(key, || (content.expected().to_owned(), LeftOut::Nothing));
        self.ask(key, Showing::Secret)?;
        self.read_secret(key, content)
    }

    /// Returns a secret where it can be read from here, for a reader that can do without it. One that is written the
    /// wrong way or is no good is still a fault.
    pub fn secret_if_readable(&self, key: &'static str, content: Content) -> Option<Secret> {
        self.tell(key, || (content.expected().to_owned(), LeftOut::Nothing));
        let value = self.ask(key, Showing::Secret)?;
        let source = self.secret_source(key, value)?;
        match source.load(content, self.document.environment()) {
            Ok(secret) => Some(secret),
            Err(Refusal::NoCredentials | Refusal::Unreadable(_)) => None,
            Err(Refusal::Unusable(expected)) => {
                self.fault(key, expected);
                None
            }
        }
    }

    fn secret_source(&self, key: &'static str, value: &Value) -> Option<Source> {
        let source = Source::parse(value);
        if source.is_none() {
            let reason = "because a secret never stands in the file itself";
            self.fault(key, format!("{}, {reason}", secret::EXPECTED));
        }
        source.map(|source| source.below(self.document.base()))
    }

    /// Returns a path as it counts from the document's folder.
    pub(crate) fn counted(&self, path: PathBuf) -> PathBuf {
        self.document.base().join(path)
    }

    /// Leaves every other key of this table alone.
    pub fn ignore_rest(&self) {
        self.rest_ignored.set(true);
    }

    /// Notes that the value of a key is wrong, for a reason that its kind does not know.
    pub fn fault(&self, key: &str, expected: impl Into<String>) {
        let value = self.values.and_then(|values| values.get(key));
        let value = match (value, self.asked.borrow().get(key)) {
            (None, _) => MISSING.to_owned(),
            (Some(_), Some(Showing::Hidden)) => HIDDEN.to_owned(),
            (Some(value), Some(Showing::Secret)) => secret::shown(value),
            (Some(value), Some(Showing::Plain) | None) => shown(value),
        };
        self.note_fault(self.full_key(key), value, expected.into());
    }

    /// Notes that one value of a list is wrong, for a reason that its kind does not know.
    pub fn fault_in(&self, key: &str, index: usize, expected: impl Into<String>) {
        let values = self.values.and_then(|values| values.get(key)).and_then(Value::as_array);
        let value = values.and_then(|values| values.get(index)).map_or(MISSING.to_owned(), shown);
        self.note_fault(self.full_key(&format!("{key}[{index}]")), value, expected.into());
    }

    fn note_fault(&self, key: String, value: String, expected: String) {
        if !self.quiet {
            self.document.fault(key, value, expected);
        }
    }

    fn full_key(&self, key: &str) -> String {
        let key = key.escape_debug();
        match self.place.as_str() {
            "" => key.to_string(),
            place => format!("{place}.{key}"),
        }
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let Some(values) = self.values.filter(|_| !self.rest_ignored.get()) else {
            return;
        };
        let asked = self.asked.borrow();
        let holds_secrets = asked.values().any(|showing| *showing == Showing::Secret);
        for (key, value) in values {
            if asked.contains_key(key.as_str()) {
                continue;
            }
            // A secret may stand under a key that is only misspelt, so a text beside secrets is not shown.
            let value =
                if value.is_str() && (holds_secrets || names_a_secret(key)) { HIDDEN.to_owned() } else { shown(value) };
            let expected = "no such key: it is not known here".to_owned();
            self.note_fault(self.full_key(key), value, expected);
        }
    }
}

fn names_a_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["key", "secret", "pass", "token", "pin", "credential"].iter().any(|word| key.contains(word))
}
