//! What is owed to the world: the newest revision of every changed sale and receipt, in order, one at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use till_wire::UnixTime;

use super::event::{Session, Subject};
use super::memory::OutboxMemory;
use super::mutant::Mutant;
use super::payment::Receipt;
use super::rules::{FIRST_POLL, POLL_ALONE};
use super::sale::State;
use super::step::{Effect, Owed, Step, Write};
use super::time::{Now, Tick};
use super::{Broker, Till};

/// How often the time of the living link is written down.
const NOTE_ONLINE: Duration = Duration::from_secs(300);
/// A link that was not noted for so long was away for more than a minute. What waited for us at the broker may have been
/// more than it keeps, or it may have come back as it was minutes before: it tells neither.
const AWAY_MS: u64 = 6 * 60 * 1000;
/// How far before the last noted time a replay reaches back, for messages that were on their way then.
const REPLAY_MARGIN_MS: i64 = 15 * 60 * 1000;
/// How far the wall clock may be from a provider's time before a replay that was asked for by it is asked for again.
const CLOCK_WRONG_MS: i64 = 5 * 60 * 1000;

/// The most messages that may be owed: what comes on top of them, money, is kept; new sales are not made (promise P9).
pub const MAX_OWED: usize = 10_000;
/// The most bytes that they may have together, in the same way.
pub const MAX_OWED_BYTES: u64 = 16 << 20;
/// The largest message, which a new sale may become.
const LARGEST: u64 = till_wire::envelope::MAX_MESSAGE as u64;
/// The wish for a replay as a message.
const REPLAY_BYTES: u64 = 64;
/// The shortest time between two messages: after a day without network nobody is flooded (issue 4/8).
const PACE: Duration = Duration::from_millis(50);

/// The most words that the broker has taken something that wait for a write to go with.
const MOST_SETTLED: usize = 64;

/// When a wish for a replay is said again, after it was said first. A broker that lost our session has most likely lost
/// the bridges' sessions too, and drops what is said before they are back; nobody confirms a replay.
const SAY_AGAIN: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(300)];

/// A wish for a replay that will be said again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SayAgain {
    /// The time (in ms) since which is asked.
    pub since: u64,
    /// How often it has been said again.
    pub said: usize,
    /// When it is said next.
    pub next: Tick,
}

/// The messages that the broker has not taken yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outbox {
    /// By number: the order in which they are sent.
    entries: BTreeMap<u64, Owed>,
    /// The number of each subject's entry: there is one of each.
    numbers: BTreeMap<Subject, u64>,
    /// What all entries have together.
    bytes: u64,
    number: u64,
    in_flight: Option<Owed>,
    /// When the next message may be sent.
    next: Tick,
    /// When the link was last known to live, on disk.
    online: Option<UnixTime>,
    say_again: Option<SayAgain>,
    met: Met,
    /// The time since which this process has asked for a replay while only the wall clock could tell it.
    asked_since: Option<u64>,
    /// What the broker has taken and the disk still takes for owed. Lost, it is sent once more, which nobody minds; written
    /// at once, it would be every third commit of a sale.
    settled: BTreeSet<Subject>,
}

/// Whether this process has heard of the broker's session before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Met {
    /// An earlier process may have found no session and died before it wrote that down; the broker tells it only once.
    #[default]
    NotYet,
    /// What there was to hear has been written down.
    Before,
}

impl Outbox {
    pub(super) fn restore(number: u64, owed: Vec<Owed>, online: Option<UnixTime>) -> Self {
        let numbers = owed.iter().map(|owed| (owed.subject, owed.number)).collect();
        let bytes = owed.iter().fold(0u64, |sum, owed| sum.saturating_add(owed.bytes));
        let entries = owed.into_iter().map(|owed| (owed.number, owed)).collect();
        let (in_flight, say_again, asked_since) = (None, None, None);
        let (next, met) = (Tick(0), Met::NotYet);
        let settled = BTreeSet::new();
        Self { entries, numbers, bytes, number, in_flight, next, online, say_again, met, asked_since, settled }
    }

