//! What is owed to others.

use super::World;
use super::world::channel;
use crate::till::{Due, Queue};

/// Returns what is owed at the end of a script: kind, whom to, the place of the sale, age in seconds, tries.
fn owed(script: &str, limit: usize) -> (usize, Vec<String>) {
    let world = World::run(script);
    let Queue { count, oldest, .. } = world.till.queue(limit, world.now());
    let lines = oldest.iter().map(|owed| {
        let what = match &owed.what {
            Due::Sale { sale, revision } => format!("sale {} r{revision} to the broker", world.name(*sale)),
            Due::Receipt { revision, .. } => format!("receipt r{revision} to the broker"),
            Due::Replay { .. } => "replay to the broker".to_owned(),
            Due::Command { command, revision } => format!("command {command} r{revision} to the broker"),
            Due::Cancellation { channel: to, sale, tries, .. } => {
                assert_eq!(*to, channel());
                format!("cancellation {} to payos, tries {tries}", world.name(*sale))
            }
            Due::Confirmation { sale, .. } => format!("confirmation {} to payos", world.name(*sale)),
        };
        format!("{what}, {} s", owed.age.map_or(0, |age| age.as_secs()))
    });
    (count, lines.collect())
}

#[track_caller]
fn check_owed(script: &str, want: &[&str]) {
    let (count, got) = owed(script, 100);
    assert_eq!((count, got.iter().map(String::as_str).collect::<Vec<_>>()), (want.len(), want.to_vec()), "{script}");
}

#[test]
fn what_the_broker_has_not_taken_is_owed_oldest_first() {
    check_owed("0 sell 50000\n 0 created\n 5 wait", &["sale #1 r2 to the broker, 5 s"]);
    let two = "0 sell 50000\n 0 create refused\n 10 sell 20000\n 10 created\n 12 wait";
    check_owed(two, &["sale #1 r2 to the broker, 12 s", "sale #2 r2 to the broker, 2 s"]);
    check_owed("0 up\n 0 sell 50000\n 0 created\n 1 published\n 2 published 2\n 3 wait", &[]);
}

#[test]
fn p2_what_was_owed_before_a_restart_is_as_old_as_it_is() {
    check_owed("0 sell 50000\n 0 create refused\n 20 restart\n 30 wait", &["sale #1 r2 to the broker, 30 s"]);
}

#[test]
fn a_cancellation_is_owed_until_the_provider_has_answered() {
    let cancelled = "0 sell 50000\n 0 created\n 5 cancel\n";
    check_owed(
        &format!("{cancelled} 15 wait"),
        &["sale #1 r3 to the broker, 10 s", "cancellation #1 to payos, tries 1, 10 s"],
    );
    check_owed(&format!("{cancelled} 6 cancelled cancelled\n 7 wait"), &["sale #1 r4 to the broker, 1 s"]);
}

#[test]
fn p9_the_queue_tells_a_bounded_part_and_counts_all() {
    let script =
        "0 sell 50000\n 0 create refused\n 10 sell 20000\n 10 create refused\n 20 sell 10000\n 20 create refused";
    let (count, told) = owed(script, 2);
    assert_eq!(
        (count, told),
        (3, vec!["sale #1 r2 to the broker, 20 s".into(), "sale #2 r2 to the broker, 10 s".into()])
    );
}
