//! A disk: takes all writes of a step or none. What it has synced survives everything but damage of the files. It must not
//! judge.

use std::collections::BTreeMap;

use fastrand::Rng;
use till_wire::{CommandId, ReceiptKey, SaleId, UnixTime};
use tilld::till::mutant::Mutant;
use tilld::till::{
    CommandRecord, Found, KeyRecord, Lookup, Owed, Receipt, Records, Sale, Service, StoreAge, Subject, Write,
};

/// As `src/store/mirror.rs` has it: so many numbers are left out when the second file takes over.
const MARGIN: u32 = 64;

/// The writes of one step.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// When the till decided them, in the time that the machine was on.
    pub(crate) decided: u64,
    pub(crate) writes: Vec<Write>,
}

#[derive(Clone, Debug)]
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
    pub(crate) commands: BTreeMap<CommandId, CommandRecord>,
    forgotten: Option<UnixTime>,
    pub(crate) service: Service,
    /// The end of the log: written, and not known to survive.
    log: Vec<Batch>,
    /// Whether the next start finds damage.
    pub(crate) is_damaged: bool,
    /// What really survives a power cut, while a deliberate fault acts before that, and for how many commits already.
    synced: Option<(Box<Disk>, u32)>,
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
            commands: BTreeMap::new(),
            forgotten: None,
            service: Service::Open,
            log: Vec::new(),
            is_damaged: false,
            synced: None,
        }
    }

    /// Writes a step at the end of the log.
    pub(crate) fn append(&mut self, decided: u64, writes: Vec<Write>) {
        if !writes.is_empty() {
            self.log.push(Batch { decided, writes });
        }
    }

    /// Makes everything that was written survive.
    pub(crate) fn sync(&mut self) -> Vec<Batch> {
        std::mem::take(&mut self.log)
    }

    /// Reads the log again after it was not synced: it ends somewhere, and a batch that is torn there is dropped whole.
    pub(crate) fn found(&mut self, rng: &mut Rng) -> Vec<Batch> {
        let whole = rng.usize(0..=self.log.len());
        self.log.truncate(whole);
        self.sync()
    }

    /// For a deliberate fault: until the next sync in a while, a power cut takes back what is written from now on.
    pub(crate) fn keep_what_is_synced(&mut self) {
        match &mut self.synced {
            None => self.synced = Some((Box::new(self.clone()), 1)),
            Some((_, commits)) if *commits < 12 => *commits += 1,
            Some(_) => self.synced = None,
        }
    }

    /// The power is cut.
    pub(crate) fn lose_unsynced(&mut self) {
        if let Some((synced, _)) = self.synced.take() {
            let log = self.sync();
            *self = Self { log, ..*synced };
        }
    }

    /// Takes in a write that survives.
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

    /// Puts a new store in the place of a damaged one: the sales that are alive and the last numbers come back from the
    /// second file, which is written before a commit is acknowledged. Returns the sales that are gone.
    pub(crate) fn take_over(&mut self, now: UnixTime) -> Vec<Sale> {
        let (kept, gone) = std::mem::take(&mut self.sales).into_values().partition::<Vec<_>, _>(Sale::is_alive);
        let sequence = self.sequence.map(|last| {
            if Mutant::DrawsNumbersAgain.is_on() { last.saturating_sub(3) } else { last.saturating_add(MARGIN) }
        });
        let number = self.number + u64::from(MARGIN);
        let service = self.service;
        *self = Self { number, service, ..Self::new(StoreAge::New, now, sequence) };
        for mut sale in kept {
            sale.marks.attention = true;
            sale.revision += 1;
            let number = self.number + 1;
            let bytes = till_wire::sale::Sale::from(&sale).message_bytes();
            let owed = Owed { number, subject: Subject::Sale(sale.id), revision: sale.revision, at: None, bytes };
            self.write(Write::Sale(Box::new(sale)));
            self.write(Write::Owe(owed));
        }
        gone
    }

    /// Returns what a start gets. A store is new only once.
    pub(crate) fn records(&mut self) -> Records {
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
            Subject::Replay | Subject::Piece(..) => owed.revision,
            Subject::Command(id) => self.commands.get(&id).map_or(0, |record| record.revision),
        }
    }
}
