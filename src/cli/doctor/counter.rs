//! What stands on the counter: display, keypad, sound. What a running daemon says of them counts; else it is looked
//! whether they are there. It must not open a device: the daemon has them, and some would be taken from it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use till_settings::read_bounded;
use till_wire::Status;

use super::Finding;
use super::subject::Subject;
use crate::cli::words::{Check, Counter, Said};
use crate::config::{Driver, Keypad, Settings, TouchScreens};

/// The kernel's list of input devices, and the most of it that is read.
const INPUTS: (&str, u64) = ("/proc/bus/input/devices", 262_144);

/// Looks at everything that stands there.
pub(super) fn look(subject: &Subject, status: Option<&Status>) -> Vec<Finding> {
    let finding = |check, said| Finding::new(check, Said::Counter(said));
    let Some(settings) = &subject.settings else {
        let unknown = |check| finding(check, Counter::NotKnown);
        let mut findings = vec![unknown(Check::Display), unknown(Check::Keypad), unknown(Check::Sound)];
        // The daemon may run with a configuration that was broken since.
        if let Some(said) = status.and_then(display_told) {
            findings.splice(..1, [finding(Check::Display, said)]);
        }
        return findings;
    };
    let mut findings = vec![finding(Check::Display, display(settings, status))];
    findings.extend(inputs(settings).into_iter().map(|said| finding(Check::Keypad, said)));
    findings.push(finding(Check::Sound, sound(settings, status)));
    findings
}

fn display_told(status: &Status) -> Option<Counter> {
    let display = status.display.as_ref().filter(|display| display.driver != "none")?;
    let driver = display.driver.clone();
    let size = display.size.as_ref().map(|size| format!(", {size}")).unwrap_or_default();
    let why = display.reason.clone().unwrap_or_default();
    Some(if display.ok { Counter::DisplayWorks { driver, size } } else { Counter::DisplayBroken { driver, why } })
}

fn display(settings: &Settings, status: Option<&Status>) -> Counter {
    if let Some(said) = status.and_then(display_told) {
        return said;
    }
    let wanted = Access::READ_OK | Access::WRITE_OK;
    match &settings.display.driver {
        Driver::Fbdev { device } | Driver::Drm { device, .. } => self::device(device, wanted),
        Driver::Spi(spi) => device(&spi.wiring.device, wanted),
        Driver::Png { file, .. } => {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            device(folder.unwrap_or(Path::new(".")), Access::WRITE_OK)
        }
        Driver::None => Counter::NoDisplay,
    }
}

fn inputs(settings: &Settings) -> Vec<Counter> {
    let mut named: Vec<&PathBuf> = settings.scanners.iter().chain(&settings.serial).collect();
    if let TouchScreens::Devices(screens) = &settings.touch.screens {
        named.extend(screens);
    }
    let mut said = Vec::new();
    match &settings.keypad {
        Keypad::Devices(keypads) => named.extend(keypads),
        Keypad::Auto => {
            let list = read_bounded_list();
            let found: Vec<_> = keypads_in(&list).into_iter().map(|name| Path::new("/dev/input").join(name)).collect();
            said.extend(found.iter().map(|path| device(path, Access::READ_OK)));
            if found.is_empty() {
                said.push(Counter::NoneFound);
            }
        }
        Keypad::None if named.is_empty() => said.push(Counter::NoKeypad),
        Keypad::None => {}
    }
    said.extend(named.into_iter().map(|path| device(path, Access::READ_OK)));
    said
}

fn read_bounded_list() -> String {
    let (path, largest) = INPUTS;
    read_bounded(Path::new(path), largest).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Returns the event devices that have digit keys, by the kernel's list. Source: Linux, drivers/input/input.c,
/// `input_devices_seq_show`; include/uapi/linux/input-event-codes.h, `KEY_1` is 2 and `KEY_0` is 11, `KEY_KP7` is 71
/// and `KEY_KP0` is 82.
fn keypads_in(list: &str) -> Vec<String> {
    let mut found = Vec::new();
    for device in list.split("\n\n") {
        let value = |key: &str| device.lines().find_map(|line| line.strip_prefix(key));
        let event = value("H: Handlers=").and_then(|names| names.split(' ').find(|name| name.starts_with("event")));
        let (Some(event), Some(keys)) = (event, value("B: KEY=")) else { continue };
        let has = |code: usize| {
            let word = keys.split_whitespace().rev().nth(code / usize::BITS as usize);
            let word = word.and_then(|word| usize::from_str_radix(word, 16).ok()).unwrap_or_default();
            word >> (code % usize::BITS as usize) & 1 == 1
        };
        if (2..=11).all(has) || (has(71) && has(82)) {
            found.push(event.to_owned());
        }
    }
    found.truncate(8);
    found
}

fn sound(settings: &Settings, status: Option<&Status>) -> Counter {
    if settings.sound.is_none() {
        return Counter::Silent;
    }
    if let Some(sound) = status.and_then(|status| status.sound.as_ref()) {
        let why = sound.reason.clone().unwrap_or_default();
        return if sound.ok { Counter::SoundWorks } else { Counter::SoundBroken { why } };
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&folders).any(|folder| folder.join("aplay").is_file()) {
        return Counter::NoProgram { name: "aplay" };
    }
    let cards = fs::read_dir("/dev/snd").into_iter().flatten().take(256).flatten().map(|entry| entry.path());
    let mut playing = cards.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("pcm") && name.ends_with('p')
    });
    playing.next().map_or(Counter::NoCard, |path| device(&path, Access::WRITE_OK))
}

/// Looks whether a device is there, and who may use it.
fn device(path: &Path, wanted: Access) -> Counter {
    let path_owned = path.to_owned();
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o7777,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Counter::NotOurs { path: path_owned },
        Err(_) => return Counter::Missing { path: path_owned },
    };
    let is_device = !path.is_dir() && !path.is_file();
    if is_device && mode & 0o066 == 0 {
        return Counter::Closed { path: path_owned, mode };
    }
    match access(path, wanted) {
        Ok(()) => Counter::Device { path: path_owned },
        Err(_) => Counter::NotOurs { path: path_owned },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn keypads_are_told_by_their_digits() {
        let list = "I: Bus=0019\nN: Name=\"Power Button\"\nH: Handlers=kbd event0 \nB: EV=3\nB: KEY=10000000000000 0\n\n\
                    I: Bus=0011\nN: Name=\"AT keyboard\"\nH: Handlers=sysrq kbd leds event1 \nB: EV=120013\n\
                    B: KEY=402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n\n\
                    I: Bus=0003\nN: Name=\"Keypad\"\nH: Handlers=kbd event2 \nB: EV=120013\nB: KEY=f7f80 0\n\n\
                    I: Bus=0003\nN: Name=\"Mouse\"\nH: Handlers=mouse0 event3 \nB: KEY=70000 0 0 0 0\n";
        assert_eq!(keypads_in(list), ["event1", "event2"]);
        assert!(keypads_in("").is_empty());
    }

    #[test]
    fn a_device_is_there_or_missing() {
        let null = Path::new("/dev/null");
        assert_eq!(device(null, Access::READ_OK), Counter::Device { path: null.into() });
        let none = Path::new("/dev/fb-that-is-not-there");
        assert_eq!(device(none, Access::READ_OK), Counter::Missing { path: none.into() });
    }
}
