//! From the wish for a code to the code on the display: creating orders, lost answers, foreign orders (promise P5).

use std::time::Duration;

use till_wire::{OrderRef, SaleId};

use super::event::{CodeText, CreateAnswer, Made, MakeStep, ReportStanding, StatusAnswer};
use super::mutant::Mutant;
use super::payment::ProviderId;
use super::rules::{CODE_ON, ChannelRules, Offline, PREPARING_POLL, back_off};
use super::sale::{
    Attempt, CancelReason, Ending, Failure, FailureCode, MAX_ATTEMPTS, Patience, Payee, RequestStep, Sale, Standing,
    State,
};
use super::step::{Effect, Step};
use super::time::{Now, Tick};
use super::{Till, code};

/// How often an unreachable network is tried again.
const NETWORK_RETRY: Duration = Duration::from_secs(2);
/// The most requests for one order that reach the provider without an answer, however often the network comes and goes.
const MAX_TRIES: u32 = 60;

impl Till {
    /// Does what is due for a requesting sale.
    pub(super) fn requesting_due(
        &mut self,
        mut sale: Sale,
        patience: Patience,
        next: RequestStep,
        now: Now,
        step: &mut Step,
    ) {
        match patience {
            Patience::Provider(until) if until <= now.tick && !Mutant::WaitsForEver.is_on() => {
                let failure =
                    Failure::new(FailureCode::ProviderUnreachable, "the provider gave no usable answer in time");
                return self.end(sale, Ending::Failed(failure), now, step);
            }
            Patience::Network(until) if until <= now.tick => {
                let failure =
                    self.offline_failure(FailureCode::WaitTimeout, "the network did not come back in time", now);
                return self.end(sale, Ending::Failed(failure), now, step);
            }
            Patience::Provider(_) | Patience::Network(_) => {}
        }
        let order = sale.order();
        match next {
            RequestStep::Create(at) if at <= now.tick => {
                if let Some(attempt) = sale.attempts.last_mut() {
                    attempt.standing = match attempt.standing {
                        Standing::Unsent | Standing::Sending => Standing::Sending,
                        Standing::Sent | Standing::Known => Standing::Sent,
                        Standing::Foreign => Standing::Foreign,
                    };
                }
                sale.count_try();
                sale.state = State::Requesting { patience, step: RequestStep::Creating };
                step.effects.push(Effect::Create(sale.creating(order, MakeStep::Create)));
                self.saved(sale, now, step);
            }
            RequestStep::Start(at) if at <= now.tick => self.start_order(sale, patience, now, step),
            RequestStep::Await(at) if at <= now.tick => {
                let next = RequestStep::Await(now.tick + PREPARING_POLL);
                sale.state = State::Requesting { patience, step: next };
                self.ask_now(&mut sale, order, now, step);
                // A start asks at once, whatever the record says.
                self.unchanged(sale);
            }
            RequestStep::Find(at) if at <= now.tick => {
                sale.count_try();
                sale.state = State::Requesting { patience, step: RequestStep::Finding };
                let ask = self.next_ask();
                step.effects.push(Effect::Ask { ask, order: sale.at(order) });
                self.saved(sale, now, step);
            }
            RequestStep::Create(_)
            | RequestStep::Find(_)
            | RequestStep::Start(_)
            | RequestStep::Await(_)
            | RequestStep::Creating
            | RequestStep::Finding
            | RequestStep::Starting => self.unchanged(sale),
        }
    }

    pub(super) fn on_order_answered(
        &mut self,
        id: SaleId,
        order: OrderRef,
        answer: CreateAnswer,
        now: Now,
        step: &mut Step,
    ) {
        let Some(sale) = self.take(id) else { return };
        match sale.state {
            State::Requesting { patience, step: RequestStep::Creating } if sale.order() == order => {
                self.making_answered(sale, patience, RequestStep::Create, answer, now, step);
            }
            State::Requesting { patience, step: RequestStep::Starting } if sale.order() == order => {
                self.making_answered(sale, patience, RequestStep::Start, answer, now, step);
            }
            // The provider's webhooks have overtaken the answer, and the sale goes on with this order.
            State::Drawing { .. } | State::Showing { .. } | State::LastQuestion { .. }
                if sale.order() == order && sale.offline.is_none() =>
            {
                self.unchanged(sale);
            }
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => self.order_answered_late(sale, order, answer, now, step),
        }
    }

