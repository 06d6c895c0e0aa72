//! `tilld`, the daemon: reads its configuration, starts, and stops when it is told to.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use till_settings::Mode;
use tilld::config::Settings;
use tilld::{Daemon, signals};

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
}

/// The exit code of a broken configuration (contract §1); systemd does not restart on it.
const BAD_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mode = if arguments.check { Mode::Check } else { Mode::Run };
    let file = arguments.config.or_else(|| env::var_os("TILLD_CONFIG").map(PathBuf::from));
    let settings = match Settings::read(&file.unwrap_or_else(|| PathBuf::from("/etc/tilld/tilld.toml")), mode) {
        Ok((settings, notes)) => {
            for note in notes {
                eprintln!("{note}");
            }
            settings
        }
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    if arguments.check {
        return ExitCode::SUCCESS;
    }
    tilld::log::start();
    match run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", till_settings::tls::whole_chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = signals::stop()?;
        let daemon = Daemon::bind(settings).await?;
        tracing::info!(api = %daemon.api_addr(), version = env!("CARGO_PKG_VERSION"), "tilld listens");
        daemon.run(stop).await?;
        Ok(())
    })
}
