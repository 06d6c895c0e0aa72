//! Money that arrives: counted once, for the right sale, or kept as a receipt (promises P1, P3, P4).

use till_wire::{OrderRef, ReceiptKey, SaleId};

use super::Till;
use super::event::{Delivery, Lookup, Notice, Report, ReportStanding, Said};
use super::mutant::Mutant;
use super::payment::{Payment, Pending, ProviderId, Transfer, Via};
use super::sale::{Attempt, Ending, Sale, Standing, State, Watch};
use super::step::{Effect, Step};
use super::time::Now;

/// The most unconfirmed webhooks kept for one order; further ones become receipts that need attention.
const MAX_PENDING: usize = 8;

/// Whose money a webhook is.
enum Owner {
    /// The order of a sale whose provider id is the webhook's.
    Order(SaleId, OrderRef),
    /// The order of a sale whose provider id is unknown yet.
    Unnamed(SaleId, OrderRef),
    /// A sale's whose code was made here.
    Purpose(SaleId),
    /// Nobody's, or somebody else's who uses our reference.
    Stranger { attention: bool },
}

impl Till {
    pub(super) fn lookup_notice(&self, notice: &Notice) -> Option<Lookup> {
        let order = notice.order.or(notice.purpose).filter(|order| self.sale_of_order(*order).is_none());
        let receipt = match &notice.said {
            Said::Transfer(transfer) => Some(notice.key(transfer)).filter(|key| !self.receipts.contains_key(key)),
            Said::NoPayment
            | Said::Ready(_)
            | Said::Action(_, _)
            | Said::Refunds(_)
            | Said::Hint
            | Said::Sample
            | Said::Nothing => None,
        };
        let wanted = order.is_some() || receipt.is_some();
        wanted.then_some(Lookup { sale: None, order, receipt })
    }

    pub(super) fn on_webhook(&mut self, delivery: Delivery, notice: Notice, now: Now, step: &mut Step) {
        match notice.said.clone() {
            Said::Transfer(transfer) => self.on_transfer(&notice, transfer, now, step),
            Said::NoPayment => match self.owner(&notice) {
                Owner::Order(id, order) | Owner::Unnamed(id, order) => self.suspect(id, order, now, step),
                Owner::Purpose(_) | Owner::Stranger { .. } => {}
            },
            Said::Ready(amount) => self.on_ready(&notice, amount, now, step),
            Said::Action(amount, action) => self.on_action(&notice, amount, action, now, step),
            Said::Refunds(refunds) => self.on_refunds(&notice, &refunds, now, step),
            Said::Hint => self.on_hint(&notice, now, step),
            Said::Sample | Said::Nothing => {}
        }
        if Mutant::TakesOneBridgeForAll.is_on() {
            self.stop_asking();
        }
        step.effects.push(Effect::Acknowledge(delivery));
    }

    fn on_transfer(&mut self, notice: &Notice, transfer: Transfer, now: Now, step: &mut Step) {
        if self.receipts.contains_key(&notice.key(&transfer)) && !Mutant::ReceivesTwice.is_on() {
            // It has been kept as a receipt: it is not counted again (promise P3).
            return;
        }
        if self.is_matched(notice, &transfer) && !Mutant::ReceivesWhatIsMatched.is_on() {
            // Its receipt was in a store that was lost, and the bridges tell everything again.
            return;
        }
        match self.owner(notice) {
            Owner::Order(id, order) => self.pay(id, order, transfer, now, step),
            Owner::Unnamed(id, order) => self.pend(id, order, notice, transfer, now, step),
            Owner::Purpose(id) => self.pay_by_purpose(id, notice, transfer, now, step),
            Owner::Stranger { attention } => self.receive(notice, transfer, now.wall, attention, now, step),
        }
    }

    /// Tells whether a sale that is remembered counts this very transfer by a supervisor's word.
    fn is_matched(&self, notice: &Notice, transfer: &Transfer) -> bool {
        let is_it = |payment: &Payment| {
            let by_hand = payment.via == Via::Match;
            by_hand && payment.provider_id == notice.provider_id && payment.reference == transfer.reference
        };
        self.sales.values().any(|sale| sale.payments.iter().any(is_it))
    }

