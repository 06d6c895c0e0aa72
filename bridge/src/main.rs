//! The program `till-bridge`: command line, logs, signals, exit codes. Everything else is in the
//! library.

use std::io::stderr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use till_bridge::config::{DEFAULT_PATH, PATH_VARIABLE, Settings};
use till_bridge::{Bridge, Registered, service};
use till_settings::log;
use till_settings::tls::whole_chain;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Takes webhooks of payment providers and relays them over MQTT to the terminals.
#[derive(Parser)]
#[command(name = "till-bridge", version)]
struct Arguments {
    /// The configuration [default: $TILL_BRIDGE_CONFIG, else /etc/till-bridge/bridge.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Check the configuration, print one line for each fault, and exit
    #[arg(long)]
    check: bool,
    #[command(subcommand)]
    command: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell payOS to send a channel's webhooks to URL; the bridge must be running and reachable there
    Register {
        /// The channel's id in the configuration; it needs `client_id` and `api_key` for this
        channel: String,
        /// The public address, e.g. https://pay.example/hooks/payos
        url: String,
    },
}

const EXIT_FAULT: u8 = 1;
const EXIT_USAGE: u8 = 2;
const EXIT_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let file = arguments.config.unwrap_or_else(default_path);
    if arguments.check {
        return check(&file);
    }
    let settings = match Settings::read(&file) {
        Ok(settings) => settings,
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(EXIT_CONFIGURATION);
        }
    };
    if let Some(Verb::Register { channel, url }) = arguments.command {
        return register(&settings, &channel, &url);
    }
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(stderr).with_ansi(false);
    lines.finish().with(log::wanted(LevelFilter::INFO)).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(settings)),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{}", whole_chain(error.as_ref()));
            ExitCode::from(EXIT_FAULT)
        }
    }
}

fn default_path() -> PathBuf {
    std::env::var_os(PATH_VARIABLE).map_or_else(|| DEFAULT_PATH.into(), PathBuf::from)
}

fn check(file: &std::path::Path) -> ExitCode {
    match Settings::check(file) {
        Ok(notes) => {
            notes.iter().for_each(|note| println!("{note}"));
            ExitCode::SUCCESS
        }
        Err(faults) => {
            println!("{faults}");
            ExitCode::from(EXIT_CONFIGURATION)
        }
    }
}

fn register(settings: &Settings, channel: &str, url: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let registered = match runtime {
        Ok(runtime) => runtime.block_on(till_bridge::register(settings, channel, url)),
        Err(error) => {
            eprintln!("cannot begin: {error}");
            return ExitCode::from(EXIT_FAULT);
        }
    };
    match registered {
        Ok(Registered { url, account }) => {
            println!("payOS sends the webhooks of `{channel}` to {url} (account: {account})");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}", whole_chain(&error));
            ExitCode::from(if error.is_configuration() {
                EXIT_CONFIGURATION
            } else if error.is_usage() {
                EXIT_USAGE
            } else {
                EXIT_FAULT
            })
        }
    }
}

async fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let bridge = Bridge::bind(settings).await?;
    service::ready();
    let shutdown = async {
        tokio::select! {
            _ = terminate.recv() => info!("told to terminate"),
            _ = interrupt.recv() => info!("interrupted"),
        }
    };
    bridge.run(shutdown).await?;
    Ok(())
}
