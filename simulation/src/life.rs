//! The process that holds the till: starts from the disk, commits before it acts, and dies where the power is cut. It does
//! what the real driver does; how the disk fares is in `disk.rs` and `refusal.rs`.

use till_wire::UnixTime;
use tilld::till::mutant::Mutant;
use tilld::till::{BootId, Effect, Event, Generation, Now, Step, Subject, Tick, Till};

use crate::broker::Link;
use crate::calls::Call;
use crate::happening::Happening;
use crate::plan::{BEGIN, HOUR, MINUTE, SECOND};
use crate::story::{brief, cut};
use crate::without::Sort;
use crate::world::{Verdict, World};

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Whole,
    BeforeTheCommit,
    /// While the disk takes the writes: it has all of them or none.
    InTheCommit,
    /// The disk refuses; whether it has taken the writes is not known.
    Refused,
    /// After the commit and so many effects.
    After(usize),
}

/// A step whose writes the disk is taking. Until it has them nobody hears of them, and nothing else is judged.
#[derive(Debug)]
pub(crate) struct Committing {
    pub(crate) until: u64,
    effects: Vec<Effect>,
    fate: Fate,
    /// The provider's answer that the step is about.
    pub(crate) heard: Option<Event>,
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

    /// Whether an event would be judged now.
    pub(crate) fn listens(&self) -> bool {
        self.till.is_some() && !self.refused && self.committing.is_none()
    }

    pub(crate) fn start(&mut self) -> Verdict {
        if self.disk.is_damaged {
            self.lose_the_store();
        }
        self.screen.begin();
        self.after(1, Happening::Link(Link::Back));
        self.restore(Generation::default())
    }

    /// Begins with what the disk has, as the driver does at a start and after the disk has refused something.
    pub(crate) fn restore(&mut self, after: Generation) -> Verdict {
        let boot = BootId([self.boot; 16]);
        let records = self.disk.records();
        let (till, step) = Till::restore(records, self.plan.rules.clone(), boot, self.now(), after);
        self.till = Some(till);
        self.tills += 1;
        self.carry_out(step)
    }

