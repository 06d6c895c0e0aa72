//! Forgets what is old: ended sales and receipts past `keep_days`, a bounded number at a time.
//! It must not read a clock: how old is old is reckoned from the records themselves (promise P10).

use till_wire::UnixTime;

use crate::till::{Sale, Subject};

use super::StoreError;
use super::engine::Row;
use super::keys;
use super::rows::{Rows, readable};
use crate::record::{ReceiptOnDisk, SaleOnDisk};

/// At most so many rows of a kind are looked at in one sweep.
const MAX_LOOKED_AT: usize = 500;
/// The newest records whose middle one tells the time: a clock that was wrong for a few sales forgets nothing.
const NEWEST: usize = 15;
/// Payment keys are remembered at least this long (contract §3), whatever `keep_days` says.
const LEAST_DAYS: u32 = 2;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// How long things are kept, and where the last sweep stopped.
pub(super) struct Sweep {
    keep_ms: i64,
    sale: Option<Vec<u8>>,
    arrival: Option<Vec<u8>>,
}

impl Sweep {
    pub(super) fn new(keep_days: u32) -> Self {
        Self { keep_ms: i64::from(keep_days.max(LEAST_DAYS)) * DAY_MS, sale: None, arrival: None }
    }

    /// Forgets some of what is old. What it takes away is durable with the next sync.
    pub(super) fn run(&mut self, rows: &mut Rows) -> Result<(), StoreError> {
        let mut sales = Vec::new();
        if let Some(limit) = self.limit(rows, keys::SALE, |_, row| Ok(sale_time(row)))? {
            let looked = look(rows, keys::SALE, self.sale.take())?;
            self.sale = looked.next;
            for row in looked.rows {
                let Some(sale) = readable::<SaleOnDisk>(&row).map(Sale::from) else {
                    continue;
                };
                let end = sale.finished_at.unwrap_or(sale.created_at);
                let done = !sale.is_alive() && !sale.marks.attention;
                let old = end.max(sale.created_at) < limit && done;
                if old && !is_owed(rows, Subject::Sale(sale.id))? {
                    sales.push(sale);
                }
            }
        }
        let mut receipts = Vec::new();
        if let Some(limit) = self.limit(rows, keys::ARRIVAL, arrival_time)? {
            let looked = look(rows, keys::ARRIVAL, self.arrival.take())?;
            self.arrival = looked.next;
            for row in looked.rows {
                let Some(receipt) = receipt_at(rows, &row)? else {
                    continue;
                };
                let old = receipt.received_at() < limit && !is_matched(rows, &receipt)?;
                if old && !is_owed(rows, Subject::Receipt(receipt.key))? {
                    receipts.push(receipt);
                }
            }
        }
        if sales.is_empty() && receipts.is_empty() {
            return Ok(());
        }
        rows.change(|draft| {
            sales.iter().try_for_each(|sale| draft.forget_sale(sale))?;
            let mut receipts = receipts.iter();
            receipts.try_for_each(|receipt| draft.forget_receipt(receipt))
        })
    }

    /// Returns the time before which a record is old: that of the middle one of the newest, less what is kept.
    fn limit(
        &self,
        rows: &Rows,
        kind: u8,
        time: impl Fn(&Rows, &Row) -> Result<Option<UnixTime>, StoreError>,
    ) -> Result<Option<UnixTime>, StoreError> {
        let mut times = Vec::new();
        for row in rows.engine.kind_back(kind).take(NEWEST) {
            times.extend(time(rows, &row.map_err(StoreError::read)?)?);
        }
        times.sort_unstable();
        let now = times.get(times.len() / 2);
        Ok(now.map(|now| UnixTime::from_ms(now.ms().saturating_sub(self.keep_ms))))
    }
}

/// Rows that were looked at, and the key after which the next sweep goes on.
struct Looked {
    rows: Vec<Row>,
    next: Option<Vec<u8>>,
}

/// Returns the oldest rows of a kind after a key. At the end of the rows, the next look begins at the oldest again.
fn look(rows: &Rows, kind: u8, after: Option<Vec<u8>>) -> Result<Looked, StoreError> {
    let found = rows.engine.between(kind, after, None).take(MAX_LOOKED_AT);
    let found: Vec<Row> = found.collect::<Result<_, _>>().map_err(StoreError::read)?;
    let full = found.len() == MAX_LOOKED_AT;
    let next = found.last().filter(|_| full).map(|(key, _)| key.to_vec());
    Ok(Looked { rows: found, next })
}

fn sale_time(row: &Row) -> Option<UnixTime> {
    readable::<SaleOnDisk>(row).map(|sale| Sale::from(sale).created_at)
}

fn arrival_time(rows: &Rows, row: &Row) -> Result<Option<UnixTime>, StoreError> {
    Ok(receipt_at(rows, row)?.map(|receipt| receipt.received_at()))
}

fn receipt_at(rows: &Rows, arrival: &Row) -> Result<Option<ReceiptOnDisk>, StoreError> {
    let Some(key) = keys::read_receipt(&arrival.1) else {
        return Ok(None);
    };
    let key = keys::receipt(key);
    let value = rows.value(&key)?;
    Ok(value.and_then(|value| readable(&(key.into(), value))))
}

/// Tells whether the receipt was matched to a sale that is still kept: its key is remembered as long as that.
fn is_matched(rows: &Rows, receipt: &ReceiptOnDisk) -> Result<bool, StoreError> {
    match receipt.sale() {
        Some(id) => Ok(rows.value(&keys::sale(keys::SALE, id))?.is_some()),
        None => Ok(false),
    }
}

fn is_owed(rows: &Rows, subject: Subject) -> Result<bool, StoreError> {
    let owed = rows.value(&keys::subject(keys::OWED, subject))?;
    Ok(owed.is_some())
}
