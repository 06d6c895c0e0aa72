//! `till fleet`, the operator's half of the command line: keys, certificates, claims and revocation, all of it files on the
//! operator's machine; and what he does with terminals over the broker: look at them, command them, configure them. It must
//! not know how a terminal obeys.

mod args;
mod ca;
mod claim;
mod command;
mod counters;
mod desk;
mod fetch;
mod files;
mod folder;
mod kept;
mod keygen;
mod keys;
mod line;
mod list;
mod order;
mod pem;
mod progress;
mod report;
mod revoke;
mod revoked;
mod rollout;
mod set;
mod settings;
mod show;
mod typed;
mod update;
mod watch;

use std::path::{Path, PathBuf};

use till_settings::{Faults, Mode};
use till_wire::UnixTime;

use super::World;
use super::fault::Fault;
use super::words::{FleetAttempt, Words};
use crate::clock;
use desk::Desk;
use settings::FleetSettings;

pub(super) use args::FleetVerb;
pub(super) use fetch::ParcelFault;
pub(super) use line::LineError;
pub(super) use rollout::Tally;
pub(super) use set::Outcome;

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
pub(super) async fn obey(verb: Option<FleetVerb>, file: &Path, world: &mut World<'_>) -> Result<(), Fault> {
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
        FleetVerb::List(args) => list::list(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Show(args) => show::show(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Watch(args) => watch::watch(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Command(args) if args.clear => command::clear(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Command(args) => command::command(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Update(args) => update::update(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Logs(args) => fetch::logs(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Screenshot(args) => fetch::screenshot(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Set(args) => set::set(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Diff(args) => set::diff(&args, &Desk::new(file, settings, words), world).await,
        FleetVerb::Diagnose(args) => fetch::diagnose(&args, &Desk::new(file, settings, words), world).await,
    }
}

fn cannot(words: &Words, attempt: FleetAttempt<'_>, why: &str) -> Fault {
    Fault::Failed((words.cannot_do)(&(words.fleet.attempt)(attempt), why))
}

/// Returns the time, which certificates and claims are no good without.
fn now(attempt: FleetAttempt<'_>, words: &Words) -> Result<UnixTime, Fault> {
    if clock::is_plausible() { Ok(clock::wall()) } else { Err(cannot(words, attempt, words.fleet.clock)) }
}
