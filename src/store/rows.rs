//! The opened store in its own thread: commits, and the questions that the rows can answer.
//! It must not know of threads or of how a store is opened.

use std::collections::BTreeSet;
use std::io;

use serde::de::DeserializeOwned;
use till_wire::{CommandId, OrderRef, ReceiptKey, SaleId, UnixTime};

use crate::till::{
    AttentionPage, Change, CommandRecord, Found, Lookup, Missed, Owed, Receipt, ReceiptsPage, ReceiptsQuery, Sale,
    SalesPage, SalesQuery, Subject, Write,
};

use super::draft::Draft;
use super::engine::{Engine, EngineError, Row};
use super::frame::{self, Fault};
use super::keys;
use super::meta::{self, Meta, Tally};
use super::mirror::{Kept, Mirror, Sales};
use super::{Facts, StoreError};
use crate::record::{CommandOnDisk, ReceiptOnDisk, SaleOnDisk};

/// A page has at most so many entries, whatever is asked for.
const MAX_PAGE: usize = 1_000;
/// At most so many records are read for one page; the page then ends early and says where to go on.
const MAX_READ: usize = 5_000;

/// So many sales are asked at a start when money last arrived.
const LOOKED_AT_FOR_MONEY: usize = 100;

/// The opened store.
pub(super) struct Rows {
    pub(super) engine: Engine,
    pub(super) meta: Meta,
    pub(super) tally: Tally,
    /// How many records could not be read at the start.
    pub(super) broken: u64,
    pub(super) mirror: Mirror,
    /// The sales of which the mirror does not know the newest; nothing when it knows everything, numbers too.
    pub(super) unmirrored: Option<BTreeSet<SaleId>>,
}

