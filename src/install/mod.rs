//! Root's half of an update: takes the operator's command and the file that the terminal has fetched, believes nothing of them
//! but the signature of a key that root's own file names, installs, waits until the terminal is well, and goes back if it is
//! not. For the program `tilld-update` alone. It must not be told anything by the terminal but bytes.
//!
//! `judge` and `course` decide and touch nothing; `machine` touches, by `folder` (the terminal's), `place` (root's own) and
//! `debian` and `slots` (the package tools and RAUC, run by `run`).

mod course;
mod debian;
mod done;
mod folder;
mod judge;
mod machine;
mod place;
mod run;
mod slots;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use till_settings::Faults;

use crate::config::InstallSettings;
use machine::Machine;
use place::{Place, must_be_ours};

/// Why nothing could be done, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The configuration is broken.
    #[error("{0}")]
    Configuration(Faults),
    /// The installation cannot begin, or go on; the next start tries again.
    #[error("{0}")]
    Halted(String),
}

/// What somebody may want to be otherwise.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Another system than the one that runs, for dpkg.
    pub root: Option<PathBuf>,
    /// How long a terminal may take until it says that it is well.
    pub patience: Duration,
}

/// Installs what a terminal has been told to install, and finishes what an earlier start did not.
///
/// # Errors
/// When that cannot even be told to the terminal.
pub fn install(file: &Path, choices: &Choices) -> Result<(), InstallError> {
    match must_be_ours(file) {
        // What cannot be found, the reader says.
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(InstallError::Halted(format!("cannot go by the configuration: {error}")));
        }
        Ok(()) | Err(_) => {}
    }
    let settings = InstallSettings::read(file).map_err(InstallError::Configuration)?;
    let place = Place::open(&settings.installer).map_err(|error| {
        let folder = settings.installer.display();
        InstallError::Halted(format!("cannot use the installer's folder `{folder}` (fleet.installer): {error}"))
    })?;
    let mut machine = Machine::new(settings, place, choices);
    course::go(&mut machine).map_err(InstallError::Halted)
}
