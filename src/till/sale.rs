//! A sale as the till keeps it: what was asked for, what has been tried, what has been paid and where it stands.

use std::time::Duration;

pub use till_wire::provider::{CancelReason, Customer, Item, Payee, Refusal, RefusalCause};
pub use till_wire::sale::{FailureCode, QrKind, WaitingFor};
use till_wire::{Amount, ChannelId, OrderRef, SaleId, UnixTime};

pub use super::attempts::{Attempt, Confirmation, Debt, Standing};
use super::mutant::Mutant;
use super::payment::{Payment, Refund};
use super::time::{BootId, Tick};

/// One sale, the unit that is stored and published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Its id, the order reference of its first attempt.
    pub id: SaleId,
    /// Grows with every change that others can see.
    pub revision: u64,
    /// What the counter wants.
    pub amount: Amount,
    /// The merchant account that is to receive the money.
    pub channel: ChannelId,
    /// The cash register's own order number.
    pub reference: Option<String>,
    /// The cashier's note.
    pub note: Option<String>,
    /// Who pays, for providers that want to know.
    pub customer: Customer,
    /// What is bought; may be empty.
    pub items: Vec<Item>,
    /// How long the code is shown.
    pub expire: Duration,
    /// When it was made, by the wall clock.
    pub created_at: UnixTime,
    /// When the code leaves the display, by the wall clock of the moment it was shown.
    pub expires_at: Option<UnixTime>,
    /// When it ended, by the wall clock.
    pub finished_at: Option<UnixTime>,
    /// Where it stands.
    pub state: State,
    /// Its orders at the provider, newest last; at least one, at most [`MAX_ATTEMPTS`].
    pub attempts: Vec<Attempt>,
    /// The code that was accepted for drawing.
    pub code: Option<Code>,
    /// Proven money, each payment once.
    pub payments: Vec<Payment>,
    /// Money that went back, each refund once; at most [`MAX_REFUNDS`].
    pub refunds: Vec<Refund>,
    /// The channel that reports the money of the code, when the code was made here.
    pub offline: Option<ChannelId>,
    /// Marks that no amount can tell.
    pub marks: Marks,
    /// Asks for money after the end, until a day has passed.
    pub watch: Option<Watch>,
    /// The boot in which the ticks of this record are counted.
    pub boot: BootId,
    /// The tick at which this record was last written (promise P10).
    pub written: Tick,
}

/// The most order references that one sale may use: its own and five more (contract §3).
pub const MAX_ATTEMPTS: usize = 6;

/// The most refunds that are kept of one sale; more need a person's look at the provider's own books.
pub const MAX_REFUNDS: usize = 64;

/// The flags of a sale that cannot be worked out from its amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Money came after the sale had ended.
    pub late: bool,
    /// A person must look.
    pub attention: bool,
}

/// Where a sale stands, with what only that state knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The provider is being asked for a code.
    Requesting {
        /// What is being waited for and until when.
        patience: Patience,
        /// What comes next.
        step: RequestStep,
    },
    /// The code is accepted and handed to the panel, which has not confirmed it yet.
    Drawing {
        /// The picture that carries the code.
        generation: Generation,
        /// When the panel counts as broken.
        until: Tick,
    },
    /// The code is on the display.
    Showing {
        /// When the code leaves the display.
        expires: Tick,
        /// When the provider is asked next.
        poll: Poll,
    },
    /// The code has left the display because its time is over; the provider is asked one last time.
    LastQuestion {
        /// The picture without the code.
        generation: Generation,
        /// When the answer is no longer waited for.
        until: Tick,
        /// The question whose answer ends the sale.
        ask: AskId,
    },
    /// The cashier has cancelled, the provider has not answered yet.
    Cancelling {
        /// The picture without the code.
        generation: Generation,
        /// When the answer is no longer waited for.
        until: Tick,
    },
    /// The code was made here, without the provider: its money is heard of later (contract §3, "Offline codes").
    Offline {
        /// Where the code is.
        stage: Stage,
        /// When its money is no longer waited for.
        until: Tick,
    },
    /// The end is decided; it is said once the panel has confirmed that the code is off (promise P6).
    Closing {
        /// What the sale ends as.
        ending: Ending,
        /// What others still see.
        seen_as: SeenAs,
        /// The picture without the code.
        generation: Generation,
        /// When the panel is no longer waited for.
        until: Tick,
    },
    /// The sale has ended.
    Ended(Ending),
}

/// Where a code is that was made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// On the display.
    Shown {
        /// When it leaves the display.
        expires: Tick,
    },
    /// On its way off the display.
    Leaving {
        /// The picture without the code.
        generation: Generation,
        /// When the panel is no longer waited for.
        gone: Tick,
    },
    /// Off the display.
    Away {
        /// When what remains of the time is written down next.
        note: Tick,
    },
}

