//! The journals of the sales: a row for each line, in the order of writing, dropped with the sale. It must not know what a
//! line means.

use till_wire::SaleId;

use crate::till::{JournalEntry, JournalPage};

use super::StoreError;
use super::draft::Draft;
use super::engine::Engine;
use super::keys;
use super::rows::{Rows, readable};
use crate::record::EntryOnDisk;

/// The most lines that are kept of one sale: the first, which says how it was made, and the newest.
pub(super) const MAX_ENTRIES: u32 = 200;

/// Returns the place of a line; a sale's first line has the number 0.
fn key(sale: SaleId, number: u32) -> Vec<u8> {
    let mut key = keys::sale(keys::JOURNAL, sale);
    key.extend(number.to_be_bytes());
    key
}

/// Returns the key before all lines of a sale and the one behind them; no row has either.
fn bounds(sale: SaleId) -> (Vec<u8>, Vec<u8>) {
    let mut behind = key(sale, u32::MAX);
    behind.push(0);
    (keys::sale(keys::JOURNAL, sale), behind)
}

fn number_of(key: &[u8]) -> Option<u32> {
    let number = key.last_chunk::<4>()?;
    Some(u32::from_be_bytes(*number))
}

/// Returns the number of the newest line of a sale.
fn newest(engine: &Engine, sale: SaleId) -> Result<Option<u32>, StoreError> {
    let (before, behind) = bounds(sale);
    let row = engine.between_back(keys::JOURNAL, Some(before), Some(behind)).next().transpose();
    let row = row.map_err(StoreError::read)?;
    Ok(row.and_then(|(key, _)| number_of(&key)))
}

impl Draft<'_> {
    /// Adds a line. At the bound the oldest goes, but for the first.
    pub(super) fn journal(&mut self, entry: &JournalEntry) -> Result<(), StoreError> {
        let (before, behind) = bounds(entry.sale);
        let added = self.newest_between(&before, &behind).and_then(|key| number_of(&key));
        let last = match added {
            Some(number) => Some(number),
            None => newest(self.engine, entry.sale)?,
        };
        let number = last.map_or(0, |last| last.saturating_add(1));
        if let Some(old) = number.checked_sub(MAX_ENTRIES - 1).filter(|old| *old > 0) {
            self.remove(key(entry.sale, old));
        }
        self.put(key(entry.sale, number), &EntryOnDisk::from(entry))
    }

    /// Forgets the journal of a sale.
    pub(super) fn forget_journal(&mut self, sale: SaleId) -> Result<(), StoreError> {
        let (before, behind) = bounds(sale);
        for row in self.engine.between(keys::JOURNAL, Some(before), Some(behind)) {
            let (key, _) = row.map_err(StoreError::read)?;
            self.remove(key.to_vec());
        }
        Ok(())
    }
}

impl Rows {
    /// Returns the journal of a sale; nothing when there is no such sale. One that an older program made begins later, or
    /// is empty.
    pub(super) fn journal(&self, sale: SaleId) -> Result<Option<JournalPage>, StoreError> {
        if self.value(&keys::sale(keys::SALE, sale))?.is_none() {
            return Ok(None);
        }
        let (before, behind) = bounds(sale);
        let mut page = JournalPage::default();
        let (mut rows, mut last) = (0u64, None);
        for row in self.engine.between(keys::JOURNAL, Some(before), Some(behind)) {
            let row = row.map_err(StoreError::read)?;
            rows += 1;
            last = number_of(&row.0);
            page.entries.extend(readable::<EntryOnDisk>(&row).map(JournalEntry::from));
        }
        let written = last.map_or(0, |last| u64::from(last) + 1);
        page.dropped = written.saturating_sub(rows);
        Ok(Some(page))
    }
}
