//! Opens a store, whatever is on the disk: makes a new one, reads an old one, sets a damaged one aside.
//! It must not know what becomes of the records.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use till_wire::UnixTime;

use crate::till::{CommandRecord, KeyRecord, Owed, Records, Service, StoreAge, Write};

use super::audit::Audit;
use super::engine::{self, Engine, EngineError, Row};
use super::frame::{self, Fault};
use super::meta::{self, Meta};
use super::mirror::{self, Mirror};
use super::rows::{Rows, readable};
use super::{StoreError, keys};
use crate::record::{CommandOnDisk, KeyOnDisk, OwedOnDisk};

/// What opening a store brought to light.
#[derive(Debug)]
pub struct Opened {
    /// What the till needs at a start.
    pub records: Records,
    /// How many times this store has been opened, this one counted; durable.
    pub start: u64,
    /// When money last arrived, as far as the newest records tell.
    pub last_payment: Option<UnixTime>,
    /// Where a damaged store was moved when this new one had to take its place.
    pub recovered: Option<String>,
}

/// The folder inside `store.path` that is sled's, so that the outer one, which the system made, stays.
pub(super) fn folder(path: &Path) -> PathBuf {
    path.join("sled")
}

/// Opens the store at `path`, and makes a new one in place of one that is damaged.
pub(super) fn open(path: &Path, now: UnixTime) -> Result<(Rows, Opened), StoreError> {
    make_folder(path)?;
    let folder = folder(path);
    let (mut rows, age, recovered) = match load(&folder, now) {
        Ok((rows, age)) => (rows, age, None),
        Err(LoadError::Refused(error)) => return Err(error),
        Err(LoadError::Damaged(why)) if engine::is_full(&folder) => {
            tracing::error!(why, "the store cannot be judged on a full disk");
            return Err(StoreError::Open { path: folder, source: engine::no_room() });
        }
        Err(LoadError::Damaged(why)) => {
            let aside = set_aside(&folder, now)?;
            tracing::error!(why, moved_to = %aside, "the store is damaged; a new one is made");
            let (rows, age) = load(&folder, now).map_err(|error| error.of_new(&folder))?;
            (rows, age, Some(aside))
        }
    };
    match age {
        StoreAge::New => mirror::kept(path).map_or(Ok(()), |kept| rows.take_over(kept))?,
        StoreAge::Old => {}
    }
    let calendar = rows.make_calendar();
    let counted = calendar.and_then(|()| {
        rows.change(|draft| {
            draft.meta.starts = draft.meta.starts.saturating_add(1);
            Ok(())
        })
    });
    // Whoever starts the program wants to know where it cannot write.
    let at_start = |source| StoreError::Open { path: folder.clone(), source };
    match counted {
        Err(StoreError::Write { source }) => return Err(at_start(source)),
        counted => counted?,
    }
    rows.sync().map_err(at_start)?;
    let (records, last_payment) = (records(&rows, age)?, rows.last_payment()?);
    let opened = Opened { records, start: rows.meta.starts, last_payment, recovered };
    Ok((rows, opened))
}

/// Opens the rows again after the disk had refused a write, for a store in use: nothing is set aside here.
pub(super) fn reopen(path: &Path, commits: u64) -> Result<Rows, StoreError> {
    let folder = folder(path);
    let born = UnixTime::from_ms(0);
    match load(&folder, born) {
        Ok((rows, StoreAge::Old)) if rows.meta.commits >= commits => Ok(rows),
        Ok(_) => Err(damaged(&folder, "commits are missing".to_owned())),
        Err(LoadError::Damaged(why)) => Err(damaged(&folder, why)),
        Err(LoadError::Refused(error)) => Err(error),
    }
}

/// Removes all that a store has made in its folder, and makes one that is shut.
pub(super) fn erase(path: &Path, now: UnixTime, obeyed_until: UnixTime) -> Result<(), StoreError> {
    let fault = |source| StoreError::Erase { path: path.to_owned(), source };
    for entry in fs::read_dir(path).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "sled" || name.starts_with(ASIDE) {
            fs::remove_dir_all(entry.path()).map_err(fault)?;
        } else if mirror::is_named(&name) {
            fs::remove_file(entry.path()).map_err(fault)?;
        }
    }
    File::open(path).and_then(|folder| folder.sync_all()).map_err(fault)?;
    let (mut rows, _) = open(path, now)?;
    rows.change(|draft| {
        draft.meta.commands_until_ms = Some(obeyed_until.ms());
        Ok(())
    })?;
    rows.apply(&[Write::Service(Service::Disabled)])?;
    rows.sync().map_err(|source| StoreError::Write { source })
}

