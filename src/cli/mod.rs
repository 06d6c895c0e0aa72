//! The command line of the cashier, `till`: every verb is one or a few calls of the terminal's API; `till fleet` is its
//! operator's half, which works on files and speaks to the broker. It must not know the store or the till itself, only what a
//! caller of the API and a client of the broker can know.

mod args;
mod client;
mod code;
mod completions;
mod confirm;
mod doctor;
mod fault;
mod fleet;
mod follow;
mod journal;
mod pick;
mod queue;
mod receipts;
mod report;
mod stream;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod typing;
mod usage;
mod verbs;
mod wording;
mod words;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{CommandFactory, Parser};
use till_settings::Mode;

use crate::config::ApiSettings;
use args::{Args, Color, Command, Verb};
use client::Client;
use fault::Fault;

pub use fleet::check_settings as check_fleet_settings;
pub use style::Style;
pub use typing::{WhichPin, typed_pin};
pub use words::Language;

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
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// Where a PIN is typed.
    pub typed_pin: &'w mut dyn FnMut(Language, WhichPin) -> io::Result<String>,
    /// How long a daemon that went away in the middle is waited for.
    pub patience: Duration,
    /// Whether what went wrong, and progress, is written to a terminal.
    pub is_err_terminal: bool,
    /// How words are put on the output, as far as the command line does not say otherwise.
    pub style: Style,
}

/// Runs one command. Returns the exit code of contract §1: 0 done, 1 fault, 2 usage, 3 ended unpaid, 4 `tilld`
/// unreachable, 64 broken configuration.
pub async fn run(command_line: impl IntoIterator<Item = OsString>, world: &mut World<'_>) -> u8 {
    let typed: Vec<OsString> = command_line.into_iter().collect();
    let args = match Args::try_parse_from(&typed) {
        Ok(args) => args,
        Err(error) => {
            world.style.language = typed_language(&typed).unwrap_or(world.style.language);
            return explain(&error, &typed, world);
        }
    };
    world.style.language = args.lang.unwrap_or(world.style.language);
    world.style.colour = match args.color {
        Color::Auto => world.style.colour,
        Color::Always => true,
        Color::Never => false,
    };
    match obey(args, world).await {
        Ok(()) => 0,
        Err(fault) => {
            // When even the explanation cannot be written, the exit code has to do.
            let _ = fault.write(world.err, world.style.words());
            fault.code()
        }
    }
}

/// Returns the language that a command line asks for although it cannot be understood.
fn typed_language(typed: &[OsString]) -> Option<Language> {
    let words: Vec<&str> = typed.iter().filter_map(|word| OsStr::to_str(word)).collect();
    let behind = words.windows(2).find(|pair| pair.first() == Some(&"--lang")).and_then(|pair| pair.last());
    let inside = || words.iter().find_map(|word| word.strip_prefix("--lang="));
    behind.copied().or_else(inside).and_then(Language::named)
}

/// Returns what can be typed behind `till`, for its manual page.
pub fn command() -> clap::Command {
    Args::command()
}

/// Writes the help, the version, or what is wrong with the command line.
fn explain(error: &clap::Error, typed: &[OsString], world: &mut World<'_>) -> u8 {
    if error.use_stderr() {
        // When even the explanation cannot be written, the exit code has to do.
        let _ = writeln!(world.err, "till: {}", usage::explain(error, typed, world.style.words()));
        return 2;
    }
    if write!(world.out, "{}", error.render()).is_ok() { 0 } else { 1 }
}

async fn obey(args: Args, world: &mut World<'_>) -> Result<(), Fault> {
    if let Some(Command::Fleet { verb }) = args.command {
        let file = args.config.unwrap_or_else(|| fleet::usual_file(world.home.as_deref()));
        return if args.check { fleet::check(&file, world) } else { fleet::obey(verb, &file, world).await };
    }
    let file = args.config.or_else(|| world.config.clone()).unwrap_or_else(|| PathBuf::from(CONFIG));
    if args.check {
        return check(&file, world);
    }
    let words = world.style.words();
    // It is asked what is wrong when the configuration may be.
    if let Some(Command::Doctor { json }) = args.command {
        return doctor::doctor(&file, json.into(), world).await;
    }
    let Some(Command::Verb(verb)) = args.command else {
        return Err(Fault::Usage(words.no_verb.to_owned()));
    };
    // These need no daemon; the PIN's hash goes into the configuration, so it can be made before there is one.
    if matches!(verb, Verb::Pin) {
        return verbs::pin(world);
    }
    if let Verb::Completions { shell } = verb {
        return Ok(world.out.write_all(&completions::script(shell))?);
    }
    let (settings, _) = ApiSettings::read(&file, Mode::Run).map_err(Fault::Configuration)?;
    let client = Client::new(&settings, words)?;
    verbs::obey(verb, &client, world).await
}

fn check(file: &Path, world: &mut World<'_>) -> Result<(), Fault> {
    let (_, notes) = ApiSettings::read(file, Mode::Check).map_err(Fault::Configuration)?;
    for note in notes {
        writeln!(world.err, "{note}")?;
    }
    Ok(writeln!(world.out, "{}", (world.style.words().api_is_well)(file))?)
}
