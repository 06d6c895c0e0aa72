//! The repository's files as the rules see them. It must not know the rules.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// From the repository's top, e.g. `src/till/mod.rs`.
    pub(crate) path: String,
    /// Its text; what is not UTF-8 is replaced.
    pub(crate) text: String,
}

/// The repository's top folder.
pub(crate) fn top() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("the package `tests` stands in the workspace's folder").to_owned()
}

/// Every file, without what is built and what git keeps for itself.
pub(crate) fn all() -> Vec<File> {
    let top = top();
    let mut files = Vec::new();
    walk(&top, &top, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 50, "the repository has more than {} files", files.len());
    files
}

/// Every Rust source.
pub(crate) fn rust() -> Vec<File> {
    all().into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

fn walk(folder: &Path, top: &Path, files: &mut Vec<File>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot list {folder:?}: {error}"));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("cannot list {folder:?}: {error}")).path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if name != ".git" && name != "target" {
                walk(&path, top, files);
            }
        } else if name != ".git" {
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("cannot read {path:?}: {error}"));
            let inside = path.strip_prefix(top).expect("the walk began at the top");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.push(File { path: inside.to_string_lossy().into_owned(), text });
        }
    }
}

impl File {
    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.any(|part| part == "tests" || part == "tests.rs" || part == "examples")
    }

    /// The lines of code that ship, with their numbers: without comments and without test modules at the end.
    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        let mut lines = Vec::new();
        let mut numbered = self.text.lines().enumerate().map(|(index, line)| (index + 1, line)).peekable();
        while let Some((number, line)) = numbered.next() {
            let opens_tests = line == "#[cfg(test)]"
                && numbered.peek().is_some_and(|(_, next)| next.starts_with("mod ") && next.ends_with('{'));
            if opens_tests {
                break;
            }
            lines.push((number, without_comment(line)));
        }
        lines
    }
}

/// A line up to a comment. A `//` inside a text such as an address is not one: it follows a colon.
fn without_comment(line: &str) -> &str {
    let comment = line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'));
    comment.map_or(line, |at| &line[..at])
}

/// Whether a line has this name in it, as a whole word.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(part_of_name) && !after.starts_with(part_of_name)
    })
}

/// Fails with all findings, one a line.
#[track_caller]
pub(crate) fn assert_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

#[test]
fn words_and_comments_are_told_apart() {
    assert!(has_word("use tokio::net;", "tokio"));
    assert!(!has_word("use tokio_rustls::x;", "tokio"));
    assert_eq!(without_comment("let a = 1; // tokio"), "let a = 1; ");
    assert_eq!(without_comment("\"http://host\" // x"), "\"http://host\" ");
    let text = "use a;\n#[cfg(test)]\nmod tests;\nuse b; // c\n#[cfg(test)]\nmod tests {\n    use c;\n}\n".to_owned();
    let file = File { path: "src/x.rs".to_owned(), text };
    assert_eq!(file.code(), [(1, "use a;"), (2, "#[cfg(test)]"), (3, "mod tests;"), (4, "use b; ")]);
}
