//! One TOML file while it is being read: its root table, and what has been found wrong so far. It must not know which
//! keys a program has.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use toml::Value;
use toml::de::DeTable;

use crate::environment::Environment;
use crate::fault::{Fault, Faults, MISSING, Note, shown};
use crate::table::Table;

/// Why a configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To run with it: every secret must be there.
    Run,
    /// To check it (`--check`): a credential is only noted while `$CREDENTIALS_DIRECTORY` is unset, and its [`Secret`]
    /// is then absent.
    ///
    /// [`Secret`]: crate::Secret
    Check,
}

/// The largest configuration file that is read, in bytes.
const LARGEST: u64 = 262_144;

/// A configuration file that is being read. Faults are collected, not returned one by one: read every key through
/// [`Document::root`], then call [`Document::finish`].
pub struct Document {
    file: PathBuf,
    root: toml::Table,
    /// What the paths of secrets and certificates count from, where it is not the folder that the program works in.
    base: PathBuf,
    mode: Mode,
    environment: Environment,
    faults: RefCell<Vec<Fault>>,
    notes: RefCell<Vec<Note>>,
}

impl Document {
    /// Reads a file, with the environment of this process for its secrets.
    ///
    /// # Errors
    /// When the file is missing, unreadable, larger than 256 KiB, not UTF-8 or not TOML; each syntax error is a fault.
    pub fn read(file: &Path, mode: Mode) -> Result<Self, Faults> {
        let text = read_bounded(file, LARGEST).map_err(|error| {
            Faults(vec![Fault {
                file: file.to_owned(),
                key: String::new(),
                value: format!("cannot be read ({error})"),
                expected: "a TOML file that can be read".to_owned(),
            }])
        })?;
        let Ok(text) = String::from_utf8(text) else {
            let fault = Fault {
                file: file.to_owned(),
                key: String::new(),
                value: "is not UTF-8".to_owned(),
                expected: "a TOML file in UTF-8".to_owned(),
            };
            return Err(Faults(vec![fault]));
        };
        Self::parse(file, &text, mode)
    }

    /// Reads a text as if it stood in `file`.
    ///
    /// # Errors
    /// When it is not TOML; each syntax error is a fault.
    pub fn parse(file: &Path, text: &str, mode: Mode) -> Result<Self, Faults> {
        // A text editor may have put a byte order mark in front, which is no mistake that a person could see.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let root: toml::Table = toml::from_str(text).map_err(|error| syntax_faults(file, text, &error))?;
        Ok(Self {
            file: file.to_owned(),
            root,
            base: PathBuf::new(),
            mode,
            environment: Environment::of_process(),
            faults: RefCell::default(),
            notes: RefCell::default(),
        })
    }

    /// Takes secrets from these variables instead of the process's.
    #[must_use]
    pub fn in_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Lets the paths of secrets and of the broker's certificates count from this folder.
    #[must_use]
    pub fn counting_from(mut self, folder: &Path) -> Self {
        self.base = folder.to_owned();
        self
    }

    /// Returns the value of a key of one of the file's tables, for a look before it is read: whoever only looks has not
    /// read it.
    pub fn look(&self, table: &str, key: &str) -> Option<&Value> {
        self.root.get(table)?.as_table()?.get(key)
    }

    /// Puts a value where the file leaves a key of one of its tables out.
    pub fn fill(&mut self, table: &str, key: &str, value: impl Into<Value>) {
        if let Some(values) = self.table_to_fill(table) {
            values.entry(key).or_insert_with(|| value.into());
        }
    }

    /// Puts a value in the place of whatever the file says for a key of one of its tables.
    pub fn set(&mut self, table: &str, key: &str, value: impl Into<Value>) {
        if let Some(values) = self.table_to_fill(table) {
            values.insert(key.to_owned(), value.into());
        }
    }

    /// Puts a value where the tables of a list such as `[[channel]]` leave a key out.
    pub fn fill_in(&mut self, list: &str, key: &str, value: &str) {
        let tables = self.root.get_mut(list).and_then(Value::as_array_mut);
        for values in tables.into_iter().flatten().filter_map(Value::as_table_mut) {
            values.entry(key).or_insert_with(|| value.into());
        }
    }

    /// Notes that the value of a key of one of the file's tables is wrong, for a reason that its kind does not know.
    pub fn refuse(&self, table: &str, key: &str, expected: String) {
        let value = self.look(table, key).map_or(MISSING.to_owned(), shown);
        self.fault(format!("{table}.{key}"), value, expected);
    }

