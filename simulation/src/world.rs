//! The world: a queue of what will happen, the real till in a process that dies now and then, and its disk.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use till_wire::UnixTime;
use tilld::till::{Event, StoreAge, Till};

use crate::bridge::{Bridge, Presence, REPLICAS};
use crate::broker::{Broker, Link};
use crate::cashier::Cashier;
use crate::disk::Disk;
use crate::happening::Happening;
use crate::life::Committing;
use crate::operator::Operator;
use crate::oracle::Facts;
use crate::panel::{Health, Screen};
use crate::people::People;
use crate::plan::{BEGIN, HOUR, MINUTE, Plan, QUIET, SECOND, Weather};
use crate::provider::Provider;
use crate::story::Line;
use crate::without::{Decision, Sort, Without};

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its number, e.g. `P3`.
    pub promise: &'static str,
    /// How.
    pub why: String,
}

impl Broken {
    /// Returns both in one line.
    pub fn text(&self) -> String {
        format!("{}: {}", self.promise, self.why)
    }
}

pub(crate) type Verdict = Result<(), Broken>;

pub(crate) fn broken(promise: &'static str, why: impl Into<String>) -> Verdict {
    Err(Broken { promise, why: why.into() })
}

pub(crate) struct World {
    seed: u64,
    /// The chances of what is happening now. Whatever it brings about gets a seed of its own: leaving one thing out
    /// changes nothing of what does not come of it.
    pub(crate) rng: Rng,
    pub(crate) plan: Plan,
    pub(crate) without: Without,
    /// What was decided so far that could have been left out.
    pub(crate) made: BTreeSet<Decision>,
    /// When the counter stops selling.
    pub(crate) busy_until: u64,
    /// Milliseconds since the world began, which nobody in it can read.
    pub(crate) t: u64,
    queue: BTreeMap<(u64, u64), (u64, Happening)>,
    serial: u64,
    pub(crate) till: Option<Till>,
    /// Counts the processes; what was meant for an earlier one is lost.
    pub(crate) life: u64,
    /// Counts the tills; no answer to what an earlier one has asked for is heard.
    pub(crate) tills: u64,
    pub(crate) boot: u8,
    pub(crate) booted_at: u64,
    pub(crate) tick_at_boot: u64,
    /// For how long the machine has been off.
    pub(crate) time_off: u64,
    /// When the process began, or will begin.
    pub(crate) started_at: u64,
    /// How far the wall clock is off.
    pub(crate) skew: i64,
    pub(crate) disk: Disk,
    /// The step whose writes the disk is taking.
    pub(crate) committing: Option<Committing>,
    /// Whether the disk has refused something and the till has not begun again.
    pub(crate) refused: bool,
    pub(crate) provider: Provider,
    pub(crate) weather: Weather,
    pub(crate) broker: Broker,
    pub(crate) bridges: [Bridge; REPLICAS],
    pub(crate) screen: Screen,
    pub(crate) people: People,
    pub(crate) cashier: Cashier,
    pub(crate) operator: Operator,
    pub(crate) facts: Facts,
    pub(crate) log: Option<Vec<Line>>,
}

impl World {
    pub(crate) fn new(seed: u64, without: Without, log: Option<Vec<Line>>) -> Self {
        let mut rng = Rng::with_seed(seed);
        let plan = Plan::draw(&mut rng);
        let tick_at_boot = rng.u64(3..1_000_000) * SECOND;
        let provider = Provider { tells_ready: plan.tells_ready, ..Provider::default() };
        let (store, last) = if plan.new_store { (StoreAge::New, None) } else { (StoreAge::Old, Some(29_727_121)) };
        let busy_until = without.busy.map_or(plan.busy_until, |busy| busy.min(plan.busy_until));
        Self {
            seed,
            rng,
            plan,
            without,
            made: BTreeSet::new(),
            busy_until,
            t: 0,
            queue: BTreeMap::new(),
            serial: 0,
            till: None,
            life: 0,
            tills: 0,
            boot: 1,
            booted_at: 0,
            // The machine may have been on for weeks.
            tick_at_boot,
            time_off: 0,
            started_at: 0,
            skew: 0,
            disk: Disk::new(store, UnixTime::from_ms(BEGIN - 1000), last),
            committing: None,
            refused: false,
            provider,
            weather: Weather::Good,
            broker: Broker::default(),
            bridges: std::array::from_fn(|_| Bridge::default()),
            screen: Screen::default(),
            people: People::default(),
            cashier: Cashier::default(),
            operator: Operator::default(),
            facts: Facts::default(),
            log,
        }
    }

    /// Lets everything happen, and judges after each step.
    pub(crate) fn run(&mut self) -> Verdict {
        let busy = self.busy_until;
        self.after(0, Happening::Start);
        self.after(1, Happening::Link(Link::Open));
        self.after(SECOND, Happening::Counter);
        self.after(busy, Happening::Calm);
        self.after(busy + 20 * MINUTE, Happening::AllEnded);
        if self.rng.u32(0..4) == 0 {
            self.later(self.plan.busy_until + HOUR..self.plan.busy_until + 20 * HOUR, Happening::Cut);
        }
        self.trouble();
        self.after(5 * SECOND, Happening::Operator);
        let mut turns = 0;
        loop {
            let queued = self.queue.keys().next().map(|(at, _)| *at);
            let wake =
                self.till.as_ref().filter(|_| self.listens()).and_then(Till::wake_at).map(|tick| self.time_of(tick));
            let Some(next) = queued.into_iter().chain(wake).min() else { break };
            if next > busy + QUIET && (next > busy + 2 * QUIET || !self.is_anything_alive()) {
                break;
            }
            turns = if next > self.t { 0 } else { turns + 1 };
            if turns > 1000 {
                return broken("P9", "the till spins");
            }
            self.t = next.max(self.t);
            match self.queue.first_entry().filter(|entry| entry.key().0 <= self.t) {
                Some(entry) => {
                    let (seed, happening) = entry.remove();
                    self.rng = Rng::with_seed(seed);
                    self.happen(happening)?;
                }
                None => {
                    self.rng = Rng::with_seed(self.seed_of_now(turns));
                    self.judge(Event::Woke)?;
                }
            }
        }
        self.judge_the_end()
    }

