//! What becomes of the orders that a sale has tried: sent or not, known or not, owed a cancellation. It must not know why.

use till_wire::OrderRef;

use super::event::MakeStep;
use super::payment::ProviderId;
use super::rules::WATCH;
use super::sale::{CancelReason, Debt, Sale, Standing};
use super::step::{CreateOrder, Making};
use super::time::Tick;

impl Sale {
    pub(super) fn last_standing(&mut self, standing: Standing) {
        self.set_standing(self.order(), standing);
    }

    /// Tells whether the newest order is known to have this id at the provider.
    pub(super) fn is_named(&self, id: &ProviderId) -> bool {
        self.attempts.last().and_then(|attempt| attempt.provider_id.as_ref()) == Some(id)
    }

    pub(super) fn set_standing(&mut self, order: OrderRef, standing: Standing) {
        if let Some(attempt) = self.attempt_mut(order) {
            attempt.standing = standing;
        }
    }

    pub(super) fn count_try(&mut self) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.tries = attempt.tries.saturating_add(1);
        }
    }

    /// The request that is under way may have been processed; an order that is known stays known.
    pub(super) fn may_be_processed(&mut self) {
        if let Some(attempt) = self.attempts.last_mut().filter(|attempt| attempt.provider_id.is_none()) {
            attempt.standing = Standing::Sent;
        }
    }

    /// Returns the next request for an order of this sale.
    pub(super) fn creating(&self, order: OrderRef, step: MakeStep) -> CreateOrder {
        let (amount, expire) = (self.amount, self.expire);
        let (customer, items) = (self.customer.clone(), self.items.clone());
        let making = Making { order, amount, expire, customer, items, step };
        CreateOrder { sale: self.id, channel: self.channel.clone(), making }
    }

    /// The request that is under way did not leave this terminal.
    pub(super) fn discount_try(&mut self) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.tries = attempt.tries.saturating_sub(1);
        }
    }

    /// The request that is under way has certainly not been processed.
    pub(super) fn not_processed(&mut self) {
        if let Some(attempt) = self.attempts.last_mut().filter(|attempt| attempt.standing == Standing::Sending) {
            attempt.standing = Standing::Unsent;
        }
    }

    /// Nothing of ours is at the provider under this order, so nothing is owed there.
    pub(super) fn forgive(&mut self, order: OrderRef, standing: Standing) {
        if let Some(attempt) = self.attempt_mut(order) {
            attempt.standing = standing;
            attempt.debt = None;
        }
    }

    /// Owes the provider a cancellation of this order, if it may exist and none is owed yet.
    pub(super) fn owe_cancel(&mut self, order: OrderRef, reason: CancelReason, next: Tick) {
        let until = self.watch.map_or(next + WATCH, |watch| watch.until);
        if let Some(attempt) = self.attempt_mut(order).filter(|attempt| attempt.may_exist()) {
            let debt = attempt.debt.get_or_insert(Debt { next, tries: 0, until, reason });
            debt.next = debt.next.min(next);
        }
    }
}
