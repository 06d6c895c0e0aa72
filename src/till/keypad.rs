//! What the cashier's keys do: they type an amount, start the sale, cancel it, and clear its result.

use std::time::Duration;

use super::Till;
use super::entry::{Entry, Key, MAX_KEYS, Problem};
use super::event::{NewSale, ReplyTo};
use super::rules::CustomerNeed;
use super::sale::{Customer, Sale};
use super::selling::NoSale;
use super::step::{Answer, Effect, Step};
use super::time::Now;

/// How long an entry is kept after its last key.
pub(super) const ENTRY: Duration = Duration::from_secs(60);

impl Till {
    /// Takes keys in order up to the first that is refused, which is the answer; those before it count.
    pub(super) fn on_keys_pressed(&mut self, keys: &[Key], reply: ReplyTo, now: Now, step: &mut Step) {
        self.forget_entry(now);
        for key in keys.iter().take(MAX_KEYS) {
            if let Err(refusal) = self.press(*key, now, step) {
                return step.reply(reply, refusal);
            }
        }
        let entry = self.typed();
        let sale = self.current_sale().map(|sale| Box::new(sale.clone()));
        step.reply(reply, Answer::Keyed { entry, sale });
    }

    /// Forgets an entry, and what was scanned for it, when the cashier has gone.
    pub(super) fn forget_entry(&mut self, now: Now) {
        if self.entry.as_ref().is_some_and(|entry| entry.until <= now.tick) {
            self.entry = None;
        }
        if self.scanned.as_ref().is_some_and(|scanned| scanned.until <= now.tick) {
            self.scanned = None;
        }
    }

    fn press(&mut self, key: Key, now: Now, step: &mut Step) -> Result<(), Answer> {
        let busy = self.sales.values().find(|sale| sale.is_busy()).map(|sale| sale.id);
        match (key, busy) {
            // A cashier who has not heard the amount asks while the next sale is on: nothing of it is touched.
            (Key::Repeat, _) => repeat_announcement(step),
            (Key::Escape, Some(busy)) => drop(self.cancel(busy, now, step)),
            (_, Some(busy)) => return Err(Answer::Busy(busy)),
            (Key::Last, None) => self.glance_at_last(now),
            (Key::Report, None) => self.glance_at_day(step),
            (Key::Escape, None) => self.escape(now, step),
            (Key::Enter, None) => {
                self.make_way(now, step);
                return self.enter(now, step);
            }
            (Key::Digit(_) | Key::DoubleZero | Key::TripleZero | Key::Back | Key::Plus | Key::Times, None) => {
                self.make_way(now, step);
                self.type_key(key, now);
            }
        }
        Ok(())
    }

    /// Takes off the display what gives way to the next sale; a code that was made here makes room for the next customer.
    fn make_way(&mut self, now: Now, step: &mut Step) {
        self.glance = None;
        if let Some(offered) = self.offered() {
            self.withdraw(offered, now, step);
        }
        if self.current_sale().is_some_and(|sale| sale.ending().is_some()) {
            self.clear_result();
        }
    }

    fn escape(&mut self, now: Now, step: &mut Step) {
        if let Some(offered) = self.offered() {
            // The customer of a code that was made here will not pay.
            self.glance = None;
            drop(self.cancel(offered, now, step));
            return;
        }
        self.make_way(now, step);
        self.take_down();
        self.entry = None;
        self.scanned = None;
    }

    fn type_key(&mut self, key: Key, now: Now) {
        let until = now.tick + ENTRY;
        self.entry = match self.entry.take() {
            None => Entry::begin(key, until),
            Some(entry) => entry.press(key, until),
        };
        self.keep_scanned(until);
        if self.entry.is_some() {
            // A sale that is being cancelled goes on behind the next one's amount, as behind the next sale.
            self.clear_result();
        }
    }

    fn enter(&mut self, now: Now, step: &mut Step) -> Result<(), Answer> {
        let until = now.tick + ENTRY;
        self.keep_scanned(until);
        let Some(entry) = &mut self.entry else {
            return Ok(());
        };
        entry.until = until;
        let need = self.rules.channels.get(&self.rules.channel).map(|rules| rules.customer).unwrap_or_default();
        let amount = match (entry.amount(self.rules.max_amount), need) {
            (Ok(amount), CustomerNeed::None) => amount,
            (Ok(_), CustomerNeed::Named) => {
                entry.refuse(Problem::NeedsCustomer);
                return Ok(());
            }
            (Err(problem), _) => {
                entry.refuse(problem);
                return Ok(());
            }
        };
        let (channel, expire) = (self.rules.channel.clone(), self.rules.expire);
        let reference = self.scanned.as_ref().map(|scanned| scanned.reference.clone());
        let (note, customer, items) = (None, Customer::default(), Vec::new());
        let request = NewSale { amount, channel, reference, note, expire, customer, items };
        match self.sell(request, None, now, step) {
            Ok(_) => Ok(()),
            Err(NoSale::ClockNotSet) => self.stop_at(Problem::ClockNotSet, Answer::ClockNotSet),
            Err(NoSale::UsedUp) => self.stop_at(Problem::NumbersUsedUp, Answer::NumbersUsedUp),
            Err(NoSale::QueueFull) => self.stop_at(Problem::QueueFull, Answer::QueueFull),
            Err(NoSale::Disabled) => self.stop_at(Problem::Disabled, Answer::Disabled),
        }
    }

    /// Leaves what is typed as it is, for trying again.
    fn stop_at(&mut self, problem: Problem, answer: Answer) -> Result<(), Answer> {
        if let Some(entry) = &mut self.entry {
            entry.refuse(problem);
        }
        Err(answer)
    }

    /// Takes the current sale off the display.
    pub(super) fn clear_result(&mut self) {
        self.current = None;
        self.result_until = None;
    }

    /// Returns the sale that holds the display.
    pub(super) fn current_sale(&self) -> Option<&Sale> {
        self.current.and_then(|id| self.sales.get(&id))
    }
}

/// Orders it once, however often it is asked for at a time.
fn repeat_announcement(step: &mut Step) {
    if !step.effects.contains(&Effect::RepeatAnnouncement) {
        step.effects.push(Effect::RepeatAnnouncement);
    }
}