    /// Something happened at the provider: it is asked what.
    fn on_hint(&mut self, notice: &Notice, now: Now, step: &mut Step) {
        let Some((id, order)) = self.session(notice) else { return };
        let Some(mut sale) = self.take(id) else { return };
        self.ask_now(&mut sale, order, now, step);
        self.unchanged(sale);
    }

    fn owner(&self, notice: &Notice) -> Owner {
        let Some(order) = notice.order else {
            // An order reference always wins over a purpose (contract §3).
            return self.owner_by_purpose(notice).map_or(Owner::Stranger { attention: false }, Owner::Purpose);
        };
        let sale = self.sale_of_order(order).and_then(|id| self.sales.get(&id));
        let Some(sale) = sale.filter(|sale| sale.channel == notice.channel) else {
            return Owner::Stranger { attention: order.terminal() != self.rules.terminal };
        };
        match sale.attempt(order) {
            Some(Attempt { standing: Standing::Foreign, .. }) | None => Owner::Stranger { attention: true },
            // What was never sent cannot have been made by us, and this sale makes nothing any more.
            Some(Attempt { standing: Standing::Unsent, .. }) if sale.ending().is_some() || sale.offline.is_some() => {
                Owner::Stranger { attention: true }
            }
            Some(Attempt { provider_id: Some(id), .. }) if *id == notice.provider_id => Owner::Order(sale.id, order),
            Some(Attempt { provider_id: Some(_), .. }) if Mutant::IgnoresTheProvidersId.is_on() => {
                Owner::Order(sale.id, order)
            }
            Some(Attempt { provider_id: Some(_), .. }) => Owner::Stranger { attention: true },
            Some(Attempt { provider_id: None, .. }) => Owner::Unnamed(sale.id, order),
        }
    }

    /// Returns the sale whose code, made here, was paid into the account that this channel reports.
    fn owner_by_purpose(&self, notice: &Notice) -> Option<SaleId> {
        let sale = self.sale_of_order(notice.purpose?).and_then(|id| self.sales.get(&id))?;
        let reported = sale.offline.as_ref() == Some(&notice.channel) && !Mutant::ForgetsThePurpose.is_on();
        reported.then_some(sale.id)
    }

    /// The payer's bank has passed the purpose on that the code had.
    fn pay_by_purpose(&mut self, id: SaleId, notice: &Notice, transfer: Transfer, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        if self.needs_double_proof(&sale) {
            // Made under another configuration; no provider's answer can stand behind a code that was made here.
            return self.receive(notice, transfer, now.wall, true, now, step);
        }
        sale.count(&notice.provider_id, &transfer, Via::Webhook, now.wall);
        self.after_report(sale, now, step);
    }

    /// A signed webhook that is no payment: a person must look, and the provider is asked.
    fn suspect(&mut self, id: SaleId, order: OrderRef, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        let known = std::mem::replace(&mut sale.marks.attention, true);
        self.ask_now(&mut sale, order, now, step);
        if known { self.unchanged(sale) } else { self.changed(sale, now, step) }
    }

    fn pay(&mut self, id: SaleId, order: OrderRef, transfer: Transfer, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        if self.needs_double_proof(&sale) {
            // Only the provider's own answer counts. Should it fail, the watch asks again for a day.
            self.ask_now(&mut sale, order, now, step);
            self.begin_checking(&sale, now);
            if sale.ending().is_some() && sale.watch.is_none() {
                sale.watch = Some(Watch::from(now.tick));
            }
            self.note_report(&sale, now, step);
            return self.saved(sale, now, step);
        }
        let provider_id = sale.attempt(order).and_then(|attempt| attempt.provider_id.clone());
        if let Some(provider_id) = provider_id {
            sale.count(&provider_id, &transfer, Via::Webhook, now.wall);
        }
        self.after_report(sale, now, step);
    }

