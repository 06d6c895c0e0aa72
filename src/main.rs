//! `tilld`, the daemon: reads its configuration, starts, and stops when it is told to; `tilld enrol` makes the terminal a
//! member of its fleet.

use std::env;
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use till_settings::Mode;
use till_settings::tls::whole_chain;
use till_wire::fleet::MAX_CLAIM;
use tilld::again::Again;
use tilld::arguments::{Arguments, Command};
use tilld::config::{EnrolSettings, Reading, Settings};
use tilld::desired::Keeper;
use tilld::enrol::{Joining, join};
use tilld::{Daemon, api, clock, driver, signals, sound};

/// The exit code of a broken configuration (contract §1); systemd does not restart on it.
const BAD_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let file = arguments.config.clone().or_else(|| env::var_os("TILLD_CONFIG").map(PathBuf::from));
    let file = file.unwrap_or_else(|| PathBuf::from("/etc/tilld/tilld.toml"));
    match arguments {
        Arguments { command: Some(Command::Enrol { claim }), .. } => enrol(&file, claim),
        Arguments { check: true, .. } => check(&file),
        Arguments { text_console: true, .. } => give_console_back(&file),
        Arguments { sound: true, .. } => rehearse(&file),
        Arguments { .. } => start(&file),
    }
}

/// Reads the configuration, or prints its faults and returns the code to end with.
fn read(file: &Path, mode: Mode) -> Result<Reading, ExitCode> {
    Reading::read(file, mode).map(|(reading, _)| reading).map_err(|faults| {
        eprintln!("{faults}");
        ExitCode::from(BAD_CONFIGURATION)
    })
}

fn give_console_back(file: &Path) -> ExitCode {
    let reading = match read(file, Mode::Check) {
        Ok(reading) => reading,
        Err(code) => return code,
    };
    match driver::give_console_back(reading.settings()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

fn failure(error: &dyn Error) -> ExitCode {
    eprintln!("{}", whole_chain(error));
    ExitCode::FAILURE
}

/// Prints every fault, else what to mind, and opens nothing.
fn check(file: &Path) -> ExitCode {
    match Reading::read(file, Mode::Check) {
        Ok((reading, notes)) => {
            for note in notes {
                println!("{note}");
            }
            if let Reading::Unenrolled(unenrolled) = &reading {
                let folder = unenrolled.place.path();
                println!("{}: note: fleet.identity = {folder:?} has no claim: tilld enrol CLAIM", file.display());
            }
            let settings = reading.settings();
            for note in settings.remarks().into_iter().chain(driver::remarks(settings)) {
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
    let reading = match read(file, Mode::Check) {
        Ok(reading) => reading,
        Err(code) => return code,
    };
    let Some(settings) = reading.settings().sound.clone() else {
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

/// Makes the terminal a member of the claim's fleet.
fn enrol(file: &Path, claim: String) -> ExitCode {
    let EnrolSettings { place, pinned, own } = match EnrolSettings::read(file) {
        Ok(settings) => settings,
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    let claim = match claim.as_str() {
        "-" => typed_claim(),
        _ => Ok(claim),
    };
    let (now, clock_is_plausible) = (clock::wall(), clock::is_plausible());
    let joining = Joining { place: &place, pinned: &pinned, own, now, clock_is_plausible };
    let joined = claim.map_err(Box::<dyn Error>::from).and_then(|claim| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(join(&claim, &joining))?)
    });
    match joined {
        Ok(claim) => {
            println!("enrolled as terminal {}, \"{}\"; broker {}", claim.number, claim.label, claim.broker);
            ExitCode::SUCCESS
        }
        Err(error) => failure(error.as_ref()),
    }
}

/// Reads a claim from standard input; a longer text is none.
fn typed_claim() -> std::io::Result<String> {
    let mut text = String::new();
    let most = u64::try_from(MAX_CLAIM).unwrap_or(u64::MAX).saturating_add(16);
    std::io::stdin().take(most).read_to_string(&mut text)?;
    Ok(text)
}

fn start(file: &Path) -> ExitCode {
    let reading = match read(file, Mode::Run) {
        Ok(reading) => reading,
        Err(code) => return code,
    };
    tilld::log::start();
    match serve(file, reading) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{}", whole_chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Runs the daemon; a terminal that is not enrolled waits for that first, and then reads its configuration again.
fn serve(file: &Path, mut reading: Reading) -> Result<ExitCode, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        loop {
            let unenrolled = match reading {
                Reading::Ready(settings) => return run(file, *settings).await,
                Reading::Unenrolled(unenrolled) => unenrolled,
            };
            match driver::await_enrolment(&unenrolled, signals::stop()?).await? {
                driver::Ended::Stopped => return Ok(ExitCode::SUCCESS),
                driver::Ended::Enrolled => {}
            }
            reading = match read(file, Mode::Run) {
                Ok(reading) => reading,
                Err(code) => return Ok(code),
            };
        }
    })
}

/// Runs the daemon with the configuration that the operator wants on top of the file.
async fn run(file: &Path, settings: Settings) -> Result<ExitCode, Box<dyn Error>> {
    if driver::finish_wipe(&settings)? {
        // What was read before may be of what is forgotten now.
        return Ok(ExitCode::SUCCESS);
    }
    let (settings, keeper) = Keeper::start(file, settings);
    for remark in settings.remarks() {
        tracing::warn!("{remark}");
    }
    let stop = signals::stop()?;
    let handed_over = api::handed_over().map_err(api::ApiError::HandedOver)?;
    let (again, handed_over) = Again::new(handed_over)?;
    let daemon = Daemon::bind_beside(handed_over, settings, Some(keeper)).await?;
    tracing::info!(api = %daemon.api_addr(), version = env!("CARGO_PKG_VERSION"), "tilld listens");
    match daemon.run(stop).await? {
        driver::Over::Stopped => Ok(ExitCode::SUCCESS),
        driver::Over::Anew => Err(again.begin().into()),
    }
}
