//! What the cashier does beside selling: order numbers that are scanned, and keys that look and listen; and what may come
//! of both. It must not know how the till keeps them.

use tilld::till::{
    Answer, Effect, Event, Key, Now, ReplyTo, Sale, Scene, Stage, State, Step, Takings, Till, View, Write,
};

use till_wire::sale::SaleState;
use till_wire::{Amount, SaleId};

use crate::happening::Happening;
use crate::plan::{MINUTE, SECOND};
use crate::without::Sort;
use crate::world::{Verdict, World, broken};

/// What the cashier has in hand.
#[derive(Debug, Default)]
pub(crate) struct Cashier {
    waiting: Option<Waiting>,
    /// What the day came to when the till was told last.
    takings: Option<Takings>,
}

/// An order number that was scanned for the next sale.
#[derive(Clone, Debug)]
struct Waiting {
    reference: String,
    /// The till that heard it; another one has forgotten it.
    till: u64,
    /// When it is forgotten: a minute after the last key that types.
    until: u64,
    /// Whether Escape may have cleared it, or may have cancelled a code that was made here.
    doubtful: bool,
}

/// What somebody at the counter wants, remembered until the till has judged it.
#[derive(Clone, Debug)]
enum Wish {
    /// A cash register wants a sale, for this order of its own.
    Register(Option<String>),
    Keys(Vec<Key>),
    Scan(String),
    /// The day's sum is there to be seen.
    Day(Takings),
    /// Nobody wants a sale.
    None,
}

impl Wish {
    fn of(event: &Event) -> Self {
        if let Event::SaleWanted { request, .. } = event {
            Self::Register(request.reference.clone())
        } else if let Event::KeysPressed { keys, .. } = event {
            Self::Keys(keys.clone())
        } else if let Event::ReferenceScanned { reference, .. } = event {
            Self::Scan(reference.clone())
        } else if let Event::DayReckoned { takings } = event {
            Self::Day(*takings)
        } else {
            Self::None
        }
    }

    /// Whether it only looks, listens, or keeps something for later.
    fn sells_nothing(&self) -> bool {
        let looks = |key: &Key| matches!(key, Key::Last | Key::Report | Key::Repeat);
        match self {
            Self::Keys(keys) => keys.iter().all(looks),
            Self::Scan(_) | Self::Day(_) => true,
            Self::Register(_) | Self::None => false,
        }
    }

    fn has(&self, key: Key) -> bool {
        matches!(self, Self::Keys(keys) if keys.contains(&key))
    }
}

/// What is known of an event before the till judges it.
pub(crate) struct Witness {
    wish: Wish,
    /// What the till would do and show if only time went by, where nothing else may come of the event.
    alone: Option<(Step, Scene)>,
}

impl World {
    /// The cashier scans an order number, and mostly types at once what it comes to.
    pub(crate) fn scan_reference(&mut self, reply: ReplyTo) -> Event {
        if self.rng.u32(0..3) > 0 {
            self.later(SECOND..30 * SECOND, Happening::Fingers);
        }
        Event::ReferenceScanned { reference: format!("SCAN-{}", reply.0), reply }
    }

    /// Keys that show the last sale or the day, or have the last announcement said again.
    pub(crate) fn look_back(&mut self, reply: ReplyTo) -> Event {
        let keys = (0..self.rng.u32(1..4)).map(|_| self.looking_key()).collect();
        Event::KeysPressed { keys, reply }
    }

    pub(crate) fn looking_key(&mut self) -> Key {
        match self.rng.u32(0..4) {
            0 | 1 => Key::Last,
            2 => Key::Report,
            _ => Key::Repeat,
        }
    }

    /// The cashier's fingers are on the keys, after a scan.
    pub(crate) fn go_on_typing(&mut self) -> Verdict {
        if self.t >= self.busy_until || !self.lets(Sort::Acts) {
            return Ok(());
        }
        let reply = self.next_call();
        let event = self.press(reply);
        self.judge(event)
    }

