//! The system that an installation changes: root's folder, the terminal's, and the package tools. It must not decide what is
//! done after what.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use till_settings::tls::whole_chain;
use till_wire::fleet::{Checksum, Claim, FleetKey, MAX_CLAIM, MAX_COMMAND, PackageVersion, Update, UpdateKind};
use till_wire::{CommandId, TerminalNumber};

use super::Choices;
use super::course::{Journal, Stage, System, Trouble, Which};
use super::debian::Debian;
use super::done::Done;
use super::folder::Folder;
use super::judge::{Known, Order, Refusal, judge};
use super::place::{DONE, JOURNAL, Place, must_be_ours};
use super::slots::Slots;
use crate::clock;
use crate::config::InstallSettings;
use crate::update::{DOWNLOAD, FOLDER, HEALTHY, Healthy, LARGEST_NOTE, Outcome, REQUEST};

/// The claim of an enrolled terminal, in its folder.
const CLAIM: &str = "claim.jwt";

/// How often it is asked whether the terminal is well.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Room that an update must leave on the disk, in bytes: sales are worth more. A package is some four times as large when it
/// is unpacked.
const RESERVE: u64 = 32 * 1024 * 1024;
const UNPACKED: u64 = 4;

/// The system.
pub(super) struct Machine {
    settings: InstallSettings,
    place: Place,
    debian: Debian,
    slots: Slots,
    /// Whether it is another system than the one that runs.
    is_elsewhere: bool,
    /// Where the terminal has its half of updates.
    theirs: PathBuf,
    /// How long the terminal may take until it says that it is well.
    patience: Duration,
}

fn no(doing: &str, error: &dyn std::error::Error) -> Trouble {
    Trouble::No(format!("cannot {doing}: {}", whole_chain(error)))
}

fn halt(doing: &'static str) -> impl Fn(io::Error) -> Trouble {
    move |error| Trouble::Halt(format!("cannot {doing}: {error}"))
}

impl Machine {
    pub(super) fn new(settings: InstallSettings, place: Place, choices: &Choices) -> Self {
        let root = choices.root.as_deref();
        let (debian, slots) = (Debian::new(place.private(), root), Slots::new(place.private()));
        let theirs = settings.store.join(FOLDER);
        Self { settings, place, debian, slots, is_elsewhere: root.is_some(), theirs, patience: choices.patience }
    }

