//! How much the journal holds and for how long, and what it does when it can hold no more.

use till_wire::UnixTime;

use super::super::Health;
use super::{AppendError, Folder, HOUR_MS, Log, START, deliver, entry, texts, undelivered, write};

const BOUND: u64 = 131_072;

fn filler(count: usize) -> String {
    format!("{count:06}").repeat(170)
}

/// Appends until the journal refuses; returns how many it took.
fn fill(log: &mut Log) -> usize {
    for count in 0..1000 {
        let taken = log.append(&[entry(1, START, &filler(count))]);
        if taken == [Err(AppendError::Full)] {
            return count;
        }
    }
    unreachable!("the bound was never reached");
}

fn size_on_disk(folder: &Folder) -> u64 {
    let files = [folder.files("journal"), folder.files("delivered")].concat();
    let length = |path: &std::path::PathBuf| std::fs::metadata(path).expect("a file").len();
    files.iter().map(length).sum()
}

#[test]
fn p9_a_full_journal_refuses_and_forgets_nothing_that_is_undelivered() {
    let folder = Folder::new();
    let mut log = Log::open(folder.limits(BOUND)).expect("it opens");
    let taken = fill(&mut log);
    assert!(taken > 100, "{taken}");
    assert!(size_on_disk(&folder) <= BOUND);
    assert_eq!(log.shared.status().health, Health::Full);
    let want: Vec<String> = (0..taken).map(filler).collect();
    assert_eq!(texts(&undelivered(&log)), want);
    drop(log);
    let mut log = Log::open(folder.limits(BOUND)).expect("it opens");
    assert_eq!(texts(&undelivered(&log)), want);
    assert_eq!(log.append(&[entry(1, START, &filler(0))]), [Err(AppendError::Full)]);
}

#[test]
fn p9_delivered_segments_make_room_oldest_first() {
    let folder = Folder::new();
    let mut log = Log::open(folder.limits(BOUND)).expect("it opens");
    let taken = fill(&mut log);
    let all = undelivered(&log);
    all.iter().take(taken / 2).for_each(|stored| deliver(&log, stored.number));
    log.mark();
    log.probe();
    assert_eq!(log.shared.status().health, Health::Good);
    for count in 0..taken / 4 {
        write(&mut log, &[entry(1, START, &filler(count))]);
        assert!(size_on_disk(&folder) <= BOUND);
    }
    let want = [(taken / 2..taken).map(filler).collect::<Vec<_>>(), (0..taken / 4).map(filler).collect()];
    assert_eq!(texts(&undelivered(&log)), want.concat());
    assert!(log.shared.status().entries < u64::try_from(taken).expect("few"));
}

#[test]
fn a_batch_that_fits_in_part_is_taken_in_part() {
    let folder = Folder::new();
    let mut log = Log::open(folder.limits(BOUND)).expect("it opens");
    let large = entry(1, START, &"y".repeat(60_000));
    let too_large = entry(1, START, &"y".repeat(65_537));
    let batch = [large.clone(), too_large, large.clone(), large, entry(1, START, "small")];
    let results = log.append(&batch);
    let taken: Vec<Result<(), AppendError>> = results.into_iter().map(|result| result.map(|_| ())).collect();
    let want = [Ok(()), Err(AppendError::TooLarge), Ok(()), Err(AppendError::Full), Ok(())];
    assert_eq!(taken, want);
    assert_eq!(undelivered(&log).len(), 3);
}

#[test]
fn entries_are_kept_for_their_time_and_then_only_while_undelivered() {
    let folder = Folder::new();
    let mut log = folder.open();
    let day = 24 * HOUR_MS;
    let mut numbers = Vec::new();
    for days in 0..3 {
        numbers.extend(write(&mut log, &[entry(1, START + days * day, &format!("day {days}"))]));
    }
    assert_eq!(folder.files("journal").len(), 3);
    for index in [0, 2] {
        deliver(&log, numbers[index]);
    }
    log.mark();
    let kept = |log: &mut Log, days: i64| {
        log.sweep(UnixTime::from_ms(START + days * day));
        folder.files("journal").len()
    };
    // 168 h are seven days; the first entry is as old as that on the eighth.
    assert_eq!(kept(&mut log, 7), 3);
    assert_eq!(kept(&mut log, 8), 2);
    assert_eq!(kept(&mut log, 30), 1);
    assert_eq!(texts(&undelivered(&log)), ["day 1"]);
    deliver(&log, numbers[1]);
    assert_eq!(kept(&mut log, 30), 0);
    assert_eq!(folder.files("delivered"), Vec::<std::path::PathBuf>::new());
    let next = write(&mut log, &[entry(1, START, "after all")]);
    assert!(next[0] > numbers[2]);
}

#[test]
fn p2_a_folder_that_cannot_be_written_refuses_and_takes_again_when_it_can() {
    let folder = Folder::new();
    let mut log = folder.open();
    write(&mut log, &[entry(1, START, "before")]);
    // Whoever runs the tests may be root, whom modes do not stop: the folder goes away instead.
    log.open = None;
    let aside = folder.0.with_extension("aside");
    std::fs::rename(&folder.0, &aside).expect("the folder moves");
    let refused = log.append(&[entry(1, START, "meanwhile")]);
    assert!(matches!(refused.as_slice(), [Err(AppendError::Write(_))]), "{refused:?}");
    log.probe();
    assert!(matches!(log.shared.status().health, Health::Faulty(_)));
    std::fs::rename(&aside, &folder.0).expect("the folder moves back");
    log.probe();
    assert_eq!(log.shared.status().health, Health::Good);
    write(&mut log, &[entry(1, START, "after")]);
    assert_eq!(texts(&undelivered(&log)), ["before", "after"]);
}
