//! How much is kept, and for how long.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use till_wire::UnixTime;

use super::selling::{Counter, wanted};
use super::{Folder, replayed, text};
use crate::flight::{EVENTS, MOST_BYTES, Verdict};

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
