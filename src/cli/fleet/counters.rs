//! What is known of each counter: what its terminal said of itself last, and what keeps it from taking money. It must not
//! know how it came, nor how it is told.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use till_wire::standing::{ailments, judge};
use till_wire::status::QueueStatus;
use till_wire::{GroupName, Presence, Standing, Status, TerminalNumber, TillState, Topic, UnixTime, Why};

use super::super::text::plain;

/// The most terminals that are kept in memory; each takes some hundred bytes.
pub(super) const MOST: usize = 1_000_000;

/// The most characters that are kept of what a terminal calls itself, its version and a reason.
const LONGEST_LABEL: usize = 40;
const LONGEST_VERSION: usize = 32;
const LONGEST_REASON: usize = 120;
/// The most groups that are kept of one terminal, as many as its own settings take.
const MOST_GROUPS: usize = 32;
/// The most things that are kept of what is wrong with one terminal.
const MOST_WHYS: usize = 12;

/// What a terminal is, as far as it was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counter {
    pub(super) state: Option<TillState>,
    pub(super) health: Option<Box<Health>>,
}

/// How a terminal is doing, as far as a list tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) label: Option<String>,
    pub(super) version: String,
    pub(super) broker_since: Option<UnixTime>,
    pub(super) queue: Option<QueueStatus>,
    pub(super) last_payment_at: Option<UnixTime>,
    pub(super) attention: Option<u64>,
    pub(super) disabled: bool,
    /// The groups that it belongs to, as it says itself.
    pub(super) groups: Vec<GroupName>,
    /// What was wrong by its own words when they were heard.
    whys: Vec<Why<'static>>,
}

impl Counter {
    /// Takes what a terminal says of its presence. A `lost` that is older than the newest session is the will of a connection
    /// that has been replaced.
    pub(super) fn take_state(&mut self, state: TillState) {
        let is_outlived = self.state.is_some_and(|known| state.session < known.session);
        if state.state != Presence::Lost || !is_outlived {
            self.state = Some(state);
        }
    }

    pub(super) fn take_health(&mut self, status: &Status, now: UnixTime) {
        self.health = Some(Box::new(Health::of(status, now)));
    }

    /// Returns what is wrong, the worst first.
    pub(super) fn whys(&self) -> Vec<Why<'static>> {
        judge(self.state, self.health.as_ref().map(|health| health.whys.iter().cloned()))
    }

    /// Returns how it stands, as far as is known.
    pub(super) fn standing(&self) -> Standing {
        Standing::of(&self.whys())
    }

    /// Tells whether it says that it belongs to a group; nothing when it does not say how it is.
    pub(super) fn is_in(&self, group: &GroupName) -> Option<bool> {
        self.health.as_ref().map(|health| health.groups.contains(group))
    }

    /// Tells whether it is connected.
    pub(super) fn is_there(&self) -> bool {
        self.state.is_some_and(|known| match known.state {
            Presence::Init | Presence::Ready => true,
            Presence::Lost | Presence::Disconnected | Presence::Sleeping => false,
        })
    }
}

impl Health {
    fn of(status: &Status, now: UnixTime) -> Self {
        let broker = status.links.get(till_wire::standing::BROKER);
        Self {
            label: status.terminal.label.as_ref().map(|label| cut(label, LONGEST_LABEL)),
            version: cut(&status.terminal.version, LONGEST_VERSION),
            broker_since: broker.filter(|link| link.up).and_then(|link| link.since),
            queue: status.queue,
            last_payment_at: status.last_payment_at,
            attention: status.attention,
            disabled: status.disabled,
            groups: status.terminal.groups.iter().filter_map(|name| GroupName::new(name)).take(MOST_GROUPS).collect(),
            whys: ailments(status, now).map(|why| why.kept(|text| cut(text, LONGEST_REASON))).take(MOST_WHYS).collect(),
        }
    }
}

/// Returns the beginning of a terminal's text, which cannot command whoever reads it.
fn cut(text: &str, most: usize) -> String {
    let mut chars = text.chars();
    let kept: String = chars.by_ref().take(most).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    plain(&format!("{kept}{more}"))
}

/// Every counter that was heard of.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) known: BTreeMap<TerminalNumber, Counter>,
    /// Messages that say nothing that is understood.
    pub(super) odd: u64,
    /// Messages of terminals beyond [`MOST`].
    pub(super) beyond: u64,
}

/// What a message has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Of(TerminalNumber),
    Nothing,
}

impl Counters {
    /// Takes a message on `up/state` or `up/health`. An empty one takes back what was said.
    pub(super) fn take(&mut self, topic: &Topic, body: &[u8], now: UnixTime) -> Change {
        match topic {
            Topic::State(number) if body.is_empty() => self.change(*number, |counter| counter.state = None),
            Topic::Health(number) if body.is_empty() => self.change(*number, |counter| counter.health = None),
            Topic::State(number) => match serde_json::from_slice(body) {
                Ok(state) => self.change(*number, |counter| counter.take_state(state)),
                Err(_) => self.odd(),
            },
            Topic::Health(number) => match serde_json::from_slice(body) {
                Ok(status) => self.change(*number, |counter| counter.take_health(&status, now)),
                Err(_) => self.odd(),
            },
            Topic::Reported(_)
            | Topic::CommandStatus(..)
            | Topic::Sale(..)
            | Topic::Receipt(..)
            | Topic::Replay(_)
            | Topic::Log(..)
            | Topic::Webhook(_)
            | Topic::Command(..)
            | Topic::Desired(_)
            | Topic::Unrouted(_) => Change::Nothing,
        }
    }

    fn odd(&mut self) -> Change {
        self.odd = self.odd.saturating_add(1);
        Change::Nothing
    }

    fn change(&mut self, number: TerminalNumber, change: impl FnOnce(&mut Counter)) -> Change {
        if self.known.len() >= MOST && !self.known.contains_key(&number) {
            self.beyond = self.beyond.saturating_add(1);
            return Change::Nothing;
        }
        change(self.known.entry(number).or_default());
        Change::Of(number)
    }
}
