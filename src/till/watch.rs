//! What time brings: deadlines, questions that are due, owed cancellations, and the look-out for late money (P7, P8).

use std::time::Duration;

use till_wire::SaleId;

use super::Till;
use super::mutant::Mutant;
use super::rules::{WATCH, look_after};
use super::sale::{Ending, Sale, State, Watch};
use super::step::{Effect, Step};
use super::time::{Now, Tick};

/// How often what remains of a long wait is written down: a machine that is switched off every night waits no longer than
/// this much for each night.
pub(super) const NOTE_REMAINDER: Duration = Duration::from_secs(3600);

impl Till {
    /// Does everything that is due now, once.
    pub(super) fn on_time(&mut self, now: Now, step: &mut Step) {
        let due = |sale: &&Sale| Till::sale_due(sale).is_some_and(|due| due <= now.tick);
        let due: Vec<SaleId> = self.sales.values().filter(due).map(|sale| sale.id).collect();
        for id in due {
            self.pay_debts(id, now, step);
            self.look_for_money(id, now, step);
            // What ends at this moment is not confirmed any more.
            self.state_due(id, now, step);
            self.confirmations_due(id, now, step);
        }
        self.display_due(now);
        self.commands_due(now, step);
        self.note_online(now, step);
        self.send_next(now, step);
    }

    /// Returns when a sale next has to do something by itself.
    pub(super) fn sale_due(sale: &Sale) -> Option<Tick> {
        let debts = sale.attempts.iter().filter_map(|attempt| attempt.debt).map(|debt| debt.due());
        let look = sale.watch.map(Watch::due);
        let confirmations = sale.attempts.iter().filter_map(|attempt| attempt.confirmation.due());
        debts.chain(look).chain(confirmations).chain(sale.state.due()).min()
    }

    fn pay_debts(&mut self, id: SaleId, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        let before = sale.clone();
        self.debts_due(&mut sale, now, step);
        if sale.is_recorded_by(&before) {
            self.unchanged(sale);
        } else {
            self.saved(sale, now, step);
        }
    }

    fn look_for_money(&mut self, id: SaleId, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        let Some(mut watch) = sale.watch.filter(|watch| watch.due() <= now.tick) else {
            return;
        };
        let open: Vec<_> =
            sale.attempts.iter().filter(|attempt| attempt.may_exist()).map(|attempt| attempt.order).collect();
        for order in open {
            let ask = self.next_ask();
            step.effects.push(Effect::Ask { ask, order: sale.at(order) });
        }
        // Looks that were slept through are one look.
        while watch.due() <= now.tick && watch.due() < watch.until {
            watch.looks = watch.looks.saturating_add(1);
        }
        let over = watch.until <= now.tick;
        sale.watch = (!over).then_some(watch);
        let before = sale.marks;
        if over {
            self.give_up_pending(&mut sale, now, step);
        }
        if sale.marks != before {
            self.changed(sale, now, step);
        } else if over || !self.is_noted(now) {
            self.saved(sale, now, step);
        } else {
            self.unchanged(sale);
        }
    }

    /// Tells whether the records of sales that others no longer wait for say how far the ticks have come, to within an
    /// hour. A look changes nothing else that must survive, and flash wears out; but a machine that is switched off every
    /// night would look for ever if nothing told how long it was on.
    pub(super) fn is_noted(&self, now: Now) -> bool {
        let kept = self.sales.values().filter(|sale| sale.is_alive() && !sale.is_busy());
        kept.map(|sale| sale.written).max().is_some_and(|at| now.tick.since(at) < NOTE_REMAINDER)
    }

    fn state_due(&mut self, id: SaleId, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else {
            return;
        };
        match sale.state.clone() {
            State::Requesting { patience, step: next } => self.requesting_due(sale, patience, next, now, step),
            State::Showing { expires, poll } => self.showing_due(sale, expires, poll, now, step),
            State::Offline { stage, until } => self.offline_due(sale, stage, until, now, step),
            State::Drawing { until, .. } if until <= now.tick => self.on_panel_failed(now, step),
            State::LastQuestion { until, .. } if until <= now.tick => self.end(sale, Ending::Expired(None), now, step),
            State::Cancelling { until, .. } if until <= now.tick && !Mutant::WaitsForTheCancellation.is_on() => {
                self.close(sale, Ending::Cancelled(None), now, step)
            }
            State::Closing { ending, until, .. } if until <= now.tick => {
                // Contract §3: the panel did not confirm that the code is off, so a person must look.
                sale.marks.attention = true;
                self.finish(sale, ending, now, step);
            }
            State::Drawing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Closing { .. }
            | State::Ended(_) => {}
        }
    }
}

impl Watch {
    /// A watch that begins now.
    pub(super) fn from(now: Tick) -> Self {
        Self { until: now + WATCH, looks: 0 }
    }

    /// When the next look is due: 1, 5, 15, 60 minutes after the end, then hourly, the last one after a day.
    fn due(self) -> Tick {
        self.until - WATCH.saturating_sub(look_after(self.looks))
    }
}

impl State {
    fn due(&self) -> Option<Tick> {
        use super::sale::{Patience, RequestStep};
        match self {
            State::Requesting { patience, step } => {
                let (Patience::Provider(until) | Patience::Network(until)) = *patience;
                let until = if Mutant::WaitsForEver.is_on() { Tick(u64::MAX / 2) } else { until };
                match step {
                    RequestStep::Create(at)
                    | RequestStep::Find(at)
                    | RequestStep::Start(at)
                    | RequestStep::Await(at) => Some(until.min(*at)),
                    RequestStep::Creating | RequestStep::Finding | RequestStep::Starting => Some(until),
                }
            }
            State::Showing { expires, poll } => {
                let next = poll.busy_until.map_or(poll.next, |busy| busy.max(poll.next));
                Some(next.min(*expires))
            }
            State::Offline { stage, until } => Some(State::offline_due_at(*stage, *until)),
            State::Cancelling { .. } if Mutant::WaitsForTheCancellation.is_on() => None,
            State::Drawing { until, .. }
            | State::LastQuestion { until, .. }
            | State::Cancelling { until, .. }
            | State::Closing { until, .. } => Some(*until),
            State::Ended(_) => None,
        }
    }
}
