//! The rows on disk: the only file that knows sled, its files and its faults. It must not know what the rows mean.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::advice;
use super::backward::Backward;
use super::frame::checksum;

/// Changes of rows by key: a new value, or nothing for a row that goes.
pub(super) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
/// A row: key and value.
pub(super) type Row = (sled::IVec, sled::IVec);

/// Why the rows cannot be had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// Another process has the store open.
    #[error("another process has it open: stop that one, or give this terminal another `store.path`")]
    Locked,
    /// Another version of sled made it.
    #[error("it was made in another way: {0}")]
    Foreign(String),
    /// What is on the disk contradicts itself.
    #[error("its files are damaged: {0}")]
    Damaged(String),
    /// The operating system refused.
    #[error("the disk refused: {0}{advice}", advice = advice::about_text(.0))]
    Disk(String),
}

impl EngineError {
    pub(super) fn io(error: &io::Error) -> Self {
        // sled reads past the end, or looks for a file that should be there, only when a pointer is wrong.
        let astray = [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidData, io::ErrorKind::NotFound];
        let text = error.to_string();
        if astray.contains(&error.kind()) {
            Self::Damaged(text)
        } else if text.contains("could not acquire lock") {
            Self::Locked
        } else {
            Self::Disk(text)
        }
    }
}

impl From<sled::Error> for EngineError {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => Self::io(&error),
            sled::Error::Unsupported(why) => Self::Foreign(why),
            sled::Error::CollectionNotFound(_) | sled::Error::ReportableBug(_) | sled::Error::Corruption { .. } => {
                Self::Damaged(error.to_string())
            }
        }
    }
}

/// An open store of rows.
pub(super) struct Engine {
    db: sled::Db,
    file: File,
    mark: File,
    folder: PathBuf,
    /// The blob files that are durable.
    blobs: BTreeSet<OsString>,
}

/// sled's cache. The rows that matter are asked for one by one, so the smallest useful one is enough.
const CACHE_BYTES: u64 = 1 << 20;

/// A page of sixteen rows becomes a blob file only when one of them is larger than this.
const LARGE_ROW: usize = 7 * 1024;
/// Sixteen rows of the largest size, twice.
const ROOM_FOR_BLOBS: u64 = 2 << 20;

