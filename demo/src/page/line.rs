//! One line of the log: who told whom what. It must not hold secrets, nor words: those are the page's, in two languages.

use serde::Serialize;

use super::faults::Fault;
use crate::providers::ProviderName;

/// Who sends or gets something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Party {
    Till,
    Display,
    Phone,
    Payos,
    Finan,
    Glocal,
    Bridge,
    Fleet,
    You,
}

impl Party {
    /// The provider as a party.
    pub(super) fn of(provider: ProviderName) -> Self {
        match provider {
            ProviderName::Payos => Self::Payos,
            ProviderName::Finan => Self::Finan,
            ProviderName::SmartGlocal => Self::Glocal,
        }
    }
}

/// What was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum What {
    /// The till orders a code.
    Create { amount: Option<u64> },
    /// The till opens a session, for which there is no amount yet.
    Open,
    /// The till says what a session is for.
    Start { amount: Option<u64> },
    /// The till lets a session go on.
    Confirm,
    /// The till asks about an order.
    Ask,
    /// The till asks for the code of the shop's account.
    Account,
    /// The till cancels an order.
    Cancel,
    /// The phone reads the display.
    Scan { amount: Option<u64>, account: String },
    /// The phone reads the display, and opens the wallet's page that is in the code.
    ScanPage { amount: u64 },
    /// The phone finds no code on the display.
    ScanNothing,
    /// The customer's bank transfers.
    Transfer { amount: u64 },
    /// The customer's wallet cannot pay.
    Decline,
    /// The shop gives money back, in its console at the provider.
    Refund { amount: u64 },
    /// The provider tells the bridge of money; the status is missing when the bridge did not answer.
    Webhook { amount: u64, status: Option<u16> },
    /// The provider asks by the bridge whether to go on.
    Ready { status: Option<u16> },
    /// The provider tells the bridge what the customer has to open.
    Action { status: Option<u16> },
    /// The provider tells the bridge that the customer could not pay.
    Unpaid { status: Option<u16> },
    /// The provider tells the bridge of money that was given back.
    Refunded { amount: u64, status: Option<u16> },
    /// The bridge passes it on through the broker.
    Envelope,
    /// What the display shows for a sale now.
    Shows { state: String, amount: u64, paid: u64, waiting_for: Option<String>, late: bool },
    /// The till tells the fleet how a sale stands, and whether money was given back.
    Sale { state: String, refunded: bool },
    /// The till tells the fleet of money without a sale.
    Receipt { amount: u64 },
    /// The till tells the fleet how itself is.
    State { state: String },
    /// The till asks the bridges for what it may have missed.
    Replay,
    /// A switch of the page.
    Fault { fault: Fault, on: bool },
    /// The till shall sell over another provider from now on.
    Choose { provider: ProviderName },
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// Grows by one with every line.
    pub(super) number: u64,
    /// Milliseconds since 1970.
    pub(super) at_ms: i64,
    pub(super) from: Party,
    pub(super) to: Party,
    #[serde(flatten)]
    pub(super) what: What,
    /// The technical side, in few letters: a call, a topic, a number.
    pub(super) detail: String,
}
