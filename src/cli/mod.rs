//! The command line of the cashier, `till`: every verb is one or a few calls of the terminal's API. It must not know the
//! store, the broker or the till itself, only what a caller of the API can know.

mod args;
mod client;
mod fault;
mod follow;
mod pick;
mod stream;
#[cfg(test)]
mod tests;
mod typing;
mod verbs;
mod wording;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use till_settings::Mode;

use crate::config::ApiSettings;
use args::{Args, Verb};
use client::Client;
use fault::Fault;

pub use typing::typed_pin;

/// Where the configuration is when nobody says otherwise.
const CONFIG: &str = "/etc/tilld/tilld.toml";

/// What a command may touch outside itself.
pub struct World<'w> {
    /// What was asked for.
    pub out: &'w mut dyn Write,
    /// What went wrong.
    pub err: &'w mut dyn Write,
    /// `TILLD_CONFIG`.
    pub config: Option<PathBuf>,
    /// Where a new PIN is typed.
    pub typed_pin: &'w mut dyn FnMut() -> io::Result<String>,
    /// How long a daemon that went away in the middle is waited for.
    pub patience: Duration,
}

/// Runs one command. Returns the exit code of contract §1: 0 done, 1 fault, 2 usage, 3 ended unpaid, 4 `tilld`
/// unreachable, 64 broken configuration.
pub async fn run(command_line: impl IntoIterator<Item = OsString>, world: &mut World<'_>) -> u8 {
    let args = match Args::try_parse_from(command_line) {
        Ok(args) => args,
        Err(error) => return explain(&error, world),
    };
    match obey(args, world).await {
        Ok(()) => 0,
        Err(fault) => {
            // When even the explanation cannot be written, the exit code has to do.
            let _ = fault.write(world.err);
            fault.code()
        }
    }
}

/// Writes the help, the version, or what is wrong with the command line.
fn explain(error: &clap::Error, world: &mut World<'_>) -> u8 {
    let asked_for = !error.use_stderr();
    let out: &mut dyn Write = if asked_for { world.out } else { world.err };
    let written = write!(out, "{}", error.render());
    match (asked_for, written) {
        (true, Ok(())) => 0,
        (true, Err(_)) => 1,
        (false, _) => 2,
    }
}

async fn obey(args: Args, world: &mut World<'_>) -> Result<(), Fault> {
    let file = args.config.or_else(|| world.config.clone()).unwrap_or_else(|| PathBuf::from(CONFIG));
    if args.check {
        return check(&file, world);
    }
    let Some(verb) = args.verb else {
        return Err(Fault::Usage("a verb is missing; `till --help` lists them".into()));
    };
    // The hash goes into the configuration, so it can be made before there is one.
    if matches!(verb, Verb::Pin) {
        return verbs::pin(world);
    }
    let (settings, _) = ApiSettings::read(&file, Mode::Run).map_err(Fault::Configuration)?;
    let client = Client::new(&settings)?;
    verbs::obey(verb, &client, world).await
}

fn check(file: &Path, world: &mut World<'_>) -> Result<(), Fault> {
    let (_, notes) = ApiSettings::read(file, Mode::Check).map_err(Fault::Configuration)?;
    for note in notes {
        writeln!(world.err, "{note}")?;
    }
    Ok(writeln!(world.out, "{}: [api] is well", file.display())?)
}
