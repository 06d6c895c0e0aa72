//! What a person can do about a disk that refuses. It must not know what was attempted.

use std::io;

/// The system's numbers, the words that sled's own errors keep of them, and what helps.
const REMEDIES: [(&[i32], &str, &str); 4] = [
    (
        &[1, 13],
        "ermission",
        "; its folder and files must belong to the user who runs tilld: give them to him (chown -R)",
    ),
    (&[30], "ead-only", "; its file system is read-only: see why (dmesg) and mount it writable"),
    (&[28, 122], "o space", "; there is no room on its file system: make room"),
    (&[17, 20], "ot a directory", "; something there is not a folder: move it away or name another `store.path`"),
];

/// Returns what can be done about an error, to be put after it, or nothing.
pub(super) fn about(error: &io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(number) => REMEDIES.iter().find(|(numbers, _, _)| numbers.contains(&number)).map_or("", |found| found.2),
        None => about_text(&error.to_string()),
    }
}

/// Returns what can be done about an error of which only the words are left, to be put after it, or nothing.
pub(super) fn about_text(text: &str) -> &'static str {
    let named =
        |number: &i32| text.contains(&format!("os error {number})")) || text.contains(&format!("code: {number},"));
    let found = REMEDIES.iter().find(|(numbers, word, _)| numbers.iter().any(named) || text.contains(word));
    found.map_or("", |found| found.2)
}

#[test]
fn p13_what_the_system_says_has_a_remedy() {
    let texts = [
        "Permission denied (os error 13)",
        "Os { code: 28, kind: StorageFull }",
        "Read-only file system",
        "x (os error 20)",
    ];
    assert!(texts.iter().all(|text| about_text(text).len() > 10), "{:?}", texts.map(about_text));
    assert_eq!(about_text("Input/output error (os error 5)"), "");
    assert!(about(&io::Error::from_raw_os_error(30)).contains("writable"));
    assert_eq!(about(&io::Error::from_raw_os_error(5)), "");
}