    fn is_anything_alive(&self) -> bool {
        self.disk.sales.values().any(tilld::till::Sale::is_alive)
    }

    /// The chances of a till that wakes by itself.
    fn seed_of_now(&self, turn: u32) -> u64 {
        let now = self.t.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.seed.wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ now ^ u64::from(turn)
    }

    pub(crate) fn after(&mut self, delay: u64, happening: Happening) {
        self.serial += 1;
        let seed = self.rng.u64(..);
        self.queue.insert((self.t + delay, self.serial), (seed, happening));
    }

    /// The same, at some moment within the span.
    pub(crate) fn later(&mut self, span: std::ops::Range<u64>, happening: Happening) {
        let delay = self.rng.u64(span);
        self.after(delay, happening);
    }

    fn happen(&mut self, happening: Happening) -> Verdict {
        if let Some(until) = self.committing.as_ref().filter(|_| happening.is_for_the_till()).map(|it| it.until) {
            // It waits in the process's channel, behind what came before it.
            self.after(until - self.t, happening);
            return Ok(());
        }
        self.note(|_| format!("{happening:?}"));
        match happening {
            Happening::Hear { call, answer } => self.provider_hears(call, answer),
            Happening::Answer { till, event } if till == self.tills => return self.answered(*event),
            Happening::Pay { id, amount } if self.lets(Sort::Payments) => self.pay(&id, amount),
            Happening::PayAccount { order, amount } if self.lets(Sort::Payments) => self.pay_account(order, amount),
            Happening::PaySomethingElse { kind, order, amount } => self.pay_something_else(kind, order, amount),
            Happening::NoPayment { kind, order } => self.report_no_payment(kind, order),
            Happening::Session { id, next } => self.session_goes_on(&id, next),
            Happening::Call { hook, tries } => self.call_bridge(hook, tries),
            Happening::Forward { replica, entry } => self.forward(replica, entry),
            Happening::Replay { replica, since } => self.replay(replica, since),
            Happening::Bridge { replica, presence } => self.set_bridge(replica, presence),
            Happening::Deliver { connection, number } => return self.deliver(connection, number),
            Happening::Published { connection, subject, revision } => self.broker_hears(connection, subject, revision),
            Happening::Puback { life, connection, subject, revision }
                if life == self.life && self.broker.connection == Some(connection) =>
            {
                return self.judge(Event::Published { subject, revision });
            }
            Happening::Link(link) => return self.set_link(link),
            Happening::Weather(weather) if self.t < self.busy_until => self.weather = weather,
            Happening::Paint { life } if life == self.life => return self.paint(),
            Happening::Panel(health) => self.screen.health = health,
            Happening::Counter => {
                self.judge_patience()?;
                return self.serve();
            }
            Happening::Fingers => return self.go_on_typing(),
            Happening::Operator => self.operate(),
            Happening::Enable => self.enable(),
            Happening::Performed { life, id, performed } if life == self.life => {
                return self.judge(Event::CommandPerformed { id, performed });
            }
            Happening::Cut if self.till.is_some() && self.lets(Sort::Cuts) => return self.die(),
            Happening::Start if self.till.is_none() => return self.start(),
            Happening::Synced { life } if life == self.life => return self.synced(),
            Happening::BeginAgain { life } if life == self.life => return self.begin_again(),
            Happening::Damage => return self.damage(),
            Happening::SetClock { ms } => self.skew = ms,
            Happening::Trouble(trouble) if self.t < self.busy_until && self.lets(Sort::Troubles) => {
                return self.happen(*trouble);
            }
            Happening::Calm => return self.calm(),
            Happening::AllEnded if self.t.saturating_sub(self.started_at) < 20 * MINUTE => {
                self.after(20 * MINUTE, Happening::AllEnded);
            }
            Happening::AllEnded => return self.judge_that_all_ended(),
            Happening::Answer { .. }
            | Happening::Pay { .. }
            | Happening::PayAccount { .. }
            | Happening::Puback { .. }
            | Happening::Performed { .. }
            | Happening::Paint { .. }
            | Happening::Start
            | Happening::Cut
            | Happening::Synced { .. }
            | Happening::BeginAgain { .. }
            | Happening::Trouble(_)
            | Happening::Weather(_) => {}
        }
        Ok(())
    }

    /// From now on nothing fails any more, but what was lost for good stays lost.
    fn calm(&mut self) -> Verdict {
        self.weather = Weather::Good;
        self.screen.health = Health::Works;
        for replica in 0..REPLICAS {
            self.set_bridge(replica, Presence::Up);
        }
        self.skew = if self.rng.u32(0..4) == 0 { self.skew } else { 0 };
        self.after(500 * SECOND, Happening::Enable);
        self.after(400 * SECOND, Happening::Link(Link::Open));
        self.set_link(Link::Open)
    }
}
