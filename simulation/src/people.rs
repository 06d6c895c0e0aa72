//! The cashier, who starts, repeats, cancels and acknowledges; customers, who pay as they like; strangers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use till_wire::{Amount, OrderRef, SaleId};
use tilld::till::{Answer, Customer, Event, Key, NewSale, Notice, Pin, ProviderId, ReplyTo, RequestKey, Said};

use crate::bridge::Hook;
use crate::happening::Happening;
use crate::panel::Visible;
use crate::plan::{HOUR, Kind, MINUTE, SECOND, terminal};
use crate::provider::Named;
use crate::without::Sort;
use crate::world::{Verdict, World, broken};

#[derive(Debug, Default)]
pub(crate) struct People {
    /// Orders whose code a customer has seen.
    pub(crate) seen: BTreeSet<ProviderId>,
    calls: u64,
    /// What was asked for with which key, by the call.
    asked: BTreeMap<ReplyTo, Option<RequestKey>>,
    /// The sale that a key made.
    keys: BTreeMap<String, SaleId>,
    last: Option<(NewSale, RequestKey)>,
}

impl People {
    /// The terminal knows none of the keys any more.
    pub(crate) fn forget_keys(&mut self) {
        self.keys.clear();
    }
}

impl World {
    /// The cashier does something, and will do more.
    pub(crate) fn serve(&mut self) -> Verdict {
        if self.t < self.busy_until {
            let delay = self.rng.u64(SECOND..80 * SECOND);
            self.after(delay, Happening::Counter);
        }
        if self.plan.strangers {
            self.meddle();
        }
        if !self.lets(Sort::Acts) {
            return Ok(());
        }
        let reply = self.next_call();
        let recent: Vec<SaleId> = self.disk.sales.keys().rev().take(4).copied().collect();
        let recent = self.rng.choice(recent.iter()).copied();
        let event = match (self.rng.u32(0..12), recent) {
            (0 | 1, Some(sale)) => Event::CancelWanted { sale, reply },
            (2, Some(sale)) if self.rng.u32(0..3) > 0 => self.supervise(sale, reply),
            (2, Some(sale)) => Event::AcknowledgeWanted { sale, pin: Pin::Absent, reply },
            (3, _) if self.rng.u32(0..6) == 0 => Event::ReplayWanted { reply },
            (4, _) if self.people.last.is_some() => self.repeat(reply),
            (5 | 6, _) => self.press(reply),
            (7, _) => self.scan_reference(reply),
            (8, _) => self.look_back(reply),
            _ => self.sell(reply),
        };
        self.judge(event)
    }

    /// Numbers what is asked of the till.
    pub(crate) fn next_call(&mut self) -> ReplyTo {
        self.people.calls += 1;
        ReplyTo(self.people.calls)
    }

    fn sell(&mut self, reply: ReplyTo) -> Event {
        let kind = if self.rng.bool() { self.plan.favourite } else { Kind::draw(&mut self.rng) };
        let request = NewSale {
            amount: Amount::vnd(self.rng.u64(10..90) * 1000),
            channel: kind.channel(),
            reference: self.rng.bool().then(|| format!("REGISTER-{}", self.people.calls)),
            note: None,
            expire: Duration::from_secs(self.rng.u64(15..300)),
            customer: Customer::default(),
            items: Vec::new(),
        };
        let calls = self.people.calls;
        let fingerprint = [calls.to_le_bytes()[0]; 32];
        let key = self.rng.bool().then(|| RequestKey { key: format!("key {calls}"), fingerprint });
        if let Some(key) = &key {
            self.people.last = Some((request.clone(), key.clone()));
        }
        self.people.asked.insert(reply, key.clone());
        Event::SaleWanted { request, key, reply }
    }

