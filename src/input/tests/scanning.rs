//! Scanners: what they type is one text up to Enter, and never an amount.

use std::os::unix::fs::symlink;

use evdev::KeyCode;
use tokio::time::timeout;

use super::{Duration, EV_KEY, EV_SYN, Folder, Key, Plugged, Record, SOON, Seats, Till, Use, event, stroke, write};
use crate::input::hand::Hand;
use crate::input::scan::{Read, Scan};

const ENTER: u16 = 28;

/// Types a text as a scanner does that is set up as a United States keyboard. The table is written by hand from the
/// keyboard, not made from the program's.
fn typed(text: &str) -> Vec<Record> {
    let plain = |code| stroke(code);
    let shifted = |code| {
        let mut events = vec![event(EV_KEY, KeyCode::KEY_LEFTSHIFT.0, 1), event(EV_SYN, 0, 0)];
        events.extend(stroke(code));
        events.extend([event(EV_KEY, KeyCode::KEY_LEFTSHIFT.0, 0), event(EV_SYN, 0, 0)]);
        events
    };
    let events = text.chars().map(|typed| match typed {
        '1'..='9' => plain(typed as u16 - '1' as u16 + 2),
        '0' => plain(11),
        '-' => plain(12),
        '_' => shifted(12),
        '.' => plain(52),
        '/' => plain(53),
        ' ' => plain(57),
        '\\' => plain(43),
        '`' => plain(41),
        '#' => shifted(4),
        ':' => shifted(39),
        '?' => shifted(53),
        '|' => shifted(43),
        'O' => shifted(24),
        'R' => shifted(19),
        'D' => shifted(32),
        'E' => shifted(18),
        'z' => plain(44),
        'm' => plain(50),
        'q' => plain(16),
        'l' => plain(38),
        '\n' => plain(ENTER),
        '\t' => plain(15),
        other => unreachable!("{other} has no place in the table"),
    });
    events.flatten().collect()
}

#[track_caller]
fn check(text: &str, want: &[Read]) {
    let (mut hand, mut scan) = (Hand::default(), Scan::default());
    let read: Vec<Read> = typed(text).into_iter().filter_map(|event| hand.scans(event, &mut scan)).collect();
    assert_eq!(read, want, "{text}");
}

fn whole(text: &str) -> Read {
    Read::Whole(text.to_owned())
}

#[test]
fn a_code_is_what_comes_up_to_enter() {
    check("ORDER-77\n", &[whole("ORDER-77")]);
    check("8934567890123\n1029\t", &[whole("8934567890123"), whole("1029")]);
    check("#/: zmql\\`?|\n", &[whole("#/: zmql\\`?|")]);
    check("ORDER-77", &[]);
    check("\n\n  \n", &[]);
    check(" 7 \n", &[whole("7")]);
}

#[test]
fn p9_a_code_that_is_too_long_is_dropped_whole() {
    let longest = "7".repeat(100);
    check(&format!("{longest}\n"), &[whole(&longest)]);
    check(&format!("{longest}8\n5\n"), &[Read::TooLong, whole("5")]);
}

#[tokio::test]
async fn a_scanner_sells_nothing_even_where_every_keypad_is_listened_to() {
    let folder = Folder::new();
    let keypad = Plugged::new(folder.path("event0")).permitted();
    let scanner = Plugged::new(folder.path("event1")).permitted();
    std::fs::create_dir(folder.path("by-id")).expect("the folder is ours");
    let named = folder.path("by-id").join("scanner");
    let all = [
        (Use::References, Seats::named(vec![named.clone()])),
        (Use::Keys, Seats::every(folder.0.clone(), vec![named.clone()])),
    ];
    let mut till = Till::with(Duration::from_millis(20), all);
    // Its name comes later than the device, which until then is a keypad like any other.
    let mut early = scanner.taken().await;
    symlink(folder.path("event1"), &named).expect("the folder is ours");
    let mut hand = scanner.taken().await;
    write(&mut hand, &typed("8934567890123\n"));
    let read = timeout(SOON, till.scanned.recv()).await.expect("it is scanned");
    assert_eq!(read.as_deref(), Some("8934567890123"));
    // Nobody hears the one that was let go.
    let _ = std::io::Write::write_all(&mut early, &event(EV_KEY, 79, 1).bytes());
    write(&mut keypad.taken().await, &stroke(76));
    assert_eq!(till.hears(1).await, [Key::Digit(5)]);
}

#[tokio::test]
async fn a_claim_is_read_from_a_scanner_whole_and_devices_are_let_go_after_it() {
    let folder = Folder::new();
    let scanner = Plugged::new(folder.path("event0")).permitted();
    let (texts, mut read) = tokio::sync::mpsc::channel(1);
    let (port, _end) = crate::port::port();
    let seats = Seats::every(folder.0.clone(), Vec::new());
    let listening = tokio::spawn(seats.listen(Use::Texts(2_000, texts), port, super::open, super::NEVER));
    let mut hand = scanner.taken().await;
    let claim = format!("{}.{}.zm_q-l", "RO_D".repeat(20), "E7-_".repeat(380));
    let events = typed(&format!("{}\n{claim}\n", "7".repeat(2_001)));
    // More than the socket holds at a time, so it is read meanwhile; and never half an event, as from a device.
    let mut scanning = hand.try_clone().expect("a second hand");
    tokio::task::spawn_blocking(move || events.chunks(32).for_each(|some| write(&mut scanning, some)));
    let first = timeout(SOON, read.recv()).await.expect("it is read");
    assert_eq!(first.as_deref(), Some(claim.as_str()), "what is too long is dropped, and what follows is read");
    listening.abort();
    assert!(listening.await.expect_err("it is over").is_cancelled());
    // Whoever listened has hung up.
    let gone = std::io::Read::read(&mut hand, &mut [0]);
    assert!(matches!(gone, Ok(0)), "{gone:?}");
}
