//! Remembers which key used which claim, and which certificates were made: a file each, in a folder that several
//! servers may share. A claim's file is its lock: the first key that gets it there has the claim. It must not know
//! HTTP, nor whether a claim is to be believed.

mod files;
mod record;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use till_settings::read_bounded;
use till_wire::fleet::ClaimId;
use till_wire::{TerminalNumber, UnixTime};

use self::files::{Made, Workshop, make_folder, remove};
pub(crate) use self::record::Used;

/// See the module.
pub(crate) struct Store {
    claims: PathBuf,
    certificates: PathBuf,
    workshop: Workshop,
    max_records: u64,
    /// How many there are: counted by each sweep, and by this server in between.
    used: AtomicU64,
    issued: AtomicU64,
    damaged: AtomicU64,
    /// Why the last try failed, if it did.
    fault: Mutex<Option<String>>,
}

/// Whether the folder can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Good,
    /// As many records as there may be.
    Full,
    /// Why the last try failed.
    Faulty(String),
}

/// Whose a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// This key's, from now on.
    First,
    /// This key's already.
    Again,
    /// Another key's.
    Anothers,
}

/// A certificate that was made: its file's name is its record, its content the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) number: TerminalNumber,
    /// Until when it is valid.
    pub(crate) until: UnixTime,
    /// Its serial number in hex.
    pub(crate) serial: String,
}

/// Why something could not be written down.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// See `max_records`.
    #[error("there are {most} records, as many as there may be (claims.max_records)")]
    Full { most: u64 },
    /// A record is there, and says nothing.
    #[error("the record `{path}` cannot be read: look at it, and remove it if its claim is to be used again")]
    Damaged { path: PathBuf },
    /// The folder is not as it should be.
    #[error("cannot {what} in `{path}` (claims.path)")]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// What there is in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) used: u64,
    pub(crate) issued: u64,
    pub(crate) damaged: u64,
}

/// A used claim is remembered so long after its end, a certificate after its own: the clocks of the servers that share
/// the folder differ by less.
const KEPT_AFTER: Duration = Duration::from_secs(86_400);
/// A record has some 300 bytes.
const LARGEST_RECORD: u64 = 4096;

