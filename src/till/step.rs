//! The answer to one event: what must be durable first, and what is to be done then.

pub use till_wire::provider::{KnownOrder, Making};
use till_wire::{ChannelId, CommandId, SaleId, UnixTime};

use super::command::{CommandRecord, CommandStage, Instruction, Service, Update};
use super::entry::Typed;
use super::event::{Delivery, ReplyTo, RequestKey, Subject};
use super::journal::JournalEntry;
use super::payment::Receipt;
use super::sale::{AskId, CancelReason, Sale};

/// The answer to one event: first make `writes` durable, all or none, then run `effects` in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What the disk must have before anyone hears of it.
    pub writes: Vec<Write>,
    /// What is to be done.
    pub effects: Vec<Effect>,
}

/// One change of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// The sale's record; the store also indexes its orders and whether it is alive.
    Sale(Box<Sale>),
    /// A line of the sale's journal, beside the record that it tells of.
    Journal(Box<JournalEntry>),
    /// The receipt's record.
    Receipt(Box<Receipt>),
    /// The last number drawn from the sequence.
    Sequence(u32),
    /// An idempotency key and its sale, remembered for 24 h.
    Key(KeyRecord),
    /// A forgotten idempotency key.
    ForgetKey(String),
    /// The newest revision of the subject is owed to the world; `number` orders the outbox and the events.
    Owe(Owed),
    /// The broker has taken the subject's newest revision.
    Settle(Subject),
    /// The wall clock when the broker was last known to be connected with our session.
    Online(UnixTime),
    /// A command's record.
    Command(Box<CommandRecord>),
    /// A forgotten command, which had expired then.
    ForgetCommand {
        /// Which.
        id: CommandId,
        /// When it expired.
        expires: UnixTime,
    },
    /// Whether new sales are made.
    Service(Service),
}

/// An idempotency key on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key and the fingerprint of its request.
    pub request: RequestKey,
    /// What it made.
    pub sale: SaleId,
    /// When, by the wall clock.
    pub at: UnixTime,
}

/// An entry of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Its place in the order; grows with every change and never repeats.
    pub number: u64,
    /// What is owed.
    pub subject: Subject,
    /// The revision; for a replay the time (in ms) since which is asked.
    pub revision: u64,
    /// When it came to be owed, by the wall clock; older programs did not note it.
    pub at: Option<UnixTime>,
    /// How large its message was then; zero where an older program did not note it.
    pub bytes: u64,
}

/// One order to an adapter. Nothing comes back but events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the provider to make an order.
    Create(CreateOrder),
    /// Ask the provider how an order stands.
    Ask {
        /// Which question.
        ask: AskId,
        /// About what.
        order: OrderAt,
    },
    /// Ask the provider to cancel an order.
    Cancel {
        /// Which.
        order: OrderAt,
        /// What the provider is told.
        reason: CancelReason,
    },
    /// Tell the provider that the till wants an order paid.
    Confirm(OrderAt),
    /// Answer a call.
    Reply {
        /// Whom.
        to: ReplyTo,
        /// What.
        answer: Answer,
    },
    /// Tell the broker that a message is safe here.
    Acknowledge(Delivery),
    /// Publish the subject's newest revision; the driver reads it from the store.
    Publish(Owed),
    /// Reckon what the day comes to; [`super::Event::DayReckoned`] says it.
    Reckon,
    /// Say the last announcement again.
    RepeatAnnouncement,
    /// Tell whoever has sent a command that it is not kept; nobody waits for that.
    TellCommand {
        /// What its topic calls it.
        id: CommandId,
        /// Why.
        stage: CommandStage,
    },
    /// Do something that a command asks for; [`super::Event::CommandPerformed`] says what came of it.
    Perform {
        /// For which command.
        id: CommandId,
        /// What.
        instruction: Instruction,
    },
    /// Fetch an update, going on with what is there of it; [`super::Event::CommandPerformed`] says how far it is.
    FetchUpdate {
        /// By which command.
        id: CommandId,
        /// Which.
        update: Box<Update>,
    },
    /// Give a fetched update to the system, unless that was done already, and tell what comes of it.
    InstallUpdate {
        /// By which command.
        id: CommandId,
        /// Which.
        update: Box<Update>,
    },
    /// Stop fetching, and remove what is there.
    DropUpdate,
    /// Write log lines of the usual level again.
    UsualLogLevel,
    /// End in good order, so that the daemon is started again.
    Restart,
    /// Tell local listeners of a change.
    Announce {
        /// The number of the change.
        number: u64,
        /// What changed.
        change: Change,
    },
}

/// An order that a provider is to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOrder {
    /// The sale it is for.
    pub sale: SaleId,
    /// The merchant account.
    pub channel: ChannelId,
    /// What the provider needs to know.
    pub making: Making,
}

/// Names an order to an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAt {
    /// The sale it belongs to.
    pub sale: SaleId,
    /// The merchant account.
    pub channel: ChannelId,
    /// What the provider may know of it.
    pub known: KnownOrder,
}

/// A change that local listeners hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A sale has a new revision.
    Sale(Box<Sale>),
    /// A receipt has a new revision.
    Receipt(Box<Receipt>),
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The sale was made.
    Created(Box<Sale>),
    /// The same key and body made this sale before.
    Repeated(Box<Sale>),
    /// The same key came with another body.
    KeyMismatch,
    /// Another sale is requesting or showing.
    Busy(SaleId),
    /// A new store needs a plausible clock to draw its first number.
    ClockNotSet,
    /// The sequence is used up.
    NumbersUsedUp,
    /// More is owed to the broker than the terminal keeps.
    QueueFull,
    /// The fleet's operator has shut the terminal.
    Disabled,
    /// The cancellation is under way or done.
    Cancelling(Box<Sale>),
    /// The sale has ended already.
    AlreadyEnded(Box<Sale>),
    /// There is no such sale.
    NotFound,
    /// The sale has not ended.
    NotEnded(Box<Sale>),
    /// The result is cleared from the display.
    Acknowledged(Box<Sale>),
    /// The sale is paid by the supervisor's word.
    Confirmed(Box<Sale>),
    /// The receipt's money counts for the sale now.
    Matched(Box<Sale>),
    /// There is no such receipt.
    NoReceipt,
    /// The receipt's money counts already, for this sale.
    AlreadyMatched(SaleId),
    /// The sale or the receipt is so large that only the provider's own answer proves its money.
    NeedsDoubleProof,
    /// The bridges are asked again since this time.
    Replaying(UnixTime),
    /// The keys were taken.
    Keyed {
        /// What is typed now.
        entry: Option<Typed>,
        /// The sale that holds the display now.
        sale: Option<Box<Sale>>,
    },
}
