//! The promises about the steps of an order: started once, confirmed once and only when it is wanted, cancelled when it is
//! ours, its refunds recorded once.

use std::collections::{BTreeMap, BTreeSet};

use till_wire::{OrderRef, SaleId};
use tilld::till::{
    ConfirmAnswer, Confirmation, CreateAnswer, CreateOrder, Event, MakeStep, Notice, OrderAt, ProviderId,
    ReportStanding, RequestStep, Said, Sale, State, StatusAnswer,
};

use crate::plan::{BrokerFate, Kind};
use crate::world::{Verdict, World, broken};

/// How often an order may be cancelled again although its provider has no cancel and the terminal has heard so: the sale
/// may have given it up before another of its orders was paid.
const AGAIN: u32 = 3;

/// What the till knows of the steps that it has taken.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// Sessions whose starting request may have been heard, and no status has denied it since.
    started: BTreeSet<ProviderId>,
    /// Sessions whose confirmation may have been heard.
    confirmed: BTreeSet<ProviderId>,
    /// Orders that an answer has told the till to be over.
    over: BTreeSet<ProviderId>,
    /// How often the cancellation of an order has been settled whose provider has no cancel.
    settled: BTreeMap<ProviderId, u32>,
}

impl Steps {
    pub(crate) fn confirmations(&self) -> usize {
        self.confirmed.len()
    }
}

impl World {
    /// The provider's id of an order, as the disk has it.
    fn id_of(&self, sale: SaleId, order: OrderRef) -> Option<ProviderId> {
        self.disk.sales.get(&sale)?.attempt(order)?.provider_id.clone()
    }

    /// Whether an answer has told the till that the order whose code would be shown is over.
    pub(crate) fn is_known_to_be_over(&self, sale: &Sale) -> bool {
        let newest = sale.attempt(sale.order()).and_then(|attempt| attempt.provider_id.as_ref());
        newest.is_some_and(|id| self.facts.steps.over.contains(id))
    }

    /// An answer is about to reach the till: what it denies may be done again.
    pub(crate) fn hear_of_steps(&mut self, event: &Event) {
        if let Event::OrderAnswered { sale, order, answer: CreateAnswer::NotReached | CreateAnswer::Later { .. } } =
            event
        {
            if let Some(id) = self.id_of(*sale, *order) {
                self.facts.steps.started.remove(&id);
            }
        }
        if let Event::ConfirmAnswered { sale, order, answer: ConfirmAnswer::NotHeard { .. } } = event {
            if let Some(id) = self.id_of(*sale, *order) {
                self.facts.steps.confirmed.remove(&id);
            }
        }
        if let Event::StatusAnswered { answer: StatusAnswer::Known(report), .. } = event {
            if report.standing == ReportStanding::Unstarted {
                self.facts.steps.started.remove(&report.provider_id);
            }
        }
    }

    /// An answer has reached the till, and what came of it is on disk.
    pub(crate) fn learn_from(&mut self, event: &Event) {
        let (Event::StatusAnswered { sale, order, answer: StatusAnswer::Known(report), .. }
        | Event::CancelAnswered { sale, order, answer: StatusAnswer::Known(report) }) = event
        else {
            return;
        };
        if report.standing.is_open() || report.standing == ReportStanding::Paid {
            return;
        }
        self.facts.steps.over.insert(report.provider_id.clone());
        let settled = |sale: &Sale| {
            // Elsewhere each wish for a confirmation that comes again is answered with a cancellation.
            let absent = Kind::of(&sale.channel) == Kind::Finan;
            absent && sale.attempt(*order).is_some_and(|attempt| attempt.debt.is_none())
        };
        if self.disk.sales.get(sale).is_some_and(settled) && matches!(event, Event::CancelAnswered { .. }) {
            *self.facts.steps.settled.entry(report.provider_id.clone()).or_default() += 1;
        }
    }

    /// A session is started under the id that is on disk, and not again while it may have been started.
    pub(crate) fn judge_start(&mut self, create: &CreateOrder) -> Verdict {
        let id = match &create.making.step {
            MakeStep::Start(id) => id,
            MakeStep::Create => return self.judge_another(create),
        };
        if self.id_of(create.sale, create.making.order).as_ref() != Some(id) {
            return broken("P5", format!("{} is started, the disk does not have it", id.0));
        }
        if !self.facts.steps.started.insert(id.clone()) {
            return broken("P5", format!("{} is started again although it may have been", id.0));
        }
        Ok(())
    }

