//! What a recording never holds.

use super::selling::{ACCOUNT, Counter, wanted};
use super::{replayed, text};
use crate::flight::Verdict;

/// Texts of a sale that nobody may find in a recording, each by a part of it that is like no other.
pub(super) const HIDDEN: [&str; 20] = [
    "Trần",
    "TRAN VAN",
    "0912345678",
    "khach@",
    "Ngõ Hẹp",
    "001099123456",
    "0101234567",
    "Công ty",
    "CHI-HOA",
    "khách quen",
    "Thuốc",
    "hộp",
    "Nguyễn Thị",
    "NGUYEN THI",
    ACCOUNT,
    "an trua",
    "owes",
    "idempotency-4711",
    "KINH DOANH",
    "9,9,9,9",
];

#[test]
fn nothing_personal_and_no_secret_is_recorded_and_the_till_decides_the_same_without() {
    let mut counter = Counter::open();
    let sale = counter.sell(wanted(84_000), "idempotency-4711");
    // The sale and all that came with it also stand in the state of the next part.
    while !text(&counter.recorder).contains("\"memory\"") {
        counter.happen(crate::till::Event::Woke);
    }
    let text = text(&counter.recorder);
    for hidden in HIDDEN {
        let line = text.lines().find(|line| line.contains(hidden));
        assert_eq!(line, None, "{hidden}");
    }
    for needed in [sale.to_string().as_str(), "84000", "payos", "P1", "FT1"] {
        assert!(text.contains(needed), "{needed}");
    }
    assert_eq!(replayed(&counter.recorder).expect("a recording").verdict, Verdict::Same);
}

#[test]
fn the_same_key_has_the_same_mark_and_another_process_another_one() {
    let mark = |counter: &Counter| {
        let text = text(&counter.recorder);
        let marks: Vec<String> =
            text.split("\"key\":\"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect();
        assert!(marks.iter().all(|mark| mark.len() == 12), "{marks:?}");
        marks
    };
    let mut counter = Counter::open();
    counter.sell(wanted(10_000), "K");
    counter.sell(wanted(10_000), "K");
    let marks = mark(&counter);
    assert!(marks.len() == 2 && marks[0] == marks[1], "{marks:?}");
    let mut other = Counter::open();
    other.sell(wanted(10_000), "K");
    assert_ne!(mark(&other)[0], marks[0], "nobody finds a key by trying keys");
}