    /// The cashier types an amount, or something like one, and mostly sells it.
    pub(crate) fn press(&mut self, reply: ReplyTo) -> Event {
        let mut keys = Vec::new();
        if self.rng.u32(0..4) == 0 {
            keys.push(Key::Escape);
        }
        for _ in 0..self.rng.u32(0..6) {
            // Nobody pays a single đồng in two parts, so no amount is 1.
            keys.push(match self.rng.u32(0..9) {
                0 => Key::DoubleZero,
                1 => Key::TripleZero,
                2 => Key::Back,
                3 => Key::Plus,
                4 => Key::Times,
                5 => self.looking_key(),
                _ => Key::Digit(self.rng.u8(2..10)),
            });
        }
        if self.rng.u32(0..4) > 0 {
            keys.push(Key::Enter);
        }
        Event::KeysPressed { keys, reply }
    }

    /// The cash register has had no answer, or thinks so.
    fn repeat(&mut self, reply: ReplyTo) -> Event {
        let Some((request, key)) = self.people.last.clone() else { return self.sell(reply) };
        self.people.asked.insert(reply, Some(key.clone()));
        Event::SaleWanted { request, key: Some(key), reply }
    }

    pub(crate) fn hear_reply(&mut self, to: ReplyTo, answer: Answer) -> Verdict {
        self.judge_match(&answer)?;
        let (Answer::Created(sale) | Answer::Repeated(sale) | Answer::Keyed { sale: Some(sale), .. }) = answer else {
            return Ok(());
        };
        let new = self.facts.promised.insert(sale.id, sale.amount.value()).is_none();
        if new && !self.people.asked.contains_key(&to) {
            self.facts.tally.typed += 1;
        }
        let Some(Some(key)) = self.people.asked.remove(&to) else { return Ok(()) };
        let first = *self.people.keys.entry(key.key.clone()).or_insert(sale.id);
        // A key of an ended sale may be forgotten when the wall clock jumps by days.
        if first != sale.id && !self.plan.wall_jumps {
            return broken("P3", format!("`{}` made both {first} and {}", key.key, sale.id));
        }
        Ok(())
    }

    /// A customer scans a code and does with it what customers do.
    pub(crate) fn scan(&mut self, code: &Visible) {
        let Some((id, amount)) = self.provider.behind(&code.text).map(|order| (order.id.clone(), order.amount)) else {
            return self.scan_account(code);
        };
        if !self.people.seen.insert(id.clone()) {
            return;
        }
        self.decide(amount, |amount| Happening::Pay { id: id.clone(), amount });
    }

    /// A customer decides how much is paid of what a code asks for, and when.
    pub(crate) fn decide(&mut self, amount: u64, happening: impl Fn(u64) -> Happening) {
        let part = self.rng.u64(1..amount);
        let soon = self.rng.u64(SECOND..2 * MINUTE);
        let then = soon + self.rng.u64(SECOND..4 * MINUTE);
        let late = self.rng.u64(MINUTE..20 * HOUR);
        let mut pay = |delay, amount| self.after(delay, happening(amount));
        match part % 13 {
            0 => {
                pay(soon, part);
                pay(then, amount - part);
            }
            1 => pay(soon, part),
            2 => {
                pay(soon, amount);
                pay(then, amount);
            }
            3 => pay(late, amount),
            4 => pay(late, part),
            5 => pay(soon, amount + part),
            6 => {
                pay(soon, amount);
                pay(late, amount);
            }
            7 | 8 => {}
            _ => pay(soon, amount),
        }
    }

    pub(crate) fn pay(&mut self, id: &ProviderId, amount: u64) {
        let Some(known) = self.provider.orders.get(id) else { return };
        match known.kind {
            Kind::PayOs | Kind::Finan => self.take_money(id, amount),
            Kind::Glocal => {
                let (kind, order) = (known.kind, known.reference);
                self.pay_session(&Named { kind, order, id: Some(id.clone()), amount });
            }
        }
    }

