//! The one writer of the journal's files: batches in, marks in, old segments out. Synchronous;
//! knows no threads, no clock and no sockets.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::Arc;

use till_wire::UnixTime;
use tracing::{error, info, warn};

use super::record::{self, Entry};
use super::shared::{MARK_BYTES, Place, Segment, SegmentId, Shared};
use super::{AppendError, EntryNumber, Health, Limits};

/// See the module.
pub(super) struct Log {
    pub(super) limits: Limits,
    pub(super) shared: Arc<Shared>,
    pub(super) next: EntryNumber,
    /// The bytes of a batch; kept from one to the next, so that memory is asked for once.
    pub(super) frames: Vec<u8>,
    /// The segment that is being written; none until the first append.
    pub(super) open: Option<OpenSegment>,
    /// Locked for as long as we live, so that a second process keeps away.
    pub(super) _lock: File,
}

pub(super) struct OpenSegment {
    id: SegmentId,
    file: File,
}

/// An entry of a batch that found room, and where it will lie from the batch's start.
struct Placed {
    number: EntryNumber,
    at: u64,
    length: u32,
    received_at: UnixTime,
}

impl Log {
    /// Writes a batch and makes it durable, at the cost of one fsync. One result for each entry,
    /// in order; an entry whose result is `Ok` survives everything that the disk survives.
    pub(super) fn append(&mut self, batch: &[Entry]) -> Vec<Result<EntryNumber, AppendError>> {
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        // After the largest batches as much as usual ones need is kept.
        frames.shrink_to(KEPT_FRAMES);
        let mut placed = Vec::new();
        let mut results: Vec<_> = batch.iter().map(|entry| self.place(entry, &mut frames, &mut placed)).collect();
        let committed = if placed.is_empty() { Ok(()) } else { self.commit_making_room(&frames, &placed) };
        self.frames = frames;
        if let Err(error) = committed {
            let words = error.to_string();
            self.fault(&words);
            let failed = results.iter_mut().filter(|result| result.is_ok());
            failed.for_each(|result| *result = Err(AppendError::Write(words.clone())));
        }
        results
    }

    /// Tries the disk again after a fault, so that `/readyz` comes back without a webhook.
    pub(super) fn probe(&mut self) {
        let health = self.shared.state().health.clone();
        match health {
            Health::Good => {}
            Health::Full => {
                // Where the bound itself is small, a part of it must do.
                if self.make_room(LARGEST_FRAME.min(self.limits.max_bytes / 4)).is_ok() {
                    self.shared.state().health = Health::Good;
                }
            }
            Health::Faulty(_) => match self.write_probe() {
                Ok(()) => {
                    info!("the journal can be written again");
                    self.shared.state().health = Health::Good;
                }
                Err(error) => self.fault(&error.to_string()),
            },
        }
    }

    /// Notes that the disk refuses, and says so once, not with every webhook.
    fn fault(&self, words: &str) {
        let health = Health::Faulty(words.to_owned());
        let before = std::mem::replace(&mut self.shared.state().health, health);
        if !matches!(before, Health::Faulty(_)) {
            error!(error = words, "the journal cannot be written");
        }
    }

    /// Drops segments whose newest entry is older than the time to keep and that owe nothing.
    pub(super) fn sweep(&mut self, now: UnixTime) {
        let keep_ms = i64::try_from(self.limits.keep.as_millis()).unwrap_or(i64::MAX);
        let horizon = UnixTime::from_ms(now.ms().saturating_sub(keep_ms));
        let old: Vec<SegmentId> = {
            let state = self.shared.state();
            let old = state.segments.iter().filter(|(id, s)| s.newest < horizon && !state.owes(**id));
            old.map(|(id, _)| *id).collect()
        };
        old.into_iter().for_each(|id| self.drop_segment(id));
    }

    fn place(
        &mut self,
        entry: &Entry,
        frames: &mut Vec<u8>,
        placed: &mut Vec<Placed>,
    ) -> Result<EntryNumber, AppendError> {
        let number = self.next;
        let start = frames.len();
        let length = record::encode(number, entry, frames).ok_or(AppendError::TooLarge)?;
        let marks = MARK_BYTES.saturating_mul(size(placed.len().saturating_add(1)));
        if let Err(full) = self.make_room(size(frames.len()).saturating_add(marks)) {
            frames.truncate(start);
            self.shared.state().health = Health::Full;
            return Err(full);
        }
        // The number is spent even when the write fails: a torn record may carry it.
        self.next = number.next();
        let length = u32::try_from(length).map_err(|_| AppendError::TooLarge)?;
        placed.push(Placed { number, at: size(start), length, received_at: entry.received_at });
        Ok(number)
    }

    /// Drops delivered segments, oldest first, until `need` more bytes fit.
    fn make_room(&mut self, need: u64) -> Result<(), AppendError> {
        loop {
            let droppable = {
                let state = self.shared.state();
                if state.bytes().saturating_add(need) <= self.limits.max_bytes {
                    return Ok(());
                }
                state.oldest_delivered()
            };
            let id = droppable.ok_or(AppendError::Full)?;
            info!(segment = id.0.value(), "dropping a delivered segment to make room");
            self.drop_segment(id);
        }
    }

