//! Rules about every file's text. It must not know layers and packages.

use crate::sources::{all, assert_none, has_word, rust};

#[test]
fn every_source_begins_by_saying_what_it_is_for() {
    let silent = rust().into_iter().filter(|file| !file.text.starts_with("//! "));
    let findings: Vec<_> = silent.map(|file| file.path).collect();
    assert_none("a source begins with `//!` and what it is for", &findings);
}

#[test]
fn no_source_is_longer_than_400_lines() {
    let findings: Vec<_> = rust()
        .into_iter()
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, _)| *lines >= 400)
        .map(|(lines, path)| format!("{path}: {lines}"))
        .collect();
    assert_none("a source has fewer than 400 lines", &findings);
}

#[test]
fn nothing_unwraps_outside_of_tests() {
    find_in_shipped_code("`unwrap` says nothing", |line| line.contains(".unwrap()"));
}

#[test]
fn nothing_is_unsafe() {
    // The one file that may be: the ioctls of framebuffer and console have no maintained safe wrapper.
    let findings: Vec<_> = rust()
        .iter()
        .filter(|file| file.path != "display/src/sys.rs" && !file.path.starts_with("tests/tidy/"))
        .flat_map(|file| file.code().into_iter().map(|(number, line)| (file.path.clone(), number, line.to_owned())))
        .filter(|(_, _, line)| has_word(line, "unsafe"))
        .map(|(path, number, _)| format!("{path}:{number}"))
        .collect();
    assert_none("unsafe code stands in display/src/sys.rs alone", &findings);
}

#[test]
fn no_example_stands_where_nobody_runs_it() {
    let findings: Vec<_> = rust()
        .iter()
        .flat_map(|file| {
            file.text
                .lines()
                .enumerate()
                .map(|(index, line)| (file.path.clone(), index + 1, line.to_owned()))
                .collect::<Vec<_>>()
        })
        .filter(|(_, _, line)| ["/// ```", "//! ```"].iter().any(|fence| line.trim_start().starts_with(fence)))
        .map(|(path, number, _)| format!("{path}:{number}"))
        .collect();
    assert_none("tests/run leaves out examples in documentation: a test shows how something is used", &findings);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("todo", "!(")];
    let findings: Vec<_> = rust()
        .iter()
        .flat_map(|file| {
            file.text.lines().enumerate().map(|(index, line)| (file.path.clone(), index + 1, line)).collect::<Vec<_>>()
        })
        .filter(|(_, _, line)| words.iter().any(|word| line.contains(word)))
        .map(|(path, number, _)| format!("{path}:{number}"))
        .collect();
    assert_none("nothing is left for later", &findings);
}

/// The sandbox's public examples; `demo/keys/README.md` says why they stand there.
const EXAMPLE_KEYS: [&str; 2] = ["demo/keys/merchant.pem", "demo/keys/smart-glocal.pem"];

/// A key that a test made up to be read says so at its place.
#[test]
fn no_file_holds_a_private_key_or_a_path_of_one_machine() {
    let signs =
        [concat!("PRIVATE", " KEY-----"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp/", "r185")];
    let findings: Vec<_> = all()
        .iter()
        .filter_map(|file| {
            let says_so = file.is_test() && file.text.contains("private key, which protects nothing");
            let is_made_up = says_so || EXAMPLE_KEYS.contains(&file.path.as_str());
            let sign = signs.iter().skip(usize::from(is_made_up)).find(|sign| file.text.contains(**sign))?;
            Some(format!("{}: `{sign}`", file.path))
        })
        .collect();
    assert_none("no file holds a private key or a path of one machine", &findings);
}

#[track_caller]
fn find_in_shipped_code(rule: &str, is_wrong: impl Fn(&str) -> bool) {
    let files = rust();
    let shipped = files.iter().filter(|file| !file.is_test());
    let findings: Vec<_> = shipped
        .flat_map(|file| {
            let wrong = file.code().into_iter().filter(|(_, line)| is_wrong(line));
            wrong.map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert_none(rule, &findings);
}
