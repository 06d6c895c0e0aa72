//! How requests are merged, in which order replays run, and what a lost connection changes.

use till_wire::{TerminalNumber, Topic, UnixTime};

use super::{MAX_WAITING, Packet, Replays, Step, TooMany};
use crate::journal::{Chunk, Cursor, Entry, EntryNumber, Stored};

fn terminal(number: u32) -> TerminalNumber {
    TerminalNumber::new(number).expect("a terminal number")
}

fn wish(replays: &mut Replays, number: u32, since: i64, packet: u16) -> Result<(), TooMany> {
    replays.wish(terminal(number), UnixTime::from_secs(since), Packet(packet))
}

fn reading(number: u32, since: i64, from: u64) -> Step {
    Step::Read { terminal: terminal(number), since: UnixTime::from_secs(since), from: Cursor::at(from) }
}

/// A part with entries at these places.
fn part(places: &[u64], next: Option<u64>) -> Chunk {
    let entry = |number: u64| Entry {
        topic: Topic::Webhook(terminal(1)),
        received_at: UnixTime::from_secs(0),
        envelope: number.to_string().into_bytes(),
    };
    let stored = |number: u64| Stored { number: EntryNumber::new(number), entry: entry(number) };
    let entries = places.iter().map(|place| (Cursor::at(*place), stored(*place))).collect();
    Chunk { entries, next: next.map(Cursor::at) }
}

fn popped(replays: &mut Replays) -> Option<Cursor> {
    replays.pop().map(|(cursor, _)| cursor)
}

#[test]
fn requests_that_wait_are_merged_and_acknowledged_together_at_the_end() {
    let mut replays = Replays::default();
    assert_eq!(replays.step(), Step::Nothing);
    for (number, since, packet) in [(1, 50, 1), (2, 10, 2), (1, 40, 3), (1, 60, 4)] {
        assert_eq!(wish(&mut replays, number, since, packet), Ok(()));
    }
    assert_eq!(replays.step(), Step::Begin);
    replays.begin(Some(Cursor::at(0)));
    assert_eq!(replays.step(), reading(1, 40, 0));
    // What is asked while it runs may be about what it has passed already: it waits its turn.
    assert_eq!(wish(&mut replays, 1, 45, 5), Ok(()));
    replays.read(part(&[3, 7], Some(9)));
    assert_eq!(replays.step(), Step::Publish);
    assert_eq!([popped(&mut replays), popped(&mut replays)], [Some(Cursor::at(3)), Some(Cursor::at(7))]);
    assert_eq!(replays.step(), reading(1, 40, 9));
    replays.read(part(&[], None));
    assert_eq!(replays.step(), Step::Finish);
    assert_eq!(replays.finish(), [Packet(1), Packet(3), Packet(4)]);

    replays.begin(None);
    assert_eq!(replays.step(), Step::Finish);
    assert_eq!(replays.finish(), [Packet(2)]);
    replays.begin(Some(Cursor::at(0)));
    assert_eq!(replays.step(), reading(1, 45, 0));
}

#[test]
fn after_a_lost_connection_a_replay_goes_on_from_what_was_not_acknowledged() {
    let start = || {
        let mut replays = Replays::default();
        assert_eq!(wish(&mut replays, 1, 5, 1), Ok(()));
        assert_eq!(wish(&mut replays, 2, 5, 2), Ok(()));
        replays.begin(Some(Cursor::at(0)));
        replays.read(part(&[1, 2, 3, 4], Some(5)));
        replays
    };
    for (published, on_their_way, next) in [(3, vec![2, 3], 2), (2, vec![], 3), (4, vec![], 5), (0, vec![], 1)] {
        let mut replays = start();
        for _ in 0..published {
            assert!(replays.pop().is_some());
        }
        replays.connection_lost(on_their_way.into_iter().map(Cursor::at));
        assert_eq!(replays.step(), reading(1, 5, next));
        replays.read(part(&[], None));
        assert_eq!(replays.finish(), []);
        // The broker sends the requests again, and that of the finished replay too.
        assert_eq!(wish(&mut replays, 2, 5, 9), Ok(()));
        replays.begin(None);
        assert_eq!(replays.finish(), [Packet(9)]);
    }
}

#[test]
fn p9_only_so_many_terminals_may_wait() {
    let mut replays = Replays::default();
    let most = u32::try_from(MAX_WAITING).expect("a small bound");
    assert!((1..=most).all(|number| wish(&mut replays, number, 5, 1).is_ok()));
    assert_eq!(wish(&mut replays, most + 1, 5, 1), Err(TooMany));
    assert_eq!(wish(&mut replays, most, 5, 1), Ok(()));
}
