//! Torn and damaged files: what was whole is found, what was not is told.

use super::{Folder, START, copy, deliver, entry, texts, undelivered, write};

/// Five entries of one byte to five in one segment; returns where each record ends.
fn five(folder: &Folder) -> Vec<usize> {
    let mut log = folder.open();
    let mut ends = Vec::new();
    for count in 1..=5 {
        write(&mut log, &[entry(7, START, &"x".repeat(count))]);
        let length = std::fs::metadata(folder.only_segment()).expect("the segment").len();
        ends.push(usize::try_from(length).expect("a small file"));
    }
    ends
}

fn first(count: usize) -> Vec<String> {
    (1..=count).map(|count| "x".repeat(count)).collect()
}

#[test]
fn p2_a_file_cut_at_any_byte_keeps_every_record_before_the_cut() {
    let folder = Folder::new();
    let ends = five(&folder);
    let whole = std::fs::read(folder.only_segment()).expect("the segment");
    for length in 0..=whole.len() {
        let cut = Folder::new();
        copy(&folder.0, &cut);
        std::fs::write(cut.only_segment(), &whole[..length]).expect("a cut file");
        let mut log = cut.open();
        let kept = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(texts(&undelivered(&log)), first(kept), "cut at {length}");
        // A torn tail is what a power cut leaves, not damage.
        assert_eq!(log.shared.status().damaged, 0, "cut at {length}");
        // And the journal goes on.
        write(&mut log, &[entry(7, START, "next")]);
        drop(log);
        let log = cut.open();
        let want = [first(kept), vec!["next".into()]].concat();
        assert_eq!(texts(&undelivered(&log)), want, "cut at {length}");
    }
}

#[test]
fn p2_a_flipped_bit_costs_one_record_and_is_told() {
    let folder = Folder::new();
    let ends = five(&folder);
    let whole = std::fs::read(folder.only_segment()).expect("the segment");
    for at in 0..whole.len() {
        let flipped = Folder::new();
        copy(&folder.0, &flipped);
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        std::fs::write(flipped.only_segment(), &bytes).expect("a damaged file");
        let log = flipped.open();
        let hit = ends.iter().filter(|end| **end <= at).count();
        let mut want = first(5);
        want.remove(hit);
        assert_eq!(texts(&undelivered(&log)), want, "bit flipped in byte {at}");
        let last = hit == 4;
        assert_eq!(log.shared.status().damaged, u64::from(!last), "bit flipped in byte {at}");
    }
}

#[test]
fn a_record_behind_a_torn_one_is_not_lost() {
    let folder = Folder::new();
    let ends = five(&folder);
    let mut bytes = std::fs::read(folder.only_segment()).expect("the segment");
    // Pages of one write reach the disk in any order: here the middle ones never did.
    bytes[ends[0]..ends[3] - 3].fill(0);
    std::fs::write(folder.only_segment(), &bytes).expect("a damaged file");
    let log = folder.open();
    assert_eq!(texts(&undelivered(&log)), ["x", "xxxxx"]);
    assert_eq!(log.shared.status().damaged, 1);
}

#[test]
fn garbage_of_any_kind_is_passed_over() {
    let folder = Folder::new();
    five(&folder);
    let mut bytes = std::fs::read(folder.only_segment()).expect("the segment");
    let mut garbage = b"\xf5TJ1\xff\xff\xff\xff\xf5TJ1\x04\0\0\0\0\0\0\0abcd".to_vec();
    garbage.append(&mut bytes);
    std::fs::write(folder.only_segment(), &garbage).expect("a damaged file");
    std::fs::write(folder.0.join("notes.txt"), "not ours").expect("a foreign file");
    std::fs::write(folder.0.join("00000000000000000099.delivered"), "orphan").expect("marks");
    let log = folder.open();
    assert_eq!(texts(&undelivered(&log)), first(5));
    assert_eq!(folder.files("delivered"), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_torn_or_damaged_mark_means_one_more_delivery_and_nothing_else() {
    let folder = Folder::new();
    five(&folder);
    let log = folder.open();
    let numbers: Vec<_> = undelivered(&log).iter().map(|stored| stored.number).collect();
    drop(log);
    let mut log = folder.open();
    numbers.iter().for_each(|number| deliver(&log, *number));
    log.mark();
    drop(log);
    let marks = folder.files("delivered").remove(0);
    let mut bytes = std::fs::read(&marks).expect("the marks");
    assert_eq!(bytes.len(), 60);
    bytes.truncate(53);
    bytes[15] ^= 1;
    std::fs::write(&marks, &bytes).expect("damaged marks");

    let mut log = folder.open();
    assert_eq!(texts(&undelivered(&log)), ["xx", "xxxxx"]);
    deliver(&log, numbers[4]);
    log.mark();
    drop(log);
    assert_eq!(texts(&undelivered(&folder.open())), ["xx"]);
}
