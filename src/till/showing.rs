//! A code on the display: the panel's word, the status questions, the last question, and every end (promises P6, P7, P8).

use till_wire::{Amount, OrderRef, SaleId};

use super::event::{ReportStanding, StatusAnswer};
use super::mutant::Mutant;
use super::rules::{CODE_OFF, Cancellation, FIRST_POLL, LAST_QUESTION, POLL, POLL_ALONE, QUESTION_LOST};
use super::sale::{
    AskId, CancelReason, Ending, Failure, FailureCode, Generation, Poll, RequestStep, Sale, SeenAs, Stage, State, Watch,
};
use super::step::{Effect, Step};
use super::time::{Now, Tick};
use super::{Broker, Panel, Till};

impl Till {
    /// Shows the code at once when nobody waits for a panel; else the panel's confirmation does it.
    pub(super) fn draw_or_show(&mut self, sale: Sale, now: Now, step: &mut Step) {
        match sale.state {
            State::Drawing { generation, .. } if self.is_shown(generation) => self.show(sale, now, step),
            State::Drawing { .. }
            | State::Requesting { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => self.saved(sale, now, step),
        }
    }

    fn show(&mut self, mut sale: Sale, now: Now, step: &mut Step) {
        if sale.offline.is_some() {
            return self.offer(sale, now, step);
        }
        let first = match self.broker {
            Broker::Up { .. } => FIRST_POLL,
            Broker::Down => POLL_ALONE,
        };
        sale.expires_at = Some(now.wall_after(sale.expire));
        sale.state =
            State::Showing { expires: now.tick + sale.expire, poll: Poll { next: now.tick + first, busy_until: None } };
        self.changed(sale, now, step);
    }

    pub(super) fn on_panel_shown(&mut self, generation: Generation, now: Now, step: &mut Step) {
        self.panel = Panel::Works;
        self.shown = self.shown.max(generation);
        let waiting: Vec<SaleId> = self.sales.values().filter(|sale| sale.awaits_panel()).map(|sale| sale.id).collect();
        for id in waiting {
            let Some(sale) = self.take(id) else { continue };
            match sale.state.clone() {
                State::Drawing { generation, .. } if self.is_shown(generation) => self.show(sale, now, step),
                State::Closing { ending, generation, .. } if self.is_shown(generation) => {
                    self.finish(sale, ending, now, step)
                }
                State::Offline { stage: Stage::Leaving { generation, .. }, until } if self.is_shown(generation) => {
                    self.put_away(sale, until, now, step);
                }
                State::Drawing { .. }
                | State::Closing { .. }
                | State::Requesting { .. }
                | State::Showing { .. }
                | State::LastQuestion { .. }
                | State::Cancelling { .. }
                | State::Offline { .. }
                | State::Ended(_) => self.unchanged(sale),
            }
        }
    }

    pub(super) fn on_panel_failed(&mut self, now: Now, step: &mut Step) {
        self.panel = Panel::Broken;
        let drawing: Vec<SaleId> =
            self.sales.values().filter(|sale| sale.is_drawing(None)).map(|sale| sale.id).collect();
        self.fail_drawing(drawing, "the display does not work, so the code could not be shown", now, step);
    }

    pub(super) fn on_code_too_dense(&mut self, generation: Generation, now: Now, step: &mut Step) {
        let drawing =
            self.sales.values().filter(|sale| sale.is_drawing(Some(generation))).map(|sale| sale.id).collect();
        self.fail_drawing(
            drawing,
            "the code is too dense for this display: its modules would be smaller than 3 pixels",
            now,
            step,
        );
    }

    fn fail_drawing(&mut self, sales: Vec<SaleId>, message: &str, now: Now, step: &mut Step) {
        for id in sales {
            if let Some(sale) = self.take(id) {
                let failure = Failure::new(FailureCode::DisplayUnavailable, message);
                self.end(sale, Ending::Failed(failure), now, step);
            }
        }
    }

    /// Does what is due for a sale whose code is on the display.
    pub(super) fn showing_due(&mut self, mut sale: Sale, expires: Tick, poll: Poll, now: Now, step: &mut Step) {
        let order = sale.order();
        let by_the_wall = Mutant::ExpiresByTheWall.is_on() && sale.expires_at.is_some_and(|at| at <= now.wall);
        if (expires <= now.tick || by_the_wall) && Mutant::AsksNoLastQuestion.is_on() {
            return self.end(sale, Ending::Expired(None), now, step);
        }
        if expires <= now.tick || by_the_wall {
            let ask = self.next_ask();
            let generation = self.next_generation();
            sale.state = State::LastQuestion { generation, until: now.tick + LAST_QUESTION, ask };
            step.effects.push(Effect::Ask { ask, order: sale.at(order) });
            return self.saved(sale, now, step);
        }
        let due = poll.busy_until.map_or(poll.next, |until| until.max(poll.next)) <= now.tick;
        if due && Mutant::NeverAsks.is_on() {
            sale.put_off_question(now.tick);
        } else if due {
            self.ask_now(&mut sale, order, now, step);
        }
        self.unchanged(sale);
    }

    /// Asks the provider how an order stands, and schedules the next regular question.
    pub(super) fn ask_now(&mut self, sale: &mut Sale, order: OrderRef, now: Now, step: &mut Step) {
        let interval = match self.broker {
            Broker::Up { .. } => POLL,
            Broker::Down => POLL_ALONE,
        };
        if let State::Showing { poll, .. } = &mut sale.state {
            *poll = Poll { next: now.tick + interval, busy_until: Some(now.tick + QUESTION_LOST) };
        }
        let ask = self.next_ask();
        step.effects.push(Effect::Ask { ask, order: sale.at(order) });
    }

    pub(super) fn on_status_answered(
        &mut self,
        id: SaleId,
        order: OrderRef,
        ask: AskId,
        answer: StatusAnswer,
        now: Now,
        step: &mut Step,
    ) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        self.checking_answered(id, ask, now);
        let current = sale.order() == order;
        if let State::Showing { poll, .. } = &mut sale.state {
            poll.busy_until = None;
        }
        match sale.state {
            State::Requesting { step: RequestStep::Finding, .. } if current => {
                return self.finding_answered(sale, answer, now, step);
            }
            State::LastQuestion { ask: last, .. } if current && ask >= last => {
                return self.last_question_answered(sale, answer, now, step);
            }
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => {}
        }
        let StatusAnswer::Known(report) = answer else {
            return self.unchanged(sale);
        };
        if !self.count_report(&mut sale, order, &report, now, step) {
            return self.after_report(sale, now, step);
        }
        if report.standing.is_open() && (!current || sale.ending().is_some()) && self.can_cancel(&sale) {
            sale.owe_cancel_again(order, now.tick);
        }
        if current && matches!(sale.state, State::Requesting { step: RequestStep::Await(_), .. }) {
            return self.follow_steps(sale, order, &report, now, step);
        }
        self.follow(sale, order, report.standing, now, step);
    }

