//! The configuration that the fleet's operator wants (contract §5, `down/desired`): proven, checked like a file on top of the
//! file, kept, tried at the next start, and taken back when the terminal cannot live with it. It must not know the loop, nor
//! connect to anything.

mod authority;
mod kept;
mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use till_settings::Mode;
use till_settings::tls::whole_chain;
use till_wire::fleet::{Audience, Desired, DesiredBroker, DesiredError, FleetKey, Reported, ReportedFault};
use till_wire::{GroupName, TerminalNumber, UnixTime};

use crate::clock;
use crate::config::{Reading, Remote, RemoteBroker, Settings};
use kept::{Kept, Mark, Trial};
use refusal::{Refusal, reasons};

/// So many starts may fail before the configuration is taken back: a power cut may end one of them.
const STARTS: u32 = 3;

/// How far the operator's clock may be ahead of ours, in seconds.
const CLOCKS_DIFFER_S: i64 = 60;

/// Keeps the terminal's configuration from afar.
#[derive(Clone)]
pub struct Keeper {
    file: PathBuf,
    store: PathBuf,
    believed: Believed,
    kept: Kept,
    /// What this process runs with.
    used: Option<Desired>,
}

/// Who this terminal is, and whom it believes.
#[derive(Clone)]
struct Believed {
    number: TerminalNumber,
    groups: Vec<GroupName>,
    keys: Vec<FleetKey>,
    /// Who may lead the terminal to another broker.
    broker_keys: Vec<FleetKey>,
}