    /// Keeps a webhook's money until the provider itself has named the order (contract §3).
    fn pend(&mut self, id: SaleId, order: OrderRef, notice: &Notice, transfer: Transfer, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        let pending = Pending {
            provider_id: notice.provider_id.clone(),
            transfer: transfer.clone(),
            note: notice.note.clone(),
            received_at: now.wall,
        };
        let full = match sale.attempt_mut(order) {
            Some(attempt) if attempt.pending.iter().any(|known| known.same_as(&pending)) => false,
            Some(_) if Mutant::ForgetsPendingMoney.is_on() => false,
            Some(attempt) if attempt.pending.len() < MAX_PENDING => {
                attempt.pending.push(pending);
                false
            }
            Some(_) | None => true,
        };
        if full {
            self.receive(notice, transfer, now.wall, true, now, step);
            return self.doubt(sale, order, now, step);
        }
        self.ask_now(&mut sale, order, now, step);
        if sale.ending().is_some() && sale.watch.is_none() {
            sale.watch = Some(Watch::from(now.tick));
        }
        self.note_report(&sale, now, step);
        self.saved(sale, now, step);
    }

    /// Nobody pays an order nine times before its code is shown: it is treated as somebody else's.
    fn doubt(&mut self, mut sale: Sale, order: OrderRef, now: Now, step: &mut Step) {
        if matches!(sale.state, State::Requesting { .. }) && sale.order() == order {
            return self.disown(sale, now, step);
        }
        sale.set_standing(order, Standing::Foreign);
        self.disclaim(&mut sale, order, now, step);
        self.saved(sale, now, step);
    }

    pub(super) fn needs_double_proof(&self, sale: &Sale) -> bool {
        let large = self.rules.double_proof_over.is_some_and(|over| sale.amount >= over);
        large && !Mutant::BelievesAWebhookAlone.is_on()
    }

    /// Counts what the provider itself says of an order (promise P8), and tells whether it spoke of ours.
    pub(super) fn count_report(
        &mut self,
        sale: &mut Sale,
        order: OrderRef,
        report: &Report,
        now: Now,
        step: &mut Step,
    ) -> bool {
        match sale.attempt(order) {
            Some(Attempt { standing: Standing::Foreign, .. }) | None => return false,
            // Until the first request is answered nobody knows whether the order is ours or was there before.
            Some(Attempt { standing: Standing::Unsent | Standing::Sending, provider_id: None, .. }) => return false,
            Some(Attempt { provider_id: Some(known), .. }) if *known != report.provider_id => {
                sale.marks.attention = true;
                return false;
            }
            Some(Attempt { provider_id: None, .. })
                if report.amount != sale.amount && !Mutant::TakesStrangersOrders.is_on() =>
            {
                sale.forgive(order, Standing::Foreign);
                self.disclaim(sale, order, now, step);
                return false;
            }
            Some(Attempt { provider_id: Some(_) | None, .. }) => {}
        }
        match report.standing {
            ReportStanding::Unstarted | ReportStanding::Preparing | ReportStanding::Ready | ReportStanding::Open => {}
            ReportStanding::Paid | ReportStanding::Cancelled | ReportStanding::Expired | ReportStanding::Failed => {
                sale.drop_debt(order);
            }
        }
        self.name_order(sale, order, &report.provider_id, now, step);
        for transfer in report.transfers.iter().filter(|transfer| !transfer.reference.0.is_empty()) {
            sale.count(&report.provider_id, transfer, Via::Poll, now.wall);
        }
        sale.count_total(&report.provider_id, report.total, now.wall);
        for refund in &report.refunds {
            sale.take_back(&report.provider_id, refund, now.wall);
        }
        true
    }

