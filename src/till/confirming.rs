//! An order that the provider makes in steps of its own before there is a code: opened, started, confirmed, then something
//! for the customer to scan (Smart Glocal). The till confirms an order once, and only while its sale waits for that.

use till_wire::{Amount, OrderRef, SaleId};

use super::Till;
use super::event::{Action, ConfirmAnswer, MakeStep, Notice, Report, ReportStanding};
use super::mutant::Mutant;
use super::payment::ProviderId;
use super::rules::{PREPARING_POLL, back_off};
use super::sale::{
    CancelReason, Confirmation, Ending, Failure, FailureCode, Patience, Payee, RequestStep, Sale, State,
};
use super::step::{Effect, Step};
use super::time::{Now, Tick};

/// How long to wait before a confirmation that certainly was not heard is sent again.
const FIRST_AGAIN: u32 = 1;

impl Till {
    /// The order has an id at the provider; it must be started before anything comes of it.
    pub(super) fn opened(&mut self, mut sale: Sale, provider_id: ProviderId, now: Now, step: &mut Step) {
        let order = sale.order();
        if let Some(attempt) = sale.attempt_mut(order).filter(|attempt| attempt.provider_id.is_none()) {
            // What has been tried so far was the opening.
            attempt.tries = 0;
        }
        self.name_order(&mut sale, order, &provider_id, now, step);
        let patience = self.patience_with_provider(&sale, now);
        sale.state = State::Requesting { patience, step: RequestStep::Start(now.tick) };
        self.changed(sale, now, step);
    }

    /// Sends the request that starts an opened order.
    pub(super) fn start_order(&mut self, mut sale: Sale, patience: Patience, now: Now, step: &mut Step) {
        let order = sale.order();
        let Some(provider_id) = sale.attempt(order).and_then(|attempt| attempt.provider_id.clone()) else {
            // What has no id was never opened.
            sale.state = State::Requesting { patience, step: RequestStep::Create(now.tick) };
            return self.saved(sale, now, step);
        };
        sale.count_try();
        sale.state = State::Requesting { patience, step: RequestStep::Starting };
        step.effects.push(Effect::Create(sale.creating(order, MakeStep::Start(provider_id))));
        self.saved(sale, now, step);
    }

    /// The provider has taken the order up: its own steps are waited for.
    pub(super) fn started(&mut self, mut sale: Sale, provider_id: ProviderId, now: Now, step: &mut Step) {
        let order = sale.order();
        self.name_order(&mut sale, order, &provider_id, now, step);
        if sale.is_covered() {
            return self.end(sale, Ending::Paid, now, step);
        }
        self.await_steps(&mut sale, now);
        let early = sale.attempt(order).is_some_and(|attempt| attempt.confirmation == Confirmation::Early(provider_id));
        if early {
            self.confirm(&mut sale, order, now, step);
        }
        self.changed(sale, now, step);
    }

    /// The provider tells of an order whose answer was lost that it goes on all the same.
    pub(super) fn found_preparing(&mut self, mut sale: Sale, report: &Report, now: Now, step: &mut Step) {
        self.await_steps(&mut sale, now);
        let order = sale.order();
        self.follow_steps(sale, order, report, now, step);
    }

    /// Each step that the provider answers gives the next one its whole time.
    fn await_steps(&mut self, sale: &mut Sale, now: Now) {
        let patience = Patience::Provider(now.tick + self.rules.request);
        sale.state = State::Requesting { patience, step: RequestStep::Await(now.tick + PREPARING_POLL) };
    }

    /// Does what a report calls for while a sale waits for the provider's steps.
    pub(super) fn follow_steps(&mut self, mut sale: Sale, order: OrderRef, report: &Report, now: Now, step: &mut Step) {
        if report.amount != sale.amount && !sale.is_covered() {
            return self.refuse_payment(sale, now, step);
        }
        match &report.action {
            Some(action) => return self.act(sale, order, action.clone(), now, step),
            None if report.standing == ReportStanding::Ready => {
                let unasked = sale.attempt(order).is_some_and(|attempt| attempt.confirmation == Confirmation::Unasked);
                if unasked {
                    self.confirm(&mut sale, order, now, step);
                }
            }
            None => {}
        }
        self.follow(sale, order, report.standing, now, step);
    }