    /// Returns all of it as plain values.
    pub(super) fn memory(&self) -> OutboxMemory {
        let Self {
            entries,
            numbers: _,
            bytes: _,
            number,
            in_flight,
            next,
            online,
            say_again,
            met,
            asked_since,
            settled,
        } = self;
        OutboxMemory {
            entries: entries.values().copied().collect(),
            number: *number,
            in_flight: *in_flight,
            next: *next,
            online: *online,
            say_again: *say_again,
            met: *met,
            asked_since: *asked_since,
            settled: settled.iter().copied().collect(),
        }
    }

    /// Goes on where another one was.
    pub(super) fn remember(memory: OutboxMemory) -> Self {
        let OutboxMemory { entries, number, in_flight, next, online, say_again, met, asked_since, settled } = memory;
        let restored = Self::restore(number, entries, online);
        let settled = settled.into_iter().collect();
        Self { in_flight, next, say_again, met, asked_since, settled, ..restored }
    }

    fn entry(&self, subject: Subject) -> Option<Owed> {
        self.entries.get(self.numbers.get(&subject)?).copied()
    }

    fn insert(&mut self, owed: Owed) {
        self.bytes = self.bytes.saturating_add(owed.bytes);
        self.entries.insert(owed.number, owed);
        self.numbers.insert(owed.subject, owed.number);
    }

    fn remove(&mut self, owed: Owed) {
        self.bytes = self.bytes.saturating_sub(owed.bytes);
        self.entries.remove(&owed.number);
        self.numbers.remove(&owed.subject);
    }

    /// Tells whether nothing is owed about money.
    pub(super) fn owes_no_money(&self) -> bool {
        !self.numbers.keys().any(|subject| matches!(subject, Subject::Sale(_) | Subject::Receipt(_)))
    }

    /// Tells whether something is owed about this.
    pub(super) fn owes(&self, subject: Subject) -> bool {
        self.numbers.contains_key(&subject)
    }

    /// Tells whether so much is owed that nothing may be added that can be refused.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MAX_OWED || self.bytes > MAX_OWED_BYTES - LARGEST
    }

    /// Returns how many bytes the messages that wait have together.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes another's word for how many they are.
    pub(super) fn set_bytes(&mut self, bytes: u64) {
        self.bytes = bytes;
    }

    /// Returns the messages that wait for the broker, in the order of sending.
    pub(super) fn entries(&self) -> impl Iterator<Item = Owed> {
        self.entries.values().copied()
    }
}

impl SayAgain {
    fn after(since: u64, said: usize, now: Now) -> Option<Self> {
        let pause = SAY_AGAIN.get(said)?;
        Some(Self { since, said, next: now.tick + *pause })
    }
}

impl Owed {
    /// Tells whether a message of this revision says all that this entry owes.
    fn is_met_by(self, subject: Subject, revision: u64) -> bool {
        let enough = match self.subject {
            Subject::Sale(_) | Subject::Receipt(_) | Subject::Command(_) | Subject::Piece(..) => {
                self.revision <= revision
            }
            // For a replay the revision is the time to reach back to: the earlier time says more.
            Subject::Replay => self.revision >= revision,
        };
        self.subject == subject && enough
    }
}

impl Till {
    /// Owes the subject's revision, a message of so many bytes, to the world in place of an older one; returns the number
    /// of the change.
    pub(super) fn owe(&mut self, subject: Subject, revision: u64, bytes: u64, now: Now, step: &mut Step) -> u64 {
        let outbox = &mut self.outbox;
        outbox.number = outbox.number.saturating_add(1);
        let older = outbox.entry(subject);
        let mut revision = revision;
        if let Some(older) = older {
            outbox.remove(older);
            if subject == Subject::Replay {
                // For a replay the revision is the time to reach back to: the earlier wish contains the later one.
                revision = revision.min(older.revision);
            }
        }
        let owed = Owed { number: outbox.number, subject, revision, at: Some(now.wall), bytes };
        outbox.insert(owed);
        if !Mutant::SettlesWhatIsOwedAgain.is_on() {
            outbox.settled.remove(&subject);
        }
        step.writes.push(Write::Owe(owed));
        owed.number
    }

