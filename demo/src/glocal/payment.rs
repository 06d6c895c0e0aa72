//! The payment of a session, what the shop said about it, and what was given back. It must not know the session's
//! stages.

use serde_json::{Map, Value};

use super::interaction::Interaction;
use crate::clock::Moment;

/// What the shop asks for when it starts a payment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) reference: String,
    pub(crate) amount: u64,
    pub(crate) currency: String,
    /// `customer`, `payment_details`, `participant_details`, `payment_options` and `metadata`, as they came.
    pub(crate) said: Map<String, Value>,
}

/// A session's payment.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// Its id in webhooks and in `session/status`, e.g. `pm_12354`.
    pub id: String,
    /// Another id, which only the answer to the start has (design §4).
    pub id_in_start: String,
    /// The shop's number of the order (`customer.reference`).
    pub reference: String,
    /// As the shop sent it, in whatever unit.
    pub amount: u64,
    /// As the shop sent it.
    pub currency: String,
    /// When it was started, by the sandbox's clock.
    pub created_at: Moment,
    /// When it succeeded, failed or was cancelled.
    pub finished_at: Option<Moment>,
    /// What `actions.confirm` says: when Smart Glocal was ready, and later when the shop confirmed.
    pub confirm_at: Option<Moment>,
    /// What was given back, oldest first.
    pub refunds: Vec<Refund>,
    /// What the customer has to do, once that is known.
    pub interaction: Option<Interaction>,
    pub(crate) said: Map<String, Value>,
}

/// Money given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// E.g. `rf_203`.
    pub id: String,
    /// In the unit of the payment.
    pub amount: u64,
    /// Who wanted it.
    pub kind: Refunding,
    /// When, by the sandbox's clock.
    pub at: Moment,
}

/// Who wanted the money back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refunding {
    /// The shop.
    Refund,
    /// The customer, through his bank.
    Chargeback,
}

impl Payment {
    pub(crate) fn new(order: Order, ids: [String; 2], now: Moment) -> Self {
        let [id, id_in_start] = ids;
        Self {
            id,
            id_in_start,
            reference: order.reference,
            amount: order.amount,
            currency: order.currency,
            created_at: now,
            finished_at: None,
            confirm_at: None,
            refunds: Vec::new(),
            interaction: None,
            said: order.said,
        }
    }

    /// The sum of what was given back.
    pub fn refunded(&self) -> u64 {
        self.refunds.iter().fold(0, |sum, refund| sum.saturating_add(refund.amount))
    }
}
