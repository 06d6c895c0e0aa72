//! A system that is made of values: a disk, a package manager, and power that can be cut before, in and after each step. It
//! must not know what is expected.

use till_wire::CommandId;
use till_wire::fleet::PackageVersion;

use super::super::course::{Journal, Stage, System, Trouble, Which};
use super::super::judge::{Order, believed_before};
use super::{args, command, signer};
use crate::update::{Fate, Outcome};

pub(super) const OLD: &str = "0.1.0";
pub(super) const NEW: &str = "0.2.0";
pub(super) const OLD_SLOT: &str = "A";
pub(super) const NEW_SLOT: &str = "B";

/// How it goes with the new package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Luck {
    Well,
    /// It is installed, and never says that it is well.
    Sick,
    /// The package manager refuses it, and leaves everything as it is.
    Refused,
    /// The package manager breaks off in the middle.
    Broken,
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) luck: Luck,
    /// What the package manager finds after a cut in the middle can be finished.
    pub(super) settles: bool,
    pub(super) document: String,
    pub(super) request: Option<String>,
    pub(super) journal: Option<Journal>,
    pub(super) said: Option<Outcome>,
    pub(super) done: Vec<CommandId>,
    pub(super) copy: bool,
    pub(super) kept: Option<&'static str>,
    /// Nothing when it is half a package; `half` is what it was to be.
    pub(super) installed: Option<String>,
    half: Option<String>,
    /// How often the new one was begun.
    pub(super) begun: u32,
    /// Whether each slot has a system of its own.
    is_of_slots: bool,
    /// The slot that runs, and the one that the boot loader starts.
    pub(super) slot: &'static str,
    pub(super) next: &'static str,
    /// Whether the boot loader stays with the slot that runs.
    pub(super) stays: bool,
    /// Whether there is a word that the terminal is well, of a terminal that was started again while the bundle was written:
    /// where both systems have one version of the program, it looks like the new one's.
    is_old_word_there: bool,
    pub(super) boots: u32,
    /// After how many moments the power is cut.
    pub(super) cut_in: Option<u32>,
}

impl World {
    pub(super) fn new(kind: &str, luck: Luck, settles: bool) -> Self {
        let document = command("u-1", "update", args(NEW, kind)).sign(&signer()).expect("signed");
        Self {
            luck,
            settles,
            request: Some(document.clone()),
            document,
            journal: None,
            said: None,
            done: Vec::new(),
            copy: false,
            kept: None,
            installed: Some(OLD.to_owned()),
            half: None,
            begun: 0,
            is_of_slots: kind == "rauc",
            slot: OLD_SLOT,
            next: OLD_SLOT,
            stays: false,
            is_old_word_there: false,
            boots: 0,
            cut_in: None,
        }
    }

    /// The machine is started again: so is the terminal, which hands over what it has heard nothing of.
    pub(super) fn start(&mut self, cut_in: Option<u32>) {
        self.cut_in = cut_in;
        self.boots += 1;
        // A boot loader gives a system that does not come up a few tries.
        self.slot = if self.luck == Luck::Broken { OLD_SLOT } else { self.next };
        if self.is_of_slots {
            self.installed = Some(if self.slot == NEW_SLOT { NEW } else { OLD }.to_owned());
        }
        if self.said.is_none() && self.journal.is_none() {
            self.request = Some(self.document.clone());
        }
    }

