//! The documents say what the programs do: the manual pages and the reference of the configuration are made here from what
//! the programs themselves say, commands in documents are run, and words in them are looked up. It must not know how a sale
//! goes.
//!
//! `UPDATE_DOCS=1 cargo test -p tests --test documents` writes what is made anew.

// A document is judged by failing its test.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod commands;
mod commented;
mod dependencies;
mod links;
mod manuals;
mod reference;
mod roff;
mod schema;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's top folder.
fn top() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("the package `tests` stands in the workspace's folder").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
}

/// Checks that a committed file is what was made of the code, or makes it so.
#[track_caller]
fn must_be(path: &str, made: &str) {
    let file = top().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        let folder = file.parent().expect("the file is in a folder");
        fs::create_dir_all(folder).unwrap_or_else(|error| panic!("cannot make {folder:?}: {error}"));
        fs::write(&file, made).unwrap_or_else(|error| panic!("cannot write {path}: {error}"));
        return;
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let differs = committed.lines().zip(made.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(made.lines().count()));
    assert!(
        committed == made,
        "{path} is not what the programs say; make it anew: UPDATE_DOCS=1 cargo test -p tests --test documents\n\
         line {}: {:?}\nshould be {:?}",
        line + 1,
        committed.lines().nth(line),
        made.lines().nth(line)
    );
}
