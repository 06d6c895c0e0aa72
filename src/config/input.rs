//! `[input]`: where amounts are typed. It must not open devices.

use std::path::PathBuf;

use till_settings::{Table, one_of, path};

/// The most keypads, and the most scanners, that one terminal listens to.
const MOST: usize = 8;

/// Where amounts are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keypad {
    /// Every keypad that is found.
    Auto,
    /// None.
    None,
    /// These devices: one to eight.
    Devices(Vec<PathBuf>),
}

impl Keypad {
    pub(super) fn take(table: &Table) -> Self {
        if !table.is_list("keypad") {
            let words = [("auto", Self::Auto), ("none", Self::None)];
            let kind = one_of(words).expecting("auto | none | [ \"/dev/input/event0\", … ]");
            return table.or("keypad", Self::Auto, kind);
        }
        let devices = table.list("keypad", MOST, path());
        if devices.is_empty() { Self::None } else { Self::Devices(devices) }
    }
}

/// Takes the scanners that read order numbers: `"none"` or a list.
pub(super) fn take_scanners(table: &Table) -> Vec<PathBuf> {
    if !table.is_list("scanner") {
        let kind = one_of([("none", ())]).expecting("none | [ \"/dev/input/by-id/…\", … ]");
        table.or("scanner", (), kind);
        return Vec::new();
    }
    table.list("scanner", MOST, path())
}