    /// Opens the terminal's folder; nothing while it has none.
    fn theirs(&self) -> io::Result<Option<Folder>> {
        match Folder::open(&self.theirs) {
            Ok(folder) => Ok(Some(folder)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whom the file believes; with it those whom the claim names, where one of the file's has signed it.
    fn believed(&self) -> Result<(Vec<FleetKey>, TerminalNumber), Trouble> {
        if self.settings.pinned.is_empty() {
            return Err(Trouble::No(Refusal::NoKeys.to_string()));
        }
        for file in &self.settings.key_files {
            must_be_ours(file).map_err(|error| no("believe the keys of tilld.toml", &error))?;
        }
        let mut keys = self.settings.pinned.clone();
        let claim = self.claim()?;
        if let Some(claim) = &claim {
            keys.extend(claim.trusted_keys.iter().filter(|key| !self.settings.pinned.contains(key)));
        }
        let named = claim.map(|claim| claim.number);
        match (self.settings.own, named) {
            (Some(own), Some(named)) if own != named => {
                Err(Trouble::No(format!("tilld.toml says that this is terminal {own}, and the claim says {named}")))
            }
            (Some(number), _) | (None, Some(number)) => Ok((keys, number)),
            (None, None) => {
                let why = "tilld.toml says no terminal.number, and there is no claim that one of its keys has signed";
                Err(Trouble::No(why.to_owned()))
            }
        }
    }

    /// The claim, where one of the file's own keys has signed it: the terminal itself could write any other.
    fn claim(&self) -> Result<Option<Claim>, Trouble> {
        let Some(folder) = self.settings.identity.as_deref() else {
            return Ok(None);
        };
        let most = u64::try_from(MAX_CLAIM).unwrap_or(u64::MAX);
        let document = match Folder::open(folder) {
            Ok(folder) => folder.read(CLAIM, most).map_err(|error| no("read the terminal's claim", &error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(no("open the folder of the terminal's claim", &error)),
        };
        let Some(document) = document else { return Ok(None) };
        let claim = Claim::open(&String::from_utf8_lossy(&document), &self.settings.pinned);
        claim.map(Some).map_err(|error| no("believe the terminal's claim", &error))
    }

    fn done(&self) -> Result<Done, Trouble> {
        self.place.read(DONE).map(Option::unwrap_or_default).map_err(halt("read which updates were installed"))
    }

    fn must_have_room(&self, update: &Update) -> Result<(), Trouble> {
        let space =
            rustix::fs::statvfs(self.place.private()).map_err(|error| no("ask how full the disk is", &error))?;
        let room = space.f_bavail.saturating_mul(space.f_frsize);
        let copies = match update.kind {
            UpdateKind::Deb => UNPACKED + 1,
            UpdateKind::Rauc => 1,
        };
        let needed = update.size.saturating_mul(copies).saturating_add(RESERVE);
        if room >= needed {
            return Ok(());
        }
        Err(Trouble::No(format!("to install it takes {needed} bytes on the disk, and {room} are free")))
    }

    /// Copies what the terminal has fetched, at most so much, and returns how long the copy is and what it is. Whatever the
    /// terminal does to its file meanwhile: what is judged is what is written here.
    fn copy_of_theirs(&self, size: u64) -> io::Result<(u64, Checksum)> {
        let theirs = self.theirs()?.and_then(|folder| folder.file(DOWNLOAD).transpose()).transpose()?;
        let theirs =
            theirs.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the terminal has fetched nothing"))?;
        let mut ours = self.place.make_new()?;
        let copied = pour(theirs, &mut ours, size.saturating_add(1))?;
        ours.sync_all()?;
        self.place.sync()?;
        Ok(copied)
    }

    /// What the terminal says of itself, if it has said it of this command.
    fn health(&self, command: CommandId) -> Option<Healthy> {
        let note = self.theirs().ok()??.read(HEALTHY, LARGEST_NOTE).ok()??;
        let healthy: Healthy = serde_json::from_slice(&note).ok()?;
        Some(healthy).filter(|healthy| healthy.command == command)
    }
}

/// Writes at most so many bytes, and returns how many they were and their SHA-256.
fn pour(mut from: File, to: &mut File, most: u64) -> io::Result<(u64, Checksum)> {
    let (mut digest, mut length) = (Sha256::new(), 0_u64);
    let mut piece = vec![0; 64 * 1024];
    while length < most {
        let read = from.read(&mut piece)?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        digest.update(bytes);
        to.write_all(bytes)?;
        length = length.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((length, Checksum::of(&digest.finalize().into())))
}

impl System for Machine {
    fn journal(&mut self) -> Result<Option<Journal>, Trouble> {
        let found = self.place.read(JOURNAL).map_err(halt("read how far an earlier installation is"))?;
        if found.is_some() {
            self.place.show_work().map_err(halt("say that an update is being installed"))?;
        }
        Ok(found)
    }

    fn note(&mut self, journal: &Journal) -> Result<(), Trouble> {
        self.place.write(JOURNAL, journal).map_err(halt("note how far the installation is"))?;
        self.place.show_work().map_err(halt("say that an update is being installed"))
    }

    fn take(&mut self) -> Result<Option<Journal>, Trouble> {
        let Some(theirs) = self.theirs().map_err(halt("open the terminal's folder of updates"))? else {
            return Ok(None);
        };
        let most = u64::try_from(MAX_COMMAND).unwrap_or(u64::MAX);
        let request = match theirs.read(REQUEST, most) {
            Ok(None) => return Ok(None),
            Ok(Some(request)) => request,
            Err(error) => {
                // It is removed whatever it is: systemd starts us for as long as it is there.
                theirs.remove(REQUEST).map_err(halt("remove a request that cannot be read"))?;
                return Err(Trouble::Halt(format!("cannot read the request, which was removed: {error}")));
            }
        };
        let journal = Journal { document: String::from_utf8_lossy(&request).into_owned(), stage: Stage::Taken };
        self.note(&journal)?;
        theirs.remove(REQUEST).map_err(halt("take the request away"))?;
        Ok(Some(journal))
    }

    fn said(&mut self) -> Result<Option<Outcome>, Trouble> {
        self.place.result().map_err(halt("read what was said last"))
    }

    fn say(&mut self, outcome: &Outcome) -> Result<(), Trouble> {
        self.place.say(outcome).map_err(halt("say what came of the update"))
    }

    fn clear(&mut self, keeps_new: bool) -> Result<(), Trouble> {
        let cleared = if keeps_new { self.place.promote() } else { self.place.drop_new() };
        let cleared = cleared.and_then(|()| self.place.show_rest()).and_then(|()| self.place.remove(JOURNAL));
        cleared.map_err(halt("clear up after the update"))
    }

    fn judge(&mut self, document: &str) -> Result<Order, Trouble> {
        let (keys, number) = self.believed()?;
        let known = Known {
            keys: &keys,
            number,
            groups: &self.settings.groups,
            done: &self.done()?,
            now: clock::wall(),
            clock_is_plausible: clock::is_plausible(),
        };
        judge(document, &known).map_err(|refusal| Trouble::No(refusal.to_string()))
    }

    fn remember(&mut self, order: &Order) -> Result<(), Trouble> {
        let mut done = self.done()?;
        done.add(order);
        self.place.write(DONE, &done).map_err(halt("note that the command is carried out"))
    }

    fn copy(&mut self, order: &Order) -> Result<(), Trouble> {
        let update = &order.update;
        self.must_have_room(update)?;
        let (length, sum) =
            self.copy_of_theirs(update.size).map_err(|error| no("copy what the terminal has fetched", &error))?;
        if length != update.size {
            let found = if length > update.size { "more" } else { "fewer" };
            return Err(Trouble::No(format!("the file has {found} bytes than the {} of the command", update.size)));
        }
        if sum != update.sha256 {
            return Err(Trouble::No(format!("the file is not what the command says (sha256 {})", sum.as_str())));
        }
        match update.kind {
            UpdateKind::Deb => {
                self.debian.must_be(&self.place.new_file(), update.version.as_str()).map_err(Trouble::No)
            }
            UpdateKind::Rauc => Ok(()),
        }
    }

    fn keep(&mut self, version: &str) -> Result<(), Trouble> {
        let kept = self.place.kept();
        if kept.is_file() && self.debian.must_be(&kept, version).is_ok() {
            return Ok(());
        }
        let made = self.debian.repack(&kept).and_then(|()| self.debian.must_be(&kept, version));
        made.and_then(|()| self.place.sync().map_err(|error| error.to_string())).map_err(|error| {
            let what =
                "there would be no way back, so nothing is changed: apt install dpkg-repack, or put the package of";
            Trouble::No(format!("{what} {version} at `{}`: {error}", kept.display()))
        })
    }

    fn installed(&mut self) -> Result<Option<String>, Trouble> {
        self.debian.installed().map_err(Trouble::Halt)
    }

    fn is_older(&mut self, version: &str, than: &str) -> Result<bool, Trouble> {
        self.debian.is_older(version, than).map_err(Trouble::No)
    }

    fn settle(&mut self) -> Result<(), Trouble> {
        if let Err(error) = self.debian.settle() {
            eprintln!("dpkg cannot finish what it was interrupted in: {error}");
        }
        Ok(())
    }

    fn install(&mut self, which: Which) -> Result<(), Trouble> {
        let package = match which {
            Which::New => self.place.new_file(),
            Which::Kept => self.place.kept(),
        };
        self.debian.install(&package).map_err(Trouble::No)
    }

    fn forget_health(&mut self) -> Result<(), Trouble> {
        // A folder that is gone has nothing in it that could be believed later.
        let theirs = self.theirs().map_err(halt("open the terminal's folder of updates"))?;
        theirs.map_or(Ok(()), |theirs| theirs.remove(HEALTHY)).map_err(halt("forget whether the terminal was well"))
    }

    fn is_well(&mut self, command: CommandId, version: &PackageVersion) -> Result<bool, Trouble> {
        let deadline = clock::tick() + self.patience;
        loop {
            if self.health(command).is_some_and(|healthy| version.holds(&healthy.version)) {
                return Ok(true);
            }
            if clock::tick() >= deadline {
                return Ok(false);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn slot(&mut self) -> Result<String, Trouble> {
        if self.is_elsewhere {
            return Err(Trouble::No("RAUC has no other root".to_owned()));
        }
        self.slots.booted().map_err(|error| Trouble::No(format!("this machine has no two slots: {error}")))
    }

    fn write_bundle(&mut self) -> Result<(), Trouble> {
        self.slots.write(&self.place.new_file()).map_err(Trouble::No)
    }

    fn stay(&mut self) -> Result<(), Trouble> {
        self.slots.stay().map_err(Trouble::No)
    }

    fn leave(&mut self) -> Result<(), Trouble> {
        self.slots.leave().map_err(Trouble::No)
    }

    fn boot(&mut self) -> Result<String, Trouble> {
        Ok(clock::boot_text(clock::boot_id()))
    }

    fn start_again(&mut self) -> Result<(), Trouble> {
        self.slots.start_again().map_err(Trouble::Halt)
    }
}