    fn last_question_answered(&mut self, mut sale: Sale, answer: StatusAnswer, now: Now, step: &mut Step) {
        let order = sale.order();
        let StatusAnswer::Known(report) = answer else {
            return self.end(sale, Ending::Expired(None), now, step);
        };
        let ours = self.count_report(&mut sale, order, &report, now, step);
        match ended_by_provider(report.standing).filter(|_| ours) {
            _ if sale.is_covered() => self.end(sale, Ending::Paid, now, step),
            // The provider's own expiry at this moment is only its copy of ours.
            Some(Ending::Expired(_)) => self.close(sale, Ending::Expired(None), now, step),
            Some(ending) => self.close(sale, ending, now, step),
            None => self.end(sale, Ending::Expired(None), now, step),
        }
    }

    /// Tells whether the provider of the sale cancels orders at all.
    fn can_cancel(&self, sale: &Sale) -> bool {
        self.rules.channels.get(&sale.channel).is_none_or(|rules| rules.cancellation == Cancellation::Possible)
    }

    /// Ends the sale if the money suffices or the provider has ended the order whose code is shown.
    pub(super) fn follow(&mut self, sale: Sale, order: OrderRef, standing: ReportStanding, now: Now, step: &mut Step) {
        let shown = match sale.state {
            // What the provider has of it is no order that anybody sees.
            State::Drawing { .. } if sale.offline.is_some() => false,
            State::Drawing { .. } | State::Showing { .. } | State::Requesting { step: RequestStep::Await(_), .. } => {
                sale.order() == order
            }
            State::Requesting { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => false,
        };
        match ended_by_provider(standing) {
            Some(ending) if shown && !sale.is_covered() => self.close(sale, ending, now, step),
            Some(_) | None => self.after_report(sale, now, step),
        }
    }

    /// Decides the end of a sale, and owes the provider the cancellation of what this leaves open there.
    pub(super) fn end(&mut self, mut sale: Sale, ending: Ending, now: Now, step: &mut Step) {
        sale.owe_after(&ending, now.tick);
        self.close(sale, ending, now, step);
    }

    /// Decides the end of a sale. It is said when the panel has confirmed that no code is left (promise P6).
    pub(super) fn close(&mut self, mut sale: Sale, ending: Ending, now: Now, step: &mut Step) {
        let (generation, seen_as) = match sale.state {
            State::Requesting { .. } | State::Offline { stage: Stage::Away { .. }, .. } | State::Ended(_) => {
                return self.finish(sale, ending, now, step);
            }
            State::Drawing { .. } => (self.next_generation(), SeenAs::Requesting),
            State::Showing { .. } | State::Offline { stage: Stage::Shown { .. }, .. } => {
                (self.next_generation(), SeenAs::Showing)
            }
            State::Offline { stage: Stage::Leaving { generation, .. }, .. } => (generation, SeenAs::Showing),
            State::LastQuestion { generation, .. } => (generation, SeenAs::Showing),
            State::Cancelling { generation, .. } => (generation, SeenAs::Cancelling),
            State::Closing { generation, seen_as, .. } => (generation, seen_as),
        };
        if self.is_shown(generation) || Mutant::SaysTheEndTooEarly.is_on() {
            return self.finish(sale, ending, now, step);
        }
        let until = match sale.state {
            State::Closing { until, .. } => until,
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Ended(_) => now.tick + CODE_OFF,
        };
        sale.state = State::Closing { ending, seen_as, generation, until };
        self.changed(sale, now, step);
    }

    /// Says that the sale has ended.
    pub(super) fn finish(&mut self, mut sale: Sale, ending: Ending, now: Now, step: &mut Step) {
        let unpaid = ending != Ending::Paid;
        let never_made: Vec<OrderRef> =
            sale.attempts.iter().filter(|attempt| !attempt.may_exist()).map(|attempt| attempt.order).collect();
        for order in never_made {
            self.disclaim(&mut sale, order, now, step);
        }
        let watched = sale.attempts.iter().filter(|attempt| attempt.may_exist());
        // A paid sale is watched only for money on orders other than the one that was paid, unless only asking counts.
        let all = unpaid || self.needs_double_proof(&sale);
        let watched = watched.filter(|attempt| all || !sale.is_paid_by(attempt)).count();
        sale.state = State::Ended(ending);
        sale.finished_at = Some(now.wall);
        let watched = watched > 0 && !Mutant::NeverLooksForLateMoney.is_on();
        sale.watch = watched.then(|| Watch::from(now.tick));
        if unpaid && !sale.payments.is_empty() {
            sale.marks.attention = true;
        }
        if self.current == Some(sale.id) {
            self.result_until = Some(now.tick + self.rules.result);
        } else if !unpaid {
            self.show_money(Amount::new(sale.proven_amount(), sale.amount.currency()));
        }
        self.changed(sale, now, step);
    }
}

/// Returns how a sale ends when its order has ended at the provider.
fn ended_by_provider(standing: ReportStanding) -> Option<Ending> {
    let failure = |message: &str| Failure::new(FailureCode::ProviderRefused, message);
    match standing {
        ReportStanding::Unstarted
        | ReportStanding::Preparing
        | ReportStanding::Ready
        | ReportStanding::Open
        | ReportStanding::Paid => None,
        ReportStanding::Cancelled => Some(Ending::Cancelled(Some(failure("the order was cancelled at the provider")))),
        ReportStanding::Expired => Some(Ending::Expired(Some(failure("the order has expired at the provider")))),
        ReportStanding::Failed => Some(Ending::Failed(failure("the order has failed at the provider"))),
    }
}

impl Sale {
    fn put_off_question(&mut self, now: Tick) {
        if let State::Showing { poll, .. } = &mut self.state {
            poll.next = now + POLL;
        }
    }

