//! The course of an installation, from the request to what is said of it: what is done after what, and what a start makes of
//! what an earlier one left, wherever the power was cut. It must not touch anything itself: a [`System`] does.

use serde::{Deserialize, Serialize};
use till_wire::CommandId;
use till_wire::fleet::{Command, PackageVersion, UpdateKind};

use super::judge::{Order, believed_before};
use crate::update::{Fate, Outcome};

/// The longest reason that is told, in characters: whatever they are, the note that says it stays small enough to be read.
const LONGEST_REASON: usize = 600;

/// How often the machine is started again for the old system: a boot loader may not want it.
const MOST_DEPARTURES: u32 = 3;

/// Why a step was not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It cannot be done: the update has failed, which is told.
    No(String),
    /// Nothing can be done now, not even be told. The next start goes on from what is on the disk.
    Halt(String),
}

/// How far an installation is, as it stands on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// The operator's command, as the terminal handed it over.
    pub(super) document: String,
    #[serde(flatten)]
    pub(super) stage: Stage,
}

impl Journal {
    /// The same installation at another stage.
    fn at(&self, stage: Stage) -> Self {
        Self { document: self.document.clone(), stage }
    }
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub(super) enum Stage {
    /// Nothing is judged, and nothing has changed.
    Taken,
    /// The package is being installed, or proves that it is well.
    Installing { from: String },
    /// The one from before is being installed again.
    GoingBack { from: String, why: String },
    /// A bundle is being written to the slot that is not this one.
    Writing { slot: String },
    /// It is written, and the machine, which was in this boot and slot, is started again with it.
    Booting { boot: String, slot: String },
    /// It is not well, and the machine, which was in this boot, is started again with the slot from before.
    Leaving {
        boot: String,
        #[serde(flatten)]
        departure: Departure,
    },
}

/// Why a slot is left, and for which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Departure {
    pub(super) slot: String,
    pub(super) why: String,
    /// How often it was tried, with this time.
    pub(super) tries: u32,
}

/// Which package is to be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The one that was asked for.
    New,
    /// The one from before.
    Kept,
}

/// Whether anything is left to do for this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    /// The machine is about to be started again.
    End,
}

/// What an installation touches. Each call is whole on the disk when it returns.
pub(super) trait System {
    /// What an earlier start left unfinished.
    fn journal(&mut self) -> Result<Option<Journal>, Trouble>;
    /// Notes how far it is.
    fn note(&mut self, journal: &Journal) -> Result<(), Trouble>;
    /// Takes a request away from the terminal, if there is one, and notes it.
    fn take(&mut self) -> Result<Option<Journal>, Trouble>;
    /// What was said last.
    fn said(&mut self) -> Result<Option<Outcome>, Trouble>;
    fn say(&mut self, outcome: &Outcome) -> Result<(), Trouble>;
    /// Removes what is left of an installation, the journal at the end; a package that is well is kept as the way back.
    fn clear(&mut self, keeps_new: bool) -> Result<(), Trouble>;

    fn judge(&mut self, document: &str) -> Result<Order, Trouble>;
    /// Remembers that the command may have been carried out.
    fn remember(&mut self, order: &Order) -> Result<(), Trouble>;
    /// Copies the file out of the terminal's reach and judges the copy.
    fn copy(&mut self, order: &Order) -> Result<(), Trouble>;
    /// Makes sure that this version, which is installed, can be installed again.
    fn keep(&mut self, version: &str) -> Result<(), Trouble>;

    /// The version that is installed; nothing when it is not installed, or not wholly.
    fn installed(&mut self) -> Result<Option<String>, Trouble>;
    fn is_older(&mut self, version: &str, than: &str) -> Result<bool, Trouble>;
    /// Finishes what the package manager was interrupted in, as far as it can.
    fn settle(&mut self) -> Result<(), Trouble>;
    fn install(&mut self, which: Which) -> Result<(), Trouble>;
    /// Forgets who was well.
    fn forget_health(&mut self) -> Result<(), Trouble>;
    /// Waits until the terminal says that it is well with this version; no, when it does not within its time.
    fn is_well(&mut self, command: CommandId, version: &PackageVersion) -> Result<bool, Trouble>;

