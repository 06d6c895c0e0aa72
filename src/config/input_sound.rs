//! `[input]` and `[sound]`: where amounts are typed, and what is heard. It must not open devices.

use std::path::PathBuf;

use till_settings::{Table, one_of, parsed, path};

/// The most keypads that one terminal listens to.
const MOST_KEYPADS: usize = 8;

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
        let devices = table.list("keypad", MOST_KEYPADS, path());
        if devices.is_empty() { Self::None } else { Self::Devices(devices) }
    }
}

/// What is heard, and through what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// The voice: a language's short name such as `vi`.
    pub voice: String,
}

impl Sound {
    /// Returns nothing when the terminal is silent.
    pub(super) fn take(table: &Table) -> Option<Self> {
        let audible = table.or("driver", false, one_of([("none", false), ("alsa", true)]));
        let voice = parsed("a voice such as \"vi\" (a-z, 0-9, - and _)", |name| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
            let fits = (1..=32).contains(&name.len()) && name.chars().all(plain);
            fits.then(|| name.to_owned())
        });
        let voice = table.or("voice", "vi", voice);
        audible.then_some(Self { voice })
    }
}
