//! Whether a terminal can take money, whether a person should look at it, and why: one judgement of what it says under
//! `up/state` and `up/health` (contract §5), for every tool that shows it. It must not know how that is told.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::state::{Presence, TillState};
use crate::status::{Link, Status};
use crate::time::UnixTime;

/// How a terminal stands, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It should take money and cannot.
    CannotSell,
    /// It can, and a person should look at it.
    Attention,
    /// It sleeps on purpose.
    Asleep,
    /// Nothing is wrong.
    Fine,
}

/// A text of the terminal's.
pub type Said<'s> = Cow<'s, str>;

/// One reason why a terminal does not stand well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why<'s> {
    /// It has never said that it is there.
    NoState,
    /// It went without goodbye.
    Lost(UnixTime),
    /// It said goodbye.
    SwitchedOff(UnixTime),
    /// It is there and says that it cannot sell yet.
    Starting(UnixTime),
    /// It sleeps on purpose.
    Asleep(UnixTime),
    /// The operator has shut it.
    Disabled,
    /// Nothing reaches its display.
    Display(Option<Said<'s>>),
    /// Its store does not work.
    Store,
    /// No provider of its channels can be reached; the first channel, and why.
    NoProvider(Said<'s>, Option<Said<'s>>),
    /// So many sales and receipts need a person.
    Attention(u64),
    /// One of several providers cannot be reached; its channel, and why.
    Provider(Said<'s>, Option<Said<'s>>),
    /// Its clock cannot be believed.
    Clock,
    /// The oldest message to others has been waiting for so many seconds.
    Queue(u64),
    /// Its store's file system can take only so many bytes more.
    DiskSpace(u64),
    /// The broker will not let it in any more after this.
    Certificate(UnixTime),
    /// What it announces is not heard.
    Sound(Option<Said<'s>>),
    /// The newest configuration from afar is not applied.
    Configuration(Said<'s>),
    /// It is there, and has never told how it is.
    NoHealth,
    /// It is there, and has not told how it is since then.
    Silent(UnixTime),
}

/// The name of the link to the broker; all others are those of channels ([`Status::links`]).
pub const BROKER: &str = "broker";

/// For how long a message may wait before somebody should look, in seconds.
const WAITS_LONG_S: u64 = 600;

/// How much a store should always be able to take, in bytes.
pub const DISK_LOW: u64 = 64_000_000;

/// How long before its end a certificate should have been renewed, in seconds. Renewal begins at two thirds of its life.
pub const ENDS_SOON_S: i64 = 14 * 86_400;

/// How long a terminal that is there may say nothing of how it is, in seconds: health comes every minute.
const SILENT_S: i64 = 300;

impl Why<'_> {
    /// Tells whether no money can be taken because of it.
    #[must_use]
    pub const fn stops_selling(&self) -> bool {
        match self {
            Self::NoState
            | Self::Lost(_)
            | Self::SwitchedOff(_)
            | Self::Starting(_)
            | Self::Asleep(_)
            | Self::Disabled
            | Self::Display(_)
            | Self::Store
            | Self::NoProvider(..) => true,
            Self::Attention(_)
            | Self::Provider(..)
            | Self::Clock
            | Self::Queue(_)
            | Self::DiskSpace(_)
            | Self::Certificate(_)
            | Self::Sound(_)
            | Self::Configuration(_)
            | Self::NoHealth
            | Self::Silent(_) => false,
        }
    }

    /// Tells whether it stays true of a terminal that has gone since it said so: the rest is old then.
    const fn outlasts_absence(&self) -> bool {
        matches!(self, Self::Disabled | Self::Attention(_) | Self::Certificate(_))
    }

    /// Returns the word by which programs know it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoState => "unheard",
            Self::Lost(_) => "lost",
            Self::SwitchedOff(_) => "disconnected",
            Self::Starting(_) => "not-ready",
            Self::Asleep(_) => "sleeping",
            Self::Disabled => "disabled",
            Self::Display(_) => "display",
            Self::Store => "store",
            Self::NoProvider(..) => "no-provider",
            Self::Attention(_) => "attention",
            Self::Provider(..) => "provider",
            Self::Clock => "clock",
            Self::Queue(_) => "queue",
            Self::DiskSpace(_) => "disk",
            Self::Certificate(_) => "certificate",
            Self::Sound(_) => "sound",
            Self::Configuration(_) => "configuration",
            Self::NoHealth => "no-health",
            Self::Silent(_) => "silent",
        }
    }

    /// Returns what the terminal said of it, if it said more.
    #[must_use]
    pub fn reason(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::NoProvider(channel, None) | Self::Provider(channel, None) => Some(Cow::Borrowed(channel)),
            Self::NoProvider(channel, Some(reason)) | Self::Provider(channel, Some(reason)) => {
                Some(Cow::Owned(format!("{channel}: {reason}")))
            }
            Self::Display(reason) | Self::Sound(reason) => reason.as_deref().map(Cow::Borrowed),
            Self::Configuration(fault) => Some(Cow::Borrowed(fault)),
            Self::NoState
            | Self::Lost(_)
            | Self::SwitchedOff(_)
            | Self::Starting(_)
            | Self::Asleep(_)
            | Self::Disabled
            | Self::Store
            | Self::Attention(_)
            | Self::Clock
            | Self::Queue(_)
            | Self::DiskSpace(_)
            | Self::Certificate(_)
            | Self::NoHealth
            | Self::Silent(_) => None,
        }
    }

    /// Returns the same with texts of its own, which `keep` makes of the terminal's: shorter ones, say, that command nobody.
    #[must_use]
    pub fn kept(self, keep: impl Fn(&str) -> String) -> Why<'static> {
        let own = |text: Said<'_>| Cow::Owned(keep(&text));
        match self {
            Self::NoState => Why::NoState,
            Self::Lost(at) => Why::Lost(at),
            Self::SwitchedOff(at) => Why::SwitchedOff(at),
            Self::Starting(at) => Why::Starting(at),
            Self::Asleep(at) => Why::Asleep(at),
            Self::Disabled => Why::Disabled,
            Self::Display(reason) => Why::Display(reason.map(own)),
            Self::Store => Why::Store,
            Self::NoProvider(channel, reason) => Why::NoProvider(own(channel), reason.map(own)),
            Self::Attention(count) => Why::Attention(count),
            Self::Provider(channel, reason) => Why::Provider(own(channel), reason.map(own)),
            Self::Clock => Why::Clock,
            Self::Queue(seconds) => Why::Queue(seconds),
            Self::DiskSpace(bytes) => Why::DiskSpace(bytes),
            Self::Certificate(until) => Why::Certificate(until),
            Self::Sound(reason) => Why::Sound(reason.map(own)),
            Self::Configuration(fault) => Why::Configuration(own(fault)),
            Self::NoHealth => Why::NoHealth,
            Self::Silent(since) => Why::Silent(since),
        }
    }
}

