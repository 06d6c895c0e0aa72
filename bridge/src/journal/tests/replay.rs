//! Replays: a terminal's entries since a time, oldest first, in parts of bounded size.

use till_wire::UnixTime;

use super::super::{Cursor, Stored};
use super::{Folder, HOUR_MS, Log, START, deliver, entry, terminal, texts, undelivered, write};

/// Returns a whole replay and in how many parts it came.
fn replay(log: &Log, number: u32, since: i64) -> (Vec<String>, usize) {
    let mut from = log.shared.replay_start();
    let mut stored: Vec<Stored> = Vec::new();
    let mut parts = 0;
    while let Some(cursor) = from {
        let chunk = log.shared.replay(terminal(number), UnixTime::from_ms(since), cursor);
        stored.extend(chunk.entries.into_iter().map(|(_, stored)| stored));
        from = chunk.next;
        parts += 1;
    }
    (texts(&stored), parts)
}

#[test]
fn a_replay_is_one_terminal_s_since_a_time_delivered_or_not() {
    let folder = Folder::new();
    let mut log = folder.open();
    for hour in 0..40 {
        let at = START + hour * HOUR_MS;
        write(&mut log, &[entry(1, at, &format!("one {hour}")), entry(2, at, &format!("two {hour}"))]);
    }
    undelivered(&log).iter().step_by(3).for_each(|stored| deliver(&log, stored.number));
    let want = |from: i64| (from..40).map(|hour| format!("one {hour}")).collect::<Vec<_>>();
    assert_eq!(replay(&log, 1, START).0, want(0));
    // A request knows whole seconds only.
    assert_eq!(replay(&log, 1, START + 35 * HOUR_MS + 999).0, want(35));
    assert_eq!(replay(&log, 1, START + 35 * HOUR_MS + 1000).0, want(36));
    assert_eq!(replay(&log, 1, i64::MAX).0, want(40));
    assert_eq!(replay(&log, 3, 0).0, want(40));
    drop(log);
    assert_eq!(replay(&folder.open(), 1, START).0, want(0));
}

#[test]
fn p9_a_replay_is_read_in_parts_and_can_go_on_from_any_entry() {
    let folder = Folder::new();
    let mut log = folder.open();
    let large = |count: usize| format!("{count:04}").repeat(15_000);
    let entries: Vec<_> = (0..40).map(|count| entry(1, START, &large(count))).collect();
    write(&mut log, &entries);
    let want: Vec<String> = (0..40).map(large).collect();
    let (all, parts) = replay(&log, 1, START);
    assert_eq!(all, want);
    assert!(parts >= 5, "{parts}");

    let mut cursors: Vec<Cursor> = Vec::new();
    let mut from = log.shared.replay_start();
    while let Some(cursor) = from {
        let chunk = log.shared.replay(terminal(1), UnixTime::from_ms(START), cursor);
        cursors.extend(chunk.entries.iter().map(|(cursor, _)| *cursor));
        from = chunk.next;
    }
    for (index, cursor) in cursors.into_iter().enumerate() {
        let chunk = log.shared.replay(terminal(1), UnixTime::from_ms(START), cursor);
        let first = chunk.entries.into_iter().next().map(|(_, stored)| stored);
        assert_eq!(first.map(|stored| stored.entry.envelope), Some(large(index).into_bytes()));
    }
}

#[test]
fn a_replay_ends_where_the_journal_ended_when_it_began() {
    let folder = Folder::new();
    let mut log = folder.open();
    assert_eq!(log.shared.replay_start(), None);
    write(&mut log, &[entry(1, START, "before")]);
    let start = log.shared.replay_start().expect("there is an entry");
    write(&mut log, &[entry(1, START, "after")]);
    let chunk = log.shared.replay(terminal(1), UnixTime::from_ms(START), start);
    let stored: Vec<Stored> = chunk.entries.into_iter().map(|(_, stored)| stored).collect();
    assert_eq!(texts(&stored), ["before"]);
}