impl Engine {
    /// Opens the rows in a folder, or makes it. May panic where sled does: on damaged files.
    pub(super) fn open(folder: &Path) -> Result<Self, EngineError> {
        check_conf(folder)?;
        let db = sled::Config::new()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None)
            .mode(sled::Mode::LowSpace)
            .open()?;
        let open = |name: &str| {
            let mut options = File::options();
            let options = options.read(true).write(true).create(true).truncate(false);
            options.open(folder.join(name))
        };
        let files = open("db").and_then(|file| Ok((file, open("mark")?)));
        let (file, mark) = files.map_err(|error| EngineError::io(&error))?;
        let folder = folder.to_owned();
        Ok(Self { db, file, mark, folder, blobs: BTreeSet::new() })
    }

    /// Returns the value of a row.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<sled::IVec>, EngineError> {
        Ok(self.db.get(key)?)
    }

    /// Returns the rows whose key begins with the letter.
    pub(super) fn kind(&self, kind: u8) -> impl Iterator<Item = Result<Row, EngineError>> + use<> {
        self.db.scan_prefix([kind]).map(|row| Ok(row?))
    }

    /// Returns the rows whose key begins with the letter, the last one first.
    pub(super) fn kind_back(&self, kind: u8) -> impl Iterator<Item = Result<Row, EngineError>> + use<'_> {
        self.between_back(kind, None, None)
    }

    /// Returns the rows of this letter whose keys are larger than `after` and smaller than `before`.
    pub(super) fn between(
        &self,
        kind: u8,
        after: Option<Vec<u8>>,
        before: Option<Vec<u8>>,
    ) -> impl Iterator<Item = Result<Row, EngineError>> + use<> {
        let low = after.map_or(Bound::Included(vec![kind]), Bound::Excluded);
        let high = Bound::Excluded(before.unwrap_or_else(|| behind(kind)));
        self.db.range::<Vec<u8>, _>((low, high)).map(|row| Ok(row?))
    }

    /// Returns the rows of this letter from a key on, if one is given, and before another; the last one first.
    pub(super) fn between_back(
        &self,
        kind: u8,
        from: Option<Vec<u8>>,
        before: Option<Vec<u8>>,
    ) -> impl Iterator<Item = Result<Row, EngineError>> + use<'_> {
        let read = |from: &[u8], before: &[u8], most: usize| {
            let rows = self.db.range::<&[u8], _>((Bound::Included(from), Bound::Excluded(before)));
            rows.take(most).map(|row| Ok(row?)).collect()
        };
        Backward::new(from.unwrap_or_else(|| vec![kind]), before.unwrap_or_else(|| behind(kind)), read)
    }

    /// Returns the rows from a key on, if one is given, and before another.
    pub(super) fn piece(
        &self,
        from: Option<&Vec<u8>>,
        before: Option<&Vec<u8>>,
    ) -> impl Iterator<Item = Result<Row, EngineError>> + use<> {
        let low = from.map_or(Bound::Unbounded, |key| Bound::Included(key.clone()));
        let high = before.map_or(Bound::Unbounded, |key| Bound::Excluded(key.clone()));
        self.db.range::<Vec<u8>, _>((low, high)).map(|row| Ok(row?))
    }

    /// Makes all changes, or none. They are durable after the next [`Engine::sync`].
    pub(super) fn apply(&self, changes: Changes) -> Result<(), EngineError> {
        self.check_room(&changes)?;
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        Ok(self.db.apply_batch(batch)?)
    }

    /// Refuses a commit that may need a blob file where there is no room for one: when such a file cannot be written,
    /// sled 0.34 leaves a hole in its log and waits for ever when it is flushed or closed.
    fn check_room(&self, changes: &Changes) -> Result<(), EngineError> {
        let large = changes.values().flatten().any(|value| value.len() > LARGE_ROW);
        if self.blobs.is_empty() && !large {
            return Ok(());
        }
        if free(&self.folder)? < ROOM_FOR_BLOBS { Err(no_room()) } else { Ok(()) }
    }

    /// Makes everything applied so far survive a power cut, then notes `commits`, the count that is now durable.
    ///
    /// sled's own flush ends in `sync_file_range`, which leaves the file's size and the drive's cache alone.
    pub(super) fn sync(&mut self, commits: u64) -> Result<(), EngineError> {
        self.db.flush()?;
        let synced = self.sync_blobs().and_then(|()| self.file.sync_data());
        synced.and_then(|()| self.write_mark(commits)).map_err(|error| EngineError::io(&error))
    }

    /// Makes new blob files durable. A page, which holds up to sixteen rows, is one when it is larger than 128 KiB: that
    /// needs rows of 8 KiB on average, so mostly there is none, but sled never fsyncs them.
    fn sync_blobs(&mut self) -> io::Result<()> {
        let folder = self.folder.join("blobs");
        let mut blobs = BTreeSet::new();
        for entry in std::fs::read_dir(&folder)? {
            blobs.insert(entry?.file_name());
        }
        let mut made = blobs.difference(&self.blobs).peekable();
        if made.peek().is_some() {
            for name in made {
                match File::open(folder.join(name)) {
                    Ok(blob) => blob.sync_all()?,
                    // sled removes a blob, when nothing needs it any more, in a thread of its own.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            File::open(&folder)?.sync_all()?;
        }
        self.blobs = blobs;
        Ok(())
    }

    /// Notes how many commits are durable. sled takes damage at the end of its log for a torn write and goes on
    /// without it; the note, which no one fsyncs and which therefore never runs ahead, tells that something is gone.
    fn write_mark(&self, commits: u64) -> io::Result<()> {
        let number = commits.to_le_bytes();
        let mut bytes = [0; 12];
        let (to_number, to_sum) = bytes.split_at_mut(8);
        to_number.copy_from_slice(&number);
        to_sum.copy_from_slice(&checksum(0, &number).to_le_bytes());
        self.mark.write_all_at(&bytes, 0)
    }

    /// Returns the note, or nothing when there is none that can be read.
    pub(super) fn mark(&self) -> Option<u64> {
        let (mut number, mut sum) = ([0; 8], [0; 4]);
        self.mark.read_exact_at(&mut number, 0).ok()?;
        self.mark.read_exact_at(&mut sum, 8).ok()?;
        let right = u32::from_le_bytes(sum) == checksum(0, &number);
        right.then(|| u64::from_le_bytes(number))
    }

    /// Makes the files' names and sled's settings file durable; sled never does.
    pub(super) fn sync_names(&self) -> io::Result<()> {
        for name in ["conf", "blobs", "."] {
            File::open(self.folder.join(name))?.sync_all()?;
        }
        Ok(())
    }

    /// Returns the bytes that the rows take on the disk.
    pub(super) fn bytes(&self) -> Result<u64, EngineError> {
        Ok(self.db.size_on_disk()?)
    }

    /// Notes that a read met damage, so that the next start sets this store aside at once.
    pub(super) fn suspect(folder: &Path) -> io::Result<()> {
        File::create(folder.join("suspect"))?.sync_all()
    }
}

/// Returns how many bytes the file system of a folder has left for us.
fn free(folder: &Path) -> Result<u64, EngineError> {
    let space = rustix::fs::statvfs(folder).map_err(|error| EngineError::io(&error.into()))?;
    Ok(space.f_bavail.saturating_mul(space.f_frsize))
}

/// The error of a full disk.
pub(super) fn no_room() -> EngineError {
    EngineError::io(&rustix::io::Errno::NOSPC.into())
}

/// Tells whether the disk is so full that what sled says of its files means nothing: it writes while it opens them, and
/// what it could not write looks like damage. Such a store is judged when there is room.
pub(super) fn is_full(folder: &Path) -> bool {
    free(folder).is_ok_and(|free| free < ROOM_FOR_BLOBS)
}

/// Returns the first key that is behind all of a letter.
fn behind(kind: u8) -> Vec<u8> {
    vec![kind.saturating_add(1)]
}

/// Refuses a settings file whose checksum is wrong (sled only warns and may then complain of another version), and a
/// store that was found damaged while it was in use.
fn check_conf(folder: &Path) -> Result<(), EngineError> {
    if folder.join("suspect").exists() {
        return Err(EngineError::Damaged("it was while in use".to_owned()));
    }
    let Ok(bytes) = std::fs::read(folder.join("conf")) else {
        return Ok(());
    };
    let Some((settings, sum)) = bytes.split_last_chunk::<4>().filter(|_| bytes.len() > 8) else {
        return Ok(());
    };
    if crc32fast::hash(settings).to_le_bytes() != *sum {
        return Err(EngineError::Damaged("checksum of `conf`".to_owned()));
    }
    Ok(())
}
