//! A small world around the till: a disk, two clocks, a panel. It runs scripts and keeps a log of all effects.

use std::collections::BTreeMap;
use std::time::Duration;

use till_wire::emv::{self, VietQr};
use till_wire::{Amount, ChannelId, GroupName, OrderRef, SaleId, TerminalNumber, UnixTime};

use super::disk::Disk;
use crate::flight::{Recorder, Verdict};
use crate::till::{
    AskId, BootId, ChannelRules, Display, Effect, Event, Generation, Now, Offline, Owed, Rules, Session, StoreAge,
    Tick, Till, Write,
};

/// 2026-11-20T03:00:00Z.
pub(super) const NOON: i64 = 1_795_143_600_000;
/// The tick at which a script begins: the machine has been up for a while.
pub(super) const START: i64 = 10_000_000;
/// When the till met the broker, before second 0.
const BEFORE: i64 = -1_500_000;
/// The number of the first order, when the store is not new.
pub(super) const FIRST: u32 = 29_727_122;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirms {
    /// Every picture at once.
    Promptly,
    /// Only when the script says so.
    ByHand,
}

pub(super) struct World {
    pub(super) till: Till,
    /// Every script is recorded and, in the end, replayed to the same steps.
    pub(super) recorder: Recorder,
    pub(super) disk: Disk,
    pub(super) rules: Rules,
    boot: BootId,
    /// The tick at second 0 of the script, by this boot's count.
    pub(super) origin: i64,
    /// Milliseconds since the script's second 0.
    pub(super) at: i64,
    /// Nothing wakes the till before the script's next line.
    asleep: bool,
    /// How far the wall clock has been set.
    pub(super) skew: i64,
    pub(super) first: u32,
    pub(super) confirms: Confirms,
    confirmed: Generation,
    pub(super) log: Vec<String>,
    pub(super) asks: BTreeMap<OrderRef, AskId>,
    pub(super) published: Vec<Owed>,
    pub(super) count: u16,
}

pub(super) fn rules() -> Rules {
    let channels = BTreeMap::from([(channel(), ChannelRules::default())]);
    Rules {
        terminal: TerminalNumber::new(1017).expect("a number in range"),
        groups: vec![GroupName::new("north").expect("a group's name")],
        channels,
        channel: channel(),
        expire: Duration::from_secs(300),
        max_amount: Amount::vnd(100_000_000),
        request: Duration::from_secs(45),
        result: Duration::from_secs(8),
        double_proof_over: None,
        offline: Offline::Wait(Duration::from_secs(120)),
        display: Display::Panel,
        built: UnixTime::from_ms(1_767_225_600_000),
    }
}

pub(super) fn channel() -> ChannelId {
    ChannelId::new("payos").expect("a good channel id")
}

/// A code as payOS makes it.
pub(super) fn code(amount: Option<u64>, account: &str) -> String {
    let account = emv::Account { bin: "970422".to_owned(), number: account.to_owned(), name: None };
    VietQr::build(&account, amount.map(Amount::vnd), "").expect("a good account")
}

