//! The program `till-bridge`: command line, logs, signals, exit codes. Everything else is in the
//! library.

use std::io::stderr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use till_bridge::config::{DEFAULT_PATH, PATH_VARIABLE, Settings};
use till_bridge::register::{HookUrl, RegisterError, register};
use till_bridge::{Bridge, Reloader, service};
use till_settings::log;
use till_settings::tls::whole_chain;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;
use tracing::{error, info};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Takes webhooks of payment providers and relays them over MQTT to the terminals.
#[derive(Parser)]
#[command(name = "till-bridge", version)]
struct Arguments {
    /// The configuration [default: $TILL_BRIDGE_CONFIG, else /etc/till-bridge/bridge.toml]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Check the configuration, print one line for each fault, and exit
    #[arg(long)]
    check: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What there is to do beside running the bridge.
#[derive(Subcommand)]
enum Command {
    /// Tell a payOS channel where its webhooks go; the bridge must be running, since payOS tests the address
    Register {
        /// The id of the channel in the configuration
        channel: String,
        /// The address as payOS reaches it, e.g. https://hooks.example/hooks/payos
        #[arg(value_parser = hook_url)]
        url: HookUrl,
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
    if let Some(Command::Register { channel, url }) = arguments.command {
        return tell(&file, &channel, &url);
    }
    let settings = match Settings::read(&file) {
        Ok(settings) => settings,
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(EXIT_CONFIGURATION);
        }
    };
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(stderr).with_ansi(false);
    // A line that cannot be written is lost. Telling that on standard error, too, would panic.
    lines.log_internal_errors(false).finish().with(log::wanted(LevelFilter::INFO)).init();
    let ended = match runtime() {
        Ok(runtime) => runtime.block_on(run(settings, file)),
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

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn hook_url(text: &str) -> Result<HookUrl, &'static str> {
    HookUrl::new(text).ok_or("expected an https:// address without user and fragment (http:// only on loopback)")
}

/// Tells a provider the address of a channel's webhooks.
fn tell(file: &std::path::Path, channel: &str, url: &HookUrl) -> ExitCode {
    let warn = |text: &str| eprintln!("till-bridge: warning: {text}");
    let told = match runtime() {
        Ok(runtime) => runtime.block_on(register(file, channel, url, warn)),
        Err(error) => Err(RegisterError::Failed(format!("cannot start: {error}"))),
    };
    match told {
        Ok(sentence) => {
            println!("{sentence}");
            ExitCode::SUCCESS
        }
        Err(RegisterError::Configuration(faults)) => {
            eprintln!("{faults}");
            ExitCode::from(EXIT_CONFIGURATION)
        }
        Err(error) => {
            eprintln!("till-bridge: {error}");
            ExitCode::from(if error.is_usage() { EXIT_USAGE } else { EXIT_FAULT })
        }
    }
}

async fn run(settings: Settings, file: PathBuf) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let hangup = signal(SignalKind::hangup())?;
    let mut bridge = Bridge::bind(settings).await?;
    if let Some(reloader) = bridge.reloader() {
        tokio::spawn(reload(hangup, reloader, file));
    }
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

/// Reads the configuration again whenever a signal asks for it.
async fn reload(mut hangup: Signal, mut reloader: Reloader, file: PathBuf) {
    while hangup.recv().await.is_some() {
        info!("told to read the configuration again");
        let file = file.clone();
        // Files may be slow, and webhooks are taken meanwhile.
        if let Ok(read) = spawn_blocking(move || Settings::read(&file)).await {
            reloader.reload(read);
        }
    }
}