    /// Judges the answer to a creating or starting request; `again` is the same request at a later tick.
    fn making_answered(
        &mut self,
        mut sale: Sale,
        patience: Patience,
        again: fn(Tick) -> RequestStep,
        answer: CreateAnswer,
        now: Now,
        step: &mut Step,
    ) {
        let tries = sale.attempts.last().map_or(0, |attempt| attempt.tries);
        match answer {
            CreateAnswer::Made(Made::Payable { provider_id, code, payee }) => {
                self.payable(sale, provider_id, code, payee, now, step);
            }
            CreateAnswer::Made(Made::Opened { provider_id }) => self.opened(sale, provider_id, now, step),
            CreateAnswer::Made(Made::Started { provider_id }) => self.started(sale, provider_id, now, step),
            CreateAnswer::Invalid { message } => {
                sale.last_standing(Standing::Sent);
                self.end(sale, Ending::Failed(Failure::new(FailureCode::ProviderInvalid, message)), now, step);
            }
            CreateAnswer::Duplicate => match sale.attempts.last().map(|attempt| attempt.standing) {
                Some(Standing::Sent | Standing::Known) => {
                    sale.state = State::Requesting { patience, step: RequestStep::Find(now.tick) };
                    self.saved(sale, now, step);
                }
                Some(Standing::Sending) if Mutant::TakesStrangersOrders.is_on() => {
                    sale.last_standing(Standing::Sent);
                    sale.state = State::Requesting { patience, step: RequestStep::Find(now.tick) };
                    self.saved(sale, now, step);
                }
                Some(Standing::Unsent | Standing::Sending | Standing::Foreign) | None => self.disown(sale, now, step),
            },
            CreateAnswer::Refused(refusal) => {
                sale.not_processed();
                self.end(sale, Ending::Failed(Failure::refused(refusal)), now, step);
            }
            CreateAnswer::NotReached => {
                sale.not_processed();
                sale.discount_try();
                self.no_network(sale, again(now.tick + NETWORK_RETRY), now, step);
            }
            CreateAnswer::Later { after } => {
                sale.not_processed();
                self.be_patient(sale, again(now.tick + back_off(tries, after)), now, step);
            }
            CreateAnswer::Lost { after } => {
                sale.may_be_processed();
                self.be_patient(sale, RequestStep::Find(now.tick + back_off(tries, after)), now, step);
            }
            CreateAnswer::Repeatable { after } => {
                sale.may_be_processed();
                self.be_patient(sale, again(now.tick + back_off(tries, after)), now, step);
            }
        }
    }

    fn payable(
        &mut self,
        mut sale: Sale,
        provider_id: ProviderId,
        text: Option<CodeText>,
        payee: Payee,
        now: Now,
        step: &mut Step,
    ) {
        let order = sale.order();
        self.name_order(&mut sale, order, &provider_id, now, step);
        if sale.is_covered() {
            return self.end(sale, Ending::Paid, now, step);
        }
        self.draw_code(sale, text, payee, now, step);
    }

    /// Hands a code to the panel, once it has been checked.
    pub(super) fn draw_code(
        &mut self,
        mut sale: Sale,
        text: Option<CodeText>,
        payee: Payee,
        now: Now,
        step: &mut Step,
    ) {
        let none = ChannelRules::default();
        match code::check(&sale, self.rules.channels.get(&sale.channel).unwrap_or(&none), text, payee) {
            Err(failure) => self.end(sale, Ending::Failed(failure), now, step),
            Ok(code) => {
                sale.code = Some(code);
                sale.state = State::Drawing { generation: self.next_generation(), until: now.tick + CODE_ON };
                self.draw_or_show(sale, now, step);
            }
        }
    }