    pub(crate) fn take_money(&mut self, id: &ProviderId, amount: u64) {
        let slow = if self.rng.u32(0..4) == 0 { 120 } else { 20 };
        let counted = self.t + self.rng.u64(0..slow) * SECOND;
        let listed = counted + if self.rng.u32(0..3) == 0 { self.rng.u64(0..10 * MINUTE) } else { 0 };
        let Some(place) = self.provider.pay(id, amount, counted, listed) else { return };
        if self.rng.u32(0..16) == 0 {
            // Its webhook is lost, or only says that something happened.
            self.facts.tally.kinds.untold += 1;
            if let Some(real) = self.provider.reals.get_mut(place) {
                real.untold = true;
            }
            if self.rng.bool() {
                return;
            }
        }
        self.send_webhooks(place);
    }

    pub(crate) fn pay_something_else(&mut self, kind: Kind, order: OrderRef, amount: u64) {
        let real = self.provider.pay_something_else(kind, order, amount);
        self.send_webhooks(real);
    }

    pub(crate) fn send_webhooks(&mut self, real: usize) {
        self.facts.tally.transfers += 1;
        let copies = if self.rng.u32(0..6) == 0 && self.lets(Sort::Doubles) { self.rng.u32(2..4) } else { 1 };
        for _ in 0..copies {
            let late = self.rng.u32(0..8) == 0 && self.lets(Sort::Doubles);
            let delay = if late { self.rng.u64(MINUTE..2 * HOUR) } else { self.rng.u64(100..30 * SECOND) };
            self.after(delay, Happening::Call { hook: Hook::Transfer(real), tries: 0 });
        }
    }

    /// Others use the same merchant accounts.
    fn meddle(&mut self) {
        let last = self.disk.sequence.unwrap_or(1);
        let near = |offset: i64| {
            let sequence = i64::from(last).saturating_add(offset).clamp(0, 999_999_999);
            OrderRef::new(terminal(), u32::try_from(sequence).unwrap_or(0))
        };
        let delay = self.rng.u64(0..5 * MINUTE);
        let amount = 12_345;
        let kind = if self.rng.bool() { self.plan.favourite } else { Kind::draw(&mut self.rng) };
        match self.rng.u32(0..26) {
            0..8 if !self.lets(Sort::Strangers) => {}
            0 | 1 => {
                let Some(order) = near(self.rng.i64(1..4)) else { return };
                if self.disk.sequence.is_some() && kind != Kind::Glocal {
                    let id = self.provider.squat(kind, order, amount);
                    self.after(delay, Happening::Pay { id, amount });
                }
            }
            2 => {
                let Some(order) = near(self.rng.i64(-3..1)) else { return };
                self.after(delay, Happening::PaySomethingElse { kind, order, amount });
            }
            3 => {
                let Some(order) = near(-1_000_000) else { return };
                self.after(delay, Happening::PaySomethingElse { kind, order, amount });
            }
            4 => {
                let Some(order) = near(self.rng.i64(-3..1)) else { return };
                self.after(delay, Happening::NoPayment { kind, order });
            }
            5..8 => {
                let Some(order) = near(self.rng.i64(-3..1)) else { return };
                self.stir_sessions(order, amount);
            }
            _ => {}
        }
    }

    /// Sometimes money comes under an order's number, for something else, before the terminal knows the order's id.
    pub(crate) fn impersonate(&mut self, kind: Kind, order: OrderRef, amount: u64) {
        if !self.plan.strangers || self.rng.u32(0..6) > 0 || !self.lets(Sort::Strangers) {
            return;
        }
        if kind == Kind::Glocal {
            self.pretend_ready(order, amount);
        }
        let real = self.provider.pay_something_else(kind, order, 12_345);
        self.facts.tally.transfers += 1;
        self.after(1, Happening::Call { hook: Hook::Transfer(real), tries: 0 });
    }

    pub(crate) fn report_no_payment(&mut self, kind: Kind, order: OrderRef) {
        let known = self.provider.of_reference(kind, order).next().map(|known| known.id.clone());
        let provider_id = known.unwrap_or(ProviderId("none".to_owned()));
        let (order, purpose, said, note) = (Some(order), None, Said::NoPayment, None);
        let notice = Notice { channel: kind.channel(), order, purpose, provider_id, said, note };
        self.call_bridge(Hook::Notice(Box::new(notice)), 0);
    }
}
