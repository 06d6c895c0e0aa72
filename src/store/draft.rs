//! One commit before it is made: the writes of a step become changes of rows. It must not know when they are durable.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde::Serialize;

use crate::till::{KeyRecord, Owed, Receipt, Sale, Service, Subject, Write};

use super::StoreError;
use super::engine::{Changes, Engine};
use super::meta::{Meta, Tally};
use super::{calendar, frame, keys};
use crate::record::{CommandOnDisk, KeyOnDisk, OwedOnDisk, ReceiptOnDisk, SaleOnDisk};

/// So many of the newest changes are kept for listeners that come back …
pub(super) const KEEP_CHANGES: u64 = 1_000;
/// … and so many more may gather before the oldest are forgotten.
const SPARE_CHANGES: u64 = 200;

/// Changes that are being gathered.
pub(super) struct Draft<'a> {
    pub(super) engine: &'a Engine,
    changes: Changes,
    /// The store's own record as it is to be.
    pub(super) meta: Meta,
    tally: Tally,
}

impl<'a> Draft<'a> {
    pub(super) fn new(engine: &'a Engine, meta: &Meta, tally: Tally) -> Self {
        Self { engine, changes: Changes::new(), meta: meta.clone(), tally }
    }

    /// Takes in one write of a step.
    pub(super) fn write(&mut self, write: &Write) -> Result<(), StoreError> {
        match write {
            Write::Sale(sale) => self.sale(sale),
            Write::Journal(entry) => self.journal(entry),
            Write::Receipt(receipt) => self.receipt(receipt),
            Write::Sequence(last) => {
                self.meta.sequence = Some(*last);
                Ok(())
            }
            Write::Key(key) => self.key(key),
            Write::ForgetKey(key) => {
                self.remove(keys::text(keys::KEY, key));
                Ok(())
            }
            Write::Owe(owed) => self.owe(*owed),
            Write::Settle(subject) => self.settle(*subject),
            Write::Online(at) => {
                self.meta.online_ms = Some(at.ms());
                Ok(())
            }
            Write::Command(record) => self.put(keys::command(record.id), &CommandOnDisk::from(record.as_ref())),
            Write::ForgetCommand { id, expires } => {
                self.remove(keys::command(*id));
                self.meta.commands_until_ms = self.meta.commands_until_ms.max(Some(expires.ms()));
                Ok(())
            }
            Write::Service(service) => {
                self.meta.disabled = *service == Service::Disabled;
                Ok(())
            }
        }
    }

    fn sale(&mut self, sale: &Sale) -> Result<(), StoreError> {
        let key = keys::sale(keys::SALE, sale.id);
        let known = self.get(&key)?.and_then(|bytes| frame::decode::<SaleOnDisk>(&bytes).ok()).map(Sale::from);
        let before = known.as_ref().map(calendar::hours_of_sale).unwrap_or_default();
        self.note_hours(Subject::Sale(sale.id), &before, &calendar::hours_of_sale(sale));
        self.put(key, &SaleOnDisk::from(sale))?;
        for attempt in &sale.attempts {
            let id = keys::order_bytes(sale.id.order()).to_vec();
            self.set(keys::order(keys::ORDER, attempt.order), id);
        }
        self.index(sale.is_alive(), keys::sale(keys::ALIVE, sale.id));
        let subject = keys::subject(keys::ATTENTION, Subject::Sale(sale.id));
        self.index(sale.marks.attention, subject);
        Ok(())
    }

    fn receipt(&mut self, receipt: &Receipt) -> Result<(), StoreError> {
        let key = keys::receipt(receipt.key);
        // A record that cannot be read gets a new place: better twice in the list than not at all.
        let known = self.get(&key)?;
        let known = known.and_then(|bytes| frame::decode::<ReceiptOnDisk>(&bytes).ok());
        let place = match known {
            Some(known) => known.place,
            None => {
                self.meta.arrivals = self.meta.arrivals.saturating_add(1);
                self.meta.arrivals
            }
        };
        self.put(key, &ReceiptOnDisk::new(receipt, place))?;
        // When a receipt came never changes.
        let hours = calendar::hours_of_receipt(receipt.received_at);
        self.note_hours(Subject::Receipt(receipt.key), &BTreeSet::new(), &hours);
        let arrival = keys::number(keys::ARRIVAL, place);
        self.set(arrival, receipt.key.as_bytes().to_vec());
        let subject = keys::subject(keys::ATTENTION, Subject::Receipt(receipt.key));
        self.index(receipt.attention, subject);
        Ok(())
    }

    fn key(&mut self, key: &KeyRecord) -> Result<(), StoreError> {
        let text = &key.request.key;
        if text.len() > keys::MAX_KEY {
            return Err(StoreError::TooLarge {
                key: "idempotency key".to_owned(),
                bytes: text.len(),
                limit: keys::MAX_KEY,
            });
        }
        self.put(keys::text(keys::KEY, text), &KeyOnDisk::from(key))
    }

