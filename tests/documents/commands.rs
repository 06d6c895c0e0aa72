//! Every block of commands in a document says above it what becomes of it: `run here` by this test, `run by` another one, or
//! `needs` what no test has. It must not know what a command prints.

use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use tests::folder::Folder;
use tests::process::{program, run, system_program};
use tests::shop::Shop;

use crate::{read, top};

/// A fenced block of a document.
struct Block {
    document: String,
    line: usize,
    /// What stands behind the fence, such as `sh`.
    kind: String,
    text: String,
    /// What a comment right above says.
    mark: Option<String>,
}

/// What a block's mark says.
enum Fate<'b> {
    /// It is run by this test, in a scene.
    Here(&'b str),
    /// Another test's file runs it, and the word that one finds it by.
    By(&'b str, &'b str),
    /// A person, with this.
    Needs(&'b str),
}

impl Block {
    fn is_of_commands(&self) -> bool {
        matches!(self.kind.as_str(), "sh" | "bash" | "console" | "shell")
    }

    fn place(&self) -> String {
        format!("{}:{}", self.document, self.line)
    }

    fn fate(&self) -> Option<Fate<'_>> {
        let mark = self.mark.as_deref()?;
        if let Some(scene) = mark.strip_prefix("run here: ") {
            return Some(Fate::Here(scene));
        }
        if let Some(other) = mark.strip_prefix("run by: ") {
            return other.split_once(' ').map(|(file, word)| Fate::By(file, word));
        }
        mark.strip_prefix("needs: ").map(Fate::Needs)
    }
}

/// The documents with commands for people.
fn documents() -> Vec<String> {
    let mut found: Vec<String> = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "bench/README.md", "fuzz/README.md"]
        .map(str::to_owned)
        .to_vec();
    let packaging = "packaging/README.md".to_owned();
    found.extend(Some(packaging).filter(|path| top().join(path).exists()));
    for entry in std::fs::read_dir(top().join("docs")).expect("docs is there") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        found.extend(name.ends_with(".md").then(|| format!("docs/{name}")));
    }
    found.sort();
    found
}

fn blocks(document: &str, text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    let mut above = "";
    for (number, line) in text.lines().enumerate() {
        let inner = line.trim();
        match (&mut open, inner.strip_prefix("```")) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(kind)) => {
                let mark = above.strip_prefix("<!-- ").and_then(|mark| mark.strip_suffix(" -->")).map(str::to_owned);
                let (document, kind) = (document.to_owned(), kind.to_owned());
                open = Some(Block { document, line: number + 1, kind, text: String::new(), mark });
            }
            // Markdown takes four spaces for a block, too, which has no place for what it is.
            (None, None) => assert!(!line.starts_with("    "), "{document}:{}: put it between fences", number + 1),
        }
        if !inner.is_empty() {
            above = inner;
        }
    }
    assert!(open.is_none(), "a block of {document} has no end");
    found
}

fn all() -> Vec<Block> {
    documents().iter().flat_map(|document| blocks(document, &read(document))).collect()
}

#[test]
fn every_block_of_commands_says_who_runs_it() {
    let all = all();
    let mut of_commands = 0;
    for block in &all {
        assert!(!block.kind.is_empty(), "{}: say behind the fence what it is: sh, toml, text …", block.place());
        if !block.is_of_commands() {
            continue;
        }
        of_commands += 1;
        let place = block.place();
        match block.fate() {
            Some(Fate::Here(scene)) => assert!(SCENES.contains(&scene), "{place}: there is no scene `{scene}`"),
            Some(Fate::By(file, word)) => {
                let text = std::fs::read_to_string(top().join(file)).unwrap_or_default();
                assert!(text.contains(word), "{place}: {file} has no `{word}`");
            }
            Some(Fate::Needs(what)) => assert!(what.split_whitespace().count() > 2, "{place}: needs what?"),
            None => panic!("{place}: above it stands neither `run here`, nor `run by`, nor `needs`:\n{}", block.text),
        }
    }
    assert!(of_commands > 20, "{of_commands} blocks of commands were found");
}

/// Where blocks are run: at an operator's desk, with no file but the repository's; and at a counter that sells.
const SCENES: [&str; 2] = ["operator", "counter"];

/// Runs the blocks of a scene, document by document, from top to bottom.
fn play(scene: &str, folder: &Folder, prepare: impl Fn(&mut Command), change: impl Fn(&str) -> String) -> usize {
    let mut played = 0;
    for block in all().iter().filter(|block| block.is_of_commands()) {
        if !matches!(block.fate(), Some(Fate::Here(wanted)) if wanted == scene) {
            continue;
        }
        let mut command = Command::new(system_program("timeout", "coreutils"));
        command.args(["120", "bash", "-euo", "pipefail", "-c", &change(&block.text)]);
        prepare(command.current_dir(folder.path()).env("HOME", folder.path()));
        let output = run(&mut command);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} ends with {}:\n{}\n{told}", block.place(), output.status, block.text);
        played += 1;
    }
    played
}

/// Our programs before the system's.
fn search_path(first: &Path) -> OsString {
    let own = program("till").parent().expect("a program is in a folder").to_owned();
    let system = ["/usr/bin", "/bin", "/usr/sbin"].map(Into::into);
    let places = [first.to_owned(), own].into_iter().chain(system);
    std::env::join_paths(places).expect("no folder has a colon in its name")
}

#[test]
fn an_operator_does_what_the_documents_say() {
    let folder = Folder::make();
    for name in ["config", "systemd", "docs"] {
        symlink(top().join(name), folder.file(name)).unwrap_or_else(|error| panic!("cannot link {name}: {error}"));
    }
    let tools = folder.folder("tools");
    // Whoever edits leaves the examples as they are.
    let editor = folder.write("tools/editor", "#!/bin/sh\nexec test -w \"$1\"\n");
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).expect("the file is ours");
    let played = play("operator", &folder, |command| _ = command.env("PATH", search_path(&tools)), str::to_owned);
    assert!(played >= 4, "{played} blocks were run");
    for made in ["fleet.key", "ca.pem", "issuer.key", "crl.pem", "broker.example.pem", "bridge-1.key"] {
        assert!(folder.file(".config/till/keys").join(made).is_file(), "the documents make {made}");
    }
}

#[test]
fn a_counter_does_what_the_documents_say() {
    let shop = Shop::open();
    shop.assert_sells(50_000);
    let config = &shop.till.config;
    let prepare =
        |command: &mut Command| _ = command.env("PATH", search_path(Path::new("/"))).env("TILLD_CONFIG", config);
    let here = |text: &str| text.replace("127.0.0.1:8460", &shop.till.api().to_string());
    let played = play("counter", &shop.folder, prepare, here);
    assert!(played >= 1, "{played} blocks were run");
    let table = std::fs::read_to_string(shop.folder.file("day.csv")).expect("the documents write day.csv");
    assert_eq!(table.lines().count(), 2, "{table}");
}
