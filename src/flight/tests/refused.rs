//! Files that are no recordings, or not as they were written.

use std::fs::File;

use super::selling::{Counter, wanted};
use super::{Folder, text};
use crate::flight::{Ends, ReadError, Replayed, Verdict, read, replay_file};

fn recording() -> String {
    let mut counter = Counter::open();
    counter.sell(wanted(50_000), "K");
    text(&counter.recorder)
}

#[track_caller]
fn refused(text: &str, words: &[&str]) {
    let folder = Folder::new("refused");
    let file = folder.file(text);
    let said = read(&file).err().expect("it is refused").to_string();
    for word in words.iter().chain(&["recording.jsonl"]) {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn p11_what_is_no_recording_is_refused_in_words() {
    refused("", &["line 1", "no recording of tilld", "till flight"]);
    refused("{\"sales\":[]}\n", &["line 1", "no recording of tilld"]);
    refused("\u{0}\u{1}\u{2}", &["line 1", "no recording of tilld"]);
    refused("{\"flight\":2,\"anything\":true}\n", &["version 2", "reads up to 1", "version of the terminal"]);
    let head = recording().lines().next().expect("a first line").to_owned();
    refused(&format!("{head}\n"), &["line 1", "before its first state"]);
    refused(&format!("{head}\n{{\"did\":{{\"display\":\"\"}}}}\n"), &["line 2", "outcome without something"]);
    refused(&format!("{head}\n{}\n", "x".repeat(300_000)), &["line 2", "more than 262144 bytes"]);
    let missing = Folder::new("missing").0.join("recording.jsonl");
    assert!(matches!(read(&missing), Err(ReadError::File { .. })));
}

#[test]
fn p11_a_damaged_line_is_named() {
    let text = recording();
    for (number, line) in text.lines().enumerate().skip(1) {
        let damaged = text.replacen(line, &line.replacen(':', ";", 1), 1);
        refused(&damaged, &[&format!("line {}", number + 1), "changed or damaged"]);
    }
}

#[test]
fn p11_a_huge_file_is_not_read() {
    let folder = Folder::new("huge");
    let file = folder.file(&recording());
    File::options().write(true).open(&file).and_then(|file| file.set_len(1 << 40)).expect("a file with a hole");
    assert!(matches!(read(&file), Err(ReadError::TooLarge { .. })));
}

/// Wherever the power goes, what stands before is replayed.
#[test]
fn p11_a_torn_last_line_is_told_and_the_rest_is_replayed() {
    let text = recording();
    let folder = Folder::new("torn");
    let first_state = text.find("{\"event\"").expect("something happened");
    for end in (first_state..text.len()).step_by(37) {
        // A line that lacks nothing but its end is whole.
        let whole = text.as_bytes()[end - 1] == b'\n' || text.as_bytes()[end] == b'\n';
        let Replayed { torn, verdict, unfinished, .. } =
            replay_file(&folder.file(&text[..end])).expect("what is there can be read");
        assert_eq!((torn.is_some(), verdict), (!whole, Verdict::Same), "{end}");
        assert!(unfinished.is_none_or(|unfinished| unfinished.now == Ends::Well), "{end}");
    }
}

#[test]
fn a_changed_outcome_is_found_at_its_line() {
    let text = recording();
    let tampered = text.replacen("paid 50000\"", "paid 60000\"", 1);
    assert_ne!(tampered, text);
    let place = text.lines().position(|line| line.contains("paid 50000\"")).expect("it is paid");
    let folder = Folder::new("tampered");
    let Ok(Replayed { verdict: Verdict::Different(difference), .. }) = replay_file(&folder.file(&tampered)) else {
        unreachable!("another outcome is another way")
    };
    // The event stands on the line before its outcome.
    assert_eq!(difference.line, place);
    assert!(difference.then.writes.iter().any(|write| write.contains("paid 60000")), "{difference:?}");
    assert!(difference.now.is_some_and(|now| now.writes.iter().any(|write| write.contains("paid 50000"))));
}