impl Store {
    /// Makes the folders that are missing and proves that records can be made in them.
    pub(crate) fn open(folder: &Path, max_records: u64, now: UnixTime) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Io { what: "make folders", path: folder.to_owned(), source };
        let (claims, certificates) = (folder.join("claims"), folder.join("certificates"));
        for path in [folder, &claims, &certificates] {
            make_folder(path).map_err(failed)?;
        }
        let workshop = Workshop::open(folder.join("parts")).map_err(failed)?;
        let (used, issued, damaged, fault) = Default::default();
        let store = Self { claims, certificates, workshop, max_records, used, issued, damaged, fault };
        store.sweep(now)?;
        Ok(store)
    }

    /// Says whose a claim is, after making it this key's if it was nobody's. What it returns survives a power cut.
    pub(crate) fn take(&self, wish: &Used) -> Result<Whose, StoreError> {
        self.watched(|| {
            let name = claim_file(&wish.claim);
            let path = self.claims.join(&name);
            if !fs::exists(&path).map_err(|source| self.failed("look for a record", source))? {
                self.must_have_room(&self.used)?;
            }
            let made = self.workshop.make(&self.claims, &name, &wish.to_bytes());
            if made.map_err(|source| self.failed("make a record", source))? == Made::Ours {
                self.used.fetch_add(1, Ordering::Relaxed);
                return Ok(Whose::First);
            }
            let bytes = read_bounded(&path, LARGEST_RECORD).map_err(|source| self.failed("read a record", source))?;
            let first = Used::parse(&bytes).filter(|first| first.claim == wish.claim);
            let first = first.ok_or(StoreError::Damaged { path })?;
            Ok(if first.key == wish.key { Whose::Again } else { Whose::Anothers })
        })
    }

    /// Writes a certificate down before anybody gets it, so that all that a number ever got can be revoked.
    pub(crate) fn keep(&self, issued: &Issued, certificate: &str) -> Result<(), StoreError> {
        self.watched(|| {
            self.must_have_room(&self.issued)?;
            let made = self.workshop.make(&self.certificates, &issued.file(), certificate.as_bytes());
            made.map_err(|source| self.failed("keep a certificate", source))?;
            self.issued.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    }

    /// Drops the records that nobody needs any more, counts the others, and finds out whether the folder works.
    pub(crate) fn sweep(&self, now: UnixTime) -> Result<(), StoreError> {
        self.watched(|| {
            let failed = |source| self.failed("clear old records", source);
            self.workshop.clear(now).map_err(failed)?;
            self.workshop.prove().map_err(|source| self.failed("make a file and link it", source))?;
            let (used, damaged) = self.sweep_claims(now).map_err(failed)?;
            let issued = self.sweep_certificates(now).map_err(failed)?;
            self.used.store(used, Ordering::Relaxed);
            self.damaged.store(damaged, Ordering::Relaxed);
            self.issued.store(issued, Ordering::Relaxed);
            Ok(())
        })
    }

    /// Says whether anything more can be written down.
    pub(crate) fn health(&self) -> Health {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let has_room = |count| self.must_have_room(count).is_ok();
        match fault {
            Some(why) => Health::Faulty(why),
            None if has_room(&self.used) && has_room(&self.issued) => Health::Good,
            None => Health::Full,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let value = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts { used: value(&self.used), issued: value(&self.issued), damaged: value(&self.damaged) }
    }

    fn sweep_claims(&self, now: UnixTime) -> io::Result<(u64, u64)> {
        let (mut kept, mut damaged) = (0, 0);
        for entry in fs::read_dir(&self.claims)? {
            let path = entry?.path();
            if path.extension().is_none_or(|end| end != "json") {
                continue;
            }
            match read_bounded(&path, LARGEST_RECORD).map(|bytes| Used::parse(&bytes)) {
                Ok(Some(used)) if is_over(used.expires_at, now) => remove(&path)?,
                Ok(Some(_)) => kept += 1,
                Ok(None) => (kept, damaged) = (kept + 1, damaged + 1),
                // Another server has dropped it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok((kept, damaged))
    }

    fn sweep_certificates(&self, now: UnixTime) -> io::Result<u64> {
        let mut kept = 0;
        for entry in fs::read_dir(&self.certificates)? {
            let entry = entry?;
            let issued = entry.file_name().to_str().and_then(Issued::of_file);
            if issued.is_some_and(|issued| is_over(issued.until, now)) {
                remove(&entry.path())?;
            } else {
                kept += 1;
            }
        }
        Ok(kept)
    }

    fn must_have_room(&self, count: &AtomicU64) -> Result<(), StoreError> {
        let most = self.max_records;
        if count.load(Ordering::Relaxed) < most { Ok(()) } else { Err(StoreError::Full { most }) }
    }

    fn failed(&self, what: &'static str, source: io::Error) -> StoreError {
        StoreError::Io { what, path: self.claims.parent().unwrap_or(&self.claims).to_owned(), source }
    }

    /// Remembers what became of it. One damaged record says nothing about the folder.
    fn watched<T>(&self, attempt: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let result = attempt();
        let fault = match &result {
            Ok(_) | Err(StoreError::Damaged { .. } | StoreError::Full { .. }) => None,
            Err(StoreError::Io { what, source, .. }) => Some(format!("cannot {what}: {source}")),
        };
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        result
    }
}

impl Issued {
    fn file(&self) -> String {
        format!("{}-{}-{}.pem", self.number, self.until.secs(), self.serial)
    }

    fn of_file(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".pem")?.splitn(3, '-');
        let (number, until, serial) = (parts.next()?, parts.next()?, parts.next()?);
        let until = UnixTime::from_secs(until.parse().ok()?);
        Some(Self { number: number.parse().ok()?, until, serial: serial.to_owned() })
    }
}

fn claim_file(claim: &ClaimId) -> String {
    format!("{claim}.json")
}

fn is_over(end: UnixTime, now: UnixTime) -> bool {
    let kept_until = end.secs().saturating_add(i64::try_from(KEPT_AFTER.as_secs()).unwrap_or(i64::MAX));
    now.secs() > kept_until
}