    /// The store reckons what the day comes to; here every sale is of one day.
    pub(crate) fn reckon(&mut self) {
        let sales = || self.disk.sales.values();
        let are = |state| sales().filter(|sale| sale.seen_state() == state).count() as u64;
        let amount = sales().filter(|sale| sale.seen_state() == SaleState::Paid).map(Sale::paid_amount).sum();
        let open = [SaleState::Requesting, SaleState::Showing, SaleState::Cancelling];
        let takings = Takings {
            paid: are(SaleState::Paid),
            amount: Amount::vnd(amount),
            open: open.into_iter().map(are).sum(),
            unconfirmed: are(SaleState::Unconfirmed),
        };
        let event = Box::new(Event::DayReckoned { takings });
        self.later(1..20 * SECOND, Happening::Answer { till: self.tills, event });
    }

    /// Looks at the till before it judges an event.
    pub(crate) fn witness(&self, event: &Event, now: Now) -> Witness {
        let wish = Wish::of(event);
        let till = self.till.as_ref().filter(|_| wish.sells_nothing());
        let alone = till.map(|till| {
            let mut alone = Till::remember(till.memory(), self.plan.rules.clone());
            let step = alone.handle(Event::Woke, now);
            (step, alone.scene())
        });
        Witness { wish, alone }
    }

    /// Judges what the till made of what somebody at the counter wanted.
    pub(crate) fn judge_counter(&mut self, witness: &Witness, step: &Step) -> Verdict {
        let wish = &witness.wish;
        match wish {
            Wish::Keys(keys) => self.type_on(keys),
            Wish::Day(takings) => self.cashier.takings = Some(*takings),
            Wish::Register(_) | Wish::Scan(_) | Wish::None => {}
        }
        let new = step.writes.iter().find_map(|write| {
            let Write::Sale(sale) = write else { return None };
            (!self.disk.sales.contains_key(&sale.id)).then_some(sale)
        });
        if let Some(sale) = new {
            self.judge_order_number(wish, sale)?;
            self.cashier.waiting = None;
        }
        if let Some((alone, scene)) = &witness.alone {
            self.judge_look(wish, step, alone)?;
            self.judge_sight(wish, scene)?;
        }
        match wish {
            Wish::Scan(reference) => self.judge_scan(reference, step),
            Wish::Register(_) | Wish::Keys(_) | Wish::Day(_) | Wish::None => Ok(()),
        }
    }

    /// Follows what keys do to an order number that waits.
    fn type_on(&mut self, keys: &[Key]) {
        let offered = |sale: &Sale| matches!(sale.state, State::Offline { stage: Stage::Shown { .. }, .. });
        let open = self.disk.sales.values().any(|sale| sale.is_busy() || offered(sale));
        let (t, till) = (self.t, self.tills);
        let mut waiting = self.cashier.waiting.take().filter(|waiting| waiting.till == till && t < waiting.until);
        for key in keys {
            waiting = match key {
                Key::Escape if open => waiting.map(|waiting| Waiting { doubtful: true, ..waiting }),
                Key::Escape => None,
                Key::Last | Key::Report | Key::Repeat => waiting,
                Key::Digit(_) | Key::DoubleZero | Key::TripleZero | Key::Back | Key::Enter | Key::Plus | Key::Times => {
                    waiting.map(|waiting| Waiting { until: t + MINUTE, ..waiting })
                }
            };
        }
        self.cashier.waiting = waiting;
    }

    /// A sale that begins has the order number that was scanned for it, or that the cash register gave, and no other.
    fn judge_order_number(&mut self, wish: &Wish, sale: &Sale) -> Verdict {
        let has = sale.reference.as_deref();
        let waiting = self.cashier.waiting.as_ref();
        let right = match wish {
            Wish::Register(reference) => has == reference.as_deref(),
            Wish::Keys(keys) if keys.contains(&Key::Enter) => {
                let scanned = waiting.map(|waiting| waiting.reference.as_str());
                has == scanned || has.is_none() && waiting.is_some_and(|waiting| waiting.doubtful)
            }
            Wish::Keys(_) | Wish::Scan(_) | Wish::Day(_) | Wish::None => {
                return broken("P11", format!("{wish:?} made the sale {}", sale.id));
            }
        };
        if !right {
            let text = format!("{} has the order number {has:?}, and {waiting:?} waits ({wish:?})", sale.id);
            return broken("P4", text);
        }
        self.facts.tally.referenced += u64::from(matches!(wish, Wish::Keys(_)) && has.is_some());
        Ok(())
    }