impl World {
    pub(super) fn run(script: &str) -> Self {
        let mut world = World::new();
        for line in super::lines(script) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [time, "asleep"] => {
                    world.at = milliseconds(time);
                    world.asleep = true;
                }
                [time, words @ ..] if time.starts_with(|first: char| first.is_ascii_digit()) => {
                    world.wait_until(milliseconds(time));
                    world.act(words);
                }
                setting => world.set(setting),
            }
        }
        world.replay();
        world
    }

    fn new() -> Self {
        let mut disk = Disk::new(StoreAge::Old, UnixTime::from_ms(NOON - 86_399_600), Some(FIRST - 1));
        let boot = BootId([1; 16]);
        let now = Now { tick: Tick(START.unsigned_abs()), wall: UnixTime::from_ms(NOON) };
        let (till, step) = Till::restore(disk.records(), rules(), boot, now, Generation::default());
        assert_eq!(step.effects, [], "a start with nothing owes nothing");
        let recorder = Recorder::new(&rules());
        let mut world = Self {
            till,
            recorder,
            disk,
            rules: rules(),
            boot,
            origin: START,
            at: 0,
            asleep: false,
            skew: 0,
            first: FIRST,
            confirms: Confirms::Promptly,
            confirmed: Generation::default(),
            log: Vec::new(),
            asks: BTreeMap::new(),
            published: Vec::new(),
            count: 0,
        };
        world.meet();
        world
    }

    /// The till has met the broker before: what a new process asks for at its first connection is over.
    pub(super) fn meet(&mut self) {
        self.at = BEFORE;
        self.restart();
        self.happen(Event::BrokerUp { session: Session::Kept });
        while self.at < -10_000 {
            while let Some(owed) = self.published.pop() {
                self.happen(Event::Published { subject: owed.subject, revision: owed.revision });
            }
            self.wait_until(self.at + 1000);
        }
        self.happen(Event::BrokerDown);
        self.at = 0;
        self.log.clear();
    }

    pub(super) fn now(&self) -> Now {
        let tick = u64::try_from(self.origin + self.at).expect("a script does not go back before the boot");
        Now { tick: Tick(tick), wall: UnixTime::from_ms(NOON + self.at + self.skew) }
    }

    /// Wakes the till whenever it wants to be until this time, and sees that it does not spin.
    pub(super) fn wait_until(&mut self, at: i64) {
        if std::mem::take(&mut self.asleep) {
            self.at = at;
            return;
        }
        let mut turns = 0;
        while let Some(wake) = self.till.wake_at() {
            let due = i64::try_from(wake.0).expect("a tick of a script") - self.origin;
            if due > at {
                break;
            }
            turns = if due > self.at { 0 } else { turns + 1 };
            assert!(turns < 20, "the till spins at {} s", self.at / 1000);
            self.at = self.at.max(due);
            self.happen(Event::Woke);
        }
        assert!(at >= self.at, "a script's seconds must not go back");
        self.at = at;
    }

    pub(super) fn happen(&mut self, event: Event) {
        let now = self.now();
        let found = self.till.lookup(&event).map(|lookup| self.disk.find(lookup));
        self.recorder.happens(now, found.as_ref(), &event, &self.till);
        if let Some(found) = found {
            self.till.recall(found, now);
        }
        let step = self.till.handle(event, now);
        self.recorder.did(&step, &self.till);
        self.do_all(step);
        if self.confirms == Confirms::Promptly && self.till.scene().generation > self.confirmed {
            self.confirm();
        }
    }

    /// The panel shows what it should.
    pub(super) fn confirm(&mut self) {
        self.confirmed = self.till.scene().generation;
        self.happen(Event::PanelShown { generation: self.confirmed });
    }

    fn do_all(&mut self, step: crate::till::Step) {
        for write in step.writes {
            let text = self.written(&write);
            // The journal has tables of its own.
            let told = !matches!(write, Write::Journal(_));
            self.disk.write(write);
            if told {
                self.note(&text);
            }
        }
        for effect in step.effects {
            match &effect {
                Effect::Ask { ask, order } => {
                    self.asks.insert(order.known.order, *ask);
                }
                Effect::Publish(owed) => self.published.push(*owed),
                Effect::Create(_)
                | Effect::Cancel { .. }
                | Effect::Confirm(_)
                | Effect::Reply { .. }
                | Effect::Acknowledge(_)
                | Effect::Reckon
                | Effect::RepeatAnnouncement
                | Effect::TellCommand { .. }
                | Effect::Perform { .. }
                | Effect::FetchUpdate { .. }
                | Effect::InstallUpdate { .. }
                | Effect::DropUpdate
                | Effect::UsualLogLevel
                | Effect::Restart
                | Effect::Announce { .. } => {}
            }
            let text = self.effect(&effect);
            self.note(&text);
        }
    }

    /// Starts the till again from its disk.
    pub(super) fn restart(&mut self) {
        let records = self.disk.records();
        self.replay();
        self.recorder = Recorder::new(&self.rules);
        self.recorder.start(&records, self.boot, self.now(), Generation::default());
        let (till, step) = Till::restore(records, self.rules.clone(), self.boot, self.now(), Generation::default());
        self.till = till;
        self.recorder.started(&step, &self.till);
        self.published.clear();
        self.asks.clear();
        self.confirmed = Generation::default();
        self.note("restart");
        self.do_all(step);
        if self.confirms == Confirms::Promptly {
            self.confirm();
        }
    }

    /// A till that is given the recording does the same.
    fn replay(&self) {
        let Some(replayed) = crate::flight::tests::replayed(&self.recorder) else { return };
        assert_eq!(replayed.verdict, Verdict::Same);
        assert!(replayed.torn.is_none() && replayed.unfinished.is_none() && replayed.skipped == 0, "{replayed:?}");
    }

    /// Starts the till again from what the second file has of a damaged store.
    pub(super) fn restart_damaged(&mut self) {
        self.disk.take_over();
        self.restart();
    }

    /// Cuts the power: another boot, whose ticks begin at `tick`.
    pub(super) fn reboot(&mut self, tick: i64) {
        self.origin = tick - self.at;
        self.boot = BootId([self.boot.0[0].wrapping_add(1); 16]);
        self.restart();
    }

    pub(super) fn nth(&self, number: u32) -> OrderRef {
        OrderRef::new(self.rules.terminal, (self.first + number - 1).min(OrderRef::MAX_SEQUENCE)).expect("nine digits")
    }

    /// The sale that has this order.
    pub(super) fn sale_of(&self, order: OrderRef) -> SaleId {
        let found = self.disk.sales.values().find(|sale| sale.attempt(order).is_some());
        found.map_or(SaleId::new(order), |sale| sale.id)
    }

    fn note(&mut self, text: &str) {
        let line = format!("{} {text}", seconds(self.at));
        self.log.push(line);
    }

    /// A tick as a second of the script.
    pub(super) fn seconds(&self, tick: u64) -> String {
        seconds(i64::try_from(tick).expect("a tick of a script") - self.origin)
    }

    /// A wall clock's time as a second of the script, as if nobody had set it.
    pub(super) fn wall_seconds(&self, ms: u64) -> String {
        seconds(i64::try_from(ms).expect("a time") - NOON)
    }
}

/// Milliseconds of a script's time, e.g. `0.2` or `86400`.
pub(super) fn milliseconds(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let (negative, whole) = whole.strip_prefix('-').map_or((false, whole), |whole| (true, whole));
    let whole: i64 = whole.parse().expect("seconds at the beginning of a line");
    let part: i64 = format!("{part:0<3}").parse().expect("thousandths of a second");
    let ms = whole * 1000 + part;
    if negative { -ms } else { ms }
}

fn seconds(ms: i64) -> String {
    match ms % 1000 {
        0 => (ms / 1000).to_string(),
        part => format!("{}.{:03}", ms / 1000, part.abs()).trim_end_matches('0').to_owned(),
    }
}