    /// What the boot loader calls the slot that runs.
    fn slot(&mut self) -> Result<String, Trouble>;
    /// Writes the bundle to the other slot, and has that one started next.
    fn write_bundle(&mut self) -> Result<(), Trouble>;
    /// Has the boot loader stay with the slot that runs.
    fn stay(&mut self) -> Result<(), Trouble>;
    /// Has the boot loader start the other slot.
    fn leave(&mut self) -> Result<(), Trouble>;
    /// Names this boot of the machine.
    fn boot(&mut self) -> Result<String, Trouble>;
    fn start_again(&mut self) -> Result<(), Trouble>;
}

/// Finishes what is unfinished, and installs what is asked for, until nothing is.
pub(super) fn go(system: &mut impl System) -> Result<(), String> {
    loop {
        let found = match system.journal() {
            Ok(None) => system.take(),
            other => other,
        };
        let then = match found {
            Ok(None) => return Ok(()),
            Ok(Some(journal)) => one(system, &journal),
            Err(trouble) => Err(trouble),
        };
        match then {
            Ok(Then::GoOn) => {}
            Ok(Then::End) => return Ok(()),
            Err(Trouble::No(why) | Trouble::Halt(why)) => return Err(why),
        }
    }
}

/// Brings one installation to its end.
fn one(system: &mut impl System, journal: &Journal) -> Result<Then, Trouble> {
    let Ok(Command { jti: id, .. }) = Command::peek(journal.document.as_bytes()) else {
        eprintln!("the request is no command at all, and was removed");
        return system.clear(false).map(|()| Then::GoOn);
    };
    // The terminal hands a command over once more when it has not heard of its end; and power is cut between the word and the
    // clearing up.
    if let Some(said) = system.said()?.filter(|said| said.command == id) {
        return system.clear(succeeded(&said.fate)).map(|()| Then::GoOn);
    }
    let fate = match bring_to_end(system, journal) {
        Ok(Some(fate)) => fate,
        Ok(None) => return Ok(Then::End),
        Err(Trouble::No(why)) => Fate::Failed { reason: why.chars().take(LONGEST_REASON).collect() },
        Err(halt @ Trouble::Halt(_)) => return Err(halt),
    };
    match &fate {
        Fate::Succeeded { version } => eprintln!("update {id}: {version} is installed and well"),
        Fate::Failed { reason } => eprintln!("update {id} has failed: {reason}"),
    }
    let keeps_new = succeeded(&fate);
    system.say(&Outcome { command: id, fate })?;
    system.clear(keeps_new).map(|()| Then::GoOn)
}

fn succeeded(fate: &Fate) -> bool {
    match fate {
        Fate::Succeeded { .. } => true,
        Fate::Failed { .. } => false,
    }
}

/// Returns what came of it; nothing when that is known after the machine was started again.
fn bring_to_end(system: &mut impl System, journal: &Journal) -> Result<Option<Fate>, Trouble> {
    let order = || believed_before(&journal.document).map_err(|refusal| Trouble::No(refusal.to_string()));
    match &journal.stage {
        Stage::Taken => {
            let order = system.judge(&journal.document)?;
            match order.update.kind {
                UpdateKind::Deb => install(system, journal, &order).map(Some),
                UpdateKind::Rauc => write(system, journal, &order),
            }
        }
        Stage::Installing { from } => go_on(system, journal, &order()?, from).map(Some),
        Stage::GoingBack { from, why } => go_back(system, journal, &order()?, from, why).map(Some),
        Stage::Writing { slot } => written(system, journal, &order()?, slot),
        Stage::Booting { boot, slot } => booted(system, journal, &order()?, boot, slot),
        Stage::Leaving { boot, departure } => left(system, journal, boot, departure),
    }
}

