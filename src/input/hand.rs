//! The hand on one device: which modifiers it holds down, and the keys that it presses. It must not know what is done with
//! them.

use evdev::{EventType, KeyCode, MiscCode, SynchronizationCode};

use super::keys::{Shift, meaning};
use super::record::Record;
use super::scan::{Read, Scan};
use crate::till::Key;

const RELEASED: i32 = 0;
const PRESSED: i32 = 1;

/// Keys that change what others mean, each with its bit in [`Hand::held`].
const MODIFIERS: [(KeyCode, u8); 8] = [
    (KeyCode::KEY_LEFTSHIFT, 1),
    (KeyCode::KEY_RIGHTSHIFT, 2),
    (KeyCode::KEY_LEFTCTRL, 4),
    (KeyCode::KEY_RIGHTCTRL, 8),
    (KeyCode::KEY_LEFTALT, 16),
    (KeyCode::KEY_RIGHTALT, 32),
    (KeyCode::KEY_LEFTMETA, 64),
    (KeyCode::KEY_RIGHTMETA, 128),
];
const SHIFTS: u8 = 3;

/// What is held down on a device.
#[derive(Debug, Default)]
pub(super) struct Hand {
    /// One bit for each modifier.
    held: u8,
    /// What the device called the key whose event follows.
    scan: Option<i32>,
    /// Whether the kernel had no room for what happened: what comes until the next report is torn.
    torn: bool,
}

/// A key that is down.
struct Stroke {
    code: KeyCode,
    shift: Shift,
    /// What the device called it.
    scan: Option<i32>,
    /// Whether it has just been pressed; else it is held down.
    is_first: bool,
}

impl Hand {
    /// Takes note of an event; returns the key that it presses, if any. A key that is held down counts once, but for
    /// `Back`, which goes on taking back.
    pub(super) fn feels(&mut self, event: Record) -> Option<Key> {
        let Stroke { code, shift, scan, is_first } = self.stroke(event)?;
        meaning(code, shift, scan).filter(|key| is_first || *key == Key::Back)
    }

    /// Takes note of an event of a scanner; returns what it completes, if anything.
    pub(super) fn scans(&mut self, event: Record, text: &mut Scan) -> Option<Read> {
        let Stroke { code, shift, is_first, .. } = self.stroke(event)?;
        is_first.then(|| text.takes(code, shift == Shift::Down)).flatten()
    }

    /// Takes note of an event; returns the key that is pressed, or held down, by it.
    fn stroke(&mut self, event: Record) -> Option<Stroke> {
        let Record { kind, code, value } = event;
        match EventType(kind) {
            EventType::SYNCHRONIZATION => {
                self.report(code);
                None
            }
            _ if self.torn => None,
            EventType::MISC if code == MiscCode::MSC_SCAN.0 => {
                self.scan = Some(value);
                None
            }
            EventType::KEY => {
                let scan = self.scan.take();
                self.key(KeyCode(code), value, scan)
            }
            _ => None,
        }
    }

    fn report(&mut self, code: u16) {
        self.scan = None;
        if code == SynchronizationCode::SYN_DROPPED.0 {
            // Whether Shift has been let go meanwhile is not known; a shifted digit would be no digit.
            self.held = 0;
            self.torn = true;
        } else if code == SynchronizationCode::SYN_REPORT.0 {
            self.torn = false;
        }
    }

    fn key(&mut self, code: KeyCode, value: i32, scan: Option<i32>) -> Option<Stroke> {
        if let Some((_, bit)) = MODIFIERS.iter().find(|(modifier, _)| *modifier == code) {
            self.held = if value == RELEASED { self.held & !bit } else { self.held | bit };
            return None;
        }
        // Ctrl, Alt and the like make commands for somebody else.
        if value == RELEASED || self.held & !SHIFTS != 0 {
            return None;
        }
        let shift = if self.held == 0 { Shift::Up } else { Shift::Down };
        Some(Stroke { code, shift, scan, is_first: value == PRESSED })
    }
}
