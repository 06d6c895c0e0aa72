//! The fleet's files: the configuration that each terminal shall have, as defaults, what groups have otherwise, and what
//! single terminals have otherwise. It must not know what becomes of them.
//!
//! `defaults.toml`, `groups/NAME.toml` and `terminals/NUMBER.toml`, each with tables and keys as in `tilld.toml`. A terminal
//! is managed when it has a file, which may be empty; it belongs to the groups of its own `[fleet] groups`, the later ones
//! before the earlier.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use till_settings::{Document, Fault as FileFault, Faults, Mode, read_bounded};
use till_wire::{GroupName, TerminalNumber};

use super::super::fault::Fault;
use super::super::words::FleetAttempt;
use super::args::number;
use super::cannot;
use super::desk::Desk;
use super::keys::{self, Whose};

/// The largest file that is read, in bytes; what it says has to fit into one message.
const LARGEST: u64 = 65_536;

/// What the fleet's files say.
#[derive(Debug, Default)]
pub(super) struct Files {
    defaults: toml::Table,
    groups: BTreeMap<GroupName, toml::Table>,
    terminals: BTreeMap<TerminalNumber, toml::Table>,
}

impl Files {
    /// Reads the folder.
    pub(super) fn read(folder: &Path, desk: &Desk) -> Result<Self, Fault> {
        let mut reader = Reader { desk, faults: Vec::new() };
        let defaults = folder.join("defaults.toml");
        let mut files = Self::default();
        if defaults.exists() {
            files.defaults = reader.file(&defaults, Whose::Several);
        }
        for file in reader.listed(&folder.join("groups"))? {
            match GroupName::new(stem(&file)) {
                Some(name) => _ = files.groups.insert(name, reader.file(&file, Whose::Several)),
                None => reader.misnamed(&file, "a group's name: 1 to 32 of a-z, 0-9, _ and -"),
            }
        }
        for file in reader.listed(&folder.join("terminals"))? {
            let number = number(stem(&file)).ok().filter(|number| !files.terminals.contains_key(number));
            match number {
                Some(number) => _ = files.terminals.insert(number, reader.file(&file, Whose::Terminal)),
                None => reader.misnamed(&file, "a terminal's number, each once, such as 0001017.toml"),
            }
        }
        if !reader.faults.is_empty() {
            return Err(Fault::Configuration(Faults(reader.faults)));
        }
        if files.terminals.is_empty() {
            let why = desk.words.fleet.tools.no_files;
            return Err(cannot(desk.words, FleetAttempt::ReadFiles(folder), why));
        }
        Ok(files)
    }

    /// Returns the terminals that have a file.
    pub(super) fn terminals(&self) -> BTreeSet<TerminalNumber> {
        self.terminals.keys().copied().collect()
    }

    /// Returns the members of a group.
    pub(super) fn members(&self, group: &GroupName) -> BTreeSet<TerminalNumber> {
        let is_member = |table: &toml::Table| groups(table).any(|name| name == *group);
        self.terminals.iter().filter(|(_, table)| is_member(table)).map(|(number, _)| *number).collect()
    }

    /// Returns what a terminal shall have: the defaults, then its groups, then its own.
    pub(super) fn configuration(&self, number: TerminalNumber) -> Map<String, Value> {
        let mut all = self.defaults.clone();
        if let Some(own) = self.terminals.get(&number) {
            for group in groups(own).filter_map(|name| self.groups.get(&name)) {
                lay_over(&mut all, group);
            }
            lay_over(&mut all, own);
        }
        all.into_iter().map(|(key, value)| (key, in_json(value))).collect()
    }
}

/// Returns the members of a group where the fleet's files name any.
pub(super) fn known_members(desk: &Desk, group: &GroupName) -> Result<Option<BTreeSet<TerminalNumber>>, Fault> {
    if !desk.settings.files.join("terminals").is_dir() {
        return Ok(None);
    }
    let members = Files::read(&desk.settings.files, desk)?.members(group);
    Ok(Some(members).filter(|members| !members.is_empty()))
}

/// Returns the terminals that have a file, whatever is in it; none where they cannot be looked for.
pub(super) fn named(desk: &Desk) -> BTreeSet<TerminalNumber> {
    let entries = fs::read_dir(desk.settings.files.join("terminals"));
    let names = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    names.filter_map(|file| number(stem(&file)).ok()).collect()
}

fn stem(file: &Path) -> &str {
    file.file_stem().and_then(OsStr::to_str).unwrap_or_default()
}

fn groups(table: &toml::Table) -> impl Iterator<Item = GroupName> {
    let list = table.get("fleet").and_then(|fleet| fleet.get("groups")).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(|name| GroupName::new(name.as_str()?))
}

/// Puts the keys of one table over those of another, inner tables key by key.
fn lay_over(below: &mut toml::Table, above: &toml::Table) {
    for (key, value) in above {
        match (below.get_mut(key).and_then(toml::Value::as_table_mut), value.as_table()) {
            (Some(below), Some(above)) => lay_over(below, above),
            (_, _) => _ = below.insert(key.clone(), value.clone()),
        }
    }
}

fn in_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(is_on) => is_on.into(),
        // No key takes one.
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(list) => list.into_iter().map(in_json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, in_json(value))).collect())
        }
    }
}

/// Reads files, and collects what is wrong in them.
struct Reader<'d> {
    desk: &'d Desk,
    faults: Vec<FileFault>,
}

impl Reader<'_> {
    /// Returns the files of a folder that end as ours do, in the order of their names; none where there is no folder.
    fn listed(&self, folder: &Path) -> Result<Vec<PathBuf>, Fault> {
        let words = self.desk.words;
        let cannot_list = |error: &io::Error| cannot(words, FleetAttempt::ReadFiles(folder), &(words.system)(error));
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(cannot_list(&error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| cannot_list(&error))?.path();
            let is_hidden = stem(&path).starts_with('.');
            if path.extension().is_some_and(|end| end == "toml") && !is_hidden {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn file(&mut self, file: &Path, whose: Whose) -> toml::Table {
        let checked = Document::read(file, Mode::Check).and_then(|document| {
            keys::check(&document.root(), whose);
            document.finish(Some(()))
        });
        if let Err(Faults(faults)) = checked {
            self.faults.extend(faults);
            return toml::Table::new();
        }
        // It is read once more for its values; one that has changed meanwhile and is none any more says nothing.
        let text = read_bounded(file, LARGEST).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let table = text.and_then(|text| toml::from_str(text.trim_start_matches('\u{feff}')).ok());
        table.unwrap_or_else(|| {
            self.faults.push(fault(file, "", "a file of at most 65536 bytes that does not change meanwhile"));
            toml::Table::new()
        })
    }

    fn misnamed(&mut self, file: &Path, expected: &str) {
        self.faults.push(fault(file, "its name", expected));
    }
}

fn fault(file: &Path, value: &str, expected: &str) -> FileFault {
    FileFault { file: file.to_owned(), key: String::new(), value: value.to_owned(), expected: expected.to_owned() }
}