/// Installs a package over the one that runs.
fn install(system: &mut impl System, journal: &Journal, order: &Order) -> Result<Fate, Trouble> {
    let Some(from) = system.installed()? else {
        let why = "the package tilld is not installed here, or not wholly (dpkg --configure -a)";
        return Err(Trouble::No(why.to_owned()));
    };
    must_not_be_older(system, order, &from)?;
    system.copy(order)?;
    system.keep(&from)?;
    system.note(&journal.at(Stage::Installing { from: from.clone() }))?;
    system.remember(order)?;
    system.forget_health()?;
    eprintln!("update {}: {from} gives way to {}", order.id, order.update.version);
    replace(system, journal, order, &from)
}

/// Has the package manager install it, and judges what it has made of it.
fn replace(system: &mut impl System, journal: &Journal, order: &Order, from: &str) -> Result<Fate, Trouble> {
    match system.install(Which::New) {
        Ok(()) => prove(system, journal, order, from),
        Err(Trouble::No(why)) => go_back(system, journal, order, from, &why),
        Err(halt @ Trouble::Halt(_)) => Err(halt),
    }
}

fn must_not_be_older(system: &mut impl System, order: &Order, from: &str) -> Result<(), Trouble> {
    let wanted = order.update.version.as_str();
    if order.update.downgrade || !system.is_older(wanted, from)? {
        return Ok(());
    }
    Err(Trouble::No(format!(
        "{wanted} is older than {from}, which is installed, and the command does not say `downgrade`"
    )))
}

/// Judges what the package manager has made of it.
fn prove(system: &mut impl System, journal: &Journal, order: &Order, from: &str) -> Result<Fate, Trouble> {
    let wanted = &order.update.version;
    let found = system.installed()?;
    if found.as_deref() != Some(wanted.as_str()) {
        let found = found.unwrap_or_else(|| "half a package".to_owned());
        return go_back(system, journal, order, from, &format!("{found} is installed, and not {wanted}"));
    }
    if system.is_well(order.id, wanted)? {
        return Ok(Fate::Succeeded { version: wanted.to_string() });
    }
    go_back(system, journal, order, from, &format!("{wanted} was installed and did not say that it is well"))
}

/// The power was cut after the package manager was told to install.
fn go_on(system: &mut impl System, journal: &Journal, order: &Order, from: &str) -> Result<Fate, Trouble> {
    system.remember(order)?;
    system.settle()?;
    let found = system.installed()?;
    if found.as_deref() == Some(order.update.version.as_str()) {
        // Two packages of one version cannot be told apart.
        let is_either = order.update.version.as_str() == from;
        return if is_either { replace(system, journal, order, from) } else { prove(system, journal, order, from) };
    }
    if found.as_deref() == Some(from) {
        return Err(Trouble::No(format!("the power was cut before it was installed; {from} is unchanged")));
    }
    go_back(system, journal, order, from, "the power was cut while it was installed")
}

/// Installs the one from before again.
fn go_back(system: &mut impl System, journal: &Journal, order: &Order, from: &str, why: &str) -> Result<Fate, Trouble> {
    system.note(&journal.at(Stage::GoingBack { from: from.to_owned(), why: why.to_owned() }))?;
    eprintln!("update {}: {why}; {from} is installed again", order.id);
    system.forget_health()?;
    let by_hand = "it has to be done by hand, with the package that is kept (docs/upgrade.md)";
    let back = match system.install(Which::Kept) {
        Ok(()) => system.installed()?,
        Err(Trouble::No(error)) => {
            // Another process may have had the package manager all the time.
            if order.update.version.as_str() != from && system.installed()?.as_deref() == Some(from) {
                return Err(Trouble::No(format!("{why}; {from} is unchanged")));
            }
            return Err(Trouble::No(format!("{why}; {from} cannot be installed again, {by_hand}: {error}")));
        }
        Err(halt @ Trouble::Halt(_)) => return Err(halt),
    };
    if back.as_deref() != Some(from) {
        return Err(Trouble::No(format!("{why}; {from} is not wholly installed again, {by_hand}")));
    }
    let is_well = match from.parse() {
        Ok(version) => system.is_well(order.id, &version)?,
        Err(_) => false,
    };
    let how = if is_well { "and well" } else { "and has not said that it is well" };
    Ok(Fate::Failed { reason: format!("{why}; {from} is back {how}").chars().take(LONGEST_REASON).collect() })
}