    /// The process dies, alone or with the machine. Of what the disk was taking it has all or nothing.
    pub(crate) fn die(&mut self) -> Verdict {
        self.note(|_| "the process dies".to_owned());
        self.facts.tally.deaths += 1;
        self.till = None;
        self.operator.restart = false;
        self.life += 1;
        (self.committing, self.refused) = (None, false);
        self.broker.connection = None;
        let mut down = self.rng.u64(100..20 * SECOND);
        if self.rng.bool() {
            self.note(|_| "with the machine".to_owned());
            self.boot = self.boot.wrapping_add(1);
            down += if self.rng.u32(0..4) == 0 { self.rng.u64(0..HOUR) } else { MINUTE };
            self.disk.lose_unsynced();
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
        self.find_on_disk()
    }

    /// The power likes to fail where something is acknowledged, promised or heard only once; so does the disk.
    fn fate(&mut self, step: &Step) -> Fate {
        let effects = step.effects.len();
        let telling = step.effects.iter().any(|effect| match effect {
            Effect::Acknowledge(_) | Effect::Reply { .. } | Effect::Create(_) | Effect::Confirm(_) => true,
            Effect::Publish(owed) => owed.subject == Subject::Replay,
            Effect::Perform { .. } | Effect::InstallUpdate { .. } | Effect::Restart => true,
            Effect::Ask { .. }
            | Effect::Cancel { .. }
            | Effect::Reckon
            | Effect::Announce { .. }
            | Effect::TellCommand { .. }
            | Effect::FetchUpdate { .. }
            | Effect::DropUpdate
            | Effect::UsualLogLevel
            | Effect::RepeatAnnouncement => false,
        });
        if !step.writes.is_empty() && self.is_refused(telling) {
            return Fate::Refused;
        }
        let Some(one_in) = self.plan.cut_one_in.filter(|_| self.plan.cuts > 0 && self.t < self.busy_until) else {
            return Fate::Whole;
        };
        if self.rng.u32(0..one_in) > if telling { 4 } else { 0 } || !self.lets(Sort::Cuts) {
            return Fate::Whole;
        }
        self.plan.cuts -= 1;
        match self.rng.u32(0..4) {
            0 => Fate::BeforeTheCommit,
            1 if !step.writes.is_empty() => Fate::InTheCommit,
            _ => Fate::After(self.rng.usize(0..=effects)),
        }
    }

    /// Hands an event to the till as the driver does, and lets happen what comes of it.
    pub(crate) fn judge(&mut self, event: Event) -> Verdict {
        if !self.listens() {
            return Ok(());
        }
        let now = self.now();
        let Some(lookup) = self.till.as_ref().map(|till| till.lookup(&event)) else { return Ok(()) };
        if lookup.is_some() && self.is_refused(false) {
            self.disk_refuses();
            return Ok(());
        }
        let Some(till) = self.till.as_mut() else { return Ok(()) };
        if let Some(lookup) = lookup {
            till.recall(self.disk.find(lookup), now);
        }
        self.facts.tally.steps += 1;
        let witness = self.witness(&event, now);
        let Some(till) = self.till.as_mut() else { return Ok(()) };
        let step = till.handle(event, now);
        self.judge_counter(&witness, &step)?;
        self.carry_out(step)
    }

    fn carry_out(&mut self, step: Step) -> Verdict {
        let fate = self.fate(&step);
        if fate == Fate::BeforeTheCommit {
            return self.die();
        }
        self.note(|_| format!("  writes {:?}", step.writes.iter().map(brief).collect::<Vec<_>>()));
        let pause = if step.writes.is_empty() { 0 } else { self.pause_of_disk() };
        self.disk.append(self.time_on(), step.writes);
        self.committing = Some(Committing { until: self.t + pause, effects: step.effects, fate, heard: None });
        if pause > 0 {
            self.after(pause, Happening::Synced { life: self.life });
            return Ok(());
        }
        self.synced()
    }

    /// The disk has done what it could: only now the effects are carried out.
    pub(crate) fn synced(&mut self) -> Verdict {
        let Some(Committing { effects, fate, heard, .. }) = self.committing.take() else { return Ok(()) };
        match fate {
            Fate::InTheCommit => return self.die(),
            Fate::Refused => {
                self.disk_refuses();
                return if Mutant::GoesOnAfterARefusal.is_on() { self.go_on() } else { Ok(()) };
            }
            Fate::Whole | Fate::BeforeTheCommit | Fate::After(_) => {}
        }
        let batches = self.disk.sync();
        self.settle(batches)?;
        for (place, effect) in effects.into_iter().enumerate() {
            if fate == Fate::After(place) {
                return self.die();
            }
            self.note(|_| format!("  {}", cut(&format!("{effect:?}"))));
            self.take_effect(effect)?;
        }
        if matches!(fate, Fate::After(_)) || std::mem::take(&mut self.operator.restart) {
            return self.die();
        }
        if let Some(heard) = heard {
            self.learn_from(&heard);
        }
        self.show()
    }

    fn take_effect(&mut self, effect: Effect) -> Verdict {
        match effect {
            Effect::Create(create) => self.create(create),
            Effect::Ask { ask, order } => {
                self.facts.asked.insert(order.known.order, self.time_on());
                self.call(Call::ask(self.tills, ask, &order))
            }
            Effect::Cancel { order, .. } => {
                self.judge_cancel(&order)?;
                self.call(Call::cancel(self.tills, &order))
            }
            Effect::Confirm(order) => {
                self.judge_confirm(&order)?;
                self.call(Call::confirm(self.tills, &order))
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
            Effect::Reckon => {
                self.reckon();
                Ok(())
            }
            Effect::Announce { change, .. } => self.judge_said(change),
            Effect::TellCommand { .. } => {
                self.facts.tally.commands_not_kept += 1;
                Ok(())
            }
            Effect::Perform { id, instruction } => self.perform(id, &instruction),
            Effect::FetchUpdate { id, .. } => self.fetch_update(id),
            Effect::InstallUpdate { id, .. } => self.install_update(id),
            Effect::Restart => {
                self.operator.restart = true;
                Ok(())
            }
            // Nothing is heard in this world, and nothing is logged.
            Effect::RepeatAnnouncement | Effect::UsualLogLevel | Effect::DropUpdate => Ok(()),
        }
    }
}
