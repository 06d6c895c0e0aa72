//! Opens a keypad: asks what it is, takes it for the till alone, and hands over what is to be read. It must not read it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use evdev::KeyCode;
use evdev::raw_stream::RawDevice;
use rustix::fs::{Mode, OFlags};

use super::keys::{KEYPAD, ROW};

/// A device that is the till's alone.
#[derive(Debug)]
pub(super) struct Opened {
    /// Where its events are read, without waiting.
    pub(super) events: OwnedFd,
    /// What it calls itself.
    pub(super) name: String,
}

/// Why a device is not listened to.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// It has no digits, or no Enter.
    #[error("it has no digit keys or no Enter")]
    NoKeypad,
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
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let device = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| judge(errno.into()))?;
    let mut device = RawDevice::from_fd(device).map_err(judge)?;
    let keys = device.supported_keys();
    let has_all = |digits: &[KeyCode]| keys.is_some_and(|keys| digits.iter().all(|digit| keys.contains(*digit)));
    let has_any = |enter: &[KeyCode]| keys.is_some_and(|keys| enter.iter().any(|key| keys.contains(*key)));
    if !(has_all(&KEYPAD) || has_all(&ROW)) || !has_any(&[KeyCode::KEY_ENTER, KeyCode::KEY_KPENTER]) {
        return Err(OpenError::NoKeypad);
    }
    device.grab().map_err(judge)?;
    // The device stays taken as long as one of both copies is open.
    let events = device.as_fd().try_clone_to_owned().map_err(judge)?;
    Ok(Opened { events, name: device.name().unwrap_or("without a name").to_owned() })
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