    /// Puts a value that somebody else has the right to choose where the file leaves a key of one of its tables out, and
    /// notes a fault where the file says something else. `who` goes on after "expected what".
    pub fn prescribe(&mut self, table: &str, key: &str, value: impl Into<Value>, who: &str) {
        let value = value.into();
        if let Some(fault) = self.table_to_fill(table).and_then(|values| prescribed(values, key, value, who)) {
            self.fault(format!("{table}.{key}"), fault.0, fault.1);
        }
    }

    /// Does the same in those tables of a list such as `[[channel]]` whose `name` is `of`.
    pub fn prescribe_in(&mut self, list: &str, (name, of): (&str, &str), key: &str, value: &str, who: &str) {
        let mut faults = Vec::new();
        let tables = self.root.get_mut(list).and_then(Value::as_array_mut);
        for (index, table) in tables.into_iter().flatten().enumerate() {
            let Some(values) =
                table.as_table_mut().filter(|values| values.get(name).is_some_and(|found| found.as_str() == Some(of)))
            else {
                continue;
            };
            if let Some((shown, expected)) = prescribed(values, key, value.into(), who) {
                faults.push((format!("{list}[{index}].{key}"), shown, expected));
            }
        }
        for (place, shown, expected) in faults {
            self.fault(place, shown, expected);
        }
    }

    /// What is no table is noted as a fault when it is read.
    fn table_to_fill(&mut self, table: &str) -> Option<&mut toml::Table> {
        self.root.entry(table).or_insert_with(|| Value::Table(toml::Table::new())).as_table_mut()
    }

    /// Returns the table of the whole file.
    pub fn root(&self) -> Table<'_> {
        Table::root(self, &self.root)
    }

    /// Returns what was read, with the notes, if no fault has been noted.
    ///
    /// # Errors
    /// When anything in the file was wrong.
    pub fn finish<T>(self, read: Option<T>) -> Result<(T, Vec<Note>), Faults> {
        let faults = self.faults.into_inner();
        match read {
            Some(read) if faults.is_empty() => Ok((read, self.notes.into_inner())),
            Some(_) | None => Err(Faults(faults)),
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(crate) fn fault(&self, key: String, value: String, expected: String) {
        let file = self.file.clone();
        self.faults.borrow_mut().push(Fault { file, key, value, expected });
    }

    pub(crate) fn note(&self, key: String, value: String, text: &str) {
        self.notes.borrow_mut().push(Note { file: self.file.clone(), key, value, text: text.to_owned() });
    }
}

/// Puts a value where there is none; returns what stands there and what should, where that is something else.
fn prescribed(values: &mut toml::Table, key: &str, value: Value, who: &str) -> Option<(String, String)> {
    let slash = |value: &Value| value.as_str().map(|text| text.trim_end_matches('/').to_owned());
    match values.get(key) {
        None => {
            values.insert(key.to_owned(), value);
            None
        }
        Some(found) if *found == value || (found.is_str() && slash(found) == slash(&value)) => None,
        Some(found) => {
            let expected = format!("what {who}, {}, or the key left out", shown(&value));
            Some((shown(found), expected))
        }
    }
}

/// Lists every syntax error with its line. The line itself is not shown: a secret may stand in it by mistake.
fn syntax_faults(file: &Path, text: &str, first: &toml::de::Error) -> Faults {
    let (_, mut errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        errors.push(first.clone());
    }
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let mut faults: Vec<Fault> = Vec::new();
    for error in errors {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let key = format!("line {}", before.matches('\n').count().saturating_add(1));
        // One slip makes the parser stumble several times in the same line; the first says it best.
        if faults.iter().any(|fault| fault.key == key) {
            continue;
        }
        let message: Vec<&str> = error.message().split_whitespace().collect();
        faults.push(Fault {
            file: file.to_owned(),
            key,
            value: String::new(),
            expected: format!("valid TOML, but: {}", message.join(" ")),
        });
    }
    Faults(faults)
}

/// Reads a regular file of at most `largest` bytes.
///
/// # Errors
/// When it is something else, larger, or cannot be read.
pub fn read_bounded(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    // A pipe would make the open wait for a writer, so what it is gets asked first.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > largest {
        let message = format!("larger than {largest} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}
