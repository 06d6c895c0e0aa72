//! What the till gets from the disk at a start, and the questions that others ask of the records.

use till_wire::sale::SaleState;
use till_wire::{SaleId, UnixTime};

use super::command::{CommandRecord, Service};
use super::payment::Receipt;
use super::sale::Sale;
use super::step::{Change, KeyRecord, Owed};

/// Everything that a start needs of the store.
#[derive(Clone, Debug)]
pub struct Records {
    /// Whether the store was made just now.
    pub store: StoreAge,
    /// When the store was made, by the wall clock.
    pub born: UnixTime,
    /// The last number drawn from the sequence.
    pub sequence: Option<u32>,
    /// The last number given to a change.
    pub number: u64,
    /// Every sale that is alive.
    pub sales: Vec<Sale>,
    /// Every idempotency key.
    pub keys: Vec<KeyRecord>,
    /// The outbox, oldest first.
    pub owed: Vec<Owed>,
    /// When the broker was last known to be connected with our session.
    pub online: Option<UnixTime>,
    /// Every command that is remembered.
    pub commands: Vec<CommandRecord>,
    /// Until when commands that had expired may have been forgotten.
    pub forgotten: Option<UnixTime>,
    /// Whether new sales are made.
    pub service: Service,
}

/// Whether a store has a past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreAge {
    /// It was made at this start.
    New,
    /// It was there.
    Old,
}

/// Which sales somebody wants to see, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalesQuery {
    /// Only those in this state.
    pub state: Option<SaleState>,
    /// Only those made at or after this time.
    pub since: Option<UnixTime>,
    /// Only those made before this sale: where the last page ended.
    pub before: Option<SaleId>,
    /// At most so many.
    pub limit: usize,
}

/// A page of sales, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalesPage {
    /// The sales.
    pub sales: Vec<Sale>,
    /// Where the next page begins, if there is more.
    pub next: Option<SaleId>,
}

/// Which receipts somebody wants to see, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptsQuery {
    /// Only matched (`Some(true)`) or unmatched ones.
    pub matched: Option<bool>,
    /// At most so many.
    pub limit: usize,
}

/// A page of receipts, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptsPage {
    /// The receipts.
    pub receipts: Vec<Receipt>,
}

/// Of which sales and receipts somebody wants to know that something happened in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodQuery {
    /// Where the period begins.
    pub from: UnixTime,
    /// The first moment after it.
    pub until: UnixTime,
    /// Where the last page ended.
    pub after: Option<PeriodPlace>,
}

/// A place in a period; means something to the store only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodPlace(pub Vec<u8>);

/// Sales that were made in the period's hours or whose money moved in them, and receipts that came in them. Some may
/// stand on several pages, and the first and the last hour may reach beyond the period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeriodPage {
    /// The sales.
    pub sales: Vec<Sale>,
    /// The receipts.
    pub receipts: Vec<Receipt>,
    /// Where the next page begins, if there is more.
    pub next: Option<PeriodPlace>,
}

/// What a person must look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttentionPage {
    /// How many sales and receipts there are.
    pub count: u64,
    /// Sales, newest first.
    pub sales: Vec<Sale>,
    /// Receipts, newest first.
    pub receipts: Vec<Receipt>,
}

/// What a listener that comes back has missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Everything after the number it named, oldest first: of each subject its newest revision.
    Since(Vec<(u64, Change)>),
    /// The number is unknown or too old: the newest revision of every sale that is not ended, oldest first.
    Open(Vec<(u64, Change)>),
}
