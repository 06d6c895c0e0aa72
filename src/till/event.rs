//! Everything that can happen to the till, as facts in the past tense.

use std::time::Duration;

pub use till_wire::provider::{Action, CodeText, Heard, Made, MakeStep, Report, Said, Standing as ReportStanding};
use till_wire::{Amount, ChannelId, CommandId, EnvelopeId, OrderRef, ReceiptKey, SaleId, UnixTime};

use super::channels::Fault;
use super::command::{Performed, SignedCommand};
use super::entry::Key;
use super::glance::Takings;
use super::payment::{ProviderId, Receipt};
use super::sale::{AskId, Customer, Generation, Item, Refusal, Sale};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Someone wants to start a sale.
    SaleWanted {
        /// What is to be sold.
        request: NewSale,
        /// The caller's own key for asking again.
        key: Option<RequestKey>,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// The cashier wants the sale gone.
    CancelWanted {
        /// Which.
        sale: SaleId,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// The cashier has seen the result.
    AcknowledgeWanted {
        /// Of which sale.
        sale: SaleId,
        /// Whether a supervisor stands behind it.
        pin: Pin,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// A supervisor, whose PIN was right, has seen the sale's money at the bank.
    ConfirmWanted {
        /// Which sale.
        sale: SaleId,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// A supervisor, whose PIN was right, says which sale a receipt's money is for.
    MatchWanted {
        /// Which money.
        receipt: ReceiptKey,
        /// For which sale.
        sale: SaleId,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// The cashier pressed keys.
    KeysPressed {
        /// Which, in order; at most [`super::MAX_KEYS`] are taken.
        keys: Vec<Key>,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// A scanner has read an order number.
    ReferenceScanned {
        /// What it read: 1 to 100 printable ASCII characters.
        reference: String,
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// The store has said what the day comes to.
    DayReckoned {
        /// What.
        takings: Takings,
    },
    /// Somebody asked for everything that the bridges still have for this terminal.
    ReplayWanted {
        /// Whom to answer.
        reply: ReplyTo,
    },
    /// A creating request has come to an end.
    OrderAnswered {
        /// The sale that it was for.
        sale: SaleId,
        /// The order that was to be made.
        order: OrderRef,
        /// What came of it.
        answer: CreateAnswer,
    },
    /// A status question has come to an end.
    StatusAnswered {
        /// The sale that it was about.
        sale: SaleId,
        /// The order that it was about.
        order: OrderRef,
        /// Which question.
        ask: AskId,
        /// What came of it.
        answer: StatusAnswer,
    },
    /// A cancellation has come to an end.
    CancelAnswered {
        /// The sale that it was for.
        sale: SaleId,
        /// The order that was to be cancelled.
        order: OrderRef,
        /// What came of it.
        answer: StatusAnswer,
    },
    /// A confirmation has come to an end.
    ConfirmAnswered {
        /// The sale that it was for.
        sale: SaleId,
        /// The order that was to be confirmed.
        order: OrderRef,
        /// What came of it.
        answer: ConfirmAnswer,
    },
    /// A channel has answered, or failed to: what the event that follows does not say.
    ChannelAnswered {
        /// Which.
        channel: ChannelId,
        /// What went wrong, if anything did.
        fault: Option<Fault>,
    },
    /// A provider's answer carried a `Date`.
    ProviderTimeSeen {
        /// The provider's time.
        at: UnixTime,
    },
    /// A webhook arrived whose provider signature this terminal has verified (promise P1).
    WebhookArrived {
        /// What to acknowledge once it is durable.
        delivery: Delivery,
        /// What the bridge calls it in its log.
        envelope: EnvelopeId,
        /// What it says.
        notice: Notice,
    },
    /// A command arrived whose signature this terminal has verified (promise P12).
    CommandArrived {
        /// What to acknowledge once it is durable.
        delivery: Delivery,
        /// What it says.
        command: Box<SignedCommand>,
    },
    /// Something that was done for a command has come to an end.
    CommandPerformed {
        /// Which command.
        id: CommandId,
        /// What came of it.
        performed: Performed,
    },
    /// The broker is connected and our topics are subscribed.
    BrokerUp {
        /// Whether something may have been missed.
        session: Session,
    },
    /// The broker is gone.
    BrokerDown,
    /// The broker has acknowledged a message of the outbox.
    Published {
        /// What it was about.
        subject: Subject,
        /// The revision that was sent.
        revision: u64,
    },
    /// The panel shows a picture of this generation.
    PanelShown {
        /// The picture's number.
        generation: Generation,
    },
    /// The code cannot be drawn on this panel with modules of at least 3 pixels.
    CodeTooDense {
        /// The picture's number.
        generation: Generation,
    },
    /// The panel cannot be written.
    PanelFailed,
    /// A deadline may have been reached.
    Woke,
}

/// What somebody wants to sell; bounds and names have been checked against the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSale {
    /// How much.
    pub amount: Amount,
    /// Which merchant account.
    pub channel: ChannelId,
    /// The cash register's order number.
    pub reference: Option<String>,
    /// The cashier's note.
    pub note: Option<String>,
    /// How long the code is to be shown.
    pub expire: Duration,
    /// Who pays.
    pub customer: Customer,
    /// What is bought; may be empty.
    pub items: Vec<Item>,
}

/// An `Idempotency-Key` and what came with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The header's text.
    pub key: String,
    /// SHA-256 of the request, to tell the same from another.
    pub fingerprint: [u8; 32],
}

/// Whom to answer; means something to the driver only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplyTo(pub u64);

/// What came of the supervisor's PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// None was given.
    Absent,
    /// It was right. A wrong one never reaches the till.
    Right,
}

/// A message of the broker that waits for its acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The connection that it came over; an acknowledgement on another one is dropped.
    pub connection: u64,
    /// Its packet id in that connection.
    pub packet: u16,
}

/// What a verified webhook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The merchant account it is about.
    pub channel: ChannelId,
    /// The order reference, when it has the form of one.
    pub order: Option<OrderRef>,
    /// The order whose purpose the payer's bank passed on.
    pub purpose: Option<OrderRef>,
    /// The provider's id of the order.
    pub provider_id: ProviderId,
    /// What it reports.
    pub said: Said,
    /// The text that the payer or bank wrote.
    pub note: Option<String>,
}

impl Notice {
    /// Returns what a webhook of this channel says.
    pub fn new(channel: ChannelId, heard: Heard) -> Self {
        let Heard { order, purpose, provider_id, said, note, signed_at: _ } = heard;
        Self { channel, order, purpose, provider_id, said, note }
    }
}

/// Whether the broker had kept our session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// It had: nothing was missed.
    Kept,
    /// It had not: messages may be missing.
    New,
}

