//! The lines of a recording, and the way from and to the till's own types. Names here are part of the format: a field that
//! is renamed or loses its meaning needs a new version. There is no place for a name, a note or a text in it.

mod answer;
mod begin;
mod command;
mod event;
mod glance;
mod memory;
mod rules;

use serde::{Deserialize, Serialize};
use till_wire::TerminalNumber;

use super::outcome::Outcome;
use crate::record::{CommandOnDisk, KeyOnDisk, OwedOnDisk, ReceiptOnDisk, SaleOnDisk, Wall};
use crate::till::{Found, Now, Tick};

pub(super) use begin::{BeginLine, Lists, Opening};
pub(super) use event::EventLine;

/// The first line.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    /// The version of the format.
    pub(super) flight: u32,
    /// The version of the program that wrote it.
    pub(super) program: String,
    /// Whose it is.
    pub(super) terminal: TerminalNumber,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// A state to begin with; its records follow.
    Begin(Box<BeginLine>),
    /// A sale of the state.
    Sale(Box<SaleOnDisk>),
    /// A command of the state.
    Command(Box<CommandOnDisk>),
    /// A receipt of the state.
    Receipt(Box<ReceiptOnDisk>),
    /// An idempotency key of the state.
    Key(KeyOnDisk),
    /// What the state owes to the broker.
    Owed(OwedOnDisk),
    /// A report that the state noted without counting it.
    Noted(memory::NotedLine),
    /// There was more than a recording holds: what follows cannot be replayed.
    Cut(CutLine),
    /// The state is complete.
    Ready(ReadyLine),
    /// Something happened.
    Event(Box<HappenedLine>),
    /// What came of it.
    Did(Outcome),
}

/// Why a state is not complete.
#[derive(Serialize, Deserialize)]
pub(super) struct CutLine {
    pub(super) bytes: usize,
}

/// The end of a state.
#[derive(Serialize, Deserialize)]
pub(super) struct ReadyLine {
    /// What the till did at its start; nothing in the middle of its life.
    pub(super) did: Option<Outcome>,
}

/// A moment: the tick and the wall clock, in milliseconds.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Moment {
    tick: u64,
    wall: Wall,
}

impl From<Now> for Moment {
    fn from(now: Now) -> Self {
        Self { tick: now.tick.0, wall: now.wall.into() }
    }
}

impl From<Moment> for Now {
    fn from(moment: Moment) -> Self {
        Self { tick: Tick(moment.tick), wall: moment.wall.into() }
    }
}

/// Something that happened.
#[derive(Serialize, Deserialize)]
pub(super) struct HappenedLine {
    pub(super) at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<FoundLine>,
    /// How many bytes wait for the broker before it; the texts that they count are not in a recording.
    pub(super) queue_bytes: u64,
    pub(super) what: EventLine,
}

/// What the store found; empty when it found nothing.
#[derive(Serialize, Deserialize)]
struct FoundLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sale: Option<SaleOnDisk>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptOnDisk>,
}

impl HappenedLine {
    pub(super) fn new(now: Now, found: Option<&Found>, queue_bytes: u64, what: EventLine) -> Self {
        let found = found.map(|found| FoundLine {
            sale: found.sale.as_ref().map(SaleOnDisk::from),
            receipt: found.receipt.as_ref().map(|receipt| ReceiptOnDisk::new(receipt, 0)),
        });
        Self { at: now.into(), found, queue_bytes, what }
    }

    pub(super) fn found(&mut self) -> Option<Found> {
        let FoundLine { sale, receipt } = self.found.take()?;
        Some(Found { sale: sale.map(Into::into), receipt: receipt.map(Into::into) })
    }
}
