//! An order as a provider is asked for it and about it. It must not know the sale behind it.

use std::time::Duration;

use crate::ids::OrderRef;
use crate::money::Amount;

/// The provider's own id of an order, e.g. payOS's `paymentLinkId`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(pub String);

/// The provider's id of one transfer within an order, e.g. payOS's `reference`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferRef(pub String);

impl ProviderId {
    /// Returns the reference of the provisional payment of this order (contract §3).
    pub fn provisional(&self) -> TransferRef {
        TransferRef(format!("total:{}", self.0))
    }
}

/// Who pays, as far as the caller says (contract §4). Bounded where it comes in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Customer {
    /// The person's name.
    pub name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Where the person or the company is.
    pub address: Option<String>,
    /// The number of an identity document.
    pub document: Option<String>,
    /// The company's tax code.
    pub tax_code: Option<String>,
    /// The company.
    pub company: Option<String>,
}

/// One line of what is bought; quantity times price of all lines is the order's amount.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// What it is.
    pub name: String,
    /// How many; at least one.
    pub quantity: u64,
    /// The price of one, in minor units.
    pub price: u64,
    /// What it is counted in.
    pub unit: Option<String>,
    /// The rate of tax in per cent; -1 and -2 are "not taxed" and "not declared" (providers.md §1.2).
    pub tax: Option<i8>,
}

/// An order to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Making {
    /// The reference that the provider will know it by.
    pub order: OrderRef,
    /// How much.
    pub amount: Amount,
    /// How long the order is to live at least.
    pub expire: Duration,
    /// Who pays.
    pub customer: Customer,
    /// What is bought; may be empty.
    pub items: Vec<Item>,
    /// Which of the provider's steps is next.
    pub step: MakeStep,
}

/// How far the making of an order has come, where a provider wants it made in two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MakeStep {
    /// Nothing has been made.
    Create,
    /// It has been opened under this id and must be started.
    Start(ProviderId),
}

/// An order that the provider may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownOrder {
    /// Its reference.
    pub order: OrderRef,
    /// The provider's id, when known.
    pub provider_id: Option<ProviderId>,
    /// The amount that it was to be made for, for checking the answer.
    pub amount: Amount,
}

/// What a provider is asked about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How does it stand?
    Status,
    /// Cancel it.
    Cancel(CancelReason),
    /// Go on: the till wants it paid.
    Confirm,
}

/// Why an order is cancelled at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// The cashier cancelled.
    ByCashier,
    /// The time was over.
    Expired,
    /// Another order of the sale took its place, or its answer could not be used.
    Abandoned,
}
