//! The sale and the receipt as everybody outside sees them (contract §3): what the API answers and the broker carries.
//! It must not know how a sale changes.

#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

use crate::envelope::MAX_MESSAGE;
use crate::ids::{ChannelId, OrderRef, ReceiptKey, SaleId};
use crate::money::Currency;
use crate::time::UnixTime;

pub use words::{FailureCode, Flag, QrKind, SaleState, Via, WaitingFor};

/// An amount that the counter wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Sale {
    /// Terminal number and sequence.
    pub id: SaleId,
    /// Grows with every change; consumers dedupe by (id, revision).
    pub revision: u64,
    /// Where the sale stands.
    pub state: SaleState,
    /// What is wanted, in minor units.
    pub amount: u64,
    /// The currency of every amount in this sale.
    pub currency: Currency,
    /// The sum of `payments`, in minor units.
    pub paid_amount: u64,
    /// The sum of `refunds`, in minor units.
    pub refunded_amount: u64,
    /// What else is to be known about it.
    pub flags: Vec<Flag>,
    /// The channel that takes its money.
    pub channel: ChannelId,
    /// The number of the order reference in use, from 1.
    pub attempt: u32,
    /// The order reference in use.
    pub order: OrderRef,
    /// The provider's id of that order, once known.
    #[cfg_attr(feature = "schema", schema(required))]
    pub provider_id: Option<String>,
    /// The cash register's own order number.
    #[cfg_attr(feature = "schema", schema(required))]
    pub reference: Option<String>,
    /// The cashier's note.
    #[cfg_attr(feature = "schema", schema(required))]
    pub note: Option<String>,
    /// The text of the code that is, or was, shown.
    #[cfg_attr(feature = "schema", schema(required))]
    pub qr: Option<String>,
    /// What kind of text `qr` is.
    #[cfg_attr(feature = "schema", schema(required))]
    pub qr_kind: Option<QrKind>,
    /// What a sale that is `requesting` waits for.
    #[cfg_attr(feature = "schema", schema(required))]
    pub waiting_for: Option<WaitingFor>,
    /// When it was made.
    pub created_at: UnixTime,
    /// When its code leaves the display; counts from `showing`.
    #[cfg_attr(feature = "schema", schema(required))]
    pub expires_at: Option<UnixTime>,
    /// When it ended.
    #[cfg_attr(feature = "schema", schema(required))]
    pub finished_at: Option<UnixTime>,
    /// Why it ended unpaid.
    #[cfg_attr(feature = "schema", schema(required))]
    pub failure: Option<Failure>,
    /// The money that was proven for it.
    pub payments: Vec<Payment>,
    /// The money that went back.
    pub refunds: Vec<Refund>,
}

impl Sale {
    /// Returns how many bytes a message of this takes.
    pub fn message_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

impl Receipt {
    /// Returns how many bytes a message of this takes.
    pub fn message_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

fn bytes_of(message: &impl Serialize) -> u64 {
    // What cannot be written is never sent; it counts as the largest that could be.
    let bytes = serde_json::to_vec(message).map_or(MAX_MESSAGE, |message| message.len());
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Why a sale ended unpaid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Failure {
    /// The reason for programs.
    pub code: FailureCode,
    /// The reason for people.
    pub message: String,
    /// The payment provider's own code, when it was the provider that said no and gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<String>,
}

/// Money that arrived for a sale. Counted once by (channel, `provider_id`, `provider_ref`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Payment {
    /// The provider's name of this transfer.
    pub provider_ref: String,
    /// The provider's id of the order it was for.
    pub provider_id: String,
    /// How much arrived, in minor units.
    pub amount: u64,
    /// When the bank says it was made.
    #[cfg_attr(feature = "schema", schema(required))]
    pub transacted_at: Option<UnixTime>,
    /// When the till first heard of it.
    pub received_at: UnixTime,
    /// By which road the till first heard of it.
    pub via: Via,
}

/// Money of a sale that the provider says went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Refund {
    /// The provider's name of this refund.
    pub provider_ref: String,
    /// The provider's id of the order it was for.
    pub provider_id: String,
    /// How much went back, in minor units.
    pub amount: u64,
    /// When the provider says it was made.
    #[cfg_attr(feature = "schema", schema(required))]
    pub transacted_at: Option<UnixTime>,
    /// When the till first heard of it.
    pub received_at: UnixTime,
}

/// Proven money that fits no sale of the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The digest of channel, `provider_id` and `provider_ref`.
    pub key: ReceiptKey,
    /// Grows with every change.
    pub revision: u64,
    /// The channel that took the money.
    pub channel: ChannelId,
    /// The provider's id of the order it was for.
    pub provider_id: String,
    /// The provider's name of this transfer.
    pub provider_ref: String,
    /// How much arrived, in minor units.
    pub amount: u64,
    /// Its currency.
    pub currency: Currency,
    /// When the bank says it was made.
    #[cfg_attr(feature = "schema", schema(required))]
    pub transacted_at: Option<UnixTime>,
    /// When the till first heard of it.
    pub received_at: UnixTime,
    /// What the payer wrote.
    #[cfg_attr(feature = "schema", schema(required))]
    pub note: Option<String>,
    /// What else is to be known about it.
    pub flags: Vec<Flag>,
    /// The sale to which a person matched it.
    #[cfg_attr(feature = "schema", schema(required))]
    pub sale: Option<SaleId>,
}