impl Rows {
    /// Takes in one step's writes, all or none. They are durable after [`Rows::sync`].
    pub(super) fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        for write in writes {
            match write {
                Write::Sale(sale) => drop(self.unmirrored.get_or_insert_default().insert(sale.id)),
                Write::Sequence(_) | Write::Service(_) => drop(self.unmirrored.get_or_insert_default()),
                Write::Journal(_)
                | Write::Receipt(_)
                | Write::Key(_)
                | Write::ForgetKey(_)
                | Write::Owe(_)
                | Write::Settle(_)
                | Write::Online(_)
                | Write::Command(_)
                | Write::ForgetCommand { .. } => {}
            }
        }
        self.change(|draft| writes.iter().try_for_each(|write| draft.write(write)))
    }

    /// Makes the changes that `plan` gathers, all or none.
    pub(super) fn change(
        &mut self,
        plan: impl FnOnce(&mut Draft<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut draft = Draft::new(&self.engine, &self.meta, self.tally);
        plan(&mut draft)?;
        let (changes, meta, tally) = draft.finish()?;
        let applied = self.engine.apply(changes);
        applied.map_err(|source| StoreError::Write { source })?;
        (self.meta, self.tally) = (meta, tally);
        Ok(())
    }

    /// Makes everything taken in survive a power cut.
    pub(super) fn sync(&mut self) -> Result<(), EngineError> {
        self.engine.sync(self.meta.commits)?;
        if let Some(changed) = &self.unmirrored {
            let changed = self.changed(changed).and_then(|changed| self.mirror.add(&self.meta, changed));
            let written = changed.and_then(|added| if added { Ok(()) } else { self.mirror_everything() });
            written.map_err(|error| EngineError::Disk(error.to_string()))?;
            self.unmirrored = None;
        }
        Ok(())
    }

    fn changed(&self, sales: &BTreeSet<SaleId>) -> io::Result<Sales> {
        let mut changed = Sales::default();
        for id in sales {
            let alive = self.engine.get(&keys::sale(keys::ALIVE, *id)).map_err(io::Error::other)?;
            match alive {
                Some(_) => changed.alive.extend(framed_sale(&self.engine, *id)?.unwrap_or_default()),
                None => changed.gone.push(*id),
            }
        }
        Ok(changed)
    }

    fn mirror_everything(&mut self) -> io::Result<()> {
        let alive = self.engine.kind_back(keys::ALIVE);
        let framed = alive.filter_map(|row| match row {
            Ok((key, _)) => framed_sale(&self.engine, keys::read_sale(keys::rest(&key))?).transpose(),
            Err(error) => Some(Err(io::Error::other(error))),
        });
        self.mirror.write(&self.meta, framed)
    }

    /// Takes over what the second file kept of a store that is gone. A person must look at its sales: what became of
    /// the others is not known.
    pub(super) fn take_over(&mut self, kept: Kept) -> Result<(), StoreError> {
        self.change(|draft| {
            draft.meta.sequence = kept.sequence;
            draft.meta.number = kept.number;
            draft.meta.starts = kept.starts;
            draft.meta.disabled = kept.disabled;
            kept.sales.into_iter().try_for_each(|mut sale| {
                sale.marks.attention = true;
                sale.revision = sale.revision.saturating_add(1);
                let number = draft.meta.number.saturating_add(1);
                let bytes = till_wire::sale::Sale::from(&sale).message_bytes();
                let owed = Owed { number, subject: Subject::Sale(sale.id), revision: sale.revision, at: None, bytes };
                draft.write(&Write::Sale(Box::new(sale)))?;
                draft.write(&Write::Owe(owed))
            })
        })
    }

    pub(super) fn find(&self, lookup: Lookup) -> Result<Found, StoreError> {
        let by_id = lookup.sale.map(|id| self.sale(id)).transpose()?.flatten();
        let sale = match (by_id, lookup.order) {
            (None, Some(order)) => self.sale_of(order)?,
            (found, _) => found,
        };
        let receipt = lookup.receipt.map(|key| self.receipt(key)).transpose()?;
        Ok(Found { sale, receipt: receipt.flatten() })
    }

    pub(super) fn sale(&self, id: SaleId) -> Result<Option<Sale>, StoreError> {
        let disk = self.record::<SaleOnDisk>(&keys::sale(keys::SALE, id))?;
        Ok(disk.map(Sale::from))
    }

    fn sale_of(&self, order: OrderRef) -> Result<Option<Sale>, StoreError> {
        let id = self.value(&keys::order(keys::ORDER, order))?;
        match id.as_deref().and_then(keys::read_sale) {
            Some(id) => self.sale(id),
            None => Ok(None),
        }
    }

    pub(super) fn receipt(&self, key: ReceiptKey) -> Result<Option<Receipt>, StoreError> {
        let disk = self.record::<ReceiptOnDisk>(&keys::receipt(key))?;
        Ok(disk.map(Receipt::from))
    }

    pub(super) fn command(&self, id: CommandId) -> Result<Option<CommandRecord>, StoreError> {
        let disk = self.record::<CommandOnDisk>(&keys::command(id))?;
        Ok(disk.map(CommandRecord::from))
    }

    pub(super) fn sales(&self, query: &SalesQuery) -> Result<SalesPage, StoreError> {
        let limit = query.limit.min(MAX_PAGE);
        let before = query.before.map(|id| keys::sale(keys::SALE, id));
        let mut page = SalesPage::default();
        if limit == 0 {
            return Ok(page);
        }
        let mut last = None;
        let newest_first = self.engine.between_back(keys::SALE, None, before);
        for (read, row) in newest_first.enumerate() {
            let row = row.map_err(StoreError::read)?;
            if read >= MAX_READ {
                page.next = last;
                return Ok(page);
            }
            last = keys::read_sale(keys::rest(&row.0));
            let Some(sale) = readable::<SaleOnDisk>(&row).map(Sale::from) else {
                continue;
            };
            let right_state = query.state.is_none_or(|state| sale.seen_state() == state);
            if !right_state || query.since.is_some_and(|since| sale.created_at < since) {
                continue;
            }
            if page.sales.len() == limit {
                page.next = page.sales.last().map(|sale| sale.id);
                return Ok(page);
            }
            page.sales.push(sale);
        }
        Ok(page)
    }

    pub(super) fn receipts(&self, query: ReceiptsQuery) -> Result<ReceiptsPage, StoreError> {
        let limit = query.limit.min(MAX_PAGE);
        let mut page = ReceiptsPage::default();
        for row in self.engine.kind_back(keys::ARRIVAL).take(MAX_READ) {
            if page.receipts.len() == limit {
                break;
            }
            let (_, key) = row.map_err(StoreError::read)?;
            let Some(key) = keys::read_receipt(&key) else {
                continue;
            };
            let wanted = |receipt: &Receipt| {
                let matched = receipt.sale.is_some();
                query.matched.is_none_or(|asked| asked == matched)
            };
            page.receipts.extend(self.receipt(key)?.filter(wanted));
        }
        Ok(page)
    }

    /// Returns what a person must look at, of sales and receipts at most `limit` each, the newest sales first.
    pub(super) fn attention(&self, limit: usize) -> Result<AttentionPage, StoreError> {
        let limit = limit.min(MAX_PAGE);
        let mut page = AttentionPage { count: self.tally.attention, ..AttentionPage::default() };
        for row in self.engine.kind_back(keys::ATTENTION) {
            let (key, _) = row.map_err(StoreError::read)?;
            match keys::read_subject(keys::rest(&key)) {
                Some(Subject::Sale(id)) if page.sales.len() < limit => page.sales.extend(self.sale(id)?),
                Some(Subject::Receipt(key)) if page.receipts.len() < limit => {
                    page.receipts.extend(self.receipt(key)?);
                }
                // From the end, receipts come after all sales.
                Some(Subject::Receipt(_)) => break,
                Some(Subject::Sale(_) | Subject::Replay | Subject::Command(_) | Subject::Piece(..)) | None => {}
            }
        }
        page.receipts.sort_by_key(|receipt| std::cmp::Reverse(receipt.received_at));
        Ok(page)
    }

    pub(super) fn missed(&self, after: Option<u64>, limit: usize) -> Result<Missed, StoreError> {
        let oldest = self.meta.forgotten.max(1);
        match after.filter(|number| (oldest..=self.meta.number).contains(number)) {
            Some(number) => Ok(Missed::Since(self.changes_after(number, limit)?)),
            None => Ok(Missed::Open(self.open_sales()?)),
        }
    }

    fn changes_after(&self, number: u64, limit: usize) -> Result<Vec<(u64, Change)>, StoreError> {
        let after = Some(keys::number(keys::CHANGE, number));
        let mut changes = Vec::new();
        for row in self.engine.between(keys::CHANGE, after, None) {
            if changes.len() >= limit {
                break;
            }
            let (key, subject) = row.map_err(StoreError::read)?;
            let change = match keys::read_subject(&subject) {
                Some(Subject::Sale(id)) => self.sale(id)?.map(|sale| Change::Sale(Box::new(sale))),
                Some(Subject::Receipt(key)) => {
                    let receipt = self.receipt(key)?;
                    receipt.map(|receipt| Change::Receipt(Box::new(receipt)))
                }
                Some(Subject::Replay | Subject::Command(_) | Subject::Piece(..)) | None => None,
            };
            changes.extend(keys::read_number(keys::rest(&key)).zip(change));
        }
        Ok(changes)
    }

    /// Returns every sale that has not ended, in the order of their newest changes. One whose change is forgotten
    /// gets the largest forgotten number: what came after it is all there.
    fn open_sales(&self) -> Result<Vec<(u64, Change)>, StoreError> {
        let mut open = Vec::new();
        for sale in self.alive()? {
            if sale.ending().is_some() {
                continue;
            }
            let changed = keys::subject(keys::CHANGED, Subject::Sale(sale.id));
            let number = self.value(&changed)?.as_deref().and_then(keys::read_number);
            let number = number.unwrap_or(self.meta.forgotten);
            open.push((number, Change::Sale(Box::new(sale))));
        }
        open.sort_by_key(|(number, _)| *number);
        Ok(open)
    }

    /// Returns every sale that still has to do something by itself, oldest first.
    pub(super) fn alive(&self) -> Result<Vec<Sale>, StoreError> {
        let mut sales = Vec::new();
        for row in self.engine.kind(keys::ALIVE) {
            let (key, _) = row.map_err(StoreError::read)?;
            if let Some(id) = keys::read_sale(keys::rest(&key)) {
                sales.extend(self.sale(id)?);
            }
        }
        Ok(sales)
    }

    /// Returns when money last arrived, as the newest sales and the newest receipt tell.
    pub(super) fn last_payment(&self) -> Result<Option<UnixTime>, StoreError> {
        let mut newest = None;
        for row in self.engine.kind_back(keys::SALE).take(LOOKED_AT_FOR_MONEY) {
            let sale = readable::<SaleOnDisk>(&row.map_err(StoreError::read)?).map(Sale::from);
            let payments = sale.iter().flat_map(|sale| &sale.payments).map(|payment| payment.received_at);
            newest = newest.max(payments.max());
        }
        let page = self.receipts(ReceiptsQuery { limit: 1, matched: None })?;
        Ok(newest.max(page.receipts.first().map(|receipt| receipt.received_at)))
    }

    pub(super) fn born(&self) -> UnixTime {
        UnixTime::from_ms(self.meta.born_ms)
    }

    /// Returns the store's figures, without the free space, which is the file system's.
    pub(super) fn facts(&self) -> Result<Facts, StoreError> {
        Ok(Facts {
            bytes: self.engine.bytes().map_err(StoreError::read)?,
            free_bytes: 0,
            sales: self.tally.sales,
            attention: self.tally.attention,
            broken: self.broken,
        })
    }

    pub(super) fn value(&self, key: &[u8]) -> Result<Option<sled::IVec>, StoreError> {
        self.engine.get(key).map_err(StoreError::read)
    }

    fn record<R: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<R>, StoreError> {
        let value = self.value(key)?;
        Ok(value.and_then(|value| readable(&(key.into(), value))))
    }
}

/// Returns the record of a row, or nothing, with a line in the log, when it is broken. Records of newer programs are
/// refused when the store is opened, so here they are broken too.
pub(super) fn readable<R: DeserializeOwned>(row: &Row) -> Option<R> {
    let why = match frame::decode(&row.1) {
        Ok(record) => return Some(record),
        Err(Fault::Newer(version)) => format!("it has version {version}"),
        Err(Fault::Broken(why)) => why,
    };
    tracing::error!(record = meta::name(row), why, "a record cannot be read");
    None
}

fn framed_sale(engine: &Engine, id: SaleId) -> io::Result<Option<Vec<u8>>> {
    let record = engine.get(&keys::sale(keys::SALE, id)).map_err(io::Error::other)?;
    // What cannot be read would pass for damage of the second file.
    Ok(record.filter(|bytes| frame::check(bytes).is_ok()).map(|bytes| bytes.to_vec()))
}
