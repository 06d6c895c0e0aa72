//! What is known of each counter: what its terminal said of itself last, and what keeps it from taking money. It must not
//! know how it came, nor how it is told.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use till_wire::status::{DisplayStatus, Link, QueueStatus};
use till_wire::{GroupName, Presence, Status, TerminalNumber, TillState, Topic, UnixTime};

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
const MOST_WRONG: usize = 12;

/// For how long a message may wait for the broker before somebody should look, in seconds.
const WAITS_LONG_S: u64 = 600;
/// How long before its end a certificate that was not renewed is told of, in seconds.
const ENDS_SOON_S: i64 = 7 * 86_400;

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
    wrong: Vec<Wrong>,
}

/// Something that is wrong with a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Wrong {
    /// It has never said that it is there.
    Unheard,
    /// It is away, in this way, since it said so.
    Away(Presence, UnixTime),
    /// It is there and says that it cannot sell yet.
    NotReady,
    /// The operator has shut it.
    Disabled,
    /// Nothing reaches its display.
    Display(String),
    /// Its store does not work.
    Store,
    /// Its clock cannot be believed.
    Clock,
    /// No provider of its channels can be reached.
    NoProvider(String),
    /// One of its channels' providers cannot be reached.
    Provider(String),
    /// The broker will not let it in any more after this.
    Certificate(UnixTime),
    /// What it announces is not heard.
    Sound(String),
    /// The oldest message to others has waited for so many seconds.
    Owes(u64),
}

impl Wrong {
    /// Tells whether no money can be taken because of it.
    pub(super) fn stops_selling(&self) -> bool {
        match self {
            Self::Unheard
            | Self::Away(..)
            | Self::NotReady
            | Self::Disabled
            | Self::Display(_)
            | Self::Store
            | Self::NoProvider(_) => true,
            Self::Clock | Self::Provider(_) | Self::Certificate(_) | Self::Sound(_) | Self::Owes(_) => false,
        }
    }

    /// Returns the word that stands in JSON.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Unheard => "unheard",
            Self::Away(presence, _) => presence.as_str(),
            Self::NotReady => "not-ready",
            Self::Disabled => "disabled",
            Self::Display(_) => "display",
            Self::Store => "store",
            Self::Clock => "clock",
            Self::NoProvider(_) => "no-provider",
            Self::Provider(_) => "provider",
            Self::Certificate(_) => "certificate",
            Self::Sound(_) => "sound",
            Self::Owes(_) => "queue",
        }
    }

    /// Returns what a terminal said of it, if it said more.
    pub(in crate::cli) fn reason(&self) -> Option<&str> {
        match self {
            Self::Display(reason) | Self::NoProvider(reason) | Self::Provider(reason) | Self::Sound(reason) => {
                Some(reason).filter(|reason| !reason.is_empty()).map(String::as_str)
            }
            Self::Unheard
            | Self::Away(..)
            | Self::NotReady
            | Self::Disabled
            | Self::Store
            | Self::Clock
            | Self::Certificate(_)
            | Self::Owes(_) => None,
        }
    }
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

    /// Returns what is wrong, the worst first. Of a terminal that is away, what it said before is not told.
    pub(super) fn wrong(&self) -> Vec<Wrong> {
        let health = || self.health.iter().flat_map(|health| health.wrong.iter().cloned());
        let Some(TillState { state, at, .. }) = self.state else { return vec![Wrong::Unheard] };
        match state {
            Presence::Ready => health().collect(),
            Presence::Init => std::iter::once(Wrong::NotReady).chain(health()).collect(),
            Presence::Lost | Presence::Disconnected | Presence::Sleeping => vec![Wrong::Away(state, at)],
        }
    }

    /// Tells whether it can take money, as far as is known.
    pub(super) fn sells(&self) -> bool {
        !self.wrong().iter().any(Wrong::stops_selling)
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
        let broker = status.links.get(BROKER);
        Self {
            label: status.terminal.label.as_ref().map(|label| cut(label, LONGEST_LABEL)),
            version: cut(&status.terminal.version, LONGEST_VERSION),
            broker_since: broker.filter(|link| link.up).and_then(|link| link.since),
            queue: status.queue,
            last_payment_at: status.last_payment_at,
            attention: status.attention,
            disabled: status.disabled,
            groups: status.terminal.groups.iter().filter_map(|name| GroupName::new(name)).take(MOST_GROUPS).collect(),
            wrong: wrong(status, now),
        }
    }
}

/// The name of the link to the broker; all others are those of channels.
const BROKER: &str = "broker";

fn wrong(status: &Status, now: UnixTime) -> Vec<Wrong> {
    let display = status.display.as_ref().filter(|display| !display.ok);
    let sound = status.sound.as_ref().filter(|sound| !sound.ok);
    let certificate = status.certificate.map(|certificate| certificate.not_after);
    let oldest = status.queue.filter(|queue| queue.entries > 0).and_then(|queue| queue.oldest_s);
    let ends_soon = |until: &UnixTime| until.secs().saturating_sub(now.secs()) < ENDS_SOON_S;
    let found = [
        status.disabled.then_some(Wrong::Disabled),
        display.map(|DisplayStatus { reason, .. }| Wrong::Display(said(reason.as_ref()))),
        status.store.is_none().then_some(Wrong::Store),
        providers(&status.links),
        status.clock.filter(|clock| !clock.synchronised).map(|_| Wrong::Clock),
        certificate.filter(ends_soon).map(Wrong::Certificate),
        sound.map(|sound| Wrong::Sound(said(sound.reason.as_ref()))),
        oldest.filter(|oldest| *oldest >= WAITS_LONG_S).map(Wrong::Owes),
    ];
    found.into_iter().flatten().take(MOST_WRONG).collect()
}

fn providers(links: &BTreeMap<String, Link>) -> Option<Wrong> {
    let channels = || links.iter().filter(|(name, _)| name.as_str() != BROKER);
    let mut down = channels().filter(|(_, link)| !link.up).peekable();
    let (name, link) = *down.peek()?;
    let reason = cut(&format!("{name}: {}", said(link.reason.as_ref())), LONGEST_REASON);
    let reason = reason.trim_end_matches(": ").to_owned();
    Some(if down.count() == channels().count() { Wrong::NoProvider(reason) } else { Wrong::Provider(reason) })
}

fn said(reason: Option<&String>) -> String {
    reason.map(|reason| cut(reason, LONGEST_REASON)).unwrap_or_default()
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