impl Standing {
    /// Returns how somebody stands of whom all this is true.
    #[must_use]
    pub fn of(whys: &[Why<'_>]) -> Self {
        if whys.iter().any(|why| matches!(why, Why::Asleep(_))) {
            Self::Asleep
        } else if whys.iter().any(Why::stops_selling) {
            Self::CannotSell
        } else if whys.is_empty() {
            Self::Fine
        } else {
            Self::Attention
        }
    }

    /// Returns the word by which programs know it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CannotSell => "cannot-sell",
            Self::Attention => "attention",
            Self::Asleep => "asleep",
            Self::Fine => "fine",
        }
    }
}

/// Tells whether a terminal that is there and was heard to say how it is then has been silent for too long since.
#[must_use]
pub fn silence<'s>(heard: UnixTime, now: UnixTime) -> Option<Why<'s>> {
    (now.secs().saturating_sub(heard.secs()) > SILENT_S).then_some(Why::Silent(heard))
}

/// Judges a terminal by what it said of its presence and, where it did, by what is wrong with its health ([`ailments`]). The
/// worst comes first.
#[must_use]
pub fn judge<'s>(state: Option<TillState>, health: Option<impl IntoIterator<Item = Why<'s>>>) -> Vec<Why<'s>> {
    let Some(TillState { state, at, .. }) = state else {
        return std::iter::once(Why::NoState).chain(outlasting(health)).collect();
    };
    let away = match state {
        Presence::Ready | Presence::Init => None,
        Presence::Lost => Some(Why::Lost(at)),
        Presence::Disconnected => Some(Why::SwitchedOff(at)),
        Presence::Sleeping => Some(Why::Asleep(at)),
    };
    if let Some(away) = away {
        return std::iter::once(away).chain(outlasting(health)).collect();
    }
    let starting = (state == Presence::Init).then_some(Why::Starting(at));
    let unknown = (state == Presence::Ready && health.is_none()).then_some(Why::NoHealth);
    starting.into_iter().chain(health.into_iter().flatten()).chain(unknown).collect()
}

