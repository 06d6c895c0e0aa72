//! `[input]`: where amounts are typed, and where the display is touched. It must not open devices.

use std::path::PathBuf;

use till_settings::{Table, number, one_of, path};

/// The most keypads, the most scanners and the most touch screens that one terminal listens to.
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

/// What feels fingers on the display.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// Which devices.
    pub screens: TouchScreens,
    /// How their surface lies over the panel, row by row, as libinput's calibration matrix: each number from -10 to 10.
    pub matrix: [f32; 6],
}

/// Which devices feel fingers on the display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TouchScreens {
    /// Every touch screen that is found.
    Auto,
    /// None.
    None,
    /// These devices: one to eight.
    Devices(Vec<PathBuf>),
}

impl Keypad {
    pub(super) fn take(table: &Table) -> Self {
        let devices = |paths: Vec<PathBuf>| if paths.is_empty() { Self::None } else { Self::Devices(paths) };
        take_devices(table, "keypad", [("auto", Self::Auto), ("none", Self::None)], devices)
    }
}

impl Touch {
    /// A surface that lies over its panel just so.
    const PLAIN: [f32; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

    pub(super) fn take(table: &Table) -> Self {
        type Screens = TouchScreens;
        let devices = |paths: Vec<PathBuf>| if paths.is_empty() { Screens::None } else { Screens::Devices(paths) };
        let words = [("auto", Screens::Auto), ("none", Screens::None)];
        let matrix = table.array_or("touch_matrix", Self::PLAIN, number(-10.0..=10.0));
        Self { screens: take_devices(table, "touch", words, devices), matrix }
    }
}

/// Takes a word or a list of devices.
fn take_devices<T: Clone + PartialEq + 'static>(
    table: &Table,
    key: &'static str,
    words: [(&'static str, T); 2],
    devices: impl Fn(Vec<PathBuf>) -> T,
) -> T {
    if table.is_list(key) {
        return devices(table.list(key, MOST, path()));
    }
    let [(_, default), _] = words.clone();
    table.or(key, default, one_of(words).expecting("auto | none | [ \"/dev/input/event0\", … ]"))
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