    fn owe(&mut self, owed: Owed) -> Result<(), StoreError> {
        self.settle(owed.subject)?;
        let subject = keys::subject_bytes(owed.subject);
        let row = OwedOnDisk::from(owed);
        self.put(keys::subject(keys::OWED, owed.subject), &row)?;
        self.set(keys::number(keys::OUTBOX, owed.number), subject.clone());
        self.meta.number = self.meta.number.max(owed.number);
        match owed.subject {
            Subject::Replay | Subject::Command(_) | Subject::Piece(..) => return Ok(()),
            Subject::Sale(_) | Subject::Receipt(_) => {}
        }
        let changed = keys::subject(keys::CHANGED, owed.subject);
        if let Some(number) = self.get(&changed)?.as_deref().and_then(keys::read_number) {
            self.remove(keys::number(keys::CHANGE, number));
        }
        self.set(changed, owed.number.to_be_bytes().to_vec());
        self.set(keys::number(keys::CHANGE, owed.number), subject);
        Ok(())
    }

    fn settle(&mut self, subject: Subject) -> Result<(), StoreError> {
        let key = keys::subject(keys::OWED, subject);
        let Some(bytes) = self.get(&key)? else {
            return Ok(());
        };
        if let Ok(owed) = frame::decode::<OwedOnDisk>(&bytes) {
            self.remove(keys::number(keys::OUTBOX, owed.number));
        }
        self.remove(key);
        Ok(())
    }

    /// Forgets a sale with everything that points to it.
    pub(super) fn forget_sale(&mut self, sale: &Sale) -> Result<(), StoreError> {
        for attempt in &sale.attempts {
            self.remove(keys::order(keys::ORDER, attempt.order));
        }
        self.note_hours(Subject::Sale(sale.id), &calendar::hours_of_sale(sale), &BTreeSet::new());
        self.remove(keys::sale(keys::SALE, sale.id));
        self.forget_journal(sale.id)?;
        self.forget_subject(Subject::Sale(sale.id))
    }

    /// Forgets a receipt with everything that points to it.
    pub(super) fn forget_receipt(&mut self, receipt: &ReceiptOnDisk) -> Result<(), StoreError> {
        self.remove(keys::number(keys::ARRIVAL, receipt.place));
        let hours = calendar::hours_of_receipt(receipt.received_at());
        self.note_hours(Subject::Receipt(receipt.key), &hours, &BTreeSet::new());
        self.remove(keys::receipt(receipt.key));
        self.forget_subject(Subject::Receipt(receipt.key))
    }

    fn forget_subject(&mut self, subject: Subject) -> Result<(), StoreError> {
        self.remove(keys::subject(keys::ATTENTION, subject));
        let changed = keys::subject(keys::CHANGED, subject);
        if let Some(number) = self.get(&changed)?.as_deref().and_then(keys::read_number) {
            self.remove(keys::number(keys::CHANGE, number));
            self.meta.forgotten = self.meta.forgotten.max(number);
        }
        self.remove(changed);
        Ok(())
    }

    /// Forgets the oldest changes when there are too many.
    fn prune(&mut self) -> Result<(), StoreError> {
        if self.tally.changes <= KEEP_CHANGES + SPARE_CHANGES {
            return Ok(());
        }
        let more = usize::try_from(self.tally.changes - KEEP_CHANGES).unwrap_or(usize::MAX);
        for row in self.engine.kind(keys::CHANGE).take(more) {
            let (key, subject) = row.map_err(StoreError::read)?;
            if let Some(number) = keys::read_number(keys::rest(&key)) {
                self.meta.forgotten = self.meta.forgotten.max(number);
            }
            if let Some(subject) = keys::read_subject(&subject) {
                let changed = keys::subject(keys::CHANGED, subject);
                if self.get(&changed)?.as_deref() == Some(keys::rest(&key)) {
                    self.remove(changed);
                }
            }
            self.remove(key.to_vec());
        }
        Ok(())
    }

    /// Returns the changes, the store's own record among them, and what is to be known when they are made.
    pub(super) fn finish(mut self) -> Result<(Changes, Meta, Tally), StoreError> {
        self.prune()?;
        for (key, value) in &self.changes {
            if let Some(old) = self.engine.get(key).map_err(StoreError::read)? {
                self.meta.sum.remove(key, &old);
                self.tally.remove(key);
            }
            if let Some(new) = value {
                self.meta.sum.add(key, new);
                self.tally.add(key);
            }
        }
        self.meta.commits = self.meta.commits.saturating_add(1);
        let meta = frame::encode(&self.meta, || "meta".to_owned())?;
        self.changes.insert(keys::META.to_vec(), Some(meta));
        Ok((self.changes, self.meta, self.tally))
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.changes.get(key) {
            Some(changed) => Ok(changed.clone()),
            None => {
                let stored = self.engine.get(key).map_err(StoreError::read)?;
                Ok(stored.map(|bytes| bytes.to_vec()))
            }
        }
    }

    /// Returns the largest key between two that has a value in this draft.
    pub(super) fn newest_between(&self, after: &[u8], before: &[u8]) -> Option<Vec<u8>> {
        let range = (Bound::Excluded(after), Bound::Excluded(before));
        let mut rows = self.changes.range::<[u8], _>(range).rev();
        rows.find(|(_, value)| value.is_some()).map(|(key, _)| key.clone())
    }

    pub(super) fn put<R: Serialize>(&mut self, key: Vec<u8>, record: &R) -> Result<(), StoreError> {
        let bytes = frame::encode(record, || keys::shown(&key))?;
        self.set(key, bytes);
        Ok(())
    }

    fn index(&mut self, set: bool, key: Vec<u8>) {
        if set {
            self.set(key, Vec::new());
        } else {
            self.remove(key);
        }
    }

    pub(super) fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changes.insert(key, Some(value));
    }

    pub(super) fn remove(&mut self, key: Vec<u8>) {
        self.changes.insert(key, None);
    }
}
