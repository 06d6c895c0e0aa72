//! The program `till-bridge`: command line, logs, signals, exit codes. Everything else is in the
//! library.

use std::io::stderr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use till_bridge::arguments::{Arguments, Command, ConsoleCommand};
use till_bridge::config::{DEFAULT_PATH, PATH_VARIABLE, Settings};
use till_bridge::console::{self, Console, Role};
use till_bridge::enrol::{self, Enrolment};
use till_bridge::register::{HookUrl, RegisterError, register};
use till_bridge::{Bridge, Reloader, service};
use till_settings::tls::whole_chain;
use till_settings::{Faults, Note, log};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;
use tracing::{error, info};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const EXIT_FAULT: u8 = 1;
const EXIT_USAGE: u8 = 2;
const EXIT_CONFIGURATION: u8 = 64;

/// What is still at work then, such as a write to a disk that hangs, must not keep the process from ending.
const END_TIMEOUT: Duration = Duration::from_secs(3);

type Ended = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let Arguments { config, check, command } = Arguments::parse();
    let file_or = |variable, default: &str| config.clone().unwrap_or_else(|| default_path(variable, default));
    match command {
        Some(Command::Enrol) => {
            let file = file_or(enrol::config::PATH_VARIABLE, enrol::config::DEFAULT_PATH);
            if check {
                told(enrol::Settings::check(&file))
            } else {
                serve(enrol::Settings::read(&file), enrol_terminals)
            }
        }
        Some(Command::Console { command: Some(ConsoleCommand::User { name, role }) }) => print_user(&name, role),
        Some(Command::Console { command: None }) => {
            let file = file_or(console::config::PATH_VARIABLE, console::config::DEFAULT_PATH);
            if check {
                told(console::Settings::check(&file))
            } else {
                serve(console::Settings::read(&file), show_fleet)
            }
        }
        Some(Command::Register { channel, url }) if !check => {
            tell(&file_or(PATH_VARIABLE, DEFAULT_PATH), &channel, &url)
        }
        Some(Command::Register { .. }) | None => {
            let file = file_or(PATH_VARIABLE, DEFAULT_PATH);
            if check {
                told(Settings::check(&file))
            } else {
                serve(Settings::read(&file), async move |settings| relay(settings, file).await)
            }
        }
    }
}

fn default_path(variable: &str, default: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| default.into(), PathBuf::from)
}

/// Tells what a check came to.
fn told(checked: Result<Vec<Note>, Faults>) -> ExitCode {
    match checked {
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

/// Runs a service until it is told to end.
fn serve<S>(settings: Result<S, Faults>, run: impl AsyncFnOnce(S) -> Ended) -> ExitCode {
    let settings = match settings {
        Ok(settings) => settings,
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(EXIT_CONFIGURATION);
        }
    };
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(stderr).with_ansi(false);
    // A line that cannot be written is lost. Telling that on standard error, too, would panic.
    let (lines, wanted) = (lines.log_internal_errors(false), log::wanted(LevelFilter::INFO));
    if log::is_for_journal() {
        let format = log::ForJournal(tracing_subscriber::fmt::format().without_time().with_ansi(false));
        lines.event_format(format).finish().with(wanted).init();
    } else {
        lines.finish().with(wanted).init();
    }
    let ended = match runtime() {
        Ok(runtime) => {
            let ended = runtime.block_on(run(settings));
            runtime.shutdown_timeout(END_TIMEOUT);
            ended
        }
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

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
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

async fn relay(settings: Settings, file: PathBuf) -> Ended {
    let shutdown = shutdown()?;
    let hangup = signal(SignalKind::hangup())?;
    let mut bridge = Bridge::bind(settings).await?;
    if let Some(reloader) = bridge.reloader() {
        tokio::spawn(reload(hangup, reloader, file));
    }
    service::ready();
    bridge.run(shutdown).await?;
    Ok(())
}

async fn enrol_terminals(settings: enrol::Settings) -> Ended {
    let shutdown = shutdown()?;
    let enrolment = Enrolment::bind(settings).await?;
    service::ready();
    enrolment.run(shutdown).await;
    Ok(())
}

async fn show_fleet(settings: console::Settings) -> Ended {
    let shutdown = shutdown()?;
    let console = Console::bind(settings).await?;
    service::ready();
    console.run(shutdown).await;
    Ok(())
}

/// Prints the line of the users' file for somebody.
fn print_user(name: &str, role: Role) -> ExitCode {
    match console::user_line(name, role) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("till-bridge: {}", whole_chain(&error));
            ExitCode::from(if error.is_usage() { EXIT_USAGE } else { EXIT_FAULT })
        }
    }
}

/// Listens from now on, and resolves once the process is told to end.
fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => info!("told to terminate"),
            _ = interrupt.recv() => info!("interrupted"),
        }
    })
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