    /// An answer for an order that is no longer waited for: whatever exists at the provider is cancelled there.
    fn order_answered_late(
        &mut self,
        mut sale: Sale,
        order: OrderRef,
        answer: CreateAnswer,
        now: Now,
        step: &mut Step,
    ) {
        match answer {
            CreateAnswer::Made(
                Made::Payable { provider_id, .. } | Made::Opened { provider_id } | Made::Started { provider_id },
            ) => {
                self.name_order(&mut sale, order, &provider_id, now, step);
                sale.owe_cancel(order, CancelReason::Abandoned, now.tick);
            }
            CreateAnswer::Invalid { .. } | CreateAnswer::Lost { .. } | CreateAnswer::Repeatable { .. } => {
                if sale.attempt(order).is_some_and(|attempt| attempt.standing == Standing::Sending) {
                    sale.set_standing(order, Standing::Sent);
                }
                sale.owe_cancel(order, CancelReason::Abandoned, now.tick);
            }
            CreateAnswer::Duplicate => match sale.attempt(order).map(|attempt| attempt.standing) {
                Some(Standing::Sending) => {
                    sale.forgive(order, Standing::Foreign);
                    self.disclaim(&mut sale, order, now, step);
                }
                Some(Standing::Unsent | Standing::Sent | Standing::Known | Standing::Foreign) | None => {}
            },
            CreateAnswer::Refused(_) | CreateAnswer::NotReached | CreateAnswer::Later { .. } => {
                if sale.attempt(order).is_some_and(|attempt| attempt.standing == Standing::Sending) {
                    sale.forgive(order, Standing::Unsent);
                    self.disclaim(&mut sale, order, now, step);
                }
            }
        }
        self.after_report(sale, now, step);
    }

    /// Judges the answer to the question whether a lost order exists.
    pub(super) fn finding_answered(&mut self, mut sale: Sale, answer: StatusAnswer, now: Now, step: &mut Step) {
        let tries = sale.attempts.last().map_or(0, |attempt| attempt.tries);
        match answer {
            StatusAnswer::Known(report)
                if report.amount != sale.amount
                    && !sale.is_named(&report.provider_id)
                    && !Mutant::TakesStrangersOrders.is_on() =>
            {
                self.disown(sale, now, step);
            }
            StatusAnswer::Known(report) => {
                let order = sale.order();
                self.count_report(&mut sale, order, &report, now, step);
                if sale.is_covered() {
                    return self.end(sale, Ending::Paid, now, step);
                }
                if report.amount != sale.amount {
                    return self.refuse_payment(sale, now, step);
                }
                match report.standing {
                    ReportStanding::Unstarted => return self.opened(sale, report.provider_id, now, step),
                    ReportStanding::Preparing | ReportStanding::Ready => {
                        return self.found_preparing(sale, &report, now, step);
                    }
                    ReportStanding::Open if report.action.is_some() => {
                        return self.found_preparing(sale, &report, now, step);
                    }
                    // Its code is gone with the answer that had it.
                    ReportStanding::Open | ReportStanding::Paid => {
                        sale.owe_cancel(order, CancelReason::Abandoned, now.tick)
                    }
                    ReportStanding::Cancelled | ReportStanding::Expired | ReportStanding::Failed => {}
                }
                self.try_again(sale, now, step);
            }
            StatusAnswer::NotFound => {
                self.be_patient(sale, RequestStep::Create(now.tick + back_off(1, None)), now, step);
            }
            StatusAnswer::Refused(refusal) => {
                self.end(sale, Ending::Failed(Failure::refused(refusal)), now, step);
            }
            StatusAnswer::NotReached => {
                sale.discount_try();
                self.no_network(sale, RequestStep::Find(now.tick + NETWORK_RETRY), now, step);
            }
            StatusAnswer::Invalid { .. } => {
                self.be_patient(sale, RequestStep::Find(now.tick + back_off(tries, None)), now, step)
            }
            StatusAnswer::Later { after } => {
                self.be_patient(sale, RequestStep::Find(now.tick + back_off(tries, after)), now, step)
            }
        }
    }