    /// A session that goes on is not given up for another one.
    fn judge_another(&self, create: &CreateOrder) -> Verdict {
        let attempts = self.disk.sales.get(&create.sale).into_iter().flat_map(|sale| &sale.attempts);
        let others = attempts.filter(|attempt| attempt.order != create.making.order);
        let mut known = others.filter_map(|attempt| self.provider.orders.get(attempt.provider_id.as_ref()?));
        match known.find(|order| order.kind == Kind::Glocal && order.standing.is_open()) {
            Some(order) => broken("P5", format!("{} is given up for {}", order.id.0, create.making.order)),
            None => Ok(()),
        }
    }

    /// The till gives its word: once, for its own payment, while the sale waits for it, and the disk knows.
    pub(crate) fn judge_confirm(&mut self, at: &OrderAt) -> Verdict {
        let order = at.known.order;
        let Some(id) = at.known.provider_id.clone() else {
            return broken("P4", format!("{order} is confirmed without a session"));
        };
        let sale = self.disk.sales.get(&at.sale);
        let Some((sale, attempt)) = sale.and_then(|sale| Some((sale, sale.attempt(order)?))) else {
            return broken("P2", format!("{} is confirmed, the disk does not have it", id.0));
        };
        if attempt.provider_id.as_ref() != Some(&id) || attempt.confirmation != Confirmation::Sending {
            return broken("P2", format!("the disk does not know that {} is confirmed: {attempt:?}", id.0));
        }
        if sale.order() != order || !waits(sale) {
            return broken("P5", format!("{} is confirmed for a sale that is {:?}", id.0, sale.state));
        }
        let session = self.provider.orders.get(&id).filter(|session| !session.foreign);
        if session.is_none_or(|session| session.reference != order || !session.steps.was_ready) {
            return broken("P4", format!("{} is confirmed, which does not wait for this terminal", id.0));
        }
        let agrees = |amount| amount == sale.amount.value() && at.known.amount == sale.amount;
        if session.is_none_or(|session| session.steps.trick.disagrees() || !agrees(session.amount)) {
            return broken("P4", format!("another payment is confirmed with {}", id.0));
        }
        if !self.facts.steps.confirmed.insert(id.clone()) {
            return broken("P5", format!("{} is confirmed twice", id.0));
        }
        Ok(())
    }

    /// Only orders of the sale are cancelled, and not for ever.
    pub(crate) fn judge_cancel(&mut self, at: &OrderAt) -> Verdict {
        let Some(id) = at.known.provider_id.clone() else { return Ok(()) };
        if self.id_of(at.sale, at.known.order).as_ref() != Some(&id) {
            return broken("P5", format!("{} is cancelled, which is no order of {}", id.0, at.sale));
        }
        if Kind::of(&at.channel) == Kind::Glocal && self.provider.orders.get(&id).is_none_or(|known| known.foreign) {
            return broken("P4", format!("{} is cancelled, which is a stranger's", id.0));
        }
        let sale = self.disk.sales.get(&at.sale).filter(|sale| sale.order() == at.known.order);
        if sale.is_some_and(|sale| {
            sale.is_busy() && sale.offline.is_none() && !matches!(sale.state, State::Closing { .. })
        }) {
            return broken("P5", format!("{} is cancelled while it is to be paid", id.0));
        }
        if self.facts.steps.settled.get(&id).is_some_and(|times| *times > AGAIN) {
            return broken("P9", format!("{} is cancelled again and again", id.0));
        }
        Ok(())
    }