/// Writes a bundle to the other slot, and has the machine started with it.
fn write(system: &mut impl System, journal: &Journal, order: &Order) -> Result<Option<Fate>, Trouble> {
    must_not_be_older(system, order, env!("CARGO_PKG_VERSION"))?;
    let slot = system.slot()?;
    system.copy(order)?;
    system.note(&journal.at(Stage::Writing { slot: slot.clone() }))?;
    system.remember(order)?;
    system.write_bundle()?;
    // A terminal that was started again meanwhile has said that it is well, with the old system.
    system.forget_health()?;
    let boot = system.boot()?;
    system.note(&journal.at(Stage::Booting { boot, slot }))?;
    eprintln!("update {}: written; the machine is started again", order.id);
    system.start_again().map(|()| None)
}

/// The power was cut while it was written, or just afterwards.
fn written(system: &mut impl System, journal: &Journal, order: &Order, from: &str) -> Result<Option<Fate>, Trouble> {
    system.remember(order)?;
    if system.slot()? == from {
        return Err(Trouble::No("the power was cut while the bundle was written; the old system runs".to_owned()));
    }
    // As after writing; a word that the new system was quicker to say goes too, and then the old one comes back.
    system.forget_health()?;
    prove_slot(system, journal, order, from)
}

/// The machine was started again, or is still to be.
fn booted(
    system: &mut impl System,
    journal: &Journal,
    order: &Order,
    before: &str,
    from: &str,
) -> Result<Option<Fate>, Trouble> {
    if system.boot()? == before {
        return system.start_again().map(|()| None);
    }
    if system.slot()? == from {
        let wanted = &order.update.version;
        let why = format!("{wanted} was written and does not come up: the boot loader went back to the old system");
        return Err(Trouble::No(why));
    }
    prove_slot(system, journal, order, from)
}

/// The other slot runs: it stays when the terminal says that it is well, and is left when not.
fn prove_slot(system: &mut impl System, journal: &Journal, order: &Order, from: &str) -> Result<Option<Fate>, Trouble> {
    let wanted = &order.update.version;
    if system.is_well(order.id, wanted)? {
        system.stay()?;
        return Ok(Some(Fate::Succeeded { version: wanted.to_string() }));
    }
    let program = env!("CARGO_PKG_VERSION");
    let why = format!("the terminal, {program}, has not said that it is well with {wanted}");
    eprintln!("update {}: {why}; the old system is started again", order.id);
    leave(system, journal, &Departure { slot: from.to_owned(), why, tries: 1 })
}

/// Has the machine started again with the slot from before.
fn leave(system: &mut impl System, journal: &Journal, departure: &Departure) -> Result<Option<Fate>, Trouble> {
    let stage = Stage::Leaving { boot: system.boot()?, departure: departure.clone() };
    system.note(&journal.at(stage))?;
    start_other(system, departure)
}

fn start_other(system: &mut impl System, departure: &Departure) -> Result<Option<Fate>, Trouble> {
    let why = &departure.why;
    system.leave().map_err(|trouble| match trouble {
        Trouble::No(error) => Trouble::No(format!("{why}; the old system cannot be started (rauc status): {error}")),
        Trouble::Halt(error) => Trouble::Halt(error),
    })?;
    system.start_again().map(|()| None)
}

/// The machine was started again with the slot from before, or is still to be.
fn left(
    system: &mut impl System,
    journal: &Journal,
    before: &str,
    departure: &Departure,
) -> Result<Option<Fate>, Trouble> {
    if system.boot()? == before {
        return start_other(system, departure);
    }
    let why = &departure.why;
    if system.slot()? == departure.slot {
        return Err(Trouble::No(format!("{why}; the old system is back")));
    }
    // The power was cut before RAUC knew; or the boot loader does what it wants.
    if departure.tries >= MOST_DEPARTURES {
        return Err(Trouble::No(format!("{why}; the boot loader does not go back to the old system (rauc status)")));
    }
    leave(system, journal, &Departure { tries: departure.tries + 1, ..departure.clone() })
}
