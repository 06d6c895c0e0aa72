//! All payment links of the sandbox's one channel, and the bank behind them. It must not know HTTP or faults.

use std::collections::BTreeMap;

use super::answer::Refusal;
use super::order::{Cancelled, Order, OrderCode, Reference, Status, Transfer};
use super::request::CreateRequest;
use crate::clock::Moment;
use crate::sandbox::{made_up_hex, made_up_mark};
use crate::vietqr::{self, BankAccount};

/// The links by the shop's numbers.
#[derive(Debug, Default)]
pub(crate) struct Book {
    orders: BTreeMap<OrderCode, Order>,
    transfers_made: u64,
}

impl Book {
    /// Makes a link; a number that was ever used is refused (providers.md §1.10: assume no reuse).
    pub(crate) fn create(&mut self, request: CreateRequest, now: Moment) -> Result<Order, Refusal> {
        if self.orders.contains_key(&request.order) {
            return Err(Refusal::duplicate());
        }
        let order = new_order(request, now);
        self.orders.insert(order.code, order.clone());
        Ok(order)
    }

    /// Finds a link as `{id}` of a path names it: payOS's id or the shop's number.
    pub(crate) fn find(&mut self, id: &str, now: Moment) -> Option<&mut Order> {
        let by_link = self.orders.values().find(|order| order.link_id == id).map(|order| order.code);
        let code = by_link.or_else(|| id.parse::<u64>().ok().map(OrderCode::from))?;
        self.by_code(code, now)
    }

    pub(crate) fn by_code(&mut self, code: OrderCode, now: Moment) -> Option<&mut Order> {
        let order = self.orders.get_mut(&code)?;
        order.grow_older(now);
        Some(order)
    }

    pub(crate) fn cancel(&mut self, id: &str, reason: Option<String>, now: Moment) -> Result<Order, Refusal> {
        let order = self.find(id, now).ok_or_else(Refusal::not_found)?;
        match order.cancel(reason, now) {
            Cancelled::Yes => Ok(order.clone()),
            Cancelled::Refused => Err(Refusal::has_ended()),
        }
    }

    /// Books a transfer; `None` when there is no such order.
    pub(crate) fn receive(&mut self, code: OrderCode, amount: u64, now: Moment) -> Option<Reference> {
        let number = self.transfers_made.saturating_add(1);
        let order = self.by_code(code, now)?;
        let reference = Reference::new(format!("FT{}{number:09}", now.as_bank_day()));
        order.receive(Transfer { reference: reference.clone(), amount, at: now });
        self.transfers_made = number;
        Some(reference)
    }

    /// The order whose account and transfer text a code carries.
    pub(crate) fn by_scan(&self, scanned: &vietqr::Scanned, account: &BankAccount) -> Option<OrderCode> {
        if scanned.bin != account.bin || scanned.account != account.number {
            return None;
        }
        let purpose = scanned.purpose.as_deref()?;
        self.orders.values().find(|order| vietqr::fold(&order.bank_description) == purpose).map(|order| order.code)
    }

    pub(crate) fn by_reference(&self, reference: &Reference) -> Option<(&Order, &Transfer)> {
        self.orders
            .values()
            .find_map(|order| order.transfers.iter().find(|t| t.reference == *reference).map(|t| (order, t)))
    }

    /// Copies of all links in the order of their numbers.
    pub(crate) fn all(&mut self, now: Moment) -> Vec<Order> {
        self.orders.values_mut().for_each(|order| order.grow_older(now));
        self.orders.values().cloned().collect()
    }
}

/// Somebody else's link for the same money: what a mixed-up answer would be about.
pub(crate) fn stranger_of(order: &Order) -> Order {
    let request = CreateRequest {
        order: order.code.value().saturating_add(1).into(),
        amount: order.amount,
        description: order.description.clone(),
        expires_at: order.expires_at,
    };
    Order { status: order.status, transfers: order.transfers.clone(), ..new_order(request, order.created_at) }
}

fn new_order(request: CreateRequest, now: Moment) -> Order {
    Order {
        code: request.order,
        link_id: made_up_hex(),
        amount: request.amount,
        // payOS's own mark before the description, e.g. `CS62H9BJD45`.
        bank_description: format!("CS{} {}", made_up_mark(9), request.description),
        description: request.description,
        status: Status::Pending,
        created_at: now,
        expires_at: request.expires_at,
        cancelled_at: None,
        cancellation_reason: None,
        transfers: Vec::new(),
    }
}