    fn awaits_panel(&self) -> bool {
        matches!(
            self.state,
            State::Drawing { .. } | State::Closing { .. } | State::Offline { stage: Stage::Leaving { .. }, .. }
        )
    }

    fn is_drawing(&self, of: Option<Generation>) -> bool {
        matches!(self.state, State::Drawing { generation, .. } if of.is_none_or(|of| of == generation))
    }

    /// Owes the provider the cancellation of every order that this end leaves open there (promise P5).
    ///
    /// A cancelled sale owes its cancellation already; an order that was certainly never made has nothing to cancel.
    fn owe_after(&mut self, ending: &Ending, now: Tick) {
        let reason = match ending {
            Ending::Cancelled(_) | Ending::Expired(Some(_)) => return,
            Ending::Expired(None) => CancelReason::Expired,
            Ending::Paid | Ending::Failed(_) => CancelReason::Abandoned,
        };
        let paid = *ending == Ending::Paid;
        let newest = self.order();
        let settled: Vec<OrderRef> = self
            .attempts
            .iter()
            .filter(|attempt| paid && self.is_paid_by(attempt))
            .map(|attempt| attempt.order)
            .collect();
        for order in settled {
            self.drop_debt(order);
        }
        let open = self
            .attempts
            .iter()
            .filter(|attempt| if paid { !self.is_paid_by(attempt) } else { attempt.order == newest });
        let open: Vec<OrderRef> = open.map(|attempt| attempt.order).collect();
        for order in open {
            self.owe_cancel(order, reason, now);
        }
    }

    /// The provider still has an order open that nobody is to pay any more: its cancellation was lost or overtaken.
    fn owe_cancel_again(&mut self, order: OrderRef, now: Tick) {
        let paid = self.attempt(order).is_some_and(|attempt| self.is_paid_by(attempt));
        if !paid {
            self.owe_cancel(order, CancelReason::Abandoned, now);
        }
    }
}
