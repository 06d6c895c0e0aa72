//! The configuration of a terminal: defaults, and the exact line of every fault. It must not start anything.

mod defaults;
mod enrolled;
mod faults;
mod files;
mod rules;
mod smart_glocal;
mod spi;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use till_settings::{Document, Environment, Faults, Mode};

use super::{ApiSettings, Settings};

/// The smallest file that is right: what is required, and nothing else.
const SMALLEST: &str = r#"[terminal]
number = 1017
[store]
path = "/var/lib/tilld"
[api]
[display]
driver = "none"
[input]
[sound]
[mqtt]
url = "mqtt://localhost"
[sale]
channel = "payos"
[offline]
[fleet]
[[channel]]
id = "payos"
provider = "payos"
client_id = { env = "SECRET" }
api_key = { env = "SECRET" }
checksum_key = { env = "SECRET" }
return_url = "https://shop.example/ok"
cancel_url = "https://shop.example/cancel"
"#;

/// A Finan channel with what is required.
const FINAN: &str = r#"[[channel]]
id = "finan"
provider = "finan"
client_id = { env = "SECRET" }
secret = { env = "SECRET" }
"#;

/// What every secret of these files is.
const SECRET: &str = "hunter2-never-shown";

fn document(toml: &str, mode: Mode) -> Result<Document, Faults> {
    let environment = Environment::new([("SECRET", OsStr::new(SECRET))]);
    Document::parse(Path::new("f"), toml, mode).map(|read| read.in_environment(environment))
}

fn settings(toml: &str) -> Result<Settings, Vec<String>> {
    let read = document(toml, Mode::Run).and_then(Settings::from_document);
    read.map(|(settings, _)| settings).map_err(lines)
}

fn api_settings(toml: &str) -> Result<ApiSettings, Vec<String>> {
    let read = document(toml, Mode::Run).and_then(ApiSettings::from_document);
    read.map(|(settings, _)| settings).map_err(lines)
}

fn lines(faults: Faults) -> Vec<String> {
    let lines: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
    assert!(!lines.concat().contains(SECRET), "a secret is shown: {lines:#?}");
    lines
}

/// Puts lines into tables of a file: each edit is a table's header and a line, which replaces the one with its key.
fn edited(toml: &str, edits: &[(&str, &str)]) -> String {
    let mut text = toml.to_owned();
    for (header, line) in edits {
        let (before, rest) = text.split_once(header).expect("the table is in the file");
        let end = rest.find("\n[").map_or(rest.len(), |end| end + 1);
        let (body, after) = rest.split_at(end);
        let key = line.split(' ').next().map(|key| format!("{key} "));
        let kept = |old: &&str| !key.as_ref().is_some_and(|key| old.starts_with(key));
        let body: Vec<&str> = body.trim_start().lines().filter(kept).chain([*line]).collect();
        text = format!("{before}{header}\n{}\n{after}", body.join("\n"));
    }
    text
}

/// Checks that the smallest file with these edits has exactly these faults.
#[track_caller]
fn check(edits: &[(&str, &str)], expected: &[&str]) {
    check_file(&edited(SMALLEST, edits), expected);
}

#[track_caller]
fn check_file(toml: &str, expected: &[&str]) {
    let found = settings(toml).map(|_| ()).err().unwrap_or_default();
    assert_eq!(found, expected, "{toml}");
}

/// A folder of this test's own, which goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tilld-config-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).expect("the name is this test's own");
        Self(path)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("the folder is ours");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
