//! Support cases that are kept: every recording in `cases/` goes the same way for ever. A new one is a new file there.

use std::fs;
use std::path::Path;

use crate::flight::{Verdict, replay_file};

#[test]
fn every_kept_case_goes_the_same_way() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/flight/tests/cases");
    let cases = fs::read_dir(&folder).expect("the cases are there").map(|entry| entry.expect("an entry").path());
    let mut count = 0;
    for case in cases {
        let replayed = replay_file(&case).expect("a recording");
        assert_eq!((replayed.verdict, replayed.torn, replayed.unfinished), (Verdict::Same, None, None), "{case:?}");
        count += 1;
    }
    assert!(count > 0, "there is no case: this test tries nothing");
}
