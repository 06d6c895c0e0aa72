//! Who else on this machine may use what the configuration names: secrets, folders, the file itself. It must not read a
//! secret.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use toml::Value;

use super::Finding;
use super::subject::Subject;
use crate::cli::words::{Check, Disk, Said};

/// What others may not do with a file or folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closed {
    /// Not read it, nor write it.
    Whole,
    /// Not write it: whoever can, chooses what the daemon does.
    ForWriting,
}

/// The most files that are looked at.
const MOST: usize = 256;

/// Looks at everything that the configuration names.
pub(super) fn look(subject: &Subject) -> Vec<Finding> {
    let finding = |said| Finding::new(Check::Permissions, Said::Disk(said));
    let (mut count, mut findings) = (0, Vec::new());
    for (path, closed) in named(subject).into_iter().take(MOST) {
        match judge(&path, closed) {
            Ok(None) => count += 1,
            Ok(Some(mode)) => findings.push(finding(Disk::OpenToOthers { path, mode })),
            // What must be there is the business of the configuration's own check.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => findings.push(finding(Disk::Unread { path, why: error.to_string() })),
        }
    }
    if count > 0 && findings.is_empty() {
        findings.push(finding(Disk::Private { count }));
    }
    if findings.is_empty() {
        findings.push(finding(Disk::NotKnown));
    }
    findings
}

/// Returns the mode of a file that is open to others.
fn judge(path: &Path, closed: Closed) -> io::Result<Option<u32>> {
    let metadata = fs::metadata(path)?;
    let mode = metadata.permissions().mode() & 0o7777;
    // In a folder such as /tmp nobody can replace what is another's.
    let is_sticky = metadata.is_dir() && mode & 0o1000 != 0;
    let forbidden = match closed {
        Closed::Whole => 0o006,
        Closed::ForWriting if is_sticky => 0,
        Closed::ForWriting => 0o002,
    };
    Ok((mode & forbidden != 0).then_some(mode))
}

fn named(subject: &Subject) -> Vec<(PathBuf, Closed)> {
    let mut files = vec![(subject.file.clone(), Closed::ForWriting)];
    for secret in secrets(&Value::Table(subject.written.clone())) {
        files.push((secret, Closed::Whole));
    }
    let folder = |table: &str, key: &str| {
        let path = subject.written.get(table)?.get(key)?.as_str()?;
        Some(PathBuf::from(path))
    };
    files.extend(folder("store", "path").map(|path| (path, Closed::ForWriting)));
    if let Some(identity) = folder("fleet", "identity") {
        files.push((crate::identity::Place::new(&identity).certificate_file(), Closed::Whole));
        files.push((identity, Closed::ForWriting));
    }
    let parents: Vec<PathBuf> = files.iter().filter_map(|(file, _)| file.parent().map(Path::to_owned)).collect();
    for parent in parents.into_iter().filter(|parent| !parent.as_os_str().is_empty()) {
        if !files.iter().any(|(file, _)| *file == parent) {
            files.push((parent, Closed::ForWriting));
        }
    }
    files
}

/// Returns the files of all `{ file = "…" }` in a configuration.
fn secrets(value: &Value) -> Vec<PathBuf> {
    match value {
        Value::Table(table) => match table.get("file").and_then(Value::as_str) {
            Some(file) if table.len() == 1 => vec![PathBuf::from(file)],
            Some(_) | None => table.iter().flat_map(|(_, inner)| secrets(inner)).collect(),
        },
        Value::Array(values) => values.iter().flat_map(secrets).collect(),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_secrets_are_found_wherever_they_are_named() {
        let text = "[api]\ntoken = { file = \"a\" }\n[mqtt]\nkey = { credential = \"b\" }\n[[channel]]\nid = \"x\"\nsecret = { file = \"c\" }\n";
        let table: toml::Table = toml::from_str(text).expect("TOML");
        assert_eq!(secrets(&Value::Table(table)), [PathBuf::from("a"), PathBuf::from("c")]);
    }
}