fn damaged(folder: &Path, why: String) -> StoreError {
    if engine::is_full(folder) {
        tracing::error!(why, "the store cannot be judged on a full disk");
        return StoreError::read(engine::no_room());
    }
    StoreError::read(EngineError::Damaged(why))
}

/// Why a folder's rows cannot be used.
enum LoadError {
    /// A new store helps.
    Damaged(String),
    /// A person must help.
    Refused(StoreError),
}

impl LoadError {
    fn at(folder: &Path, error: EngineError) -> Self {
        match error {
            EngineError::Damaged(why) => Self::Damaged(why),
            source @ (EngineError::Locked | EngineError::Foreign(_) | EngineError::Disk(_)) => {
                let path = folder.to_owned();
                Self::Refused(StoreError::Open { path, source })
            }
        }
    }

    /// Returns the error of a folder that was made just now, where damage is no reason to try again.
    fn of_new(self, folder: &Path) -> StoreError {
        match self {
            Self::Refused(error) => error,
            Self::Damaged(why) => StoreError::Open { path: folder.to_owned(), source: EngineError::Damaged(why) },
        }
    }
}

/// A process that was killed leaves its lock at once, but sled's own threads keep a closed store's a moment longer.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);
/// So often the lock is tried: for two seconds in all.
const LOCK_TRIES: u32 = 100;

fn load(folder: &Path, now: UnixTime) -> Result<(Rows, StoreAge), LoadError> {
    let mut tries = 1;
    loop {
        match guarded(|| Engine::open(folder)).and_then(|opened| opened) {
            Ok(engine) => return guarded_load(engine, folder, now),
            Err(EngineError::Locked) if tries < LOCK_TRIES => {
                std::thread::sleep(LOCK_PATIENCE);
                tries += 1;
            }
            Err(error) => return Err(LoadError::at(folder, error)),
        }
    }
}

fn guarded_load(engine: Engine, folder: &Path, now: UnixTime) -> Result<(Rows, StoreAge), LoadError> {
    let loaded = guarded(|| read_all(engine, folder, now));
    loaded.map_err(|error| LoadError::at(folder, error))?
}

/// Reads every row once: damage is found now and not in the middle of a sale.
fn read_all(engine: Engine, folder: &Path, now: UnixTime) -> Result<(Rows, StoreAge), LoadError> {
    let at = |error| LoadError::at(folder, error);
    let Audit { sum, tally, own, broken, newer } = Audit::of(&engine).map_err(at)?;
    if let Some((row, version)) = newer {
        return Err(newer_record(&row, version));
    }
    let noted = engine.mark().unwrap_or(0);
    let age = if own.is_some() { StoreAge::Old } else { StoreAge::New };
    let meta = own.map(|row| own_record(&row)).transpose()?;
    let meta = meta.unwrap_or_else(|| Meta { born_ms: now.ms(), ..Meta::default() });
    let commits = meta.commits;
    if commits < noted {
        let why = format!("it ends at commit {commits} of {noted}");
        return Err(LoadError::Damaged(why));
    }
    if sum.rows != meta.sum.rows || (broken == 0 && sum != meta.sum) {
        let why = format!("{} of {} rows, or others than were written", sum.rows, meta.sum.rows);
        return Err(LoadError::Damaged(why));
    }
    engine.sync_names().map_err(|error| at(sled::Error::from(error).into()))?;
    let mirror = Mirror::new(folder.parent().unwrap_or(folder));
    let rows = Rows { engine, meta, tally, broken, mirror, unmirrored: Some(BTreeSet::new()) };
    Ok((rows, age))
}

fn own_record(row: &Row) -> Result<Meta, LoadError> {
    frame::decode::<Meta>(&row.1).map_err(|fault| match fault {
        Fault::Newer(found) => newer_record(row, found),
        Fault::Broken(why) => LoadError::Damaged(why),
    })
}

