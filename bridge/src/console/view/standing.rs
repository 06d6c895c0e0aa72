//! Whether a terminal can take money, whether a person should look at it, and why. It must not know how that is said.

use till_wire::{Presence, Status, UnixTime};

use super::terminal::Terminal;

/// How a terminal stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    CannotSell,
    Attention,
    Asleep,
    Fine,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why<'t> {
    /// It went without goodbye.
    Lost(UnixTime),
    /// It was switched off in order.
    SwitchedOff(UnixTime),
    Starting(UnixTime),
    /// It has never said that it is there.
    NoState,
    /// The operator has shut it.
    Disabled,
    Display,
    /// None of its providers can be reached.
    NoProvider(Option<&'t str>),
    Asleep(UnixTime),
    /// So many sales and receipts need a person.
    Attention(u64),
    /// One of several providers cannot be reached.
    Provider(&'t str, Option<&'t str>),
    Clock,
    /// The oldest message has been waiting for so many seconds.
    Queue(u64),
    /// The file system has so many bytes left.
    DiskSpace(u64),
    Certificate(UnixTime),
    Sound(Option<&'t str>),
    Configuration(&'t str),
    /// It is there, and has not told how it is since then.
    Silent(UnixTime),
    /// It is there, and has never told how it is.
    NoHealth,
}

const QUEUE_OLD_S: u64 = 300;
const DISK_LOW: u64 = 64 * 1024 * 1024;
const CERTIFICATE_SOON_S: i64 = 14 * 86_400;
/// Health comes every minute.
const SILENT_S: i64 = 300;

/// Judges a terminal.
pub(crate) fn judge(terminal: &Terminal, now: UnixTime) -> (Standing, Vec<Why<'_>>) {
    let mut whys = Vec::new();
    let mut standing = presence(terminal, &mut whys);
    if let Some(health) = &terminal.health {
        if hindrances(&health.status, &mut whys) && standing != Standing::Asleep {
            standing = Standing::CannotSell;
        }
    }
    let before = whys.len();
    let awake = terminal.presence.is_some_and(|said| said.state == Presence::Ready);
    match &terminal.health {
        Some(health) => {
            worries(&health.status, now, &mut whys);
            if awake && now.secs().saturating_sub(health.heard.secs()) > SILENT_S {
                whys.push(Why::Silent(health.heard));
            }
        }
        None if awake => whys.push(Why::NoHealth),
        None => {}
    }
    if let Some(fault) = terminal.reported.as_ref().and_then(|reported| reported.fault.as_ref()) {
        whys.push(Why::Configuration(fault.reasons.first().map_or("", String::as_str)));
    }
    if whys.len() > before && standing == Standing::Fine {
        standing = Standing::Attention;
    }
    (standing, whys)
}

fn presence<'t>(terminal: &'t Terminal, whys: &mut Vec<Why<'t>>) -> Standing {
    let Some(said) = terminal.presence else {
        whys.push(Why::NoState);
        return Standing::CannotSell;
    };
    let (why, standing) = match said.state {
        Presence::Ready => return Standing::Fine,
        Presence::Init => (Why::Starting(said.at), Standing::CannotSell),
        Presence::Disconnected => (Why::SwitchedOff(said.at), Standing::CannotSell),
        Presence::Lost => (Why::Lost(said.at), Standing::CannotSell),
        Presence::Sleeping => (Why::Asleep(said.at), Standing::Asleep),
    };
    whys.push(why);
    standing
}

/// What keeps it from selling, whoever is connected. Tells whether there is something.
fn hindrances<'t>(status: &'t Status, whys: &mut Vec<Why<'t>>) -> bool {
    let before = whys.len();
    if status.disabled {
        whys.push(Why::Disabled);
    }
    if status.display.as_ref().is_some_and(|display| !display.ok) {
        whys.push(Why::Display);
    }
    let mut channels = providers(status).peekable();
    if channels.peek().is_some() && channels.all(|(_, link)| !link.up) {
        let reason = providers(status).find_map(|(_, link)| link.reason.as_deref());
        whys.push(Why::NoProvider(reason));
    }
    whys.len() > before
}

fn providers(status: &Status) -> impl Iterator<Item = (&str, &till_wire::status::Link)> {
    status.links.iter().filter(|(name, _)| *name != "broker").map(|(name, link)| (name.as_str(), link))
}

fn worries<'t>(status: &'t Status, now: UnixTime, whys: &mut Vec<Why<'t>>) {
    if let Some(count) = status.attention.filter(|count| *count > 0) {
        whys.push(Why::Attention(count));
    }
    if providers(status).any(|(_, link)| link.up) {
        let down = providers(status).filter(|(_, link)| !link.up);
        whys.extend(down.map(|(name, link)| Why::Provider(name, link.reason.as_deref())));
    }
    if status.clock.is_some_and(|clock| !clock.synchronised) {
        whys.push(Why::Clock);
    }
    if let Some(age) = status.queue.and_then(|queue| queue.oldest_s).filter(|age| *age > QUEUE_OLD_S) {
        whys.push(Why::Queue(age));
    }
    if let Some(free) = status.store.and_then(|store| store.free_bytes).filter(|free| *free < DISK_LOW) {
        whys.push(Why::DiskSpace(free));
    }
    let ends = status.certificate.map(|certificate| certificate.not_after);
    if let Some(ends) = ends.filter(|ends| ends.secs().saturating_sub(now.secs()) < CERTIFICATE_SOON_S) {
        whys.push(Why::Certificate(ends));
    }
    if let Some(sound) = status.sound.as_ref().filter(|sound| !sound.ok) {
        whys.push(Why::Sound(sound.reason.as_deref()));
    }
}