    /// Every refund is real, of an order of this sale, and recorded once.
    pub(crate) fn judge_refunds(&self, id: SaleId) -> Verdict {
        let Some(sale) = self.disk.sales.get(&id) else { return Ok(()) };
        let mut names = BTreeSet::new();
        for refund in &sale.refunds {
            let name = format!("{} {}", refund.provider_id.0, refund.reference.0);
            let is_it = |real: &&crate::provider::RealRefund| {
                real.id == refund.provider_id && real.refund.reference == refund.reference
            };
            let real = self.provider.refunds.iter().find(is_it);
            let ours = sale.attempts.iter().any(|attempt| attempt.provider_id.as_ref() == Some(&refund.provider_id));
            if !ours || real.is_none_or(|real| real.refund.amount != refund.amount) {
                return broken("P4", format!("{id} records the refund {name}, which is not its own"));
            }
            if !names.insert(name.clone()) {
                return broken("P3", format!("{id} records the refund {name} twice"));
            }
        }
        Ok(())
    }

    /// Whether the sale with this order has this refund.
    fn has_refund(&self, id: &ProviderId, reference: &tilld::till::TransferRef) -> Option<bool> {
        let of_order = |sale: &&Sale| sale.attempts.iter().any(|attempt| attempt.provider_id.as_ref() == Some(id));
        let sale = self.disk.sales.values().find(of_order)?;
        Some(sale.refunds.iter().any(|known| known.provider_id == *id && known.reference == *reference))
    }

    /// The broker is told that a webhook of refunds is safe: each is in the sale whose money went back.
    pub(crate) fn judge_acknowledged_refunds(&self, notice: &Notice) -> Verdict {
        let Said::Refunds(refunds) = &notice.said else { return Ok(()) };
        let id = &notice.provider_id;
        match refunds.iter().find(|refund| self.has_refund(id, &refund.reference) == Some(false)) {
            Some(refund) => broken("P2", format!("the refund {} was acknowledged and is nowhere", refund.reference.0)),
            None => Ok(()),
        }
    }

    /// Every refund that a replica of the bridge has taken is recorded, but those of sales that a store took with it.
    pub(crate) fn judge_all_refunds(&self) -> Verdict {
        let told = self.plan.broker == BrokerFate::Stays;
        let mut lost =
            self.provider.refunds.iter().filter(|real| told && real.taken && !self.is_of_lost_sale(&real.id));
        match lost.find(|real| self.has_refund(&real.id, &real.refund.reference) != Some(true)) {
            Some(real) => broken("P4", format!("the refund {} of {} is unknown", real.refund.reference.0, real.id.0)),
            None => Ok(()),
        }
    }

    /// No order of ours is left open where the provider cancels, and nothing was confirmed twice.
    pub(crate) fn judge_orders(&self) -> Verdict {
        for order in self.provider.orders.values().filter(|order| !order.foreign) {
            if order.steps.confirms > 1 {
                return broken("P5", format!("{} heard {} confirmations", order.id.0, order.steps.confirms));
            }
            let attempts = self.disk.sales.values().flat_map(|sale| &sale.attempts);
            let left = match order.kind {
                Kind::PayOs => order.standing == ReportStanding::Open,
                // It has no cancel: the order stays open, and its money is looked out for.
                Kind::Finan => false,
                // A session that was never started harms nobody, nor does one of which the terminal never heard the id,
                // unless its code was shown.
                Kind::Glocal => {
                    let known = attempts.clone().any(|attempt| attempt.provider_id.as_ref() == Some(&order.id));
                    let is_its = |text: &String| self.provider.behind(text).is_some_and(|known| known.id == order.id);
                    let shown = self.facts.shown.values().flatten().any(is_its);
                    order.standing.is_open() && order.standing != ReportStanding::Unstarted && (known || shown)
                }
            };
            if left && attempts.clone().any(|attempt| attempt.order == order.reference) {
                return broken("P5", format!("{} of {} was left open", order.id.0, order.reference));
            }
        }
        Ok(())
    }
}

/// Whether a sale waits for steps of the provider's own.
fn waits(sale: &Sale) -> bool {
    match &sale.state {
        State::Requesting { step, .. } => match step {
            RequestStep::Start(_) | RequestStep::Starting | RequestStep::Await(_) => true,
            RequestStep::Find(_) | RequestStep::Finding => true,
            RequestStep::Create(_) | RequestStep::Creating => false,
        },
        State::Drawing { .. }
        | State::Showing { .. }
        | State::LastQuestion { .. }
        | State::Cancelling { .. }
        | State::Offline { .. }
        | State::Closing { .. }
        | State::Ended(_) => false,
    }
}
