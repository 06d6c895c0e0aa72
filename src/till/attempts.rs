//! The orders that a sale has tried: sent or not, known or not, owed a cancellation. It must not know why.

use till_wire::OrderRef;

use super::event::MakeStep;
use super::mutant::Mutant;
use super::payment::{Pending, ProviderId};
use super::rules::WATCH;
use super::sale::{CancelReason, Sale};
use super::step::{CreateOrder, Making};
use super::time::Tick;

/// One order at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What the provider knows it by.
    pub order: OrderRef,
    /// The provider's own id, once known.
    pub provider_id: Option<ProviderId>,
    /// Whether the provider may know of it.
    pub standing: Standing,
    /// How many requests to make it or to find it have been sent.
    pub tries: u32,
    /// The cancellation that is owed to the provider.
    pub debt: Option<Debt>,
    /// Money that a signed webhook reported before the provider's id was known (contract §3).
    pub pending: Vec<Pending>,
    /// What has become of the confirmation, where the provider wants one.
    pub confirmation: Confirmation,
}

/// The word of the till that an order is to be paid, where a provider waits for it. It is given once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Confirmation {
    /// Nobody has asked for it.
    #[default]
    Unasked,
    /// A webhook asked for it under this id before the provider's answer told which id is ours.
    Early(ProviderId),
    /// It is to be sent at the tick.
    Due(Tick),
    /// It is under way.
    Sending,
    /// It may have been heard: it is never sent again.
    Sent,
}

/// Whether the provider may know of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No request has left this terminal, or none that could have been processed.
    Unsent,
    /// The first request that could be processed is under way.
    Sending,
    /// A request may have been processed; the order may exist.
    Sent,
    /// The provider confirmed the order as ours.
    Known,
    /// It existed before our first request: somebody else's.
    Foreign,
}

/// A cancellation that the provider has not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debt {
    /// When it is sent next; while it is under way, when it counts as lost.
    pub next: Tick,
    /// How often it has been sent.
    pub tries: u32,
    /// When it is given up.
    pub until: Tick,
    /// What the provider is told.
    pub reason: CancelReason,
}

impl Attempt {
    pub(crate) fn new(order: OrderRef) -> Self {
        Self {
            order,
            provider_id: None,
            standing: Standing::Unsent,
            tries: 0,
            debt: None,
            pending: Vec::new(),
            confirmation: Confirmation::Unasked,
        }
    }

    /// Tells whether the provider may have this order, so that money may come for it.
    pub fn may_exist(&self) -> bool {
        match self.standing {
            Standing::Sending | Standing::Sent | Standing::Known => true,
            Standing::Unsent | Standing::Foreign => false,
        }
    }
}

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
        if Mutant::CancelsNothing.is_on() {
            return;
        }
        let until = self.watch.map_or(next + WATCH, |watch| watch.until);
        if let Some(attempt) = self.attempt_mut(order).filter(|attempt| attempt.may_exist()) {
            let debt = attempt.debt.get_or_insert(Debt { next, tries: 0, until, reason });
            debt.next = debt.next.min(next);
        }
    }
}
