//! `[sound]`: what is heard. It must not open devices.

use till_settings::{Table, one_of, parsed};

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
