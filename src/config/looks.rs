//! `[display]`: how the display looks while nobody pays: picture, brightness, and what keeps it from burning in. It must
//! not open files or devices.

use std::path::PathBuf;
use std::time::Duration;

use till_settings::{Table, parsed, path, seconds, switch, whole};

/// How the display looks while nobody pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// The shop's own picture for the idle display, if there is one: a PNG file.
    pub logo: Option<PathBuf>,
    /// Whether the idle picture moves by a few pixels each minute.
    pub shift: bool,
    /// The light behind the panel.
    pub backlight: Backlight,
    /// When it is less than full.
    pub dimming: Dimming,
}

/// The light behind the panel, as the kernel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backlight {
    /// Every one that is found.
    Auto,
    /// Brightness is not touched.
    None,
    /// The one of this name in `/sys/class/backlight`: 1 to 64 bytes without `/`.
    Named(String),
}

/// When the light is less than full; it is always full while anything but the idle screen is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimming {
    /// How long the display is idle before it is dimmed.
    pub after: Duration,
    /// How bright it is then, in hundredths: 1 to 100.
    pub percent: u8,
    /// When an idle display is dark, if ever.
    pub night: Option<Night>,
}

/// A part of each day, in minutes from midnight, each below 1440; they differ. `until` may be the smaller one: then
/// midnight lies between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Night {
    /// The first minute.
    pub from: u16,
    /// The first minute after it.
    pub until: u16,
}

impl Looks {
    pub(super) fn take(table: &Table) -> Self {
        let backlight = parsed("auto | none | a name in /sys/class/backlight", Backlight::parse);
        let percent = whole(1..=100).then(|percent| u8::try_from(percent).ok());
        Self {
            logo: table.optional("logo", path()),
            shift: table.or("shift", true, switch()),
            backlight: table.or("backlight", Backlight::Auto, backlight),
            dimming: Dimming {
                after: table.or("dim_after_s", Duration::from_secs(300), seconds(10..=86_400)),
                percent: table.or("dim_percent", 30, percent),
                night: table.optional("night", parsed("two different times such as \"22:00-06:00\"", Night::parse)),
            },
        }
    }
}

impl Backlight {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "none" => Some(Self::None),
            name => {
                let plain = name.chars().all(|c| c.is_ascii_graphic() && c != '/') && !name.starts_with('.');
                (plain && (1..=64).contains(&name.len())).then(|| Self::Named(name.to_owned()))
            }
        }
    }
}

impl Night {
    fn parse(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let (from, until) = (minute(from)?, minute(until)?);
        (from != until).then_some(Self { from, until })
    }
}

/// Reads `HH:MM` as minutes from midnight.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str, below: u16| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|number| plain && *number < below)
    };
    Some(two(hours, 24)? * 60 + two(minutes, 60)?)
}
