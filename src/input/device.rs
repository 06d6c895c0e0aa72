//! Opens a keypad or a touch screen: asks what it is, takes it for the till alone, and hands over what is to be read. It must not read it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use evdev::raw_stream::RawDevice;
use evdev::{AbsInfo, AbsoluteAxisCode, KeyCode, PropType};
use rustix::fs::{Mode, OFlags};

use super::finger::{Axes, Axis};
use super::keys::{KEYPAD, ROW};

/// A device that is the till's alone.
#[derive(Debug)]
pub(super) struct Opened {
    /// Where its events are read, without waiting.
    pub(super) events: OwnedFd,
    /// What it calls itself.
    pub(super) name: String,
    /// Where fingers can be on it; none for what has keys.
    pub(super) axes: Option<Axes>,
}

/// Why a device is not listened to.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// It has no digits, or no Enter.
    #[error("it has no digit keys or no Enter")]
    NoKeypad,
    /// It feels no fingers on a display.
    #[error("it is no touch screen, expected ABS_MT_POSITION_X and _Y with slots, or ABS_X, ABS_Y and BTN_TOUCH")]
    NoTouchScreen,
    /// It is not there, not yet, or no more.
    #[error("it is not there")]
    Absent,
    /// This user may not.
    #[error("permission denied: the service's user must be in the group that owns it, mostly `input`")]
    Forbidden,
    /// Another program has taken it.
    #[error("another program has taken it for itself")]
    Taken,
    /// Anything else.
    #[error("{0}")]
    Fault(io::Error),
}

/// Opens a device that has the keys of a keypad, and has its events kept from everybody else: what is typed at a counter
/// must reach no login prompt.
pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    let device = ask(path)?;
    let keys = device.supported_keys();
    let has_all = |digits: &[KeyCode]| keys.is_some_and(|keys| digits.iter().all(|digit| keys.contains(*digit)));
    let has_any = |enter: &[KeyCode]| keys.is_some_and(|keys| enter.iter().any(|key| keys.contains(*key)));
    if !(has_all(&KEYPAD) || has_all(&ROW)) || !has_any(&[KeyCode::KEY_ENTER, KeyCode::KEY_KPENTER]) {
        return Err(OpenError::NoKeypad);
    }
    take(device, None)
}

/// Opens a touch screen, as [`open`] opens a keypad.
pub(super) fn open_touch(path: &Path) -> Result<Opened, OpenError> {
    let none = |error| if matches!(error, OpenError::NoKeypad) { OpenError::NoTouchScreen } else { error };
    let device = ask(path).map_err(none)?;
    let keys = device.supported_keys();
    let has_touch = keys.is_some_and(|keys| keys.contains(KeyCode::BTN_TOUCH));
    // A touchpad moves a pointer, which a counter has not.
    if device.properties().contains(PropType::POINTER) {
        return Err(OpenError::NoTouchScreen);
    }
    let known: Vec<(AbsoluteAxisCode, AbsInfo)> = device.get_absinfo().map_err(judge).map_err(none)?.collect();
    let axis = |code| {
        let (_, info) = known.iter().find(|(known, _)| *known == code)?;
        Axis::new(info.minimum(), info.maximum(), info.value())
    };
    let axes = Axes::of(axis, has_touch).ok_or(OpenError::NoTouchScreen)?;
    take(device, Some(axes))
}

fn ask(path: &Path) -> Result<RawDevice, OpenError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let device = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| judge(errno.into()))?;
    RawDevice::from_fd(device).map_err(judge)
}

fn take(mut device: RawDevice, axes: Option<Axes>) -> Result<Opened, OpenError> {
    device.grab().map_err(judge)?;
    // The device stays taken as long as one of both copies is open.
    let events = device.as_fd().try_clone_to_owned().map_err(judge)?;
    Ok(Opened { events, name: device.name().unwrap_or("without a name").to_owned(), axes })
}

fn judge(error: io::Error) -> OpenError {
    use rustix::io::Errno;
    match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::NODEV | Errno::NXIO) => OpenError::Absent,
        Some(Errno::ACCESS | Errno::PERM) => OpenError::Forbidden,
        Some(Errno::BUSY) => OpenError::Taken,
        // A file or another kind of device does not know the questions.
        Some(Errno::NOTTY | Errno::INVAL) => OpenError::NoKeypad,
        Some(_) | None => OpenError::Fault(error),
    }
}