fn outlasting<'s>(health: Option<impl IntoIterator<Item = Why<'s>>>) -> impl Iterator<Item = Why<'s>> {
    health.into_iter().flatten().filter(Why::outlasts_absence)
}

/// Returns what is wrong by a terminal's own words, first what stops selling.
pub fn ailments(status: &Status, now: UnixTime) -> impl Iterator<Item = Why<'_>> {
    let display = status.display.as_ref().filter(|display| !display.ok);
    let sound = status.sound.as_ref().filter(|sound| !sound.ok);
    let attention = status.attention.filter(|count| *count > 0);
    let oldest = status.queue.filter(|queue| queue.entries > 0).and_then(|queue| queue.oldest_s);
    let free = status.store.and_then(|store| store.free_bytes);
    let certificate = status.certificate.map(|certificate| certificate.not_after);
    let ends_soon = |until: &UnixTime| until.secs().saturating_sub(now.secs()) < ENDS_SOON_S;
    let configuration = status.configuration.as_ref().and_then(|configuration| configuration.fault.as_deref());
    let channels = Channels::of(&status.links);
    let grave = [
        status.disabled.then_some(Why::Disabled),
        display.map(|display| Why::Display(said(display.reason.as_ref()))),
        status.store.is_none().then_some(Why::Store),
        channels.none_up(),
        attention.map(Why::Attention),
    ];
    let rest = [
        status.clock.filter(|clock| !clock.synchronised).map(|_| Why::Clock),
        oldest.filter(|oldest| *oldest >= WAITS_LONG_S).map(Why::Queue),
        free.filter(|free| *free < DISK_LOW).map(Why::DiskSpace),
        certificate.filter(ends_soon).map(Why::Certificate),
        sound.map(|sound| Why::Sound(said(sound.reason.as_ref()))),
        configuration.map(|fault| Why::Configuration(fault.into())),
    ];
    grave.into_iter().flatten().chain(channels.some_down()).chain(rest.into_iter().flatten())
}

fn said(reason: Option<&String>) -> Option<Said<'_>> {
    reason.filter(|reason| !reason.is_empty()).map(|reason| reason.as_str().into())
}

/// The links to providers.
#[derive(Clone, Copy)]
struct Channels<'s> {
    links: &'s BTreeMap<String, Link>,
    is_one_up: bool,
}

impl<'s> Channels<'s> {
    fn of(links: &'s BTreeMap<String, Link>) -> Self {
        let is_one_up = links.iter().any(|(name, link)| name != BROKER && link.up);
        Self { links, is_one_up }
    }

    fn down(self) -> impl Iterator<Item = (Said<'s>, Option<Said<'s>>)> {
        let down = self.links.iter().filter(|(name, link)| name.as_str() != BROKER && !link.up);
        down.map(|(name, link)| (name.as_str().into(), said(link.reason.as_ref())))
    }

    fn none_up(self) -> Option<Why<'s>> {
        let with_reason = self.down().find(|(_, reason)| reason.is_some()).or_else(|| self.down().next());
        with_reason.filter(|_| !self.is_one_up).map(|(channel, reason)| Why::NoProvider(channel, reason))
    }

    fn some_down(self) -> impl Iterator<Item = Why<'s>> {
        self.down().filter(move |_| self.is_one_up).map(|(channel, reason)| Why::Provider(channel, reason))
    }
}
