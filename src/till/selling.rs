//! What the counter asks for: a new sale, the end of a result, a replay.

use till_wire::{OrderRef, SaleId, UnixTime, first_sequence};

use super::command::Service;
use super::event::{NewSale, Pin, ReplyTo, RequestKey};
use super::mutant::Mutant;
use super::rules::{Display, KEY_LIFE_MS};
use super::sale::{Attempt, Ending, Failure, FailureCode, Marks, Patience, RequestStep, Sale, State};
use super::step::{Answer, KeyRecord, Step, Write};
use super::time::Now;
use super::{Panel, Till};

/// Ten years, the longest that a program is believed to be in use.
const PROGRAM_LIFE_MS: i64 = 10 * 366 * 24 * 3600 * 1000;
/// How far the wall clock may be from a provider's `Date` for a new store (contract §2).
const CLOCK_TOLERANCE_MS: i64 = 24 * 3600 * 1000;

/// Why no sale can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoSale {
    #[error("the clock is not set, so the first order reference cannot be drawn")]
    ClockNotSet,
    #[error("this terminal has used up its order references")]
    UsedUp,
    #[error("more is owed to the broker than this terminal keeps")]
    QueueFull,
    #[error("the fleet's operator has shut this terminal")]
    Disabled,
}

impl Till {
    pub(super) fn on_sale_wanted(
        &mut self,
        request: NewSale,
        key: Option<RequestKey>,
        reply: ReplyTo,
        now: Now,
        step: &mut Step,
    ) {
        self.forget_keys(now, step);
        if let Some(answer) = key.as_ref().and_then(|key| self.repeated(key)) {
            return step.reply(reply, answer);
        }
        if let Some(busy) = self.sales.values().find(|sale| sale.is_busy()) {
            let answer = Answer::Busy(busy.id);
            return step.reply(reply, answer);
        }
        let answer = match self.sell(request, key, now, step) {
            // The newest record of this step is the answer: it is what the disk has when the reply goes out.
            Ok(id) => self.sales.get(&id).map(|sale| Answer::Created(Box::new(sale.clone()))),
            Err(NoSale::ClockNotSet) => Some(Answer::ClockNotSet),
            Err(NoSale::UsedUp) => Some(Answer::NumbersUsedUp),
            Err(NoSale::QueueFull) => Some(Answer::QueueFull),
            Err(NoSale::Disabled) => Some(Answer::Disabled),
        };
        if let Some(answer) = answer {
            step.reply(reply, answer);
        }
    }

    /// Makes a sale, when no other is busy; it takes the display, and what was being typed is forgotten.
    pub(super) fn sell(
        &mut self,
        request: NewSale,
        key: Option<RequestKey>,
        now: Now,
        step: &mut Step,
    ) -> Result<SaleId, NoSale> {
        if self.service() == Service::Disabled && !Mutant::SellsThoughDisabled.is_on() {
            return Err(NoSale::Disabled);
        }
        if self.outbox.is_full() {
            return Err(NoSale::QueueFull);
        }
        let order = self.draw(now, step)?;
        let id = SaleId::new(order);
        if let Some(request) = key {
            let record = KeyRecord { request, sale: id, at: now.wall };
            self.keys.insert(record.request.key.clone(), record.clone());
            step.writes.push(Write::Key(record));
        }
        if let Some(shown) = self.offered() {
            self.withdraw(shown, now, step);
        }
        self.current = Some(id);
        self.result_until = None;
        self.entry = None;
        if !Mutant::KeepsTheOrderNumber.is_on() {
            self.scanned = None;
        }
        self.glance = None;
        self.begin(request, order, now, step);
        Ok(id)
    }

    fn begin(&mut self, request: NewSale, order: OrderRef, now: Now, step: &mut Step) {
        let sale = Sale {
            id: SaleId::new(order),
            revision: 0,
            amount: request.amount,
            channel: request.channel,
            reference: request.reference,
            note: request.note,
            customer: request.customer,
            items: request.items,
            expire: request.expire,
            created_at: now.wall,
            expires_at: None,
            finished_at: None,
            state: State::Requesting {
                patience: Patience::Provider(now.tick + self.rules.request),
                step: RequestStep::Create(now.tick),
            },
            attempts: vec![Attempt::new(order)],
            code: None,
            payments: Vec::new(),
            refunds: Vec::new(),
            offline: None,
            marks: Marks::default(),
            watch: None,
            boot: self.boot,
            written: now.tick,
        };
        if self.rules.display == Display::Panel && self.panel == Panel::Broken {
            let failure =
                Failure::new(FailureCode::DisplayUnavailable, "the display does not work, so no code could be shown");
            self.end(sale, Ending::Failed(failure), now, step);
        } else {
            self.changed(sale, now, step);
        }
    }

