//! The world: a queue of what will happen, the real till in a process that dies now and then, and its disk.

use std::collections::BTreeMap;

use fastrand::Rng;
use till_wire::{OrderRef, UnixTime};
use tilld::till::{Event, Notice, ProviderId, StoreAge, Subject, Till};

use crate::broker::{Broker, Link};
use crate::calls::Call;
use crate::disk::Disk;
use crate::glocal::Next;
use crate::oracle::Facts;
use crate::panel::{Health, Screen};
use crate::people::People;
use crate::plan::{BEGIN, HOUR, Kind, MINUTE, Plan, QUIET, SECOND, Weather};
use crate::provider::Provider;

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

/// One thing that will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A request reaches the provider; its answer, if one is to come, takes so long.
    Hear {
        call: Call,
        answer: Option<u64>,
    },
    /// An answer reaches the process that asked.
    Answer {
        life: u64,
        event: Box<Event>,
    },
    Pay {
        id: ProviderId,
        amount: u64,
    },
    /// Money comes into the account of the codes made here, with the purpose of an order.
    PayAccount {
        order: OrderRef,
        amount: u64,
    },
    PaySomethingElse {
        kind: Kind,
        order: OrderRef,
        amount: u64,
    },
    NoPayment {
        kind: Kind,
        order: OrderRef,
    },
    /// A session of Smart Glocal takes its next step.
    Session {
        id: ProviderId,
        next: Next,
    },
    /// A provider calls the bridge with something that is no transfer.
    Tell(Notice),
    Webhook {
        real: usize,
    },
    Forward(Notice),
    Deliver {
        connection: u64,
        number: u64,
    },
    Published {
        connection: u64,
        subject: Subject,
        revision: u64,
    },
    Puback {
        life: u64,
        connection: u64,
        subject: Subject,
        revision: u64,
    },
    Link(Link),
    Weather(Weather),
    Paint {
        life: u64,
    },
    Panel(Health),
    Counter,
    Cut,
    Start,
    SetClock {
        ms: i64,
    },
    Calm,
    AllEnded,
}

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) plan: Plan,
    /// Milliseconds since the world began, which nobody in it can read.
    pub(crate) t: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    serial: u64,
    pub(crate) till: Option<Till>,
    /// Counts the processes; what was meant for an earlier one is lost.
    pub(crate) life: u64,
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
    pub(crate) provider: Provider,
    pub(crate) weather: Weather,
    pub(crate) broker: Broker,
    pub(crate) screen: Screen,
    pub(crate) people: People,
    pub(crate) facts: Facts,
    pub(crate) log: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, log: Option<Vec<String>>) -> Self {
        let mut rng = Rng::with_seed(seed);
        let plan = Plan::draw(&mut rng);
        let tick_at_boot = rng.u64(3..1_000_000) * SECOND;
        let provider = Provider { tells_ready: plan.tells_ready, ..Provider::default() };
        let (store, last) = if plan.new_store { (StoreAge::New, None) } else { (StoreAge::Old, Some(29_727_121)) };
        Self {
            rng,
            plan,
            t: 0,
            queue: BTreeMap::new(),
            serial: 0,
            till: None,
            life: 0,
            boot: 1,
            booted_at: 0,
            // The machine may have been on for weeks.
            tick_at_boot,
            time_off: 0,
            started_at: 0,
            skew: 0,
            disk: Disk::new(store, UnixTime::from_ms(BEGIN - 1000), last),
            provider,
            weather: Weather::Good,
            broker: Broker::default(),
            screen: Screen::default(),
            people: People::default(),
            facts: Facts::default(),
            log,
        }
    }

    /// Lets everything happen, and judges after each step.
    pub(crate) fn run(&mut self) -> Verdict {
        let busy = self.plan.busy_until;
        self.after(0, Happening::Start);
        self.after(1, Happening::Link(Link::Open));
        self.after(SECOND, Happening::Counter);
        self.later(MINUTE..busy, Happening::Weather(Weather::Sick));
        self.after(busy, Happening::Calm);
        self.after(busy + 20 * MINUTE, Happening::AllEnded);
        if self.rng.u32(0..4) == 0 {
            self.later(busy + HOUR..busy + 20 * HOUR, Happening::Cut);
        }
        self.trouble();
        let mut turns = 0;
        loop {
            let queued = self.queue.keys().next().map(|(at, _)| *at);
            let wake = self.till.as_ref().and_then(Till::wake_at).map(|tick| self.time_of(tick));
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
                    let happening = entry.remove();
                    self.happen(happening)?;
                }
                None => self.judge(Event::Woke)?,
            }
        }
        self.judge_the_end()
    }

    fn is_anything_alive(&self) -> bool {
        self.disk.sales.values().any(tilld::till::Sale::is_alive)
    }

    pub(crate) fn after(&mut self, delay: u64, happening: Happening) {
        self.serial += 1;
        self.queue.insert((self.t + delay, self.serial), happening);
    }

    /// The same, at some moment within the span.
    pub(crate) fn later(&mut self, span: std::ops::Range<u64>, happening: Happening) {
        let delay = self.rng.u64(span);
        self.after(delay, happening);
    }

    fn happen(&mut self, happening: Happening) -> Verdict {
        self.note(|_| format!("{happening:?}"));
        match happening {
            Happening::Hear { call, answer } => self.provider_hears(call, answer),
            Happening::Answer { life, event } if life == self.life => return self.answered(*event),
            Happening::Pay { id, amount } => self.pay(&id, amount),
            Happening::PayAccount { order, amount } => self.pay_account(order, amount),
            Happening::PaySomethingElse { kind, order, amount } => self.pay_something_else(kind, order, amount),
            Happening::NoPayment { kind, order } => self.report_no_payment(kind, order),
            Happening::Session { id, next } => self.session_goes_on(&id, next),
            Happening::Tell(notice) => self.take_notice(notice),
            Happening::Webhook { real } => self.bridge_hears(real),
            Happening::Forward(notice) => self.publish(notice),
            Happening::Deliver { connection, number } => return self.deliver(connection, number),
            Happening::Published { connection, subject, revision } => self.broker_hears(connection, subject, revision),
            Happening::Puback { life, connection, subject, revision }
                if life == self.life && self.broker.connection == Some(connection) =>
            {
                return self.judge(Event::Published { subject, revision });
            }
            Happening::Link(link) => return self.set_link(link),
            Happening::Weather(weather) if self.t < self.plan.busy_until => self.weather = weather,
            Happening::Paint { life } if life == self.life => return self.paint(),
            Happening::Panel(health) => self.screen.health = health,
            Happening::Counter => {
                self.judge_patience()?;
                return self.serve();
            }
            Happening::Cut if self.till.is_some() => self.die(),
            Happening::Start if self.till.is_none() => return self.start(),
            Happening::SetClock { ms } => self.skew = ms,
            Happening::Calm => return self.calm(),
            Happening::AllEnded if self.t.saturating_sub(self.started_at) < 20 * MINUTE => {
                self.after(20 * MINUTE, Happening::AllEnded);
            }
            Happening::AllEnded => return self.judge_that_all_ended(),
            Happening::Answer { .. }
            | Happening::Puback { .. }
            | Happening::Paint { .. }
            | Happening::Start
            | Happening::Cut
            | Happening::Weather(_) => {}
        }
        Ok(())
    }

    /// From now on nothing fails any more, but what was lost for good stays lost.
    fn calm(&mut self) -> Verdict {
        self.weather = Weather::Good;
        self.screen.health = Health::Works;
        self.skew = if self.rng.u32(0..4) == 0 { self.skew } else { 0 };
        self.after(400 * SECOND, Happening::Link(Link::Open));
        self.set_link(Link::Open)
    }
}
