//! `till fleet`, the operator's half of the command line: keys, certificates, claims and revocation, all of it files on the
//! operator's machine. It must not know terminals, nor connect to anything.

mod args;
mod ca;
mod claim;
mod folder;
mod keygen;
mod pem;
mod revoke;
mod revoked;
mod settings;

use std::path::{Path, PathBuf};

use till_settings::{Faults, Mode};
use till_wire::UnixTime;

use super::World;
use super::fault::Fault;
use super::words::{FleetAttempt, Words};
use crate::clock;
use settings::FleetSettings;

pub(super) use args::FleetVerb;

/// Where the fleet's configuration is when nobody says otherwise.
pub(super) fn usual_file(home: Option<&Path>) -> PathBuf {
    // Without a home the message that it cannot be read shows what was looked for.
    home.unwrap_or(Path::new("~")).join(".config/till/fleet.toml")
}

/// Reads the fleet's configuration and does nothing else.
///
/// # Errors
/// Every fault of the file, found in one run.
pub fn check_settings(file: &Path) -> Result<(), Faults> {
    FleetSettings::read(file, Mode::Check).map(|_| ())
}

/// Checks the fleet's configuration and does nothing else.
pub(super) fn check(file: &Path, world: &mut World<'_>) -> Result<(), Fault> {
    let (_, notes) = FleetSettings::read(file, Mode::Check).map_err(Fault::Configuration)?;
    for note in notes {
        writeln!(world.err, "{note}")?;
    }
    Ok(writeln!(world.out, "{}", (world.style.words().fleet.is_well)(file))?)
}

/// Does what was asked.
pub(super) fn obey(verb: Option<FleetVerb>, file: &Path, world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    let Some(verb) = verb else {
        return Err(Fault::Usage(words.fleet.no_verb.to_owned()));
    };
    let (settings, _) = FleetSettings::read(file, Mode::Run).map_err(Fault::Configuration)?;
    match verb {
        FleetVerb::Keygen => keygen::keygen(&settings, world),
        FleetVerb::Ca { verb } => ca::obey(verb, &settings, world),
        FleetVerb::Claim(args) => claim::claim(args, &settings, world),
        FleetVerb::Revoke(args) => revoke::revoke(args, &settings, world),
    }
}

fn cannot(words: &Words, attempt: FleetAttempt<'_>, why: &str) -> Fault {
    Fault::Failed((words.cannot_do)(&(words.fleet.attempt)(attempt), why))
}

/// Returns the time, which certificates and claims are no good without.
fn now(attempt: FleetAttempt<'_>, words: &Words) -> Result<UnixTime, Fault> {
    if clock::is_plausible() { Ok(clock::wall()) } else { Err(cannot(words, attempt, words.fleet.clock)) }
}
