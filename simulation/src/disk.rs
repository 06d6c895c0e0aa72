//! A disk: takes all writes of a step or none. What it has taken survives everything. It must not judge.

use std::collections::BTreeMap;

use till_wire::{ReceiptKey, SaleId, UnixTime};
use tilld::till::{Found, KeyRecord, Lookup, Owed, Receipt, Records, Sale, StoreAge, Subject, Write};

#[derive(Debug)]
pub(crate) struct Disk {
    store: StoreAge,
    born: UnixTime,
    pub(crate) sequence: Option<u32>,
    number: u64,
    pub(crate) sales: BTreeMap<SaleId, Sale>,
    pub(crate) receipts: BTreeMap<ReceiptKey, Receipt>,
    keys: BTreeMap<String, KeyRecord>,
    pub(crate) owed: BTreeMap<Subject, Owed>,
    online: Option<UnixTime>,
}

impl Disk {
    pub(crate) fn new(store: StoreAge, born: UnixTime, sequence: Option<u32>) -> Self {
        Self {
            store,
            born,
            sequence,
            number: 0,
            sales: BTreeMap::new(),
            receipts: BTreeMap::new(),
            keys: BTreeMap::new(),
            owed: BTreeMap::new(),
            online: None,
        }
    }

    pub(crate) fn write(&mut self, write: Write) {
        match write {
            Write::Sale(sale) => {
                self.sales.insert(sale.id, *sale);
            }
            Write::Receipt(receipt) => {
                self.receipts.insert(receipt.key, *receipt);
            }
            // What it says is judged when it is written.
            Write::Journal(_) => {}
            Write::Sequence(last) => self.sequence = Some(last),
            Write::Key(record) => {
                self.keys.insert(record.request.key.clone(), record);
            }
            Write::ForgetKey(key) => {
                self.keys.remove(&key);
            }
            Write::Owe(owed) => {
                self.number = owed.number;
                self.owed.insert(owed.subject, owed);
            }
            Write::Settle(subject) => {
                self.owed.remove(&subject);
            }
            Write::Online(at) => self.online = Some(at),
        }
        // A store that was made is never new again once anything has been written.
        self.store = StoreAge::Old;
    }

    pub(crate) fn records(&self) -> Records {
        let mut owed: Vec<Owed> = self.owed.values().copied().collect();
        owed.sort_by_key(|owed| owed.number);
        Records {
            store: self.store,
            born: self.born,
            sequence: self.sequence,
            number: self.number,
            sales: self.sales.values().filter(|sale| sale.is_alive()).cloned().collect(),
            keys: self.keys.values().cloned().collect(),
            owed,
            online: self.online,
        }
    }

    pub(crate) fn find(&self, lookup: Lookup) -> Found {
        let by_id = lookup.sale.and_then(|id| self.sales.get(&id));
        let by_order = lookup.order.and_then(|order| self.sales.values().find(|sale| sale.attempt(order).is_some()));
        let receipt = lookup.receipt.and_then(|key| self.receipts.get(&key));
        Found { sale: by_id.or(by_order).cloned(), receipt: receipt.cloned() }
    }

    /// The revision that a message about this subject would carry now.
    pub(crate) fn revision(&self, owed: Owed) -> u64 {
        match owed.subject {
            Subject::Sale(id) => self.sales.get(&id).map_or(0, |sale| sale.revision),
            Subject::Receipt(key) => self.receipts.get(&key).map_or(0, |receipt| receipt.revision),
            Subject::Replay => owed.revision,
        }
    }
}
