//! A process that commits is killed at random moments: what it was told to be durable is there (promise P2).

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use super::*;

/// Where the child finds the store; it is this test program, started again for one test.
pub(super) const PLACE: &str = "TILLD_STORE_UNDER_TEST";

#[tokio::test]
#[ignore = "it is the process that the next test kills"]
async fn a_child_that_commits_until_it_is_killed() {
    let path = std::env::var_os(PLACE).expect("the parent names the store");
    let opened = Store::open(path.as_ref(), KEEP_DAYS, NOW);
    let (store, opened) = opened.expect("the store opens");
    assert_eq!(opened.recovered, None);
    say(&format!("start {}", opened.start));
    let mut number = opened.records.sequence.unwrap_or(0);
    loop {
        number += 1;
        let owed = owe(number.into(), Subject::Sale(id(number)), 1);
        let receipt = receipt(number.into(), NOW);
        let writes = vec![put(&sale(number)), put_receipt(&receipt), Write::Sequence(number), Write::Owe(owed)];
        commit(&store, writes).await;
        say(&format!("durable {number}"));
    }
}

/// Says something to the parent at once.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").and_then(|()| out.flush()).expect("the parent listens");
}

/// Starts this test program again for one of its ignored tests.
pub(super) fn child(place: &Place, test: &str) -> Child {
    let program = std::env::current_exe().expect("a test knows its program");
    Command::new(program)
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(PLACE, place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the child starts")
}

/// Lets a child say so many durable numbers, kills it, and returns the last one that it said, with its start.
fn run_and_kill(place: &Place, numbers: u32, spins: u32) -> (u64, u32) {
    let test = "store::tests::kill::a_child_that_commits_until_it_is_killed";
    let mut child = child(place, test);
    let out = child.stdout.take().expect("its output is ours");
    let mut lines = BufReader::new(out).lines().map_while(Result::ok);
    let (mut start, mut last, mut said) = (0, 0, 0);
    for line in lines.by_ref() {
        if let Some(number) = line.strip_prefix("start ") {
            start = number.parse().expect("a number");
        }
        if let Some(number) = line.strip_prefix("durable ") {
            last = number.parse().expect("a number");
            said += 1;
        }
        if said == numbers {
            break;
        }
    }
    for _ in 0..spins {
        std::hint::spin_loop();
    }
    child.kill().expect("it runs until it is killed");
    for line in lines {
        if let Some(number) = line.strip_prefix("durable ") {
            // The last line may be cut off in the middle of its number.
            last = number.parse().ok().filter(|n| *n > last).unwrap_or(last);
        }
    }
    child.wait().expect("it is ours");
    (start, last)
}

#[tokio::test]
async fn p2_what_was_acknowledged_is_there_after_a_kill_at_any_moment() {
    let place = Place::new();
    let mut random = fastrand::Rng::with_seed(20_261_120);
    let mut starts = 0;
    for round in 0..25 {
        let (numbers, spins) = (random.u32(1..40), random.u32(..200_000));
        let (start, last) = run_and_kill(&place, numbers, spins);
        assert!(last > 0 && start == starts + 1, "{round}: {start} {last}");
        let (store, opened) = open(&place);
        starts = opened.start;
        assert_eq!((starts, opened.recovered), (start + 1, None));
        let sequence = opened.records.sequence.unwrap_or(0);
        assert!(sequence >= last, "round {round}: {sequence} of {last}");
        // Each commit is there whole, or not at all.
        let want: Vec<_> = (1..=sequence).map(sale).collect();
        assert_eq!(opened.records.sales, want, "round {round}");
        let owed: Vec<_> = opened.records.owed.iter().map(|owed| owed.number).collect();
        assert_eq!(owed, (1..=u64::from(sequence)).collect::<Vec<_>>());
        for number in 1..=sequence {
            let receipt = receipt(number.into(), NOW);
            let found = store.receipt(receipt.key).await;
            assert_eq!(found.ok(), Some(Some(receipt)), "round {round}");
        }
        store.close().await;
    }
}