    /// Owes a receipt's newest revision.
    pub(super) fn owe_receipt(&mut self, receipt: &Receipt, now: Now, step: &mut Step) -> u64 {
        let bytes = till_wire::sale::Receipt::from(receipt).message_bytes();
        self.owe(Subject::Receipt(receipt.key), receipt.revision, bytes, now, step)
    }

    /// Owes the wish for a replay.
    pub(super) fn owe_replay(&mut self, since: u64, now: Now, step: &mut Step) {
        self.owe(Subject::Replay, since, REPLAY_BYTES, now, step);
    }

    /// When the oldest entry is to be sent: not while one is under way or the broker is gone.
    pub(super) fn outbox_due(&self) -> Option<Tick> {
        let waits = self.outbox.in_flight.is_none() && (!self.outbox.entries.is_empty() || self.next_piece().is_some());
        match self.broker {
            Broker::Up { .. } => waits.then_some(self.outbox.next),
            Broker::Down => None,
        }
    }

    /// Sends the oldest entry when its time has come, and pieces of logs only when nothing is owed.
    pub(super) fn send_next(&mut self, now: Now, step: &mut Step) {
        if self.outbox_due().is_none_or(|due| due > now.tick) {
            return;
        }
        if let Some(owed) = self.outbox.entries.values().next().copied().or_else(|| self.next_piece()) {
            self.outbox.in_flight = Some(owed);
            self.outbox.next = now.tick + PACE;
            step.effects.push(Effect::Publish(owed));
        }
    }

    pub(super) fn on_published(&mut self, subject: Subject, revision: u64, now: Now, step: &mut Step) {
        // A late word about an earlier connection's message settles it too, but frees no place in this connection.
        self.outbox.in_flight = self.outbox.in_flight.filter(|sent| !sent.is_met_by(subject, revision));
        let too_much = Mutant::SettlesTooMuch.is_on();
        let entry = self.outbox.entry(subject).filter(|owed| too_much || owed.is_met_by(subject, revision));
        if let Some(entry) = entry {
            self.outbox.remove(entry);
            self.outbox.settled.insert(subject);
        }
        if let Subject::Piece(id, number) = subject {
            self.on_piece_taken(id, number, now, step);
        }
    }

    /// Lets what the broker has taken go with what is written anyway, or by itself when it has become much.
    pub(super) fn write_settled(&mut self, step: &mut Step) {
        if !step.writes.is_empty() || self.outbox.settled.len() >= MOST_SETTLED {
            step.writes.extend(std::mem::take(&mut self.outbox.settled).into_iter().map(Write::Settle));
        }
    }

    pub(super) fn on_broker_up(&mut self, session: Session, now: Now, step: &mut Step) {
        self.broker = Broker::Up { noted: now.tick };
        if !Mutant::ForgetsWhatWasUnderWay.is_on() {
            self.outbox.in_flight = None;
        }
        match (session, std::mem::replace(&mut self.outbox.met, Met::Before)) {
            (Session::Kept, Met::Before) if !self.was_away(now) => {}
            (_, Met::NotYet | Met::Before) if Mutant::AsksForNoReplay.is_on() => {}
            (Session::New | Session::Kept, Met::NotYet | Met::Before) => {
                let since = self.missed_since(now);
                self.outbox.asked_since = Some(since).filter(|_| self.provider_time.is_none());
                self.owe_replay(since, now, step);
                self.outbox.say_again = SayAgain::after(since, 0, now);
            }
        }
        self.write_online(now, step);
    }