    /// The provider has named an order: money that waited for that is counted now, or is a receipt.
    pub(super) fn name_order(&mut self, sale: &mut Sale, order: OrderRef, id: &ProviderId, now: Now, step: &mut Step) {
        let double_proof = self.needs_double_proof(sale);
        let Some(attempt) = sale.attempt_mut(order).filter(|attempt| attempt.standing != Standing::Foreign) else {
            return;
        };
        attempt.provider_id = Some(id.clone());
        attempt.standing = Standing::Known;
        let pending = std::mem::take(&mut attempt.pending);
        let (ours, others): (Vec<Pending>, Vec<Pending>) =
            pending.into_iter().partition(|pending| pending.provider_id == *id);
        for pending in ours {
            if double_proof {
                self.ask_now(sale, order, now, step);
            } else {
                sale.count(id, &pending.transfer, Via::Webhook, pending.received_at);
            }
        }
        self.receive_pending(sale, others, now, step);
    }

    /// Draws the conclusion after something may have changed: paid, late, or only another revision.
    pub(super) fn after_report(&mut self, mut sale: Sale, now: Now, step: &mut Step) {
        let before = self.sales.get(&sale.id);
        let paid_before = before.map_or(0, Sale::paid_amount);
        // What was matched by hand has been shown when it came, as a receipt.
        let news = sale.proven_amount().saturating_sub(before.map_or(0, Sale::proven_amount));
        let same = before.is_some_and(|before| sale.looks_like(before));
        let more = sale.paid_amount() > paid_before;
        match sale.state.clone() {
            State::Ended(Ending::Paid) if more => {
                sale.marks.late = true;
                self.show_late(&sale, news);
            }
            State::Ended(_) if more => self.settle_late(&mut sale, news, now),
            State::Ended(_) => {}
            State::Closing { ending: Ending::Paid, .. } => {}
            State::Cancelling { .. } if !sale.is_covered() && sale.is_settled_at_provider() => {
                return self.close(sale, Ending::Cancelled(None), now, step);
            }
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. } => {
                if sale.is_covered() {
                    return self.end(sale, Ending::Paid, now, step);
                }
            }
        }
        if !same {
            self.changed(sale, now, step);
        } else if self.sales.get(&sale.id).is_some_and(|before| sale.is_recorded_by(before)) {
            // Most answers say what is known already, and flash wears out.
            self.unchanged(sale);
        } else {
            self.saved(sale, now, step);
        }
    }
}

impl Pending {
    fn same_as(&self, other: &Pending) -> bool {
        self.provider_id == other.provider_id && self.transfer.reference == other.transfer.reference
    }
}

impl Notice {
    pub(super) fn key(&self, transfer: &Transfer) -> ReceiptKey {
        ReceiptKey::of(&self.channel, &self.provider_id.0, &transfer.reference.0)
    }
}

impl Sale {
    /// Tells whether the money that came for this order alone pays the sale, so that the provider has closed it.
    pub(super) fn is_paid_by(&self, attempt: &Attempt) -> bool {
        let of_order = |payment: &&Payment| attempt.provider_id.as_ref() == Some(&payment.provider_id);
        let paid = self.payments.iter().filter(of_order);
        paid.fold(0u64, |sum, payment| sum.saturating_add(payment.amount.value())) >= self.amount.value()
    }

    /// Tells whether a record from before says all that must survive. A start asks at once, and cancels at once what is owed
    /// a cancellation; how often that was tried before bounds nothing but the tries of one start.
    pub(super) fn is_recorded_by(&self, before: &Sale) -> bool {
        let mut sale = self.clone();
        if let (State::Showing { poll, .. }, State::Showing { poll: known, .. }) = (&mut sale.state, &before.state) {
            *poll = *known;
        }
        if let (Some(watch), Some(known)) = (&mut sale.watch, before.watch) {
            watch.looks = known.looks;
        }
        for (attempt, known) in sale.attempts.iter_mut().zip(&before.attempts) {
            if let (Some(debt), Some(known)) = (&mut attempt.debt, known.debt) {
                (debt.next, debt.tries) = (known.next, known.tries);
            }
        }
        sale == *before
    }

    /// Tells whether others see no difference, the state aside.
    fn looks_like(&self, before: &Sale) -> bool {
        let id = |sale: &Sale| sale.attempts.last().and_then(|attempt| attempt.provider_id.clone());
        self.payments == before.payments
            && self.refunds == before.refunds
            && self.marks == before.marks
            && id(self) == id(before)
    }
}
