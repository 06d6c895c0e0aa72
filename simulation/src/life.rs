//! The process that holds the till: starts from the disk, commits before it acts, and dies where the power is cut.

use till_wire::UnixTime;
use tilld::till::{BootId, Effect, Event, Generation, Now, Step, Subject, Tick, Till};

use crate::calls::Call;
use crate::plan::{BEGIN, HOUR, MINUTE, SECOND};
use crate::story::{brief, cut};
use crate::world::{Happening, Verdict, World};

/// Where the power cuts a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Whole,
    BeforeTheCommit,
    /// After the commit and so many effects.
    After(usize),
}

impl World {
    pub(crate) fn now(&self) -> Now {
        let wall = BEGIN + i64::try_from(self.t).unwrap_or(i64::MAX) + self.skew;
        Now { tick: Tick(self.t - self.booted_at + self.tick_at_boot), wall: UnixTime::from_ms(wall) }
    }

    /// For how long the machine has been on.
    pub(crate) fn time_on(&self) -> u64 {
        self.t.saturating_sub(self.time_off)
    }

    pub(crate) fn time_of(&self, tick: Tick) -> u64 {
        (self.booted_at + tick.0).saturating_sub(self.tick_at_boot)
    }

    /// The time that the rest of the world goes by.
    pub(crate) fn true_time(&self) -> UnixTime {
        UnixTime::from_ms(BEGIN + i64::try_from(self.t).unwrap_or(i64::MAX))
    }

    pub(crate) fn start(&mut self) -> Verdict {
        let boot = BootId([self.boot; 16]);
        let records = self.disk.records();
        let (till, step) = Till::restore(records, self.plan.rules.clone(), boot, self.now(), Generation::default());
        self.till = Some(till);
        self.screen.begin();
        self.carry_out(step)?;
        self.connect()
    }

    /// The process dies, alone or with the machine.
    pub(crate) fn die(&mut self) {
        self.note(|_| "the process dies".to_owned());
        self.facts.tally.deaths += 1;
        self.till = None;
        self.life += 1;
        self.broker.connection = None;
        let mut down = self.rng.u64(100..20 * SECOND);
        if self.rng.bool() {
            self.note(|_| "with the machine".to_owned());
            self.boot = self.boot.wrapping_add(1);
            down += if self.rng.u32(0..4) == 0 { self.rng.u64(0..HOUR) } else { MINUTE };
            // The next boot counts from its own beginning.
            self.booted_at = self.t + down - 2 * SECOND.min(down);
            self.tick_at_boot = 3 * SECOND;
            self.time_off += self.booted_at - self.t;
            if self.rng.bool() {
                self.screen.go_dark();
            }
        }
        self.started_at = self.t + down;
        self.after(down, Happening::Start);
    }

    /// The power likes to fail where something is acknowledged, promised or heard only once.
    fn fate(&mut self, step: &Step) -> Fate {
        let effects = step.effects.len();
        let telling = step.effects.iter().any(|effect| match effect {
            Effect::Acknowledge(_) | Effect::Reply { .. } | Effect::Create(_) | Effect::Confirm(_) => true,
            Effect::Publish(owed) => owed.subject == Subject::Replay,
            Effect::Ask { .. } | Effect::Cancel { .. } | Effect::Announce { .. } => false,
        });
        let Some(one_in) = self.plan.cut_one_in.filter(|_| self.plan.cuts > 0 && self.t < self.plan.busy_until) else {
            return Fate::Whole;
        };
        if self.rng.u32(0..one_in) > if telling { 4 } else { 0 } {
            return Fate::Whole;
        }
        self.plan.cuts -= 1;
        match self.rng.u32(0..3) {
            0 => Fate::BeforeTheCommit,
            _ => Fate::After(self.rng.usize(0..=effects)),
        }
    }

    /// Hands an event to the till as the driver does, and lets happen what comes of it.
    pub(crate) fn judge(&mut self, event: Event) -> Verdict {
        if self.till.is_none() {
            return Ok(());
        }
        let now = self.now();
        let Some(till) = self.till.as_mut() else { return Ok(()) };
        if let Some(lookup) = till.lookup(&event) {
            till.recall(self.disk.find(lookup), now);
        }
        self.facts.tally.steps += 1;
        let step = till.handle(event, now);
        self.carry_out(step)
    }

    fn carry_out(&mut self, step: Step) -> Verdict {
        let fate = self.fate(&step);
        if fate == Fate::BeforeTheCommit {
            self.die();
            return Ok(());
        }
        self.note(|_| format!("  writes {:?}", step.writes.iter().map(brief).collect::<Vec<_>>()));
        self.commit(step.writes)?;
        for (place, effect) in step.effects.into_iter().enumerate() {
            if fate == Fate::After(place) {
                self.die();
                return Ok(());
            }
            self.note(|_| format!("  {}", cut(&format!("{effect:?}"))));
            self.take_effect(effect)?;
        }
        if matches!(fate, Fate::After(_)) {
            self.die();
            return Ok(());
        }
        self.show()
    }

    fn take_effect(&mut self, effect: Effect) -> Verdict {
        match effect {
            Effect::Create(create) => self.create(create),
            Effect::Ask { ask, order } => {
                self.facts.asked.insert(order.known.order, self.time_on());
                self.call(Call::ask(self.life, ask, &order))
            }
            Effect::Cancel { order, .. } => {
                self.judge_cancel(&order)?;
                self.call(Call::cancel(self.life, &order))
            }
            Effect::Confirm(order) => {
                self.judge_confirm(&order)?;
                self.call(Call::confirm(self.life, &order))
            }
            Effect::Reply { to, answer } => self.hear_reply(to, answer),
            Effect::Acknowledge(delivery) => self.judge_acknowledged(delivery),
            Effect::Publish(owed) => {
                let (Some(connection), revision) = (self.broker.connection, self.disk.revision(owed)) else {
                    return Ok(());
                };
                let (subject, delay) = (owed.subject, self.rng.u64(1..300));
                self.after(delay, Happening::Published { connection, subject, revision });
                Ok(())
            }
            Effect::Announce { change, .. } => self.judge_said(change),
        }
    }
}
