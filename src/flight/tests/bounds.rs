//! How much is kept, and for how long.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use till_wire::{Amount, UnixTime};

use super::selling::{Counter, moment, records, wanted};
use super::{Folder, replayed, text};
use crate::flight::{EVENTS, LONGEST_LINE, MOST_BYTES, Verdict};
use crate::till::{
    AskId, Event, KeyRecord, ProviderId, Records, Report, ReportStanding, RequestKey, StatusAnswer, Transfer,
    TransferRef,
};

fn events(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with("{\"event\"")).count()
}

#[test]
fn p9_ten_thousand_events_keep_the_bound_and_the_newest_can_be_replayed() {
    let mut counter = Counter::open();
    let mut most = 0;
    for sale in 0..1_250 {
        counter.sell(wanted(1_000 + sale), &format!("K{sale}"));
        if sale % 25 == 0 {
            let lines = counter.recorder.lines();
            most = most.max(lines.iter().map(|line| line.len()).sum::<usize>());
            let kept = events(&text(&counter.recorder));
            let happened = usize::try_from(sale + 1).expect("a small number") * 8;
            assert!(kept >= EVENTS.min(happened) && kept <= 2 * EVENTS, "{kept} of {happened}");
        }
    }
    assert!(most <= MOST_BYTES, "{most}");
    let replayed = replayed(&counter.recorder).expect("a recording");
    assert_eq!((replayed.verdict, replayed.skipped), (Verdict::Same, 0));
    assert!(replayed.steps >= EVENTS, "{}", replayed.steps);
}

fn cuts(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with("{\"cut\"")).count()
}

/// An answer with thousands of transfers has no place; what comes after it can be replayed, from a state of its own.
#[test]
fn p9_an_event_that_is_too_large_is_cut_and_what_follows_is_replayed() {
    let mut counter = Counter::open();
    let sale = counter.sell(wanted(50_000), "K1");
    let transfers = (0..6_000).map(|number| Transfer {
        reference: TransferRef(format!("FT26{number:028}")),
        amount: Amount::vnd(1_000),
        transacted_at: None,
    });
    let report = Report {
        // Not the one of our order, so nothing of it is counted, and the sale stays small.
        provider_id: ProviderId("of somebody else".to_owned()),
        amount: Amount::vnd(50_000),
        total: Amount::vnd(6_000_000),
        transfers: transfers.collect(),
        refunds: Vec::new(),
        standing: ReportStanding::Paid,
        action: None,
    };
    let answer = StatusAnswer::Known(report);
    counter.happen(Event::StatusAnswered { sale, order: sale.order(), ask: AskId(1), answer });
    counter.sell(wanted(20_000), "K2");
    let text = text(&counter.recorder);
    assert_eq!((cuts(&text), events(&text)), (1, 16), "the large event is cut, the others are there");
    assert!(text.lines().all(|line| line.len() < LONGEST_LINE));
    let replayed = replayed(&counter.recorder).expect("a recording");
    assert_eq!((replayed.verdict, replayed.torn, replayed.unfinished), (Verdict::Same, None, None));
    // A start and eight events before it, eight events behind it.
    assert_eq!((replayed.steps, replayed.skipped), (17, 0));
}

/// A state of many megabytes is not kept: what follows is told, and cannot be replayed.
#[test]
fn p9_a_state_that_is_too_large_is_cut_and_what_follows_is_told() {
    let sale = Counter::open().sell(wanted(50_000), "K");
    let key = |number: u32| KeyRecord {
        request: RequestKey { key: format!("key-of-a-register-{number:032}"), fingerprint: [9; 32] },
        sale,
        at: moment(0).wall,
    };
    let mut counter = Counter::open_on(Records { keys: (0..40_000).map(key).collect(), ..records() });
    counter.sell(wanted(50_000), "K1");
    let lines = counter.recorder.lines();
    assert!(lines.iter().map(|line| line.len()).sum::<usize>() < 64 * 1024, "the state is not there");
    let text = text(&counter.recorder);
    assert_eq!((cuts(&text), events(&text)), (1, 8));
    let replayed = replayed(&counter.recorder).expect("a recording");
    assert_eq!((replayed.verdict, replayed.steps, replayed.skipped), (Verdict::Same, 0, 8));
}

#[test]
fn p9_three_files_are_kept_for_the_owner_alone() {
    let folder = Folder::new("kept");
    let mut counter = Counter::open();
    counter.sell(wanted(50_000), "K");
    fs::write(folder.0.join("flight-notes.txt"), "not ours").expect("the folder takes a file");
    for second in [30, 10, 20, 40, 50] {
        let path = counter.recorder.write_to(&folder.0, UnixTime::from_secs(second)).expect("the disk takes it");
        let mode = fs::metadata(&path).expect("the file is there").permissions().mode();
        assert_eq!(
            (path.file_name().and_then(|name| name.to_str()), mode & 0o777),
            (Some(format!("flight-{second}.jsonl").as_str()), 0o600)
        );
    }
    let names: Vec<_> =
        folder.recordings().iter().filter_map(|path| path.file_stem()?.to_str().map(str::to_owned)).collect();
    assert_eq!(names, ["flight-30", "flight-40", "flight-50", "flight-notes"]);
    let again = counter.recorder.write_to(&folder.0, UnixTime::from_secs(50));
    assert!(again.is_err(), "another file of the same second is none");
    let nowhere = counter.recorder.write_to(&folder.0.join("nowhere"), UnixTime::from_secs(60));
    let error = nowhere.expect_err("there is no such folder");
    assert!(error.to_string().contains("nowhere/flight-60.jsonl"), "{error}");
}
