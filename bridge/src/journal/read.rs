//! Reads entries back from the segments: the undelivered ones for publishing, a terminal's for a
//! replay. Blocks on the disk; changes nothing on it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use till_wire::{TerminalNumber, UnixTime};
use tracing::error;

use super::record::{self, Piece};
use super::shared::{Place, SegmentId, Shared, State};
use super::{EntryNumber, Stored};

/// Undelivered entries, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Stored>,
    /// Go on behind this one: the last that was looked at, readable or not. None: nothing is left.
    pub(crate) upto: Option<EntryNumber>,
}

/// How far a replay has come: a place in a segment, and the last entry that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    segment: SegmentId,
    at: u64,
    until: EntryNumber,
}

#[cfg(test)]
impl Cursor {
    /// A place for tests that have no journal.
    pub(crate) fn at(at: u64) -> Self {
        Self { segment: SegmentId(EntryNumber::ZERO), at, until: EntryNumber::new(u64::MAX) }
    }
}

/// A part of a replay, oldest first; each entry with the place to go on from to have it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) entries: Vec<(Cursor, Stored)>,
    /// None: that was the last part.
    pub(crate) next: Option<Cursor>,
}

/// One part of a replay holds at most this many bytes of envelopes, and one entry more.
const CHUNK_BYTES: usize = 512 * 1024;

impl Shared {
    /// Reads up to `limit` undelivered entries behind `after`.
    pub(super) fn undelivered(&self, after: EntryNumber, limit: usize) -> Batch {
        let places: Vec<(EntryNumber, Place)> = {
            let state = self.state();
            let behind = state.undelivered.range(after.next()..);
            behind.take(limit).map(|(number, place)| (*number, *place)).collect()
        };
        Batch {
            // What cannot be read stays undelivered and is tried again on the next connection.
            entries: self.read_all(&places),
            upto: places.last().map(|(number, _)| *number),
        }
    }

    /// Takes undelivered entries behind `after` that are still in memory, up to `limit` and as long as there is no gap.
    pub(super) fn fresh(&self, after: EntryNumber, limit: usize) -> Option<Batch> {
        let mut state = self.state();
        let State { undelivered, fresh, .. } = &mut *state;
        let wanted = undelivered.range(after.next()..).take(limit);
        let entries: Vec<Stored> = wanted.map_while(|(number, _)| fresh.take(*number)).collect();
        let upto = entries.last()?.number;
        Some(Batch { entries, upto: Some(upto) })
    }

    /// Takes up to `limit` delivered entries that are to be published once more.
    pub(super) fn again(&self, limit: usize) -> Vec<Stored> {
        let places: Vec<(EntryNumber, Place)> = {
            let mut state = self.state();
            let count = limit.min(state.again.len());
            let mut places: Vec<_> = state.again.drain(..count).collect();
            // Delivered entries may be dropped at any time.
            places.retain(|(_, place)| state.segments.contains_key(&place.segment));
            places
        };
        self.read_all(&places)
    }

    fn read_all(&self, places: &[(EntryNumber, Place)]) -> Vec<Stored> {
        let mut open: Option<(SegmentId, File)> = None;
        let mut entries = Vec::with_capacity(places.len());
        for (number, place) in places {
            match self.read_at(*place, &mut open) {
                Ok(stored) => entries.push(stored),
                Err(error) => {
                    error!(%error, entry = number.value(), "cannot read an entry");
                    self.state().damaged += 1;
                }
            }
        }
        entries
    }

    fn read_at(&self, place: Place, open: &mut Option<(SegmentId, File)>) -> io::Result<Stored> {
        if open.as_ref().is_none_or(|(id, _)| *id != place.segment) {
            *open = Some((place.segment, File::open(place.segment.file(&self.directory))?));
        }
        let Some((_, file)) = open.as_ref() else {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        };
        let length = usize::try_from(place.length).map_err(io::Error::other)?;
        let mut frame = vec![0; length];
        file.read_exact_at(&mut frame, place.at)?;
        record::decode(&frame).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    }

    /// Where a replay of everything that is in the journal now begins.
    pub(super) fn replay_start(&self) -> Option<Cursor> {
        let state = self.state();
        let (first, _) = state.segments.first_key_value()?;
        let until = state.segments.values().map(|segment| segment.last).max()?;
        Some(Cursor { segment: *first, at: 0, until })
    }

    /// Reads the next part of a replay: at most one segment, so that it never takes long.
    pub(super) fn replay(&self, terminal: TerminalNumber, since: UnixTime, from: Cursor) -> Chunk {
        let found = {
            let state = self.state();
            let mut wanted = state
                .segments
                .range(from.segment..)
                .filter(|(id, segment)| id.0 <= from.until && segment.newest.secs() >= since.secs());
            wanted.next().map(|(id, segment)| (*id, segment.bytes))
        };
        let Some((id, end)) = found else {
            return Chunk { entries: Vec::new(), next: None };
        };
        let start = if id == from.segment { from.at } else { 0 };
        let behind = Cursor { segment: SegmentId(id.0.next()), at: 0, until: from.until };
        let bytes = match self.read_range(id, start, end) {
            Ok(bytes) => bytes,
            // Dropped since we looked, or unreadable: the rest of the replay is still worth having.
            Err(error) => {
                error!(%error, segment = id.0.value(), "cannot read a segment for a replay");
                return Chunk { entries: Vec::new(), next: Some(behind) };
            }
        };
        let here = Cursor { segment: id, at: start, until: from.until };
        collect(&bytes, here, terminal, since, behind)
    }

    fn read_range(&self, id: SegmentId, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let file = File::open(id.file(&self.directory))?;
        let length = usize::try_from(end.saturating_sub(start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, start)?;
        Ok(bytes)
    }
}

/// Times are compared in whole seconds, as they stand in envelopes and requests.
fn collect(bytes: &[u8], here: Cursor, terminal: TerminalNumber, since: UnixTime, behind: Cursor) -> Chunk {
    let mut entries = Vec::new();
    let mut taken = 0;
    for piece in record::pieces(bytes, 0) {
        let Piece::Frame { at, bytes, payload } = piece else {
            continue;
        };
        let wanted = record::heading(payload).is_some_and(|heading| {
            heading.terminal == Some(terminal)
                && heading.received_at.secs() >= since.secs()
                && heading.number <= here.until
        });
        if !wanted {
            continue;
        }
        let place = Cursor { at: here.at.saturating_add(u64::try_from(at).unwrap_or(0)), ..here };
        if taken >= CHUNK_BYTES {
            return Chunk { entries, next: Some(place) };
        }
        if let Some(stored) = record::decode(bytes) {
            taken += bytes.len();
            entries.push((place, stored));
        }
    }
    Chunk { entries, next: Some(behind) }
}
