//! The text console, kept off the display: no cursor, no messages, no blanking, no keys. Knows no pixels.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::sys;

// The words of <linux/kd.h>.
const KD_TEXT: u32 = 0;
const KD_GRAPHICS: u32 = 1;
const K_UNICODE: u32 = 3;
const K_OFF: u32 = 4;

/// A console that draws nothing and hears no keys, so that a keypad on the counter can neither stop the program nor switch
/// to another console. It shows text again when this is dropped. After a death without a farewell it does not: then
/// [`Console::give_back`] does it, in another process.
#[derive(Debug)]
pub struct Console {
    file: File,
    /// What it made of its keys before.
    keys: u32,
}

/// Why a console cannot be kept off the display.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// It cannot be opened.
    #[error("cannot open the console `{path}`; it must be this service's own terminal, or this user may write it")]
    Open {
        /// The device.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is something else.
    #[error("`{path}` is no console of the kernel, expected a device such as `/dev/tty1`")]
    NoConsole {
        /// The device.
        path: PathBuf,
    },
    /// It does not obey.
    #[error("the console `{path}` refuses {request}; it obeys root, and the process whose own terminal it is")]
    Refused {
        /// The device.
        path: PathBuf,
        /// What was wanted.
        request: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Console {
    /// Takes a console such as `/dev/tty1`, or `/dev/tty`, which is the terminal that this process was started on.
    ///
    /// # Errors
    /// When it is none, or does not obey this process. It is then as it was.
    pub fn take(path: &Path) -> Result<Self, ConsoleError> {
        let (file, keys) = open(path)?;
        sys::show_on_console(&file, KD_GRAPHICS).map_err(refused(path, "KDSETMODE"))?;
        // From here on it is given back whatever happens.
        let console = Self { file, keys };
        sys::type_on_console(&console.file, K_OFF).map_err(refused(path, "KDSKBMODE"))?;
        Ok(console)
    }

    /// Has a console show text and hear its keys, whoever had taken it.
    ///
    /// # Errors
    /// When it is none, or does not obey this process.
    pub fn give_back(path: &Path) -> Result<(), ConsoleError> {
        let (file, keys) = open(path)?;
        sys::type_on_console(&file, keys).map_err(refused(path, "KDSKBMODE"))?;
        sys::show_on_console(&file, KD_TEXT).map_err(refused(path, "KDSETMODE"))
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // Nobody is left who could be told that it failed.
        let _ = sys::type_on_console(&self.file, self.keys);
        let _ = sys::show_on_console(&self.file, KD_TEXT);
    }
}

/// Opens a console and asks what it makes of its keys, or made before it was taken by somebody who has died.
fn open(path: &Path) -> Result<(File, u32), ConsoleError> {
    let fault = |source| ConsoleError::Open { path: path.to_owned(), source };
    let none = || ConsoleError::NoConsole { path: path.to_owned() };
    if !sys::is_console(&fs::metadata(path).map_err(fault)?) {
        return Err(none());
    }
    // Not for reading, which takes more rights; and the console must not become this process's own terminal by being opened,
    // because whoever hangs up there would then end the process.
    let flags = OFlags::NOCTTY.bits() as i32;
    let file = OpenOptions::new().write(true).custom_flags(flags).open(path).map_err(fault)?;
    let (_, keys) = sys::console_modes(&file).map_err(|_| none())?;
    let keys = u32::try_from(keys).ok().filter(|keys| *keys != K_OFF).unwrap_or(K_UNICODE);
    Ok((file, keys))
}

fn refused(path: &Path, request: &'static str) -> impl FnOnce(io::Error) -> ConsoleError {
    move |source| ConsoleError::Refused { path: path.to_owned(), request, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p11_what_is_no_console_is_neither_opened_nor_told_anything() {
        for path in ["/dev/null", "/dev", "/proc/self/exe", "/dev/ptmx"] {
            for error in [Console::take(Path::new(path)).err(), Console::give_back(Path::new(path)).err()] {
                let said = error.expect("this is no console").to_string();
                assert_eq!(
                    said,
                    format!("`{path}` is no console of the kernel, expected a device such as `/dev/tty1`")
                );
            }
        }
        let file = File::open("/dev/null").expect("it is always there");
        let refused = [
            sys::console_modes(&file).err(),
            sys::show_on_console(&file, KD_TEXT).err(),
            sys::type_on_console(&file, K_UNICODE).err(),
        ];
        let notty = rustix::io::Errno::NOTTY.raw_os_error();
        assert!(refused.iter().flatten().all(|error| error.raw_os_error() == Some(notty)));
        assert_eq!(refused.iter().flatten().count(), 3);
    }

    #[test]
    fn a_console_that_is_not_there_is_an_error_that_names_it() {
        let error = Console::take(Path::new("/dev/till-tty-absent")).expect_err("no such device");
        assert!(error.to_string().contains("`/dev/till-tty-absent`"), "{error}");
    }
}
