//! What happened when: a row for each hour in which a sale was made, or money of it came or went back, and for each hour
//! in which a receipt came. A day can so be read without reading the years before it, whatever the clock was and in
//! whatever order the numbers were drawn. It must not know time zones.

use std::collections::BTreeSet;

use till_wire::UnixTime;

use crate::till::{PeriodPage, PeriodPlace, PeriodQuery, Receipt, Sale, Subject};

use super::StoreError;
use super::draft::Draft;
use super::engine::Row;
use super::keys;
use super::rows::{Rows, readable};
use crate::record::{ReceiptOnDisk, SaleOnDisk};

/// At most so many rows of the calendar are looked at for one page.
const MAX_PAGE: usize = 250;
/// So many rows are changed with one commit while an older store gets its calendar.
const BATCH: usize = 1_000;
const HOUR_MS: i64 = 3_600_000;

/// Returns the hour of a moment since 1970; what is before is taken for the first one.
fn hour(at: UnixTime) -> u32 {
    u32::try_from(at.ms().div_euclid(HOUR_MS)).unwrap_or(0)
}

/// Returns the hours in which something of the sale happened that is counted.
pub(super) fn hours_of_sale(sale: &Sale) -> BTreeSet<u32> {
    let payments = sale.payments.iter().map(|payment| payment.received_at);
    let refunds = sale.refunds.iter().map(|refund| refund.received_at);
    payments.chain(refunds).chain([sale.created_at]).map(hour).collect()
}

/// Returns the hour in which a receipt came.
pub(super) fn hours_of_receipt(received_at: UnixTime) -> BTreeSet<u32> {
    BTreeSet::from([hour(received_at)])
}

/// Returns the place of a subject in an hour.
pub(super) fn key(hour: u32, subject: Subject) -> Vec<u8> {
    let mut key = vec![keys::CALENDAR];
    key.extend(hour.to_be_bytes());
    key.extend(keys::subject_bytes(subject));
    key
}

fn subject_of(key: &[u8]) -> Option<Subject> {
    keys::read_subject(key.get(5..)?)
}

/// Returns the key before all rows of an hour; no row has it.
fn beginning(hour: u32) -> Vec<u8> {
    let mut key = vec![keys::CALENDAR];
    key.extend(hour.to_be_bytes());
    key
}

impl Rows {
    /// Returns the sales and receipts of which something happened in the hours of a period, page by page. One of which
    /// something happened in several hours comes several times.
    pub(super) fn period(&self, query: &PeriodQuery) -> Result<PeriodPage, StoreError> {
        let mut page = PeriodPage::default();
        let last = UnixTime::from_ms(query.until.ms().saturating_sub(1));
        if last < query.from {
            return Ok(page);
        }
        let after = query.after.as_ref().map_or_else(|| beginning(hour(query.from)), |place| place.0.clone());
        let before = hour(last).checked_add(1).map(beginning);
        let rows = self.engine.between(keys::CALENDAR, Some(after), before).take(MAX_PAGE);
        for (looked, row) in (1..).zip(rows) {
            let (key, _) = row.map_err(StoreError::read)?;
            match subject_of(&key) {
                Some(Subject::Sale(id)) => page.sales.extend(self.sale(id)?),
                Some(Subject::Receipt(key)) => page.receipts.extend(self.receipt(key)?),
                Some(Subject::Replay | Subject::Command(_) | Subject::Piece(..)) | None => {}
            }
            page.next = Some(PeriodPlace(key.to_vec())).filter(|_| looked == MAX_PAGE);
        }
        Ok(page)
    }

    /// Gives a store its calendar that an older program made or wrote to, a bounded number of rows at a time. Until the
    /// last of them it counts as one without.
    pub(super) fn make_calendar(&mut self) -> Result<(), StoreError> {
        if self.meta.calendar {
            return Ok(());
        }
        self.each_batch(keys::CALENDAR, |draft, (key, _)| draft.remove(key.to_vec()))?;
        self.each_batch(keys::SALE, |draft, row| {
            if let Some(sale) = readable::<SaleOnDisk>(row).map(Sale::from) {
                draft.note_hours(Subject::Sale(sale.id), &BTreeSet::new(), &hours_of_sale(&sale));
            }
        })?;
        self.each_batch(keys::RECEIPT, |draft, row| {
            if let Some(receipt) = readable::<ReceiptOnDisk>(row).map(Receipt::from) {
                let hours = hours_of_receipt(receipt.received_at);
                draft.note_hours(Subject::Receipt(receipt.key), &BTreeSet::new(), &hours);
            }
        })?;
        self.change(|draft| {
            draft.meta.calendar = true;
            Ok(())
        })
    }

    /// Changes something for each row of a kind.
    fn each_batch(&mut self, kind: u8, change: impl Fn(&mut Draft<'_>, &Row)) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let found = self.engine.between(kind, after.take(), None).take(BATCH);
            let rows: Vec<Row> = found.collect::<Result<_, _>>().map_err(StoreError::read)?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            after = Some(last.to_vec());
            self.change(|draft| {
                rows.iter().for_each(|row| change(draft, row));
                Ok(())
            })?;
        }
    }
}

impl Draft<'_> {
    /// Notes in which hours something of a subject happened.
    pub(super) fn note_hours(&mut self, subject: Subject, before: &BTreeSet<u32>, after: &BTreeSet<u32>) {
        for gone in before.difference(after) {
            self.remove(key(*gone, subject));
        }
        for hour in after {
            self.set(key(*hour, subject), Vec::new());
        }
    }
}
