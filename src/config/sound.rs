//! `[sound]`: what is heard. It must not open devices.

use std::path::PathBuf;

use till_settings::{Kind, Table, one_of, parsed, path, whole};

/// What is heard, and through what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// The ALSA device that plays, by the name that `aplay -L` shows.
    pub device: String,
    /// The voice: a language's short name such as `vi`.
    pub voice: String,
    /// The folder of recorded words that are played instead of the voice.
    pub clips: Option<PathBuf>,
    /// How loud it is, in per cent of what the card would play: 0 to 100.
    pub volume: u8,
}

impl Sound {
    /// Returns nothing when the terminal is silent.
    pub(super) fn take(table: &Table) -> Option<Self> {
        let audible = table.or("driver", false, one_of([("none", false), ("alsa", true)]));
        let device = table.or("device", "default", device());
        let voice = table.or("voice", "vi", voice());
        let clips = table.optional("clips", path());
        let percent = whole(0..=100).then(|percent| u8::try_from(percent).ok());
        let volume = table.or("volume", 80u8, percent);
        audible.then_some(Self { device, voice, clips, volume })
    }
}

fn device() -> Kind<String> {
    parsed("a device of aplay -L (1 to 128 visible ASCII characters, the first no -)", |name| {
        let plain = name.chars().all(|c| c.is_ascii_graphic()) && !name.starts_with('-');
        (plain && (1..=128).contains(&name.len())).then(|| name.to_owned())
    })
}

fn voice() -> Kind<String> {
    parsed("a voice such as \"vi\" (a-z, 0-9, - and _, the first no -)", |name| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let fits = (1..=32).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('-');
        fits.then(|| name.to_owned())
    })
}
