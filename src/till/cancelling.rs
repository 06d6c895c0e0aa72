//! The cashier's cancel, and the cancellations that are owed to providers until they are confirmed or a day has passed.

use std::time::Duration;

use till_wire::{OrderRef, SaleId};

use super::Till;
use super::event::{ReplyTo, StatusAnswer};
use super::mutant::Mutant;
use super::rules::{CANCELLING, QUESTION_LOST, debt_back_off};
use super::sale::{CancelReason, Debt, Ending, Generation, RequestStep, Sale, Standing, State};
use super::step::{Answer, Effect, Step};
use super::time::Now;

/// How long a cancellation waits for the answer to a creating request that is still under way.
const AWAIT_CREATE: Duration = Duration::from_secs(5);
/// How often a provider may refuse a cancellation before it is given up; money is looked for all the same.
const MAX_REFUSALS: u32 = 10;

impl Till {
    pub(super) fn on_cancel_wanted(&mut self, id: SaleId, reply: ReplyTo, now: Now, step: &mut Step) {
        let answer = self.cancel(id, now, step);
        step.reply(reply, answer);
    }

    /// Cancels a sale as the cashier wants it.
    pub(super) fn cancel(&mut self, id: SaleId, now: Now, step: &mut Step) -> Answer {
        let Some(sale) = self.take(id) else {
            return Answer::NotFound;
        };
        let mut next = now.tick;
        let generation = match &sale.state {
            State::Ended(_) | State::Closing { .. } => return Answer::AlreadyEnded(Box::new(sale)),
            State::Cancelling { .. } => return Answer::Cancelling(Box::new(sale)),
            // There is nothing to ask a provider for (contract §3).
            State::Offline { .. } => {
                self.close(sale, Ending::Cancelled(None), now, step);
                return self.cancelling(id);
            }
            State::Requesting { step: RequestStep::Creating, .. } => {
                next = now.tick + AWAIT_CREATE;
                Generation(0)
            }
            State::Requesting { .. } => Generation(0),
            State::LastQuestion { generation, .. } => *generation,
            State::Drawing { .. } | State::Showing { .. } => self.next_generation(),
        };
        if sale.was_sent() {
            self.begin_cancelling(sale, generation, next, now, step);
        } else {
            self.close(sale, Ending::Cancelled(None), now, step);
        }
        self.cancelling(id)
    }

    fn cancelling(&self, id: SaleId) -> Answer {
        self.sales.get(&id).map_or(Answer::NotFound, |sale| Answer::Cancelling(Box::new(sale.clone())))
    }

    fn begin_cancelling(
        &mut self,
        mut sale: Sale,
        generation: Generation,
        next: super::Tick,
        now: Now,
        step: &mut Step,
    ) {
        sale.owe_cancel(sale.order(), CancelReason::ByCashier, next);
        sale.state = State::Cancelling { generation, until: now.tick + CANCELLING };
        if sale.is_settled_at_provider() {
            self.close(sale, Ending::Cancelled(None), now, step);
        } else {
            self.changed(sale, now, step);
        }
    }

    /// Sends the owed cancellations of a sale that are due, and gives up those that are too old.
    pub(super) fn debts_due(&mut self, sale: &mut Sale, now: Now, step: &mut Step) -> Vec<OrderRef> {
        let mut sent = Vec::new();
        for attempt in &mut sale.attempts {
            let Some(debt) = attempt.debt.as_mut().filter(|debt| debt.due() <= now.tick) else {
                continue;
            };
            if debt.until <= now.tick {
                attempt.debt = None;
                continue;
            }
            debt.tries = debt.tries.saturating_add(1);
            debt.next = now.tick + QUESTION_LOST.max(debt_back_off(debt.tries, None));
            if Mutant::CancelsWithoutPause.is_on() {
                debt.next = now.tick;
            }
            sent.push((attempt.order, debt.reason));
        }
        for (order, reason) in &sent {
            step.effects.push(Effect::Cancel { order: sale.at(*order), reason: *reason });
        }
        sent.into_iter().map(|(order, _)| order).collect()
    }

    pub(super) fn on_cancel_answered(
        &mut self,
        id: SaleId,
        order: OrderRef,
        answer: StatusAnswer,
        now: Now,
        step: &mut Step,
    ) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        match answer {
            StatusAnswer::Known(report) => {
                let ours = self.count_report(&mut sale, order, &report, now, step);
                if !ours || report.standing.is_open() {
                    sale.put_off_debt(order, None, now);
                }
            }
            // The creating request is still on its way: the order may appear behind this answer.
            StatusAnswer::NotFound if sale.is_sending(order) => sale.put_off_debt(order, None, now),
            StatusAnswer::NotFound => sale.drop_debt(order),
            StatusAnswer::Refused(_) => {
                // Most likely it is paid or over already: the status says which.
                self.ask_now(&mut sale, order, now, step);
                sale.put_off_debt(order, None, now);
                if sale.attempt(order).and_then(|attempt| attempt.debt).is_some_and(|debt| debt.tries >= MAX_REFUSALS) {
                    sale.drop_debt(order);
                }
            }
            StatusAnswer::Invalid { .. } | StatusAnswer::NotReached => sale.put_off_debt(order, None, now),
            StatusAnswer::Later { after } => sale.put_off_debt(order, after, now),
        }
        self.after_report(sale, now, step);
    }
}

impl Debt {
    /// When something is to be done about it: sent again or given up.
    pub(super) fn due(&self) -> super::Tick {
        self.next.min(self.until)
    }
}

impl Sale {
    /// Tells whether nothing is owed any more for the order whose code was or would be shown.
    pub(super) fn is_settled_at_provider(&self) -> bool {
        self.attempts.last().is_none_or(|attempt| attempt.debt.is_none())
    }

    pub(super) fn drop_debt(&mut self, order: OrderRef) {
        if let Some(attempt) = self.attempt_mut(order) {
            attempt.debt = None;
        }
    }

    fn is_sending(&self, order: OrderRef) -> bool {
        self.attempt(order).is_some_and(|attempt| attempt.standing == Standing::Sending)
    }

    fn put_off_debt(&mut self, order: OrderRef, after: Option<Duration>, now: Now) {
        if let Some(debt) = self.attempt_mut(order).and_then(|attempt| attempt.debt.as_mut()) {
            debt.next = now.tick + debt_back_off(debt.tries, after);
        }
    }
}
