//! Installs updates, as root: the service `tilld-update` runs it when the terminal hands an update over, and at each start of
//! the machine. It must not do anything itself: `tilld::install` does.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tilld::install::{Choices, InstallError, install};

/// The exit code of a broken configuration (contract §1).
const BAD_CONFIGURATION: u8 = 64;

/// Installs the update that this terminal has been told to install by its fleet's operator, and goes back when the terminal is
/// not well with it. Run by tilld-update.service.
#[derive(Debug, Parser)]
#[command(name = "tilld-update", version)]
struct Arguments {
    /// The terminal's configuration
    #[arg(long, value_name = "FILE", default_value = "/etc/tilld/tilld.toml")]
    config: PathBuf,
    /// Install into the system below this folder, as dpkg's option of this name does
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// How long the terminal may take until it says that it is well
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    patience: u64,
}

fn main() -> ExitCode {
    let Arguments { config, root, patience } = Arguments::parse();
    match install(&config, &Choices { root, patience: Duration::from_secs(patience) }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            match error {
                InstallError::Configuration(_) => ExitCode::from(BAD_CONFIGURATION),
                InstallError::Halted(_) => ExitCode::FAILURE,
            }
        }
    }
}