    /// Draws the next number of the sequence and has it written down before anyone hears of it (promise P5).
    pub(super) fn draw(&mut self, now: Now, step: &mut Step) -> Result<OrderRef, NoSale> {
        let next = match self.sequence {
            Some(last) => last.checked_add(1),
            None if self.clock_is_plausible(now) => first_sequence(now.wall),
            None => return Err(NoSale::ClockNotSet),
        };
        let order = next.and_then(|next| OrderRef::new(self.rules.terminal, next)).ok_or(NoSale::UsedUp)?;
        self.sequence = Some(order.sequence());
        if !Mutant::ForgetsTheSequence.is_on() {
            step.writes.push(Write::Sequence(order.sequence()));
        }
        Ok(order)
    }

    /// Tells whether the wall clock may number a new store's first order (contract §2).
    pub(super) fn clock_is_plausible(&self, now: Now) -> bool {
        let age = now.wall.ms().saturating_sub(self.rules.built.ms());
        let near = self.provider_time.is_none_or(|seen| {
            let passed = i64::try_from(now.tick.since(seen.tick).as_millis()).unwrap_or(i64::MAX);
            let expected = seen.wall.ms().saturating_add(passed);
            now.wall.ms().saturating_sub(expected).saturating_abs() <= CLOCK_TOLERANCE_MS
        });
        (0..=PROGRAM_LIFE_MS).contains(&age) && near
    }

    fn repeated(&self, request: &RequestKey) -> Option<Answer> {
        let known = self.keys.get(&request.key).filter(|_| !Mutant::SellsTwiceForOneKey.is_on())?;
        if known.request.fingerprint != request.fingerprint {
            return Some(Answer::KeyMismatch);
        }
        let sale = self.sales.get(&known.sale)?;
        Some(Answer::Repeated(Box::new(sale.clone())))
    }

    fn forget_keys(&mut self, now: Now, step: &mut Step) {
        // A wall clock that jumps must not make a second sale of an open one (promise P10).
        let open = |id: &SaleId| self.sales.get(id).is_some_and(|sale| sale.ending().is_none());
        let old =
            |record: &KeyRecord| now.wall.ms().saturating_sub(record.at.ms()) > KEY_LIFE_MS && !open(&record.sale);
        let forgotten: Vec<String> =
            self.keys.values().filter(|record| old(record)).map(|record| record.request.key.clone()).collect();
        for key in forgotten {
            self.keys.remove(&key);
            step.writes.push(Write::ForgetKey(key));
        }
    }

    pub(super) fn on_acknowledge_wanted(&mut self, id: SaleId, pin: Pin, reply: ReplyTo, now: Now, step: &mut Step) {
        self.withdraw(id, now, step);
        let Some(mut sale) = self.take(id) else {
            return step.reply(reply, Answer::NotFound);
        };
        if sale.ending().is_none() && !matches!(sale.state, State::Offline { .. }) {
            step.reply(reply, Answer::NotEnded(Box::new(sale.clone())));
            return self.unchanged(sale);
        }
        if self.current == Some(id) {
            self.clear_result();
        }
        if pin == Pin::Right && sale.marks.attention {
            sale.marks.attention = false;
            self.changed(sale, now, step);
        } else {
            self.unchanged(sale);
        }
        if let Some(sale) = self.sales.get(&id) {
            let answer = Answer::Acknowledged(Box::new(sale.clone()));
            step.reply(reply, answer);
        }
    }

    pub(super) fn on_replay_wanted(&mut self, reply: ReplyTo, now: Now, step: &mut Step) {
        let since = UnixTime::from_ms(0);
        self.owe_replay(0, now, step);
        step.reply(reply, Answer::Replaying(since));
    }
}
