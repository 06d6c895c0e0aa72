//! The table of the providers names every word that their adapters speak: endpoints, fields, states, codes. It must not
//! know what they mean.

use std::collections::BTreeSet;
use std::fs;

use crate::sources::{assert_none, has_word, rust, top};

/// The providers' folders in `wire/src/`.
const PROVIDERS: [&str; 3] = ["payos", "finan", "smart_glocal"];

/// Words of our own: names of requests, and of blocks in a file of keys.
const OURS: [&str; 4] = ["accounts", "masters", "BEGIN", "END"];

#[test]
fn every_word_of_a_provider_stands_in_the_table() {
    let table = fs::read_to_string(top().join("docs/providers.md")).expect("docs/providers.md is there");
    let files = rust();
    let adapters = files
        .iter()
        .filter(|file| !file.is_test())
        .filter(|file| PROVIDERS.iter().any(|name| file.path.starts_with(&format!("wire/src/{name}/"))));
    let mut words = BTreeSet::new();
    for file in adapters {
        words.extend(file.code().into_iter().flat_map(|(_, line)| words_in(line)));
    }
    assert!(words.contains("orderCode"), "this rule reads no adapter");
    words.retain(|word| !OURS.contains(word));
    let missing: Vec<_> = words.into_iter().filter(|word| !has_word(&table, word)).map(str::to_owned).collect();
    assert_none("docs/providers.md says what we do with each of these", &missing);
}

/// The texts in a line that are one word each, as names and codes on a wire are.
fn words_in(line: &str) -> impl Iterator<Item = &str> {
    let texts = line.split('"').skip(1).step_by(2);
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    texts.filter(move |text| text.bytes().all(is_part) && text.bytes().any(|b| b.is_ascii_alphanumeric()))
}

#[test]
fn words_are_found_in_quotes() {
    let words: Vec<_> =
        words_in(r#"read("orderCode", "not a field")? == "00" && is("x-client-id") || ""; it"#).collect();
    assert_eq!(words, ["orderCode", "00", "x-client-id"]);
}
