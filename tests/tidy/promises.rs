//! Every promise of the project has a test that names it, and every file for users is tried by a test. It must not know
//! how.

use crate::sources::{File, all, assert_none, rust};

/// The promises, in short.
const PROMISES: [(u32, &str); 13] = [
    (1, "PAID only on proof that the terminal itself checked"),
    (2, "money that was acknowledged survives SIGKILL, power cut and a full disk"),
    (3, "money is counted once"),
    (4, "money is never put on the wrong sale, and never dropped"),
    (5, "an order is on disk before the provider hears of it; one code at a time"),
    (6, "the display shows the current sale or nothing; the code goes before the end is told"),
    (7, "every sale ends"),
    (8, "push is a hint, pull is the truth"),
    (9, "everything is bounded"),
    (10, "a wrong clock cannot expire, confirm or lose a sale"),
    (11, "bad input gives a clear error and changes nothing else"),
    (12, "a forged, replayed, expired or foreign command does nothing"),
    (13, "the daemon says what is wrong in words a shopkeeper understands"),
];

#[test]
fn every_promise_is_named_by_a_test() {
    let files = rust();
    // This list of the promises is no test of them.
    let others: Vec<_> = files.iter().filter(|file| !file.path.starts_with("tests/tidy/")).collect();
    let unproven = PROMISES.iter().filter(|(number, _)| !others.iter().any(|file| names_promise(file, *number)));
    let findings: Vec<_> = unproven.map(|(number, text)| format!("P{number}: {text}")).collect();
    assert_none("a test names each promise, as in `fn p3_…` or `/// P3`", &findings);
}

/// Whether a test in the file has the promise's number in its name, or in the doc comment above it.
fn names_promise(file: &File, number: u32) -> bool {
    let (in_name, in_doc) = (format!("p{number}_"), format!("P{number}"));
    let mut doc_names_it = false;
    let mut is_test = false;
    for line in file.text.lines().map(str::trim) {
        if line.starts_with("///") {
            doc_names_it |= crate::sources::has_word(line, &in_doc);
        } else if line.starts_with("#[") {
            is_test |= line.ends_with("test]") || line.contains("::test(");
        } else {
            let name = line.trim_start_matches("async ").strip_prefix("fn ").unwrap_or_default();
            let name_has_it = name.starts_with(&in_name) || name.contains(&format!("_{in_name}"));
            // Inside `proptest!` the attribute stands there too.
            if is_test && (doc_names_it || name_has_it) {
                return true;
            }
            (doc_names_it, is_test) = (false, false);
        }
    }
    false
}

#[test]
fn every_file_for_users_is_tried_by_a_test() {
    let files = all();
    let for_users = files.iter().filter(|file| file.path.starts_with("config/") || file.path.starts_with("systemd/"));
    let untried: Vec<_> = for_users
        .filter(|file| !files.iter().any(|test| is_rust_test(test) && test.text.contains(&file.path)))
        .map(|file| file.path.clone())
        .collect();
    assert_none("a test names each file of config/ and systemd/", &untried);
}

fn is_rust_test(file: &File) -> bool {
    file.path.ends_with(".rs") && (file.is_test() || file.text.contains("#[test]"))
}

#[test]
fn a_promise_is_found_in_names_and_in_documents() {
    let file = |text: &str| File { path: "x.rs".to_owned(), text: text.to_owned() };
    assert!(names_promise(&file("#[test]\nfn p3_money_is_counted_once() {}"), 3));
    assert!(names_promise(&file("#[tokio::test]\nasync fn p1_p3_both() {}"), 3));
    assert!(names_promise(&file("/// P3: once.\n#[test]\nfn money() {}"), 3));
    assert!(!names_promise(&file("/// P3: once.\nfn money() {}\n#[test]\nfn other() {}"), 3));
    assert!(!names_promise(&file("#[test]\nfn p13_words() {}"), 3));
    assert!(!names_promise(&file("fn p3_helper() {}"), 3));
}