fn newer_record(row: &Row, found: u8) -> LoadError {
    LoadError::Refused(StoreError::NewerRecord { key: meta::name(row), found, known: frame::VERSION })
}

/// Returns what the till needs at a start.
pub(super) fn records(rows: &Rows, age: StoreAge) -> Result<Records, StoreError> {
    let mut keys_kept = Vec::new();
    for row in rows.engine.kind(keys::KEY) {
        let row = row.map_err(StoreError::read)?;
        keys_kept.extend(readable::<KeyOnDisk>(&row).map(KeyRecord::from));
    }
    let mut owed = Vec::new();
    for row in rows.engine.kind(keys::OWED) {
        let row = row.map_err(StoreError::read)?;
        owed.extend(readable::<OwedOnDisk>(&row).map(Owed::from));
    }
    owed.sort_by_key(|owed| owed.number);
    let mut commands = Vec::new();
    for row in rows.engine.kind(keys::COMMAND) {
        let row = row.map_err(StoreError::read)?;
        commands.extend(readable::<CommandOnDisk>(&row).map(CommandRecord::from));
    }
    Ok(Records {
        store: age,
        born: rows.born(),
        sequence: rows.meta.sequence,
        number: rows.meta.number,
        sales: rows.alive()?,
        keys: keys_kept,
        owed,
        online: rows.meta.online_ms.map(UnixTime::from_ms),
        commands,
        forgotten: rows.meta.commands_until_ms.map(UnixTime::from_ms),
        service: if rows.meta.disabled { Service::Disabled } else { Service::Open },
    })
}

/// Makes the outer folder when there is none, durably.
fn make_folder(path: &Path) -> Result<(), StoreError> {
    let fault = |source| StoreError::Folder { path: path.to_owned(), source };
    if path.is_dir() {
        return Ok(());
    }
    let missing = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).count();
    fs::create_dir_all(path).map_err(fault)?;
    // Each new folder's name is in the one above it.
    for folder in path.ancestors().skip(1).take(missing) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)?;
    }
    Ok(())
}

/// What begins the name of a store that was moved aside.
const ASIDE: &str = "sled.corrupt-";

/// Returns how many stores were moved aside and are still there.
pub(super) fn set_aside_before(path: &Path) -> u64 {
    let names = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.file_name());
    let aside = names.filter(|name| name.to_string_lossy().starts_with(ASIDE)).count();
    u64::try_from(aside).unwrap_or(u64::MAX)
}

/// Moves a damaged store aside under a name that is free. It is never deleted: a person may want to look at it.
fn set_aside(folder: &Path, now: UnixTime) -> Result<String, StoreError> {
    let fault = |source| StoreError::SetAside { path: folder.to_owned(), source };
    let name = format!("{ASIDE}{}", now.secs());
    let mut aside = folder.with_file_name(&name);
    let mut more = 1;
    while aside.exists() {
        aside = folder.with_file_name(format!("{name}-{more}"));
        more += 1;
    }
    fs::rename(folder, &aside).map_err(fault)?;
    if let Some(outer) = folder.parent() {
        File::open(outer).and_then(|outer| outer.sync_all()).map_err(fault)?;
    }
    Ok(aside.display().to_string())
}

thread_local! {
    /// Whether a panic of this thread is caught and told in an error.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether a panic of this thread is caught and told in an error: it is none of the daemon's.
pub fn catches_panic() -> bool {
    CAUGHT.get()
}

/// Runs something of sled's that panics on damaged files where it should return an error.
///
/// sled 0.34 has hundreds of assertions about what it reads. Its state is thrown away after a panic, so nothing is seen
/// half-changed; the message would alarm whoever reads the journal although the damage is handled, so it becomes the error.
pub(super) fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, EngineError> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !CAUGHT.get() {
                usual(panic);
            }
        }));
    });
    CAUGHT.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    CAUGHT.set(false);
    result.map_err(|payload| told(payload.as_ref()))
}

/// Returns the error behind a panic of sled's. Where it unwraps an error of the operating system, that is no damage.
fn told(payload: &(dyn Any + Send)) -> EngineError {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    if text.contains("Os { code:") { EngineError::Disk(text.to_owned()) } else { EngineError::Damaged(text.to_owned()) }
}