    /// A signed webhook says that the provider waits for the till's word.
    pub(super) fn on_ready(&mut self, notice: &Notice, amount: Option<Amount>, now: Now, step: &mut Step) {
        let Some((id, order)) = self.session(notice) else {
            // Payouts, unknown sessions, foreign references: never confirmed, never cancelled (design.md §4).
            return self.ready_early(notice, amount, now, step);
        };
        let Some(mut sale) = self.take(id) else { return };
        let agrees = notice.order == Some(order) && amount == Some(sale.amount) || Mutant::ConfirmsAnything.is_on();
        let awaited = sale.order() == order && sale.awaits_steps();
        let confirmation = sale.attempt(order).map(|attempt| attempt.confirmation.clone());
        match confirmation {
            Some(Confirmation::Unasked | Confirmation::Early(_)) if awaited && agrees => {
                self.confirm(&mut sale, order, now, step);
                self.saved(sale, now, step);
            }
            Some(Confirmation::Unasked | Confirmation::Early(_)) if awaited => {
                self.refuse_payment(sale, now, step);
            }
            Some(Confirmation::Unasked | Confirmation::Early(_)) => {
                sale.owe_cancel(order, CancelReason::Abandoned, now.tick);
                self.saved(sale, now, step);
            }
            Some(Confirmation::Sent) if awaited && agrees && Mutant::ConfirmsTwice.is_on() => {
                self.confirm(&mut sale, order, now, step);
                self.saved(sale, now, step);
            }
            // It was confirmed: nothing more is said, whatever comes.
            Some(Confirmation::Due(_) | Confirmation::Sending | Confirmation::Sent) | None => self.unchanged(sale),
        }
    }

    /// The order that is ours by its id is to be another payment: nothing of it is confirmed or shown (promise P4).
    pub(super) fn refuse_payment(&mut self, sale: Sale, now: Now, step: &mut Step) {
        let message = "the provider prepares another payment than the one that was asked for";
        self.end(sale, Ending::Failed(Failure::new(FailureCode::ProviderInvalid, message)), now, step);
    }

    /// The webhook has overtaken the answer that names the order: it is kept until that answer comes.
    fn ready_early(&mut self, notice: &Notice, amount: Option<Amount>, now: Now, step: &mut Step) {
        let sale = notice.order.and_then(|order| Some((self.take(self.sale_of_order(order)?)?, order)));
        let Some((mut sale, order)) = sale else { return };
        let ours = sale.channel == notice.channel && sale.order() == order && amount == Some(sale.amount);
        let creating = matches!(sale.state, State::Requesting { .. });
        let unnamed = sale.attempt_mut(order).filter(|attempt| attempt.provider_id.is_none());
        match unnamed {
            Some(attempt) if ours && creating => attempt.confirmation = Confirmation::Early(notice.provider_id.clone()),
            Some(_) | None => return self.unchanged(sale),
        }
        self.saved(sale, now, step);
    }

    /// Gives the till's word. It is on disk before it is sent, and never given again once it may have been heard.
    ///
    /// A sale whose time is over, which was not noticed because the disk was slow, ends with this very event.
    fn confirm(&mut self, sale: &mut Sale, order: OrderRef, now: Now, step: &mut Step) {
        if sale.waits_until().is_some_and(|until| until <= now.tick) {
            return;
        }
        if let Some(attempt) = sale.attempt_mut(order) {
            attempt.confirmation = Confirmation::Sending;
        }
        step.effects.push(Effect::Confirm(sale.at(order)));
    }

    pub(super) fn on_confirm_answered(
        &mut self,
        id: SaleId,
        order: OrderRef,
        answer: ConfirmAnswer,
        now: Now,
        step: &mut Step,
    ) {
        let Some(mut sale) = self.take(id) else { return };
        let waiting = sale.order() == order && sale.awaits_steps();
        match answer {
            ConfirmAnswer::NotHeard { after } if waiting => {
                let again = now.tick + back_off(FIRST_AGAIN, after);
                sale.set_confirmation(order, Confirmation::Due(again));
                self.saved(sale, now, step);
            }
            ConfirmAnswer::NotHeard { .. } if sale.is_confirming(order) => {
                // The sale has ended meanwhile: its cancellation is owed.
                sale.set_confirmation(order, Confirmation::Unasked);
                self.saved(sale, now, step);
            }
            // What came after the word has overtaken this answer: the order needs no word any more.
            ConfirmAnswer::NotHeard { .. } => self.unchanged(sale),
            ConfirmAnswer::Heard(report) => {
                sale.set_confirmation(order, Confirmation::Sent);
                let ours = self.count_report(&mut sale, order, &report, now, step);
                if !waiting || !ours {
                    return self.after_report(sale, now, step);
                }
                self.renew_patience(&mut sale, now);
                self.follow_steps(sale, order, &report, now, step);
            }
            // Perhaps it was heard, perhaps it was refused because it had been heard: the status tells.
            ConfirmAnswer::Unknown => {
                sale.set_confirmation(order, Confirmation::Sent);
                self.ask_now(&mut sale, order, now, step);
                self.saved(sale, now, step);
            }
        }
    }

