//! Marks beside a segment: which of its entries the broker has taken. Twelve bytes each, never
//! fsynced: a mark that is lost means one more delivery.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use tracing::warn;

use super::EntryNumber;
use super::log::{Log, size};
use super::shared::{MARK_BYTES, SegmentId};

impl Log {
    /// Writes the marks of what was delivered since the last call.
    pub(super) fn mark(&mut self) {
        let mut unmarked = std::mem::take(&mut self.shared.state().unmarked);
        unmarked.sort_unstable();
        for marks in unmarked.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((id, _)) = marks.first() else {
                continue;
            };
            let bytes: Vec<u8> = marks.iter().flat_map(|(_, number)| mark_bytes(*number)).collect();
            if let Err(error) = self.write_marks(*id, &bytes) {
                // Unmarked entries are published again after a restart; nothing is lost.
                warn!(%error, segment = id.0.value(), "cannot mark entries as delivered");
            }
        }
    }

    fn write_marks(&mut self, id: SegmentId, bytes: &[u8]) -> io::Result<()> {
        let Some(at) = self.shared.state().segments.get(&id).map(|segment| segment.marks_bytes) else {
            return Ok(());
        };
        let path = id.marks_file(&self.limits.directory);
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        file.write_all_at(bytes, at)?;
        if let Some(segment) = self.shared.state().segments.get_mut(&id) {
            segment.marks_bytes = at.saturating_add(size(bytes.len()));
        }
        Ok(())
    }
}

fn mark_bytes(number: EntryNumber) -> [u8; MARK_BYTES as usize] {
    let mut mark = [0; MARK_BYTES as usize];
    let number = number.value().to_le_bytes();
    let (front, back) = mark.split_at_mut(number.len());
    front.copy_from_slice(&number);
    back.copy_from_slice(&crc32fast::hash(&number).to_le_bytes());
    mark
}

/// Reads a file of marks; what is torn or damaged is passed over and so delivered once more.
pub(super) fn read_marks(bytes: &[u8]) -> impl Iterator<Item = EntryNumber> + '_ {
    bytes.chunks_exact(MARK_BYTES as usize).filter_map(|mark| {
        let (number, rest) = mark.split_first_chunk::<8>()?;
        let (checksum, _) = rest.split_first_chunk::<4>()?;
        (crc32fast::hash(number) == u32::from_le_bytes(*checksum))
            .then(|| EntryNumber::new(u64::from_le_bytes(*number)))
    })
}
