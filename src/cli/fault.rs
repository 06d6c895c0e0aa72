//! Why a command failed, in words for the person who typed it, and with which exit code. It must not know the verbs.

use std::io::{self, Write};

use till_settings::Faults;

use super::words::Words;

/// Why a command failed. Texts are in the language of the person.
#[derive(Debug)]
pub(super) enum Fault {
    /// The command asks for something that cannot be: exit code 2.
    Usage(String),
    /// It went wrong: exit code 1.
    Failed(String),
    /// The configuration is broken: exit code 64.
    Configuration(Faults),
    /// `tilld` cannot be reached: exit code 4.
    Unreachable(String),
    /// The sale that was waited for ended unpaid, which has been said: exit code 3.
    Unpaid,
    /// What was looked for was found, and has been told: exit code 1.
    Found,
    /// The same, and the configuration is broken: exit code 64.
    FoundBroken,
    /// Nobody reads the answer any more: exit code 1.
    Output(io::Error),
}

impl Fault {
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Found | Self::Output(_) => 1,
            Self::Usage(_) => 2,
            Self::Unpaid => 3,
            Self::Unreachable(_) => 4,
            Self::Configuration(_) | Self::FoundBroken => 64,
        }
    }

    /// Writes what was attempted, what went wrong and what to do.
    pub(super) fn write(&self, err: &mut dyn Write, words: &Words) -> io::Result<()> {
        match self {
            Self::Usage(text) | Self::Failed(text) | Self::Unreachable(text) => writeln!(err, "till: {text}"),
            Self::Configuration(faults) => writeln!(err, "{faults}"),
            Self::Unpaid | Self::Found | Self::FoundBroken => Ok(()),
            // A pipe that was closed on purpose, as by `head`, needs no words.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Self::Output(error) => writeln!(err, "till: {}", (words.cannot_write)(&(words.system)(error))),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
