//! A state to begin with: what a start got from the disk, or what a till knew in the middle of its life. It must not know
//! when a recording begins anew.

use serde::{Deserialize, Serialize};

use super::Line;
use super::memory::MemoryLine;
use super::rules::RulesLine;
use crate::record::{KeyOnDisk, OwedOnDisk, ReceiptOnDisk, SaleOnDisk, ServiceOnDisk, Wall, words};
use crate::till::{
    BootId, CommandRecord, Generation, KeyRecord, Memory, Now, Owed, Receipt, Records, Reported, Rules, Sale, StoreAge,
};
use till_wire::SaleId;

use super::Moment;

words!(AgeLine = StoreAge { New, Old });

/// The line that begins a state.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct BeginLine {
    rules: RulesLine,
    state: StateLine,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StateLine {
    /// A start from the disk: of the daemon, or after the disk had refused.
    Start {
        at: Moment,
        boot: [u8; 16],
        after: u64,
        store: AgeLine,
        born: Wall,
        sequence: Option<u32>,
        number: u64,
        online: Option<Wall>,
        #[serde(default)]
        forgotten: Option<Wall>,
        #[serde(default)]
        service: Option<ServiceOnDisk>,
    },
    /// The middle of a life.
    Memory(Box<MemoryLine>),
}

/// What a replay begins with.
#[derive(Clone, Debug)]
pub(in crate::flight) enum Opening {
    /// A start from the disk.
    Start {
        /// What the disk had.
        records: Records,
        /// In which boot.
        boot: BootId,
        /// When.
        now: Now,
        /// The newest picture that was asked for before.
        after: Generation,
    },
    /// The middle of a life.
    Memory(Box<Memory>),
}

/// The records of a state, one a line.
#[derive(Default)]
pub(in crate::flight) struct Lists {
    pub(in crate::flight) sales: Vec<Sale>,
    pub(in crate::flight) receipts: Vec<Receipt>,
    pub(in crate::flight) keys: Vec<KeyRecord>,
    pub(in crate::flight) owed: Vec<Owed>,
    pub(in crate::flight) noted: Vec<(SaleId, Reported)>,
    pub(in crate::flight) commands: Vec<CommandRecord>,
}

impl Opening {
    /// Returns the lines of the state up to, but without, its end.
    pub(in crate::flight) fn lines(&self, rules: &Rules) -> Vec<Line> {
        let rules = rules.into();
        let (state, sales, keys, owed) = match self {
            Self::Start { records, boot, now, after } => {
                let state = StateLine::Start {
                    at: (*now).into(),
                    boot: boot.0,
                    after: after.0,
                    store: records.store.into(),
                    born: records.born.into(),
                    sequence: records.sequence,
                    number: records.number,
                    online: records.online.map(Wall::from),
                    forgotten: records.forgotten.map(Wall::from),
                    service: Some(records.service.into()),
                };
                (state, &records.sales, &records.keys, &records.owed)
            }
            Self::Memory(memory) => (
                StateLine::Memory(Box::new(memory.as_ref().into())),
                &memory.sales,
                &memory.keys,
                &memory.outbox.entries,
            ),
        };
        let mut lines = vec![Line::Begin(Box::new(BeginLine { rules, state }))];
        lines.extend(sales.iter().map(|sale| Line::Sale(Box::new(SaleOnDisk::from(sale)))));
        lines.extend(keys.iter().map(|key| Line::Key(KeyOnDisk::from(key))));
        lines.extend(owed.iter().map(|owed| Line::Owed(OwedOnDisk::from(*owed))));
        lines.extend(self.commands().into_iter().map(|record| Line::Command(Box::new(record.into()))));
        if let Self::Memory(memory) = self {
            let receipts = memory.receipts.iter();
            lines.extend(receipts.map(|receipt| Line::Receipt(Box::new(ReceiptOnDisk::new(receipt, 0)))));
            lines.extend(memory.noted.iter().map(|noted| Line::Noted(noted.into())));
        }
        lines
    }
}

impl Opening {
    fn commands(&self) -> Vec<&CommandRecord> {
        match self {
            Self::Start { records, .. } => records.commands.iter().collect(),
            Self::Memory(memory) => memory.commands.records.values().collect(),
        }
    }
}

impl BeginLine {
    /// Puts the state together again.
    pub(in crate::flight) fn opening(self, lists: Lists) -> (Rules, Opening) {
        let Lists { sales, receipts, keys, owed, noted, commands } = lists;
        let opening = match self.state {
            StateLine::Start { at, boot, after, store, born, sequence, number, online, forgotten, service } => {
                Opening::Start {
                    records: Records {
                        store: store.into(),
                        born: born.into(),
                        sequence,
                        number,
                        sales,
                        keys,
                        owed,
                        online: online.map(Into::into),
                        commands,
                        forgotten: forgotten.map(Into::into),
                        service: service.map(Into::into).unwrap_or_default(),
                    },
                    boot: BootId(boot),
                    now: at.into(),
                    after: Generation(after),
                }
            }
            StateLine::Memory(line) => {
                let mut memory = Memory { sales, receipts, keys, noted, ..(*line).into() };
                memory.outbox.entries = owed;
                memory.commands.records = commands.into_iter().map(|record| (record.id, record)).collect();
                Opening::Memory(Box::new(memory))
            }
        };
        (self.rules.into(), opening)
    }
}
