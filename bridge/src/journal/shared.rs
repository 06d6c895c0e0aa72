//! What the journal's thread and its readers both see: which segments there are, which entries
//! are still undelivered, and how the journal is doing. Knows where records lie, not what they say.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use till_wire::UnixTime;
use tokio::sync::Notify;

use super::fresh::Fresh;
use super::{EntryNumber, Health, Status, Stored};

/// Names a segment by the number of its first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentId(pub(super) EntryNumber);

impl SegmentId {
    pub(super) fn file(self, directory: &Path) -> PathBuf {
        directory.join(format!("{:020}.{SEGMENT_EXTENSION}", self.0.value()))
    }

    /// The file of the marks that say which of the segment's entries the broker has taken.
    pub(super) fn marks_file(self, directory: &Path) -> PathBuf {
        directory.join(format!("{:020}.{MARKS_EXTENSION}", self.0.value()))
    }
}

pub(super) const SEGMENT_EXTENSION: &str = "journal";
pub(super) const MARKS_EXTENSION: &str = "delivered";

/// What is known of one segment without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) bytes: u64,
    pub(super) marks_bytes: u64,
    pub(super) entries: u64,
    pub(super) last: EntryNumber,
    pub(super) oldest: UnixTime,
    pub(super) newest: UnixTime,
}

/// Where a record's frame lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) segment: SegmentId,
    pub(super) at: u64,
    pub(super) length: u32,
}

/// The part of the journal that lives in memory; about 60 bytes for each undelivered entry, so
/// `journal.max_bytes` bounds it.
pub(super) struct State {
    pub(super) segments: BTreeMap<SegmentId, Segment>,
    pub(super) undelivered: BTreeMap<EntryNumber, Place>,
    /// Delivered, but not yet marked on disk. A crash before that means one more delivery.
    pub(super) unmarked: Vec<(SegmentId, EntryNumber)>,
    /// Where the newest entries of this process lie, delivered or not, oldest first.
    pub(super) recent: VecDeque<(EntryNumber, Place)>,
    /// Delivered entries that are to be published once more. Lost with the process, which is all
    /// right: they were delivered.
    pub(super) again: VecDeque<(EntryNumber, Place)>,
    /// The newest entries themselves, until they are published, so that they need not be read back.
    pub(super) fresh: Fresh,
    pub(super) health: Health,
    pub(super) damaged: u64,
}

/// How many entries can be told from new ones when they come again.
pub(super) const MAX_RECENT: usize = 4096;
/// More repetitions than this are not published: they are a courtesy.
const MAX_AGAIN: usize = 256;

impl State {
    /// Notes the newest entry.
    pub(super) fn remember(&mut self, number: EntryNumber, place: Place) {
        if self.recent.len() >= MAX_RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((number, place));
    }

    /// Has an entry published once more. Returns whether it is still in the journal.
    pub(super) fn repeat(&mut self, number: EntryNumber) -> bool {
        let Ok(index) = self.recent.binary_search_by_key(&number, |(number, _)| *number) else {
            return false;
        };
        let Some((_, place)) = self.recent.get(index).copied() else { return false };
        if !self.segments.contains_key(&place.segment) {
            return false;
        }
        let coming = self.undelivered.contains_key(&number) || self.again.iter().any(|(waiting, _)| *waiting == number);
        if !coming && self.again.len() < MAX_AGAIN {
            self.again.push_back((number, place));
        }
        true
    }

    /// Everything that counts against `journal.max_bytes`. Room for the mark of an undelivered
    /// entry is counted from the start.
    pub(super) fn bytes(&self) -> u64 {
        let files: u64 = self.segments.values().map(|s| s.bytes.saturating_add(s.marks_bytes)).sum();
        let owed = self.undelivered.len().saturating_add(self.unmarked.len());
        files.saturating_add(MARK_BYTES.saturating_mul(u64::try_from(owed).unwrap_or(u64::MAX)))
    }

    /// Says whether the segment holds an entry that the broker has not taken yet.
    pub(super) fn owes(&self, id: SegmentId) -> bool {
        self.segments.get(&id).is_some_and(|segment| self.undelivered.range(id.0..=segment.last).next().is_some())
    }

    /// The segment that is dropped first when room is needed.
    pub(super) fn oldest_delivered(&self) -> Option<SegmentId> {
        self.segments.keys().copied().find(|id| !self.owes(*id))
    }
}

/// The number of an entry and the CRC-32 of that number.
pub(super) const MARK_BYTES: u64 = 12;

/// See the module.
pub(super) struct Shared {
    pub(super) directory: PathBuf,
    pub(super) max_bytes: u64,
    state: Mutex<State>,
    /// Told after every commit; the one who publishes waits for it.
    pub(super) committed: Notify,
    /// Grows while the journal's thread goes round; the watchdog looks at it.
    pub(super) beats: AtomicU64,
}

impl Shared {
    pub(super) fn new(directory: PathBuf, max_bytes: u64) -> Self {
        let state = State {
            segments: BTreeMap::new(),
            undelivered: BTreeMap::new(),
            unmarked: Vec::new(),
            recent: VecDeque::new(),
            again: VecDeque::new(),
            fresh: Fresh::default(),
            health: Health::Good,
            damaged: 0,
        };
        Self { directory, max_bytes, state: Mutex::new(state), committed: Notify::new(), beats: AtomicU64::new(0) }
    }

    /// Keeps committed entries for whoever publishes, and tells him.
    pub(super) fn committed(&self, entries: impl Iterator<Item = Stored>) {
        let mut state = self.state();
        entries.for_each(|stored| state.fresh.add(stored));
        drop(state);
        self.committed.notify_one();
    }

    /// Held only for moments, never over a file operation.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No change of the state is left half done by a panic, so a poisoned lock is as good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn status(&self) -> Status {
        let state = self.state();
        Status {
            bytes: state.bytes(),
            max_bytes: self.max_bytes,
            segments: state.segments.len(),
            entries: state.segments.values().map(|segment| segment.entries).sum(),
            undelivered: state.undelivered.len(),
            damaged: state.damaged,
            health: state.health.clone(),
        }
    }
}
