//! The rows on disk: the only file that knows sled, its files and its faults. It must not know what the rows mean.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::frame::checksum;

/// Changes of rows by key: a new value, or nothing for a row that goes.
pub(super) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
/// A row: key and value.
pub(super) type Row = (sled::IVec, sled::IVec);

/// Why the rows cannot be had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// Another process has the store open.
    #[error("another process has it open")]
    Locked,
    /// Another version of sled made it.
    #[error("it was made in another way: {0}")]
    Foreign(String),
    /// What is on the disk contradicts itself.
    #[error("its files are damaged: {0}")]
    Damaged(String),
    /// The operating system refused.
    #[error("the disk refused: {0}")]
    Disk(String),
}

impl EngineError {
    fn io(error: &io::Error) -> Self {
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
}

/// sled's cache. The rows that matter are asked for one by one, so the smallest useful one is enough.
const CACHE_BYTES: u64 = 1 << 20;

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
        Ok(Self { db, file, mark, folder: folder.to_owned() })
    }

    /// Returns the value of a row.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<sled::IVec>, EngineError> {
        Ok(self.db.get(key)?)
    }

    /// Returns every row.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = Result<Row, EngineError>> + use<> {
        self.db.iter().map(|row| Ok(row?))
    }

    /// Returns the rows whose key begins with the letter.
    pub(super) fn kind(&self, kind: u8) -> impl DoubleEndedIterator<Item = Result<Row, EngineError>> + use<> {
        self.db.scan_prefix([kind]).map(|row| Ok(row?))
    }

    /// Returns the rows of this letter whose keys are larger than `after` and smaller than `before`.
    pub(super) fn between(
        &self,
        kind: u8,
        after: Option<Vec<u8>>,
        before: Option<Vec<u8>>,
    ) -> impl DoubleEndedIterator<Item = Result<Row, EngineError>> + use<> {
        let low = after.map_or(Bound::Included(vec![kind]), Bound::Excluded);
        let high = Bound::Excluded(before.unwrap_or_else(|| vec![kind.saturating_add(1)]));
        self.db.range::<Vec<u8>, _>((low, high)).map(|row| Ok(row?))
    }

    /// Makes all changes, or none. They are durable after the next [`Engine::sync`].
    pub(super) fn apply(&self, changes: Changes) -> Result<(), EngineError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        Ok(self.db.apply_batch(batch)?)
    }

    /// Makes everything applied so far survive a power cut, then notes `commits`, the count that is now durable.
    ///
    /// sled's own flush ends in `sync_file_range`, which leaves the file's size and the drive's cache alone.
    pub(super) fn sync(&self, commits: u64) -> Result<(), EngineError> {
        self.db.flush()?;
        let synced = self.file.sync_data();
        synced.and_then(|()| self.write_mark(commits)).map_err(|error| EngineError::io(&error))
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
