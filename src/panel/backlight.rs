//! The light behind a panel, as the kernel gives it: a folder of small files for each. Knows files and brightness, not
//! what is shown. Source: Linux, Documentation/ABI/stable/sysfs-class-backlight.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::light::Level;
use crate::config;

/// The lights that are set, and how they are.
#[derive(Debug)]
pub(super) struct Backlight {
    folder: PathBuf,
    which: config::Backlight,
    set: Option<Level>,
    health: Health,
}

/// What has been told of the lights; each thing is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Unknown,
    Works,
    Absent,
    Broken,
}

/// The most lights that are set where none is named.
const MOST: usize = 8;

/// The power states of `bl_power`: `FB_BLANK_UNBLANK` and `FB_BLANK_POWERDOWN`.
const ON: &str = "0";
const OFF: &str = "4";

impl Backlight {
    pub(super) fn new(which: &config::Backlight) -> Self {
        Self::in_folder("/sys/class/backlight", which)
    }

    /// Takes another folder for the kernel's.
    pub(super) fn in_folder(folder: impl Into<PathBuf>, which: &config::Backlight) -> Self {
        Self { folder: folder.into(), which: which.clone(), set: None, health: Health::Unknown }
    }

    /// Sets the lights, unless they are so already. What cannot be set is told once and tried again at the next change:
    /// a display that stays bright is no reason to stop selling.
    pub(super) fn set(&mut self, level: Level) {
        if self.which == config::Backlight::None || self.set == Some(level) {
            return;
        }
        self.set = Some(level);
        let health = match self.write(level) {
            Ok(0) => Health::Absent,
            Ok(_) => Health::Works,
            Err(error) => self.broken(&error),
        };
        if health == Health::Absent && self.health != health {
            let folder = self.folder.display();
            tracing::info!(%folder, "no backlight is found: the display stays as bright as it is");
        }
        self.health = health;
    }

    /// Tells whether the lights have been switched off. Where there is none, nothing is dark.
    pub(super) fn is_off(&self) -> bool {
        self.set == Some(Level::Off) && self.health == Health::Works
    }

    fn broken(&self, (path, error): &(PathBuf, io::Error)) -> Health {
        if self.health != Health::Broken {
            tracing::warn!(
                path = %path.display(),
                %error,
                "cannot set the display's brightness; it needs a udev rule that lets this user write it, and the name of a \
                 backlight that exists"
            );
        }
        Health::Broken
    }

    /// Returns how many lights were set.
    fn write(&self, level: Level) -> Result<usize, (PathBuf, io::Error)> {
        let lights = match &self.which {
            config::Backlight::None => Vec::new(),
            config::Backlight::Named(name) => vec![self.folder.join(name)],
            config::Backlight::Auto => self.found(),
        };
        for light in &lights {
            set_one(light, level)?;
        }
        Ok(lights.len())
    }

    /// Lists the kernel's lights in the order of their names; none where the folder is missing.
    fn found(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().take(MOST);
        let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        found.sort();
        found
    }
}

/// Sets one light: off is no brightness and no power, because for some lights the least brightness is not dark.
fn set_one(light: &Path, level: Level) -> Result<(), (PathBuf, io::Error)> {
    let at = |name: &str| light.join(name);
    let most = at("max_brightness");
    let most = read_number(&most).map_err(|error| (most, error))?;
    let value = match level {
        Level::Full => most,
        Level::Dimmed(percent) => (most.saturating_mul(u64::from(percent)) / 100).clamp(most.min(1), most),
        Level::Off => 0,
    };
    let brightness = at("brightness");
    if level != Level::Off {
        power(light, ON)?;
    }
    write(&brightness, &value.to_string()).map_err(|error| (brightness, error))?;
    if level == Level::Off {
        power(light, OFF)?;
    }
    Ok(())
}

/// Sets the light's power, where the light has a switch.
fn power(light: &Path, state: &str) -> Result<(), (PathBuf, io::Error)> {
    let switch = light.join("bl_power");
    match write(&switch, state) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err((switch, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Reads a whole number; what the kernel writes has far fewer than 32 digits.
fn read_number(path: &Path) -> io::Result<u64> {
    let mut text = String::new();
    File::open(path)?.take(32).read_to_string(&mut text)?;
    text.trim().parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it holds no whole number"))
}

/// Writes to a file that exists; in the kernel's folders none can be made.
fn write(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).truncate(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
pub(super) mod tests;
