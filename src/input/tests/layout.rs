//! What each key means, as a table, and what a hand may hold down meanwhile.

use evdev::KeyCode;

use super::{EV_KEY, EV_MSC, EV_SYN, MSC_SCAN, Record, SYN_DROPPED, event, stroke};
use crate::input::hand::Hand;
use crate::till::Key;

/// Lets a hand feel events and compares the keys that come of them.
#[track_caller]
fn check(events: &[Record], want: &[Key]) {
    let mut hand = Hand::default();
    let keys: Vec<Key> = events.iter().filter_map(|event| hand.feels(*event)).collect();
    assert_eq!(keys, want, "{events:?}");
}

fn with(modifier: KeyCode, code: u16) -> Vec<Record> {
    let mut events = vec![event(EV_KEY, modifier.0, 1), event(EV_SYN, 0, 0)];
    events.extend(stroke(code));
    events.extend([event(EV_KEY, modifier.0, 0), event(EV_SYN, 0, 0)]);
    events
}

fn scanned(scan: i32, code: KeyCode) -> Vec<Record> {
    let mut events = vec![event(EV_MSC, MSC_SCAN, scan)];
    events.extend(stroke(code.0));
    events
}

/// The codes of input-event-codes.h, as numbers: a table of names would only repeat the library.
#[test]
fn every_key_means_what_the_table_says() {
    let digits = (2..=10).zip(1..).chain([(11, 0)]);
    let keypad = [(82, 0), (79, 1), (80, 2), (81, 3), (75, 4), (76, 5), (77, 6), (71, 7), (72, 8), (73, 9)];
    for (code, digit) in digits.chain(keypad) {
        check(&stroke(code), &[Key::Digit(digit)]);
    }
    let others = [
        (28, Key::Enter),
        (96, Key::Enter),
        (14, Key::Back),
        (111, Key::Back),
        (1, Key::Escape),
        (74, Key::Escape),
        (78, Key::Plus),
        (55, Key::Times),
        (59, Key::Last),
        (98, Key::Last),
        (60, Key::Report),
        (15, Key::Report),
    ];
    for (code, key) in others {
        check(&stroke(code), &[key]);
    }
}

#[test]
fn letters_points_and_signs_mean_nothing() {
    // Q, A, Z, X, space, the points and commas, minus and equals above the letters, NumLock, CapsLock, the arrows.
    for code in [16, 30, 44, 45, 57, 52, 51, 83, 121, 12, 13, 69, 58, 103, 105, 106, 108, 767, u16::MAX] {
        check(&stroke(code), &[]);
    }
}

#[test]
fn shift_makes_signs_and_other_modifiers_make_nothing() {
    for shift in [KeyCode::KEY_LEFTSHIFT, KeyCode::KEY_RIGHTSHIFT] {
        check(&with(shift, 9), &[Key::Times]);
        check(&with(shift, 13), &[Key::Plus]);
        check(&with(shift, 5), &[]);
        check(&with(shift, 72), &[Key::Digit(8)]);
    }
    for modifier in [KeyCode::KEY_LEFTCTRL, KeyCode::KEY_RIGHTCTRL, KeyCode::KEY_LEFTALT, KeyCode::KEY_RIGHTALT] {
        check(&with(modifier, 5), &[]);
        check(&with(modifier, 111), &[]);
    }
    let after: Vec<Record> = with(KeyCode::KEY_LEFTSHIFT, 9).into_iter().chain(stroke(9)).collect();
    check(&after, &[Key::Times, Key::Digit(8)]);
}

#[test]
fn the_zeros_of_a_keypad_are_quick_zeros_or_have_a_usb_name() {
    let thrice: Vec<Record> = (0..3).flat_map(|_| stroke(82)).collect();
    check(&thrice, &[Key::Digit(0); 3]);
    check(&scanned(0x7_00b0, KeyCode::KEY_UNKNOWN), &[Key::DoubleZero]);
    check(&scanned(0x7_00b1, KeyCode::KEY_UNKNOWN), &[Key::TripleZero]);
    check(&scanned(0x7_00bb, KeyCode::KEY_UNKNOWN), &[Key::Back]);
    check(&scanned(0x7_00b6, KeyCode::KEY_UNKNOWN), &[]);
    check(&stroke(KeyCode::KEY_UNKNOWN.0), &[]);
    // A name belongs to the key that follows it, and to no later one.
    let mut late = scanned(0x7_00b0, KeyCode::KEY_KP5);
    late.extend(stroke(KeyCode::KEY_UNKNOWN.0));
    check(&late, &[Key::Digit(5)]);
}

#[test]
fn a_key_that_is_held_down_counts_once_but_for_back() {
    let held = |code| {
        let repeat = [event(EV_KEY, code, 2), event(EV_SYN, 0, 1)];
        [event(EV_KEY, code, 1), event(EV_SYN, 0, 0)].into_iter().chain(repeat).chain(repeat).collect::<Vec<_>>()
    };
    check(&held(79), &[Key::Digit(1)]);
    check(&held(96), &[Key::Enter]);
    check(&held(1), &[Key::Escape]);
    check(&held(14), &[Key::Back; 3]);
}

#[test]
fn p9_what_the_kernel_dropped_is_not_guessed() {
    let torn = [
        event(EV_KEY, KeyCode::KEY_LEFTSHIFT.0, 1),
        event(EV_SYN, SYN_DROPPED, 0),
        event(EV_KEY, 79, 1),
        event(EV_SYN, 0, 0),
    ];
    let events: Vec<Record> = torn.into_iter().chain(stroke(9)).collect();
    check(&events, &[Key::Digit(8)]);
}