    /// Tells whether the link was gone for long, unless what was missed will be asked for again anyway.
    fn was_away(&self, now: Now) -> bool {
        if Mutant::BelievesAKeptSession.is_on() {
            return false;
        }
        let noted = self.outbox.online.map(|online| self.best_time(now).ms().abs_diff(online.ms()));
        self.outbox.say_again.is_none() && noted.is_none_or(|age| age > AWAY_MS)
    }

    /// A provider tells the time. If a replay was asked for by a wall clock that is wrong, all is asked for.
    pub(super) fn on_provider_time(&mut self, at: UnixTime, now: Now, step: &mut Step) {
        self.provider_time = Some(Now { tick: now.tick, wall: at });
        let wrong = now.wall.ms().saturating_sub(at.ms()).saturating_abs() > CLOCK_WRONG_MS;
        if self.outbox.asked_since.take().is_some_and(|since| since > 0) && wrong {
            self.owe_replay(0, now, step);
            self.outbox.say_again = SayAgain::after(0, 0, now);
        }
    }

    /// The time by the provider's word where there is one, else by the wall clock.
    pub(super) fn best_time(&self, now: Now) -> UnixTime {
        self.provider_time.map_or(now.wall, |seen| seen.wall_after(now.tick.since(seen.tick)))
    }

    pub(super) fn on_broker_down(&mut self, now: Now) {
        self.broker = Broker::Down;
        if !Mutant::ForgetsWhatWasUnderWay.is_on() {
            self.outbox.in_flight = None;
        }
        // Push is gone, so pull more often, beginning soon (promise P8).
        for sale in self.sales.values_mut() {
            if let State::Showing { poll, .. } = &mut sale.state {
                poll.next = poll.next.min(now.tick + POLL_ALONE.min(FIRST_POLL));
            }
        }
    }

    pub(super) fn online_due(&self) -> Option<Tick> {
        match self.broker {
            Broker::Up { noted } => {
                let again = self.outbox.say_again.map(|again| again.next);
                again.into_iter().chain([noted + NOTE_ONLINE]).min()
            }
            Broker::Down => None,
        }
    }

    /// Does what is due while the broker is connected.
    pub(super) fn note_online(&mut self, now: Now, step: &mut Step) {
        let Broker::Up { noted } = self.broker else {
            return;
        };
        if noted + NOTE_ONLINE <= now.tick {
            self.broker = Broker::Up { noted: now.tick };
            self.write_online(now, step);
        }
        if let Some(again) = self.outbox.say_again.filter(|again| again.next <= now.tick) {
            self.owe_replay(again.since, now, step);
            self.outbox.say_again = SayAgain::after(again.since, again.said.saturating_add(1), now);
            self.write_online(now, step);
        }
    }

    /// Leaves it at the wishes for a replay that have been said.
    pub(super) fn stop_asking(&mut self) {
        self.outbox.say_again = None;
    }

    /// Returns the time (in ms) since which messages may be missing; 0, everything, when the clock cannot tell.
    fn missed_since(&self, now: Now) -> u64 {
        let known = self.provider_time.is_some() || self.clock_is_plausible(now);
        let told = |online: &UnixTime| known && *online <= self.best_time(now) && *online >= self.rules.built;
        let since = self.outbox.online.filter(told).map_or(0, |online| online.ms().saturating_sub(REPLAY_MARGIN_MS));
        u64::try_from(since).unwrap_or(0)
    }

    /// Notes that nothing is missed until now, unless a wish for what was missed may still be unheard.
    fn write_online(&mut self, now: Now, step: &mut Step) {
        if self.outbox.say_again.is_some() {
            return;
        }
        let at = self.best_time(now);
        self.outbox.online = Some(at);
        step.writes.push(Write::Online(at));
    }
}