    fn renew_patience(&mut self, sale: &mut Sale, now: Now) {
        let request = self.rules.request;
        if let State::Requesting { patience, .. } = &mut sale.state {
            *patience = Patience::Provider(now.tick + request);
        }
    }

    /// Sends confirmations that are due; those of a sale that waits no more are forgotten.
    pub(super) fn confirmations_due(&mut self, id: SaleId, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else { return };
        let due = |attempt: &&super::sale::Attempt| attempt.confirmation.due().is_some_and(|due| due <= now.tick);
        let Some(order) = sale.attempts.iter().find(due).map(|attempt| attempt.order) else { return };
        if sale.order() == order && sale.awaits_steps() {
            self.confirm(&mut sale, order, now, step);
        } else {
            sale.set_confirmation(order, Confirmation::Unasked);
        }
        self.saved(sale, now, step);
    }

    /// A signed webhook says what the customer is to do.
    pub(super) fn on_action(
        &mut self,
        notice: &Notice,
        amount: Option<Amount>,
        action: Action,
        now: Now,
        step: &mut Step,
    ) {
        let Some((id, order)) = self.session(notice).filter(|(_, order)| notice.order == Some(*order)) else { return };
        let Some(mut sale) = self.take(id) else { return };
        if sale.order() == order && sale.awaits_steps() {
            if amount.is_some_and(|amount| amount != sale.amount) {
                return self.refuse_payment(sale, now, step);
            }
            return self.act(sale, order, action, now, step);
        }
        if sale.ending().is_some() && !sale.is_covered() {
            sale.owe_cancel(order, CancelReason::Abandoned, now.tick);
            return self.saved(sale, now, step);
        }
        self.unchanged(sale);
    }

    /// Shows what the customer is to scan, or gives up on what no code can bring about.
    fn act(&mut self, mut sale: Sale, order: OrderRef, action: Action, now: Now, step: &mut Step) {
        // Whoever has got as far as this was confirmed, or needed no confirmation: a late wish for one does nothing.
        sale.set_confirmation(order, Confirmation::Sent);
        if sale.is_covered() {
            return self.end(sale, Ending::Paid, now, step);
        }
        match action {
            Action::Scan(text) => self.draw_code(sale, Some(text), Payee::default(), now, step),
            Action::Unsupported(message) => {
                self.end(sale, Ending::Failed(Failure::new(FailureCode::UnsupportedAction, message)), now, step);
            }
        }
    }

    /// Money of an order went back.
    pub(super) fn on_refunds(
        &mut self,
        notice: &Notice,
        refunds: &[till_wire::provider::Refund],
        now: Now,
        step: &mut Step,
    ) {
        let Some((id, _)) = self.session(notice) else { return };
        let Some(mut sale) = self.take(id) else { return };
        let before = (sale.refunds.len(), sale.marks);
        for refund in refunds {
            sale.take_back(&notice.provider_id, refund, now.wall);
        }
        if before == (sale.refunds.len(), sale.marks) {
            return self.unchanged(sale);
        }
        self.changed(sale, now, step);
    }

    /// Finds the order of ours that the provider knows under a webhook's id, whatever reference the webhook names.
    pub(super) fn session(&self, notice: &Notice) -> Option<(SaleId, OrderRef)> {
        let of_channel = self.sales.values().filter(|sale| sale.channel == notice.channel);
        let mut known = of_channel.flat_map(|sale| sale.attempts.iter().map(|attempt| (sale.id, attempt)));
        let found = known.find(|(_, attempt)| attempt.provider_id.as_ref() == Some(&notice.provider_id));
        found.map(|(id, attempt)| (id, attempt.order))
    }
}

impl Confirmation {
    /// Returns when something is to be done about it, if ever.
    pub(super) fn due(&self) -> Option<Tick> {
        match self {
            Self::Due(at) => Some(*at),
            Self::Unasked | Self::Early(_) | Self::Sending | Self::Sent => None,
        }
    }
}

impl Sale {
    /// When a requesting sale has waited long enough.
    fn waits_until(&self) -> Option<Tick> {
        match self.state {
            State::Requesting { patience: Patience::Provider(until) | Patience::Network(until), .. } => Some(until),
            State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => None,
        }
    }

    /// Tells whether the sale waits for steps of the provider's own, before there is a code.
    pub(super) fn awaits_steps(&self) -> bool {
        match &self.state {
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

    fn is_confirming(&self, order: OrderRef) -> bool {
        self.attempt(order).is_some_and(|attempt| attempt.confirmation == Confirmation::Sending)
    }

    fn set_confirmation(&mut self, order: OrderRef, confirmation: Confirmation) {
        if let Some(attempt) = self.attempt_mut(order) {
            attempt.confirmation = confirmation;
        }
    }
}