    /// The newest order is somebody else's: the sale goes on under a new reference (contract §3).
    pub(super) fn disown(&mut self, mut sale: Sale, now: Now, step: &mut Step) {
        let order = sale.order();
        sale.set_standing(order, Standing::Foreign);
        self.disclaim(&mut sale, order, now, step);
        self.try_again(sale, now, step);
    }

    fn try_again(&mut self, mut sale: Sale, now: Now, step: &mut Step) {
        if sale.attempts.len() >= MAX_ATTEMPTS {
            let message = "the provider knew every order reference already, or lost every answer";
            return self.end(sale, Ending::Failed(Failure::new(FailureCode::ProviderRefused, message)), now, step);
        }
        match self.draw(now, step) {
            Ok(order) => {
                sale.attempts.push(Attempt::new(order));
                let patience = self.patience_with_provider(&sale, now);
                sale.state = State::Requesting { patience, step: RequestStep::Create(now.tick) };
                self.changed(sale, now, step);
            }
            Err(why) => {
                let failure = Failure::new(FailureCode::StoreFault, why.to_string());
                self.end(sale, Ending::Failed(failure), now, step);
            }
        }
    }

    fn no_network(&mut self, sale: Sale, next: RequestStep, now: Now, step: &mut Step) {
        let until = match (self.rules.offline.clone(), &sale.state) {
            (Offline::VietQr(codes), _) => return self.go_offline(sale, &codes, now, step),
            (Offline::Refuse, _) => {
                let why = "there is no network and `offline.mode` is `refuse`";
                let failure = self.offline_failure(FailureCode::OfflineRefused, why, now);
                return self.end(sale, Ending::Failed(failure), now, step);
            }
            (Offline::Wait(_), State::Requesting { patience: Patience::Network(until), .. }) => *until,
            (Offline::Wait(wait), _) => now.tick + wait,
        };
        self.wait_for(sale, Patience::Network(until), next, now, step);
    }

    /// Without the time no certificate can be judged, so nothing is reached: then that is what a person must mend.
    fn offline_failure(&self, code: FailureCode, why: &str, now: Now) -> Failure {
        if now.wall < self.rules.built {
            return Failure::new(FailureCode::ClockNotSet, "the clock is not set, so no provider can be trusted");
        }
        Failure::new(code, why)
    }

    fn be_patient(&mut self, sale: Sale, next: RequestStep, now: Now, step: &mut Step) {
        if sale.attempts.last().is_some_and(|attempt| attempt.tries >= MAX_TRIES) {
            let failure =
                Failure::new(FailureCode::ProviderUnreachable, "the network comes and goes without an answer");
            return self.end(sale, Ending::Failed(failure), now, step);
        }
        let patience = self.patience_with_provider(&sale, now);
        self.wait_for(sale, patience, next, now, step);
    }

    /// The provider has been reached: what is left of its time, or all of it after a time without network.
    pub(super) fn patience_with_provider(&self, sale: &Sale, now: Now) -> Patience {
        match &sale.state {
            State::Requesting { patience: Patience::Provider(until), .. } => Patience::Provider(*until),
            State::Requesting { patience: Patience::Network(_), .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => Patience::Provider(now.tick + self.rules.request),
        }
    }

    /// Waits for the next move; others hear of it when what is waited for has changed.
    fn wait_for(&mut self, mut sale: Sale, patience: Patience, next: RequestStep, now: Now, step: &mut Step) {
        let before = std::mem::replace(&mut sale.state, State::Requesting { patience, step: next });
        let same = match (before, patience) {
            (State::Requesting { patience: Patience::Provider(_), .. }, Patience::Provider(_)) => true,
            (State::Requesting { patience: Patience::Network(_), .. }, Patience::Network(_)) => true,
            (_, Patience::Provider(_) | Patience::Network(_)) => false,
        };
        if same { self.saved(sale, now, step) } else { self.changed(sale, now, step) }
    }
}
