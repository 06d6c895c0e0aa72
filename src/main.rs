//! `tilld`, the daemon: reads its configuration, starts, and stops when it is told to.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use till_settings::Mode;
use till_settings::tls::whole_chain;
use tilld::config::Settings;
use tilld::{Daemon, driver, signals, sound};

/// Takes money by QR code at a counter.
#[derive(Parser)]
#[command(name = "tilld", version)]
struct Arguments {
    /// The configuration file; without it the one that `TILLD_CONFIG` names, else /etc/tilld/tilld.toml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Validate the configuration, print one line per fault, and stop.
    #[arg(long)]
    check: bool,
    /// Give the text console back that a daemon with this configuration has kept off the display, and stop. For whatever
    /// restarts the daemon, after a crash; systemd does it itself.
    #[arg(long, conflicts_with_all = ["check", "sound"])]
    text_console: bool,
    /// Play what a paid sale of 50 000 đồng sounds like with the configured sound, say what is wrong with it, and stop.
    #[arg(long, conflicts_with = "check")]
    sound: bool,
}

/// The exit code of a broken configuration (contract §1); systemd does not restart on it.
const BAD_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let file = arguments.config.clone().or_else(|| env::var_os("TILLD_CONFIG").map(PathBuf::from));
    let file = file.unwrap_or_else(|| PathBuf::from("/etc/tilld/tilld.toml"));
    match arguments {
        Arguments { check: true, .. } => check(&file),
        Arguments { text_console: true, .. } => give_console_back(&file),
        Arguments { sound: true, .. } => rehearse(&file),
        Arguments { .. } => start(&file),
    }
}

/// Reads the configuration, or prints its faults and returns the code to end with.
fn settings(file: &Path, mode: Mode) -> Result<Settings, ExitCode> {
    Settings::read(file, mode).map(|(settings, _)| settings).map_err(|faults| {
        eprintln!("{faults}");
        ExitCode::from(BAD_CONFIGURATION)
    })
}

fn give_console_back(file: &Path) -> ExitCode {
    let settings = match settings(file, Mode::Check) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    match driver::give_console_back(&settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", whole_chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Prints every fault, else what to mind, and opens nothing.
fn check(file: &Path) -> ExitCode {
    match Settings::read(file, Mode::Check) {
        Ok((settings, notes)) => {
            for note in notes {
                println!("{note}");
            }
            for note in settings.remarks().into_iter().chain(driver::remarks(&settings)) {
                println!("{}: note: {note}", file.display());
            }
            ExitCode::SUCCESS
        }
        Err(faults) => {
            println!("{faults}");
            ExitCode::from(BAD_CONFIGURATION)
        }
    }
}

/// Lets whoever sets a terminal up hear it. A running daemon is not disturbed, but by a card that only one can use.
fn rehearse(file: &Path) -> ExitCode {
    let settings = match settings(file, Mode::Check) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let Some(settings) = settings.sound else {
        eprintln!("{}: sound.driver is \"none\": there is nothing to be heard; set it to \"alsa\"", file.display());
        return ExitCode::FAILURE;
    };
    match sound::rehearse(settings, sound::Programs::default()) {
        None => ExitCode::SUCCESS,
        Some(trouble) => {
            eprintln!("{}: sound: {trouble}", file.display());
            ExitCode::FAILURE
        }
    }
}

fn start(file: &Path) -> ExitCode {
    let settings = match settings(file, Mode::Run) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    tilld::log::start();
    for remark in settings.remarks() {
        tracing::warn!("{remark}");
    }
    match run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", whole_chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(settings: Settings) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = signals::stop()?;
        let daemon = Daemon::bind(settings).await?;
        tracing::info!(api = %daemon.api_addr(), version = env!("CARGO_PKG_VERSION"), "tilld listens");
        daemon.run(stop).await?;
        Ok(())
    })
}