    /// On a full disk, new money is worth more than old replays.
    fn commit_making_room(&mut self, frames: &[u8], placed: &[Placed]) -> io::Result<()> {
        loop {
            let error = match self.commit(frames, placed) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            self.drop_empty();
            let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
            let oldest = self.shared.state().oldest_delivered();
            match oldest {
                Some(id) if full => {
                    info!(segment = id.0.value(), "the disk is full: dropping a delivered segment");
                    self.drop_segment(id);
                }
                Some(_) | None => return Err(error),
            }
        }
    }

    fn commit(&mut self, frames: &[u8], placed: &[Placed]) -> io::Result<()> {
        let Some(first) = placed.first() else {
            return Ok(());
        };
        self.close_if_done(first.received_at);
        let id = self.write(first.number, first.received_at, frames)?;

        let mut state = self.shared.state();
        let Some(segment) = state.segments.get_mut(&id) else {
            return Ok(());
        };
        let base = segment.bytes;
        segment.bytes = base.saturating_add(size(frames.len()));
        segment.entries = segment.entries.saturating_add(size(placed.len()));
        for entry in placed {
            segment.last = segment.last.max(entry.number);
            segment.oldest = segment.oldest.min(entry.received_at);
            segment.newest = segment.newest.max(entry.received_at);
        }
        for entry in placed {
            let place = Place { segment: id, at: base.saturating_add(entry.at), length: entry.length };
            state.undelivered.insert(entry.number, place);
            state.remember(entry.number, place);
        }
        state.health = Health::Good;
        Ok(())
    }

    /// Ends the open segment when it is large or old enough, so that it can be dropped in time.
    fn close_if_done(&mut self, now: UnixTime) {
        let Some(open) = &self.open else { return };
        let keep_ms = i64::try_from(self.limits.keep.as_millis()).unwrap_or(i64::MAX);
        let state = self.shared.state();
        let done = state.segments.get(&open.id).is_none_or(|segment| {
            segment.bytes >= self.limits.segment_bytes() || now.ms().saturating_sub(segment.oldest.ms()) >= keep_ms / 16
        });
        drop(state);
        if done {
            self.open = None;
        }
    }

    /// Writes the frames behind what is there and fsyncs; on a failure what was there stays good.
    fn write(&mut self, number: EntryNumber, now: UnixTime, frames: &[u8]) -> io::Result<SegmentId> {
        let open = match self.open.take() {
            Some(open) => open,
            None => self.create(SegmentId(number), now)?,
        };
        let end = self.shared.state().segments.get(&open.id).map_or(0, |segment| segment.bytes);
        let written = open.file.write_all_at(frames, end).and_then(|()| open.file.sync_data());
        if let Err(error) = written {
            // What the disk holds of this batch is unknown after a failed fsync, and asking again
            // would be answered with success: this segment is given up for a new one.
            if let Err(error) = open.file.set_len(end) {
                warn!(%error, "cannot cut a failed batch; recovery will");
            }
            return Err(error);
        }
        let id = open.id;
        self.open = Some(open);
        Ok(id)
    }

    fn create(&self, id: SegmentId, now: UnixTime) -> io::Result<OpenSegment> {
        let path = id.file(&self.limits.directory);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let directory = &self.limits.directory;
        let durable = file.sync_all().and_then(|()| File::open(directory)?.sync_all());
        if let Err(error) = durable {
            if let Err(error) = fs::remove_file(&path) {
                warn!(%error, "cannot remove a segment that could not be made");
            }
            return Err(error);
        }
        let segment = Segment { bytes: 0, marks_bytes: 0, entries: 0, last: id.0, oldest: now, newest: now };
        self.shared.state().segments.insert(id, segment);
        Ok(OpenSegment { id, file })
    }

    fn write_probe(&self) -> io::Result<()> {
        let path = self.limits.directory.join("probe");
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        let written = file.write_all_at(&PROBE, 0).and_then(|()| file.sync_all());
        fs::remove_file(&path).and(written)
    }

    /// A failed segment that holds nothing would pile up with every try.
    fn drop_empty(&mut self) {
        let empty: Vec<SegmentId> = {
            let state = self.shared.state();
            state.segments.iter().filter(|(_, s)| s.entries == 0).map(|(id, _)| *id).collect()
        };
        empty.into_iter().for_each(|id| self.drop_segment(id));
    }

    fn drop_segment(&mut self, id: SegmentId) {
        if self.open.as_ref().is_some_and(|open| open.id == id) {
            self.open = None;
        }
        // First the entries, then their marks: marks without entries are swept at the next start.
        for path in [id.file(&self.limits.directory), id.marks_file(&self.limits.directory)] {
            match fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => warn!(%error, path = %path.display(), "cannot drop a segment's file"),
            }
        }
        let mut state = self.shared.state();
        state.segments.remove(&id);
        state.unmarked.retain(|(segment, _)| *segment != id);
    }
}

/// A batch of usual webhooks.
const KEPT_FRAMES: usize = 256 * 1024;
/// Room that must be there before we say that webhooks can be taken: the largest frame and more.
const LARGEST_FRAME: u64 = 68 * 1024;
static PROBE: [u8; 68 * 1024] = [0; 68 * 1024];

pub(super) fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