/// How a sale ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Proven payments reach the amount.
    Paid,
    /// By the cashier, or by the provider (then with the failure).
    Cancelled(Option<Failure>),
    /// Its time was over here, or at the provider (then with the failure).
    Expired(Option<Failure>),
    /// It could not be done.
    Failed(Failure),
}

/// What others see of a sale that is closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenAs {
    /// `requesting`: the code may have reached the display unconfirmed.
    Requesting,
    /// `showing`.
    Showing,
    /// `cancelling`.
    Cancelling,
}

/// Why a sale ended unpaid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The contract's code.
    pub code: FailureCode,
    /// One sentence for the program that asked.
    pub message: String,
    /// What the provider does not accept, when it was the provider that said no.
    pub cause: RefusalCause,
    /// The provider's own code of its no, when it gave one.
    pub provider_code: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), cause: RefusalCause::Unsaid, provider_code: None }
    }

    /// A provider's no.
    pub(crate) fn refused(refusal: Refusal) -> Self {
        let Refusal { cause, code, reason } = refusal;
        Self { code: FailureCode::ProviderRefused, message: reason, cause, provider_code: code }
    }
}

/// What a requesting sale waits for, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// The provider can be reached; an answer is due until the tick.
    Provider(Tick),
    /// Nothing can be reached; the network is waited for until the tick.
    Network(Tick),
}

/// The next move of a requesting sale, always about its newest attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStep {
    /// The order is to be created at the tick.
    Create(Tick),
    /// The creating request is under way.
    Creating,
    /// The answer was lost: the provider is to be asked at the tick whether the order exists.
    Find(Tick),
    /// That question is under way.
    Finding,
    /// The opened order is to be started at the tick.
    Start(Tick),
    /// The starting request is under way.
    Starting,
    /// The provider's own steps are under way; how they go is asked at the tick.
    Await(Tick),
}

/// When the provider is asked about a showing sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// When the next question is due.
    pub next: Tick,
    /// When the question that is under way counts as lost.
    pub busy_until: Option<Tick>,
}

/// Looks for money after an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// When money is no longer looked for: a day after the sale ended.
    ///
    /// The end of the day and not its beginning, for after another boot the beginning may lie before its first tick.
    pub until: Tick,
    /// How many looks have been taken.
    pub looks: u8,
}

/// A code that has been checked and may be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What the QR says.
    pub text: String,
    /// What kind of text it is.
    pub kind: QrKind,
    /// Whom it pays, for the customer to compare.
    pub payee: Payee,
}

/// Counts the pictures in which a code appears or disappears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub u64);

/// Numbers the status questions of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AskId(pub u64);

impl Sale {
    /// Returns the sum of all proven payments.
    pub fn paid_amount(&self) -> u64 {
        self.payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.amount.value()))
    }

    /// Tells whether proven payments reach the amount.
    pub fn is_covered(&self) -> bool {
        let enough = if Mutant::IsPaidByAnyMoney.is_on() { 1 } else { self.amount.value() };
        self.paid_amount() >= enough
    }

    /// Tells whether the sale keeps the counter from starting another one.
    pub fn is_busy(&self) -> bool {
        match &self.state {
            State::Requesting { .. } | State::Drawing { .. } | State::Showing { .. } | State::LastQuestion { .. } => {
                true
            }
            State::Closing { seen_as, .. } => match seen_as {
                SeenAs::Requesting | SeenAs::Showing => true,
                SeenAs::Cancelling => false,
            },
            State::Cancelling { .. } | State::Offline { .. } | State::Ended(_) => false,
        }
    }

    /// Returns how the sale ended, if others may know it already.
    pub fn ending(&self) -> Option<&Ending> {
        match &self.state {
            State::Ended(ending) => Some(ending),
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. } => None,
        }
    }

    /// Tells whether this sale still has to do something by itself.
    pub fn is_alive(&self) -> bool {
        self.ending().is_none() || self.watch.is_some() || self.attempts.iter().any(|attempt| attempt.debt.is_some())
    }

    /// Returns the order whose code is or was to be shown: the newest attempt.
    ///
    /// A record without attempts cannot be made; should one be read, the sale's own id stands in.
    pub fn order(&self) -> OrderRef {
        self.attempts.last().map_or(self.id.order(), |attempt| attempt.order)
    }

    pub(crate) fn attempt_mut(&mut self, order: OrderRef) -> Option<&mut Attempt> {
        self.attempts.iter_mut().find(|attempt| attempt.order == order)
    }

    /// Returns the attempt with this order reference.
    pub fn attempt(&self, order: OrderRef) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.order == order)
    }

    /// Tells whether any request about this sale has left the terminal.
    pub(crate) fn was_sent(&self) -> bool {
        self.attempts.iter().any(|attempt| match attempt.standing {
            Standing::Unsent => false,
            Standing::Sending | Standing::Sent | Standing::Known | Standing::Foreign => true,
        })
    }
}