    fn moment(&mut self) -> Result<(), Trouble> {
        match &mut self.cut_in {
            Some(0) => Err(Trouble::Halt("the power is cut".to_owned())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn step(&mut self, change: impl FnOnce(&mut Self)) -> Result<(), Trouble> {
        self.moment()?;
        change(self);
        self.moment()
    }

    pub(super) fn has_succeeded(&self) -> bool {
        let said = self.said.as_ref().expect("it is said what came of it");
        assert_eq!(said.command.as_str(), "u-1");
        matches!(&said.fate, Fate::Succeeded { version } if version == NEW)
    }
}

impl System for World {
    fn journal(&mut self) -> Result<Option<Journal>, Trouble> {
        Ok(self.journal.clone())
    }

    fn note(&mut self, journal: &Journal) -> Result<(), Trouble> {
        self.step(|world| world.journal = Some(journal.clone()))
    }

    fn take(&mut self) -> Result<Option<Journal>, Trouble> {
        let Some(document) = self.request.clone() else { return Ok(None) };
        let journal = Journal { document, stage: Stage::Taken };
        self.note(&journal)?;
        self.step(|world| world.request = None)?;
        Ok(Some(journal))
    }

    fn said(&mut self) -> Result<Option<Outcome>, Trouble> {
        Ok(self.said.clone())
    }

    fn say(&mut self, outcome: &Outcome) -> Result<(), Trouble> {
        self.step(|world| world.said = Some(outcome.clone()))
    }

    fn clear(&mut self, keeps_new: bool) -> Result<(), Trouble> {
        self.step(|world| {
            if keeps_new && world.copy {
                world.kept = Some(NEW);
            }
            world.copy = false;
        })?;
        self.step(|world| world.journal = None)
    }

    fn judge(&mut self, document: &str) -> Result<Order, Trouble> {
        let order = believed_before(document).map_err(|refusal| Trouble::No(refusal.to_string()))?;
        if self.done.contains(&order.id) { Err(Trouble::No("replayed".to_owned())) } else { Ok(order) }
    }

    fn remember(&mut self, order: &Order) -> Result<(), Trouble> {
        let id = order.id;
        self.step(|world| world.done.push(id))
    }

    fn copy(&mut self, _: &Order) -> Result<(), Trouble> {
        self.step(|world| world.copy = true)
    }

    fn keep(&mut self, version: &str) -> Result<(), Trouble> {
        assert_eq!(version, OLD);
        self.step(|world| world.kept = Some(OLD))
    }

    fn installed(&mut self) -> Result<Option<String>, Trouble> {
        Ok(self.installed.clone())
    }

    fn is_older(&mut self, version: &str, than: &str) -> Result<bool, Trouble> {
        Ok(version < than)
    }

    fn settle(&mut self) -> Result<(), Trouble> {
        self.step(|world| {
            if world.settles && world.installed.is_none() {
                world.installed = world.half.take();
            }
        })
    }

    fn install(&mut self, which: Which) -> Result<(), Trouble> {
        assert!(!self.done.is_empty(), "it is remembered before anything changes");
        let version = match which {
            Which::New => {
                self.begun += 1;
                assert!(self.copy && self.kept == Some(OLD), "there is a way back: {self:?}");
                NEW
            }
            Which::Kept => self.kept.expect("it is kept"),
        };
        let luck = if which == Which::New { self.luck } else { Luck::Well };
        self.moment()?;
        if luck == Luck::Refused {
            return Err(Trouble::No("it is refused".to_owned()));
        }
        (self.installed, self.half) = (None, Some(version.to_owned()));
        self.moment()?;
        if luck == Luck::Broken {
            self.half = None;
            return Err(Trouble::No("it breaks off".to_owned()));
        }
        (self.installed, self.half) = (Some(version.to_owned()), None);
        self.moment()
    }

    fn forget_health(&mut self) -> Result<(), Trouble> {
        self.step(|world| world.is_old_word_there = false)
    }

    fn is_well(&mut self, _: CommandId, version: &PackageVersion) -> Result<bool, Trouble> {
        self.moment()?;
        if self.is_old_word_there {
            return Ok(true);
        }
        let is_lucky = self.luck == Luck::Well || version.as_str() == OLD;
        Ok(is_lucky && self.installed.as_deref() == Some(version.as_str()))
    }

    fn slot(&mut self) -> Result<String, Trouble> {
        Ok(self.slot.to_owned())
    }

    fn write_bundle(&mut self) -> Result<(), Trouble> {
        assert!(!self.done.is_empty() && self.copy);
        self.step(|world| {
            world.begun += 1;
            world.is_old_word_there = true;
        })?;
        if self.luck == Luck::Refused {
            return Err(Trouble::No("it is refused".to_owned()));
        }
        self.step(|world| world.next = NEW_SLOT)
    }

    fn stay(&mut self) -> Result<(), Trouble> {
        self.step(|world| world.stays = true)
    }

    fn leave(&mut self) -> Result<(), Trouble> {
        self.step(|world| world.next = OLD_SLOT)
    }

    fn boot(&mut self) -> Result<String, Trouble> {
        Ok(self.boots.to_string())
    }

    fn start_again(&mut self) -> Result<(), Trouble> {
        // Somebody else starts the machine.
        self.step(|_| {})
    }
}