/// What a message to others is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A sale's newest revision.
    Sale(SaleId),
    /// A receipt's newest revision.
    Receipt(ReceiptKey),
    /// The wish to hear again what was published since a time.
    Replay,
    /// How a command fares.
    Command(CommandId),
    /// A piece of what a command has asked for, by its number. It is never owed: it is sent when nothing is.
    Piece(CommandId, u32),
}

/// What came of a creating request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateAnswer {
    /// The provider has done what was asked; the answer was verified and is about this order and amount.
    Made(Made),
    /// An answer came that does not verify or is about something else; the order may exist.
    Invalid {
        /// In what way, for the program and the log.
        message: String,
    },
    /// The provider already has an order of this reference.
    Duplicate,
    /// The provider says no, for good.
    Refused(Refusal),
    /// Nothing was sent: no connection.
    NotReached,
    /// The provider has certainly not processed it and wants to be asked later.
    Later {
        /// When the provider wants to be asked again.
        after: Option<Duration>,
    },
    /// Whether it was processed is unknown: no answer, half an answer, a fault of the server.
    Lost {
        /// When the provider wants to be asked again.
        after: Option<Duration>,
    },
    /// The same, and sending it again can do no harm.
    Repeatable {
        /// When the provider wants to be asked again.
        after: Option<Duration>,
    },
}

/// What came of a status question or a cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusAnswer {
    /// A verified answer about this order.
    Known(Report),
    /// The provider does not have this order.
    NotFound,
    /// The provider says no, for good.
    Refused(Refusal),
    /// An answer that does not verify or is about something else.
    Invalid {
        /// In what way, for the program and the log.
        message: String,
    },
    /// Nothing was sent: no connection.
    NotReached,
    /// No usable answer: to be asked again.
    Later {
        /// When the provider wants to be asked again.
        after: Option<Duration>,
    },
}

/// What came of a confirmation. It is never repeated unless it certainly was not heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmAnswer {
    /// The provider heard it and says how the order stands.
    Heard(Report),
    /// It certainly was not heard.
    NotHeard {
        /// When the provider wants to be told again.
        after: Option<Duration>,
    },
    /// It may have been heard, or was refused.
    Unknown,
}

/// Records that the till must have at hand before it can judge an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// The sale that has this id.
    pub sale: Option<SaleId>,
    /// The sale that has an attempt with this order reference.
    pub order: Option<OrderRef>,
    /// The receipt with this key.
    pub receipt: Option<ReceiptKey>,
}

/// What the store found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The sale, by id or by order.
    pub sale: Option<Sale>,
    /// The receipt.
    pub receipt: Option<Receipt>,
}