    /// Whoever looks, listens or scans changes no sale and makes none: what is written and done, time alone brings about.
    fn judge_look(&mut self, wish: &Wish, step: &Step, alone: &Step) -> Verdict {
        if step.writes != alone.writes {
            return broken("P11", format!("{wish:?} wrote {:?} in the place of {:?}", step.writes, alone.writes));
        }
        let asked = |effect: &&Effect| matches!(effect, Effect::Reckon | Effect::RepeatAnnouncement);
        let (heard, others): (Vec<_>, Vec<_>) = step.effects.iter().partition(asked);
        let others: Vec<_> = others.into_iter().filter(|effect| !matches!(effect, Effect::Reply { .. })).collect();
        if !others.iter().copied().eq(&alone.effects) {
            return broken("P11", format!("{wish:?} brought about {others:?} in the place of {:?}", alone.effects));
        }
        let again = heard.contains(&&Effect::RepeatAnnouncement);
        let first = matches!(wish, Wish::Keys(keys) if keys.first() == Some(&Key::Repeat));
        if again && !wish.has(Key::Repeat) || first && !again {
            return broken("P13", format!("{wish:?} is said again: {again}"));
        }
        self.facts.tally.said_again += u64::from(again);
        Ok(())
    }

    /// What is to be seen is what it would be otherwise, or what was asked for in the place of nothing that goes on.
    fn judge_sight(&mut self, wish: &Wish, alone: &Scene) -> Verdict {
        let Some(scene) = self.till.as_ref().map(Till::scene) else { return Ok(()) };
        if scene == *alone {
            return Ok(());
        }
        let over = matches!(
            alone.view,
            View::Idle { .. }
                | View::Message { .. }
                | View::Identity { .. }
                | View::Disabled
                | View::Money { .. }
                | View::Paid { .. }
                | View::Ended { .. }
                | View::Last { .. }
                | View::Day { .. }
        );
        let typing = matches!(alone.view, View::Typing { .. });
        let right = match (wish, &scene.view) {
            (Wish::Scan(reference), View::Typing { typed }) => {
                (over || typing) && typed.reference.as_ref() == Some(reference)
            }
            (Wish::Keys(_), View::Last { sale, .. }) => over && wish.has(Key::Last) && self.is_newest_result(*sale),
            (Wish::Day(_), View::Day { .. }) => over,
            _ => false,
        };
        if !right || scene.generation != alone.generation {
            return broken("P6", format!("{wish:?} shows {:?} over {:?}", scene.view, alone.view));
        }
        self.facts.tally.looks += u64::from(!matches!(wish, Wish::Scan(_)));
        Ok(())
    }

    fn is_newest_result(&self, id: SaleId) -> bool {
        self.disk.sales.values().rev().find(|sale| sale.ending().is_some()).is_some_and(|newest| newest.id == id)
    }

    /// An order number is taken when no sale is under way, and only then.
    fn judge_scan(&mut self, reference: &str, step: &Step) -> Verdict {
        let busy = self.disk.sales.values().any(Sale::is_busy);
        let taken = step.effects.iter().any(|it| matches!(it, Effect::Reply { answer: Answer::Keyed { .. }, .. }));
        if taken == busy {
            return broken("P4", format!("{reference} is taken: {taken}, a sale is under way: {busy}"));
        }
        if taken {
            let (reference, till, until) = (reference.to_owned(), self.tills, self.t + MINUTE);
            self.cashier.waiting = Some(Waiting { reference, till, until, doubtful: false });
        }
        Ok(())
    }

    /// A glance tells what is on the disk, and hides no sale that is under way.
    pub(crate) fn judge_glance(&self, view: &View) -> Verdict {
        let right = if let View::Last { sale, amount, paid, unpaid, .. } = view {
            self.disk.sales.get(sale).is_some_and(|sale| {
                let is_paid = sale.seen_state() == SaleState::Paid;
                let money = sale.amount == *amount && sale.paid_amount() == paid.value();
                sale.ending().is_some() && money && is_paid == unpaid.is_none()
            })
        } else if let View::Day { takings } = view {
            self.cashier.takings == Some(*takings)
        } else {
            return Ok(());
        };
        match self.disk.sales.values().find(|sale| sale.is_busy()) {
            Some(busy) => broken("P6", format!("{view:?} hides {}", busy.id)),
            None if right => Ok(()),
            None => broken("P6", format!("{view:?} is not what the disk has")),
        }
    }
}
