//! A disk for the tables: takes a step's writes and gives them back to the next start. It must not judge them.

use std::collections::BTreeMap;

use till_wire::{CommandId, ReceiptKey, SaleId, UnixTime};

use crate::till::{
    CommandRecord, Found, JournalEntry, KeyRecord, Lookup, Owed, Receipt, Records, Sale, Service, StoreAge, Subject,
    Write,
};

#[derive(Debug)]
pub(super) struct Disk {
    pub(super) store: StoreAge,
    pub(super) born: UnixTime,
    pub(super) sequence: Option<u32>,
    pub(super) sales: BTreeMap<SaleId, Sale>,
    pub(super) receipts: BTreeMap<ReceiptKey, Receipt>,
    pub(super) keys: BTreeMap<String, KeyRecord>,
    pub(super) owed: BTreeMap<Subject, Owed>,
    number: u64,
    online: Option<UnixTime>,
    pub(super) commands: BTreeMap<CommandId, CommandRecord>,
    pub(super) forgotten: Option<UnixTime>,
    pub(super) service: Service,
    pub(super) journal: Vec<JournalEntry>,
}

impl Disk {
    pub(super) fn new(store: StoreAge, born: UnixTime, sequence: Option<u32>) -> Self {
        Self {
            store,
            born,
            sequence,
            sales: BTreeMap::new(),
            receipts: BTreeMap::new(),
            keys: BTreeMap::new(),
            owed: BTreeMap::new(),
            number: 0,
            online: None,
            commands: BTreeMap::new(),
            forgotten: None,
            service: Service::Open,
            journal: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, write: Write) {
        match write {
            Write::Sale(sale) => {
                self.sales.insert(sale.id, *sale);
            }
            Write::Journal(entry) => self.journal.push(*entry),
            Write::Receipt(receipt) => {
                self.receipts.insert(receipt.key, *receipt);
            }
            Write::Sequence(last) => self.sequence = Some(last),
            Write::Key(record) => {
                self.keys.insert(record.request.key.clone(), record);
            }
            Write::ForgetKey(key) => {
                self.keys.remove(&key);
            }
            Write::Owe(owed) => {
                assert!(owed.number > self.number, "a change has the number of another: {owed:?}");
                self.number = owed.number;
                self.owed.insert(owed.subject, owed);
            }
            Write::Settle(subject) => {
                self.owed.remove(&subject);
            }
            Write::Online(at) => self.online = Some(at),
            Write::Command(record) => {
                self.commands.insert(record.id, *record);
            }
            Write::ForgetCommand { id, expires } => {
                self.commands.remove(&id);
                self.forgotten = self.forgotten.max(Some(expires));
            }
            Write::Service(service) => self.service = service,
        }
    }

    /// The store is set aside: what the second file has is there again, and a person must look at it.
    pub(super) fn take_over(&mut self) {
        let mut kept = std::mem::take(&mut self.sales);
        kept.retain(|_, sale| sale.is_alive());
        kept.values_mut().for_each(|sale| {
            sale.marks.attention = true;
            sale.revision += 1;
        });
        let number = self.number + 64;
        let sequence = self.sequence.map(|last| last + 64);
        let service = self.service;
        *self = Self { sales: kept, number, service, ..Self::new(StoreAge::New, self.born, sequence) };
    }

    /// What a start finds; the store is no longer new after the first one.
    pub(super) fn records(&mut self) -> Records {
        let mut owed: Vec<Owed> = self.owed.values().copied().collect();
        owed.sort_by_key(|owed| owed.number);
        Records {
            store: std::mem::replace(&mut self.store, StoreAge::Old),
            born: self.born,
            sequence: self.sequence,
            number: self.number,
            sales: self.sales.values().filter(|sale| sale.is_alive()).cloned().collect(),
            keys: self.keys.values().cloned().collect(),
            owed,
            online: self.online,
            commands: self.commands.values().cloned().collect(),
            forgotten: self.forgotten,
            service: self.service,
        }
    }

    pub(super) fn find(&self, lookup: Lookup) -> Found {
        let by_id = lookup.sale.and_then(|id| self.sales.get(&id));
        let by_order = lookup.order.and_then(|order| self.sales.values().find(|sale| sale.attempt(order).is_some()));
        let receipt = lookup.receipt.and_then(|key| self.receipts.get(&key));
        Found { sale: by_id.or(by_order).cloned(), receipt: receipt.cloned() }
    }
}