/// What became of a document that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is the one that is known: nothing is new.
    Known,
    /// Nobody knows whose it is: only what is reported has changed, and anybody can have that changed.
    Unproven,
    /// It is the operator's, and refused: only what is reported has changed.
    Refused,
    /// It says what is applied already, under a newer version.
    Same,
    /// It is to be tried: the daemon is to begin anew.
    ToBeTried,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("file", &self.file).field("newest", &self.kept.newest).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Reads the configuration again with what is kept on top, as a start does; what cannot be applied is left out and
    /// reported, so that a terminal always starts with its file at least. What cannot be written down meanwhile, on a full disk, is
    /// no reason not to start.
    pub fn start(file: &Path, settings: Settings) -> (Settings, Self) {
        let store = settings.store.path.clone();
        let fleet = &settings.fleet;
        let believed = Believed {
            number: settings.terminal.number,
            groups: fleet.groups.clone(),
            keys: fleet.trusted_keys.clone(),
            broker_keys: fleet.broker_keys.clone(),
        };
        let kept = Kept::read(&store);
        let mut keeper = Self { file: file.to_owned(), store, believed, kept, used: None };
        if keeper.kept.trial.as_ref().is_some_and(|trial| trial.starts >= STARTS) {
            // Also on a disk that takes nothing: it would be tried for ever.
            keeper.go_back("the terminal did not start with it");
            warn_of(keeper.note());
        }
        let Some(document) = keeper.kept.applied.clone() else { return (settings, keeper) };
        let opened = keeper.open(document.as_bytes());
        match opened.and_then(|desired| keeper.read_with(&desired).map(|with| (desired, with))) {
            Ok((desired, with)) => {
                if let Some(trial) = &mut keeper.kept.trial {
                    trial.starts = trial.starts.saturating_add(1);
                    warn_of(keeper.kept.write(&keeper.store));
                }
                keeper.believed.groups.clone_from(&with.fleet.groups);
                // One of this version, or of a key that was not trusted, was of this document: it fits again.
                let is_over = |fault: &ReportedFault| fault.version.is_none_or(|version| version == desired.version);
                if keeper.kept.fault.as_ref().is_some_and(is_over) {
                    keeper.kept.fault = None;
                    warn_of(keeper.note());
                }
                tracing::info!(version = desired.version, "a configuration from afar counts on top of the file");
                keeper.used = Some(desired);
                (with, keeper)
            }
            Err(refusal) => {
                // The file, or the keys in it, have changed since: it is the file that counts.
                tracing::error!(reason = %refusal, "the configuration from afar no longer fits; it is left out");
                let fault = refusal.reported();
                if keeper.kept.fault.as_ref() != Some(&fault) {
                    keeper.kept.fault = Some(fault);
                    warn_of(keeper.note());
                }
                (settings, keeper)
            }
        }
    }

    /// The daemon has started with it.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn has_started(&mut self) -> io::Result<()> {
        match &mut self.kept.trial {
            None => Ok(()),
            Some(trial) if trial.awaits_broker => {
                trial.starts = 0;
                self.kept.write(&self.store)
            }
            Some(_) => self.settle(),
        }
    }

    /// Tells whether the configuration is taken back unless the broker is reached.
    pub fn awaits_broker(&self) -> bool {
        self.kept.trial.as_ref().is_some_and(|trial| trial.awaits_broker)
    }

    /// The broker is reached.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn has_broker(&mut self) -> io::Result<()> {
        if self.awaits_broker() { self.settle() } else { Ok(()) }
    }

    fn settle(&mut self) -> io::Result<()> {
        self.kept.trial = None;
        self.kept.write(&self.store)?;
        let applied = self.applied().map(|desired| desired.version);
        authority::keep_only(&self.store, applied.as_slice());
        Ok(())
    }

    /// Goes back to what was applied before the one that is being tried. It counts from the next start on.
    ///
    /// # Errors
    /// When that cannot be written down: then nothing has happened, and it is to be tried again.
    pub fn take_back(&mut self, why: &str) -> io::Result<()> {
        let tried = self.kept.clone();
        self.go_back(why);
        self.note().inspect_err(|_| self.kept = tried)
    }

    fn go_back(&mut self, why: &str) {
        let Some(Trial { before, .. }) = self.kept.trial.take() else { return };
        let version = self.applied().map(|desired| desired.version);
        self.kept.applied = before;
        self.kept.fault = Some(ReportedFault { version, reasons: vec![why.to_owned()] });
    }

    /// Returns what `up/reported` says.
    pub fn reported(&self) -> Reported {
        Reported {
            version: self.used.as_ref().map(|desired| desired.version),
            hash: self.used.as_ref().map(Desired::hash),
            at: self.kept.at,
            fault: self.kept.fault.clone(),
        }
    }

    /// Judges a document that arrived, and keeps it when it is to be applied. Nothing is kept of what is not proven.
    ///
    /// # Errors
    /// When it cannot be written down: then it must not be acknowledged.
    pub fn take(&mut self, document: &[u8]) -> io::Result<Taken> {
        let judged = match self.open(document) {
            Ok(desired) if self.is_known(&desired) => {
                let unproven = self.kept.fault.take_if(|fault| fault.version.is_none());
                return Ok(if unproven.is_some() { Taken::Refused } else { Taken::Known });
            }
            Ok(desired) => self.judge(desired),
            Err(refusal) => Err(refusal),
        };
        match judged {
            Ok(desired) => self.keep(document, &desired),
            Err(refusal) => {
                tracing::warn!(reason = %refusal, "a wanted configuration is refused");
                let fault = refusal.reported();
                if self.kept.fault.as_ref() == Some(&fault) {
                    return Ok(Taken::Known);
                }
                let is_proven = fault.version.is_some();
                self.kept.fault = Some(fault);
                if !is_proven {
                    return Ok(Taken::Unproven);
                }
                self.note().map(|()| Taken::Refused)
            }
        }
    }

    /// The broker keeps the newest document and brings it with every connection, whatever has become of it.
    fn is_known(&self, desired: &Desired) -> bool {
        self.kept.newest.as_ref() == Some(&mark_of(desired))
    }

    fn is_ours(&self, audience: &Audience) -> bool {
        match audience {
            Audience::Terminal(number) => *number == self.believed.number,
            Audience::Group(name) => self.believed.groups.contains(name),
        }
    }

    fn judge(&self, desired: Desired) -> Result<Desired, Refusal> {
        let wrong = |reason: String| Refusal::Wrong { version: desired.version, reasons: vec![reason] };
        if !self.is_ours(&desired.aud) {
            return Err(wrong("it is for another terminal (`aud`)".to_owned()));
        }
        if let Some(newest) = &self.kept.newest {
            if desired.version <= newest.version {
                return Err(wrong(format!("its version is not above {}", newest.version)));
            }
            if desired.iat < newest.iat {
                return Err(wrong(format!("it was made (`iat`) before version {}", newest.version)));
            }
        }
        if clock::is_plausible() && desired.iat > clock::wall().secs().saturating_add(CLOCKS_DIFFER_S) {
            return Err(wrong("it was made in the future (`iat`): see whose clock is wrong".to_owned()));
        }
        if clock::is_plausible() && desired.exp.is_some_and(|exp| exp <= clock::wall().secs()) {
            return Err(wrong("it has expired (`exp`)".to_owned()));
        }
        if let Some(DesiredBroker { ca: Some(pem), .. }) = self.broker_of(&desired)? {
            let written = authority::write(&self.store, desired.version, &pem);
            written.map_err(|error| wrong(format!("the broker's certificates cannot be kept ({error})")))?;
        }
        self.read_with(&desired).map(|_| desired)
    }

    fn open(&self, document: &[u8]) -> Result<Desired, Refusal> {
        let unproven = |error: DesiredError| match error {
            DesiredError::Signed(_) if self.believed.keys.is_empty() => {
                Refusal::Unproven("this terminal trusts no key: see fleet.trusted_keys".to_owned())
            }
            DesiredError::Signed(_) | DesiredError::Command | DesiredError::Version | DesiredError::Deep => {
                Refusal::Unproven(whole_chain(&error))
            }
        };
        Desired::open(document, &self.believed.keys).map_err(unproven)
    }

    /// Returns the other broker that a document names, if the second key has signed it for this terminal, and not for an older
    /// document than the last that led to another broker.
    fn broker_of(&self, desired: &Desired) -> Result<Option<DesiredBroker>, Refusal> {
        let Some(document) = &desired.broker else { return Ok(None) };
        let wrong =
            |reason: String| Refusal::Wrong { version: desired.version, reasons: vec![format!("broker: {reason}")] };
        if self.believed.broker_keys.is_empty() {
            return Err(wrong("this terminal goes to no other broker: see fleet.broker_keys".to_owned()));
        }
        let broker = DesiredBroker::open(document, &self.believed.broker_keys);
        let broker = broker.map_err(|error| wrong(whole_chain(&error)))?;
        if !self.is_ours(&broker.aud) {
            return Err(wrong("it is for another terminal (`aud`)".to_owned()));
        }
        if broker.version > desired.version || self.kept.broker.is_some_and(|newest| broker.version < newest) {
            return Err(wrong("its version is above the document's, or below the last broker's".to_owned()));
        }
        Ok(Some(broker))
    }

    /// Reads the file with the document on top of it.
    fn read_with(&self, desired: &Desired) -> Result<Settings, Refusal> {
        let wrong = |reasons| Refusal::Wrong { version: desired.version, reasons };
        let broker = self.broker_of(desired)?.map(|broker| RemoteBroker {
            url: broker.url,
            ca: broker.ca.map(|_| authority::place(&self.store, desired.version)),
        });
        let remote = Remote::take(&desired.config).map_err(wrong)?.with_broker(broker);
        match Reading::read_with(&self.file, Mode::Run, Some(&remote)) {
            Ok((Reading::Ready(settings), _)) => Ok(*settings),
            Ok((Reading::Unenrolled(_), _)) => Err(wrong(vec!["the terminal is not enrolled any more".to_owned()])),
            Err(faults) => Err(wrong(reasons(&faults))),
        }
    }

    fn keep(&mut self, document: &[u8], desired: &Desired) -> io::Result<Taken> {
        let document = String::from_utf8_lossy(document).trim().to_owned();
        let before = self.kept.clone();
        let is_same = self.used.as_ref().is_some_and(|used| used.hash() == desired.hash()) && before.trial.is_none();
        self.kept.newest = Some(mark_of(desired));
        let broker = desired.broker.as_ref().and_then(|broker| DesiredBroker::peek(broker).ok());
        self.kept.broker = self.kept.broker.max(broker.map(|broker| broker.version));
        self.kept.fault = None;
        if !is_same {
            // What is being tried itself is nothing to go back to.
            let back = before.trial.clone().map_or(before.applied.clone(), |trial| trial.before);
            let broker_of = |document: Option<&String>| {
                document.and_then(|document| Desired::peek(document.as_bytes()).ok()).and_then(|desired| desired.broker)
            };
            let awaits_broker = broker_of(back.as_ref()) != desired.broker;
            self.kept.trial = Some(Trial { before: back, starts: 0, awaits_broker });
        }
        self.kept.applied = Some(document);
        if let Err(error) = self.note() {
            self.kept = before;
            return Err(error);
        }
        if is_same {
            self.used = Some(desired.clone());
        }
        tracing::info!(version = desired.version, new = !is_same, "a wanted configuration is taken up");
        Ok(if is_same { Taken::Same } else { Taken::ToBeTried })
    }

    fn applied(&self) -> Option<Desired> {
        // Its signature was proven when it was taken up, and is again at each start.
        self.kept.applied.as_ref().and_then(|document| Desired::peek(document.as_bytes()).ok())
    }

    fn note(&mut self) -> io::Result<()> {
        self.kept.at = Some(clock::wall());
        self.kept.write(&self.store)
    }
}

fn mark_of(desired: &Desired) -> Mark {
    Mark { version: desired.version, iat: desired.iat, hash: desired.hash() }
}

fn warn_of(written: io::Result<()>) {
    if let Err(error) = written {
        tracing::warn!(%error, "what has become of the configuration from afar cannot be written down");
    }
}

/// Forgets what was kept beside this store.
///
/// # Errors
/// When a file cannot be removed.
pub fn forget(store: &Path) -> io::Result<()> {
    authority::keep_only(store, &[]);
    kept::forget(store)
}

/// Returns what `up/reported` says where no configuration can be taken from afar.
pub fn unable(why: &str, at: UnixTime) -> Reported {
    let fault = ReportedFault { version: None, reasons: vec![why.to_owned()] };
    Reported { version: None, hash: None, at: Some(at), fault: Some(fault) }
}
