//! What a barcode scanner types: characters up to Enter. It must not know what they are for.

use evdev::KeyCode;

/// The longest order number, in characters (contract §4).
pub(super) const LONGEST: usize = 100;

/// Characters that have come and are no whole scan yet.
#[derive(Debug)]
pub(super) struct Scan {
    text: String,
    /// The longest scan, in characters.
    most: usize,
    /// Whether there are too many of them; the whole scan is then dropped.
    overflows: bool,
}

/// What came of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A whole code: printable characters, one at least.
    Whole(String),
    /// A code that is too long.
    TooLong,
}

impl Default for Scan {
    /// Scans of order numbers.
    fn default() -> Self {
        Self::up_to(LONGEST)
    }
}

impl Scan {
    /// Scans of at most so many characters.
    pub(super) fn up_to(most: usize) -> Self {
        Self { text: String::new(), most, overflows: false }
    }

    /// Takes a key that is pressed; returns what it completes. Enter completes, and so does Tab, as scanners are set up.
    pub(super) fn takes(&mut self, code: KeyCode, is_shifted: bool) -> Option<Read> {
        if [KeyCode::KEY_ENTER, KeyCode::KEY_KPENTER, KeyCode::KEY_TAB].contains(&code) {
            let text = std::mem::take(&mut self.text);
            let text = text.trim();
            return match std::mem::take(&mut self.overflows) {
                true => Some(Read::TooLong),
                false => (!text.is_empty()).then(|| Read::Whole(text.to_owned())),
            };
        }
        let typed = character(code, is_shifted)?;
        if self.text.len() < self.most {
            self.text.push(typed);
        } else {
            self.overflows = true;
        }
        None
    }
}

/// The keys of a United States keyboard, which scanners are delivered as, each with its characters. Source:
/// input-event-codes.h; codes that follow each other stand in one row.
const ROWS: [(KeyCode, &str, &str); 6] = [
    (KeyCode::KEY_1, "1234567890-=", "!@#$%^&*()_+"),
    (KeyCode::KEY_Q, "qwertyuiop[]", "QWERTYUIOP{}"),
    (KeyCode::KEY_A, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (KeyCode::KEY_BACKSLASH, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (KeyCode::KEY_SPACE, " ", " "),
    (KeyCode::KEY_KP7, "789-456+1230.", "789-456+1230."),
];

fn character(code: KeyCode, is_shifted: bool) -> Option<char> {
    ROWS.iter().find_map(|(first, plain, shifted)| {
        let at = usize::from(code.0.checked_sub(first.0)?);
        (if is_shifted { shifted } else { plain }).chars().nth(at)
    })
}
