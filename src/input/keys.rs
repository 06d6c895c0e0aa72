//! Which key of a keypad or keyboard is which key of the till. It must not know devices.

use evdev::KeyCode;

use crate::till::Key;

/// Whether Shift is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    Up,
    Down,
}

/// The USB names (usage page 7) of keys that Linux knows only as `KEY_UNKNOWN`. Source: HID Usage Tables 1.4, chapter 10;
/// `hid_keyboard` of Linux' hid-input.c.
mod usage {
    pub(super) const KEYPAD_00: i32 = 0x7_00b0;
    pub(super) const KEYPAD_000: i32 = 0x7_00b1;
    pub(super) const KEYPAD_BACKSPACE: i32 = 0x7_00bb;
}

/// Returns what a key means. `scan` is what the device itself called it, where it said so.
///
/// Letters mean nothing, nor does the point: an amount that is typed as it is written, `50.000`, is that amount. A keypad's
/// `00` and `000` keys send quick zeros or a name of their own. NumLock changes nothing, for keys tell which they are and
/// not what is printed on them.
pub(super) fn meaning(code: KeyCode, shift: Shift, scan: Option<i32>) -> Option<Key> {
    if let Some(digit) = keypad_digit(code) {
        return Some(Key::Digit(digit));
    }
    match (code, shift) {
        (KeyCode::KEY_KPENTER | KeyCode::KEY_ENTER, _) => Some(Key::Enter),
        (KeyCode::KEY_BACKSPACE | KeyCode::KEY_DELETE, _) => Some(Key::Back),
        // Many keypads have no Esc, and nothing can be subtracted.
        (KeyCode::KEY_ESC | KeyCode::KEY_KPMINUS, _) => Some(Key::Escape),
        (KeyCode::KEY_KPPLUS, _) | (KeyCode::KEY_EQUAL, Shift::Down) => Some(Key::Plus),
        (KeyCode::KEY_KPASTERISK, _) | (KeyCode::KEY_8, Shift::Down) => Some(Key::Times),
        // Keypads have no F1 and nothing is divided; few have a Tab, which moves nowhere here.
        (KeyCode::KEY_F1 | KeyCode::KEY_KPSLASH, _) => Some(Key::Last),
        (KeyCode::KEY_F2 | KeyCode::KEY_TAB, _) => Some(Key::Report),
        (KeyCode::KEY_UNKNOWN, _) => match scan? {
            usage::KEYPAD_00 => Some(Key::DoubleZero),
            usage::KEYPAD_000 => Some(Key::TripleZero),
            usage::KEYPAD_BACKSPACE => Some(Key::Back),
            _ => None,
        },
        (_, Shift::Down) => None,
        (code, Shift::Up) => row_digit(code).map(Key::Digit),
    }
}

/// The digit keys of a keypad, from 0 on.
pub(super) const KEYPAD: [KeyCode; 10] = [
    KeyCode::KEY_KP0,
    KeyCode::KEY_KP1,
    KeyCode::KEY_KP2,
    KeyCode::KEY_KP3,
    KeyCode::KEY_KP4,
    KeyCode::KEY_KP5,
    KeyCode::KEY_KP6,
    KeyCode::KEY_KP7,
    KeyCode::KEY_KP8,
    KeyCode::KEY_KP9,
];

/// The digit keys above the letters, from 0 on.
pub(super) const ROW: [KeyCode; 10] = [
    KeyCode::KEY_0,
    KeyCode::KEY_1,
    KeyCode::KEY_2,
    KeyCode::KEY_3,
    KeyCode::KEY_4,
    KeyCode::KEY_5,
    KeyCode::KEY_6,
    KeyCode::KEY_7,
    KeyCode::KEY_8,
    KeyCode::KEY_9,
];

fn keypad_digit(code: KeyCode) -> Option<u8> {
    place(&KEYPAD, code)
}

fn row_digit(code: KeyCode) -> Option<u8> {
    place(&ROW, code)
}

fn place(keys: &[KeyCode; 10], code: KeyCode) -> Option<u8> {
    let place = keys.iter().position(|key| *key == code)?;
    u8::try_from(place).ok()
}
