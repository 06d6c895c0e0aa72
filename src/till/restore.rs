//! A start from what the disk has: what remained, remains, and what is owed is done (promises P2, P10).

use std::collections::BTreeMap;

use super::channels::Channels;
use super::command::Commands;
use super::journal::Journal;
use super::outbox::Outbox;
use super::records::{Records, StoreAge};
use super::rules::{CODE_OFF, CODE_ON, LAST_QUESTION, Rules};
use super::sale::{Confirmation, Generation, Poll, RequestStep, Sale, Stage, Standing, State};
use super::step::Step;
use super::time::{BootId, Now, Tick};
use super::{Broker, Panel, Till};

impl Till {
    /// Begins with the records of the disk. The step says what is owed to the outside world.
    ///
    /// `after` is the newest picture that this process has asked for, so that a late word about it confirms nothing new.
    /// Answers to what an earlier till has asked for must not reach this one.
    pub fn restore(mut records: Records, rules: Rules, boot: BootId, now: Now, after: Generation) -> (Till, Step) {
        let commands = Commands::restore(&mut records, now.tick);
        let mut till = Till {
            rules,
            boot,
            sales: BTreeMap::new(),
            receipts: BTreeMap::new(),
            current: None,
            result_until: None,
            entry: None,
            scanned: None,
            glance: None,
            checking: None,
            money_to_show: Vec::new(),
            sequence: records.sequence,
            born: records.born,
            provider_time: None,
            keys: records.keys.into_iter().map(|key| (key.request.key.clone(), key)).collect(),
            outbox: Outbox::restore(records.number, records.owed, records.online),
            broker: Broker::Down,
            channels: Channels::default(),
            panel: Panel::Works,
            generation: Generation(after.0.saturating_add(1)),
            shown: after,
            asks: 0,
            journal: Journal::new(),
            commands,
        };
        let mut step = Step::default();
        let newest = newest_ticks(&records.sales);
        for sale in records.sales {
            let known = newest.iter().find(|(of, _)| *of == sale.boot).map_or(sale.written, |(_, tick)| *tick);
            till.resume(sale, known, now, &mut step);
        }
        match records.store {
            StoreAge::New => {
                // Whatever the bridges still have may be about orders of a store that is gone.
                till.owe_replay(0, now, &mut step);
            }
            StoreAge::Old => {}
        }
        till.resume_commands(now, &mut step);
        till.on_time(now, &mut step);
        (till, step)
    }

    fn resume(&mut self, mut sale: Sale, known: Tick, now: Now, step: &mut Step) {
        let is_of_this_boot = sale.boot == self.boot;
        sale.rebase(self.boot, now.tick, known);
        if sale.is_busy() || sale.is_offered() && self.current.is_none() {
            self.current = Some(sale.id);
        }
        for attempt in sale.attempts.iter_mut().filter(|attempt| attempt.standing == Standing::Sending) {
            // Nobody will ever hear the answer to the request that was under way.
            attempt.standing = Standing::Sent;
        }
        for attempt in sale.attempts.iter_mut().filter(|attempt| attempt.confirmation == Confirmation::Sending) {
            // It may have been heard, and is never given twice.
            attempt.confirmation = Confirmation::Sent;
        }
        let generation = self.generation;
        match &mut sale.state {
            State::Requesting { step: next, .. } => match next {
                RequestStep::Creating | RequestStep::Finding | RequestStep::Starting => {
                    *next = RequestStep::Find(now.tick);
                }
                RequestStep::Await(ask) => *ask = now.tick,
                RequestStep::Create(_) | RequestStep::Find(_) | RequestStep::Start(_) => {}
            },
            State::Showing { poll, .. } => *poll = Poll { next: now.tick, busy_until: None },
            // This process has shown nothing yet: its first picture is one without the old code.
            State::Cancelling { generation: off, .. } => *off = generation,
            // The question that is asked again has its whole time: nobody may have heard the first one (promise P8).
            State::LastQuestion { generation: off, until, .. } => {
                *off = generation;
                *until = now.tick + LAST_QUESTION;
            }
            State::Closing { generation: off, until, .. } => {
                *off = generation;
                *until = now.tick + CODE_OFF;
            }
            State::Drawing { generation: on, until } => {
                *on = generation;
                *until = now.tick + CODE_ON;
            }
            State::Offline { stage: Stage::Leaving { generation: off, gone }, .. } => {
                *off = generation;
                *gone = now.tick + CODE_OFF;
            }
            State::Offline { stage: Stage::Shown { .. } | Stage::Away { .. }, .. } | State::Ended(_) => {}
        }
        if let State::LastQuestion { ask, .. } = &mut sale.state {
            *ask = self.next_ask();
            let question = super::Effect::Ask { ask: *ask, order: sale.at(sale.order()) };
            step.effects.push(question);
        }
        for debt in sale.attempts.iter_mut().filter_map(|attempt| attempt.debt.as_mut()) {
            debt.next = debt.next.min(now.tick);
        }
        if is_of_this_boot {
            self.unchanged(sale);
        } else {
            // The records then tell how far the ticks of this boot have come, and no other boot's ticks are needed again.
            self.saved(sale, now, step);
        }
    }
}

/// Returns the newest tick of each boot that the records tell of. What remained of a deadline when the power was cut is
/// reckoned from it: a record that stayed as it was for hours says only what remained before them.
fn newest_ticks(sales: &[Sale]) -> Vec<(BootId, Tick)> {
    let mut newest: Vec<(BootId, Tick)> = Vec::new();
    for sale in sales {
        match newest.iter_mut().find(|(boot, _)| *boot == sale.boot) {
            Some((_, tick)) => *tick = sale.written.max(*tick),
            None => newest.push((sale.boot, sale.written)),
        }
    }
    newest
}
