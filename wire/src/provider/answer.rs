//! What a provider's answers amount to, once they are believed: orders made, reports of how they stand, money. It must not
//! know what follows from that.

use super::order::{ProviderId, TransferRef};
use crate::money::Amount;
use crate::time::UnixTime;

/// A text to be drawn as a QR code, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeText {
    /// A VietQR, as the provider promises.
    VietQr(String),
    /// An address that the customer's telephone opens.
    Url(String),
}

/// The receiver that a code names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payee {
    /// The bank's number (BIN, six digits).
    pub bin: Option<String>,
    /// The account number.
    pub account: Option<String>,
    /// The account's name, as the provider tells it.
    pub name: Option<String>,
}

/// What came of a request to make an order, or to go on with it; verified, and about this order and amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// The order exists and can be paid.
    Payable {
        /// The provider's id of the order.
        provider_id: ProviderId,
        /// The text to be drawn, if any came.
        code: Option<CodeText>,
        /// Whom the provider says it pays.
        payee: Payee,
    },
    /// The order has an id and must be started before anything comes of it.
    Opened {
        /// The provider's id of the order.
        provider_id: ProviderId,
    },
    /// The order has been started; its code comes later, after the provider's own steps.
    Started {
        /// The provider's id of the order.
        provider_id: ProviderId,
    },
}

/// One transfer as a provider reports it, by either road.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Its id within the order.
    pub reference: TransferRef,
    /// How much came.
    pub amount: Amount,
    /// When it came, by the provider's word.
    pub transacted_at: Option<UnixTime>,
}

/// Money that went back, as a provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id within the order.
    pub reference: TransferRef,
    /// How much went back.
    pub amount: Amount,
    /// When it went, by the provider's word.
    pub refunded_at: Option<UnixTime>,
}

/// What the provider says of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its own id of the order.
    pub provider_id: ProviderId,
    /// The amount that it was made for.
    pub amount: Amount,
    /// What came in total.
    pub total: Amount,
    /// The transfers that it lists.
    pub transfers: Vec<Transfer>,
    /// The money that went back.
    pub refunds: Vec<Refund>,
    /// Where the order stands.
    pub standing: Standing,
    /// What the customer is to do now, where the provider says so only after its own steps.
    pub action: Option<Action>,
}

/// Where an order stands at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has been opened and not started: nothing can come of it by itself.
    Unstarted,
    /// It has been started, and the provider's own steps are under way: there is no code yet.
    Preparing,
    /// It waits for the till's confirmation, and says so beyond doubt.
    Ready,
    /// Money can still come the regular way.
    Open,
    /// It says that it is paid; only the amounts count.
    Paid,
    /// It was cancelled, or never had to be.
    Cancelled,
    /// Its time was over.
    Expired,
    /// It failed.
    Failed,
}

impl Standing {
    /// Tells whether something may still come of the order at the provider.
    pub fn is_open(self) -> bool {
        match self {
            Self::Unstarted | Self::Preparing | Self::Ready | Self::Open => true,
            Self::Paid | Self::Cancelled | Self::Expired | Self::Failed => false,
        }
    }
}

/// What a customer is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Scan this.
    Scan(CodeText),
    /// Something that no code on a counter's display can bring about, in one sentence.
    Unsupported(String),
}

/// A code for any amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCode {
    /// The text to be drawn, not yet checked.
    pub text: String,
    /// Whom the provider says it pays.
    pub payee: Payee,
}
