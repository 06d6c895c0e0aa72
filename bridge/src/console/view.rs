//! What is known of the fleet, in memory alone: made of what terminals say over MQTT, all of it bounded before it is
//! parsed. It must not know MQTT, HTTP nor how anything looks.

pub(crate) mod bundles;
pub(crate) mod commands;
pub(crate) mod sales;
pub(crate) mod standing;
pub(crate) mod terminal;
pub(crate) mod unrouted;

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use jiff::tz::TimeZone;
use till_wire::{CommandId, MAX_MESSAGE, Sale, Standing, TerminalNumber, TillState, Topic, UnixTime};

use self::bundles::Bundles;
use self::commands::Commands;
use self::standing::judge;
use self::terminal::Terminal;
use self::unrouted::Unrouted;

/// See the module.
pub(crate) struct Fleet {
    terminals: BTreeMap<TerminalNumber, Terminal>,
    /// Bytes of all health and configuration reports that are kept.
    bytes: usize,
    pub(crate) commands: Commands,
    pub(crate) bundles: Bundles,
    pub(crate) unrouted: Unrouted,
    pub(crate) timezone: TimeZone,
    pub(crate) link: Link,
    pub(crate) counts: Counts,
}

/// The connection to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) up: bool,
    /// Since when it is as it is.
    pub(crate) since: UnixTime,
}

/// What came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) taken: u64,
    /// Too large, no message of the contract, or beyond what is kept.
    pub(crate) refused: u64,
}

/// Something that was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// How many terminals are shown. Those beyond are refused, and counted.
pub(crate) const MAX_TERMINALS: usize = 100_000;
/// How much all their reports together may have, in bytes.
const MAX_BYTES: usize = 256 * 1024 * 1024;
/// The largest message of each kind.
const MAX_STATE: usize = 512;
const MAX_HEALTH: usize = 8 * 1024;
const MAX_REPORTED: usize = 8 * 1024;
/// From so many terminals on, less is kept of each one's sales.
const MANY: usize = 10_000;

impl Fleet {
    pub(crate) fn new(timezone: TimeZone, now: UnixTime) -> Self {
        Self {
            terminals: BTreeMap::new(),
            bytes: 0,
            commands: Commands::default(),
            bundles: Bundles::default(),
            unrouted: Unrouted::default(),
            timezone,
            link: Link { up: false, since: now },
            counts: Counts::default(),
        }
    }

    /// Takes the connection for up, or for down.
    pub(crate) fn linked(&mut self, up: bool, now: UnixTime) {
        if self.link.up != up {
            self.link = Link { up, since: now };
        }
    }

    /// Takes a message. `fresh` means that it was not kept by the broker for those who come later.
    pub(crate) fn hear(&mut self, topic: &Topic, body: &[u8], fresh: bool, now: UnixTime) {
        match self.take(topic, body, fresh, now) {
            Ok(()) => self.counts.taken = self.counts.taken.saturating_add(1),
            Err(Refused) => self.counts.refused = self.counts.refused.saturating_add(1),
        }
    }

    fn take(&mut self, topic: &Topic, body: &[u8], fresh: bool, now: UnixTime) -> Result<(), Refused> {
        match topic {
            Topic::State(number) if body.is_empty() => {
                self.forget(*number);
                Ok(())
            }
            Topic::State(number) => {
                let state: TillState = serde_json::from_slice(within(body, MAX_STATE)?)?;
                self.terminal(*number)?.said(state);
                Ok(())
            }
            Topic::Health(number) => self.report(*number, body, MAX_HEALTH, |terminal| terminal.healthy(body, now)),
            Topic::Reported(number) => self.report(*number, body, MAX_REPORTED, |terminal| terminal.reported(body)),
            Topic::Sale(number, id) => {
                let sale: Sale = serde_json::from_slice(within(body, MAX_MESSAGE)?)?;
                if sale.id != *id || id.order().terminal() != *number {
                    return Err(Refused);
                }
                let most = if self.terminals.len() > MANY { 8 } else { 40 };
                let day = sales::day(&self.timezone, sale.created_at);
                let today = sales::day(&self.timezone, now);
                self.terminal(*number)?.sales.take(&sale, day, today, most);
                Ok(())
            }
            Topic::CommandStatus(number, id) => self.fared(*number, *id, body, fresh, now),
            Topic::Log(number, id, piece) => self.bundles.piece(*number, *id, *piece, body),
            Topic::Unrouted(channel) => self.unrouted.take(channel, body),
            Topic::Webhook(_) | Topic::Command(..) | Topic::Desired(_) | Topic::Replay(_) | Topic::Receipt(..) => {
                Err(Refused)
            }
        }
    }

    /// Takes a report within the room that there is for all of them.
    fn report(
        &mut self,
        number: TerminalNumber,
        body: &[u8],
        largest: usize,
        take: impl FnOnce(&mut Terminal) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let full = self.bytes.saturating_add(body.len()) > MAX_BYTES;
        if body.len() > largest || full {
            return Err(Refused);
        }
        let terminal = self.terminal(number)?;
        let before = terminal.bytes();
        let taken = take(terminal);
        let after = terminal.bytes();
        self.bytes = self.bytes.saturating_sub(before).saturating_add(after);
        taken
    }

    fn fared(
        &mut self,
        number: TerminalNumber,
        id: CommandId,
        body: &[u8],
        fresh: bool,
        now: UnixTime,
    ) -> Result<(), Refused> {
        if body.is_empty() {
            self.commands.clear(number, id);
            return Ok(());
        }
        let status = serde_json::from_slice(within(body, MAX_MESSAGE)?)?;
        self.bundles.told(number, id, &status);
        self.terminal(number)?;
        self.commands.take(number, id, status, fresh.then_some(now));
        Ok(())
    }

    fn terminal(&mut self, number: TerminalNumber) -> Result<&mut Terminal, Refused> {
        if self.terminals.len() >= MAX_TERMINALS && !self.terminals.contains_key(&number) {
            return Err(Refused);
        }
        Ok(self.terminals.entry(number).or_default())
    }

    /// Whose state the operator has cleared is no terminal any more.
    fn forget(&mut self, number: TerminalNumber) {
        if let Some(terminal) = self.terminals.remove(&number) {
            self.bytes = self.bytes.saturating_sub(terminal.bytes());
        }
    }

    pub(crate) fn get(&self, number: TerminalNumber) -> Option<&Terminal> {
        self.terminals.get(&number)
    }

    pub(crate) fn len(&self) -> usize {
        self.terminals.len()
    }

    /// The neighbours by number.
    pub(crate) fn beside(&self, number: TerminalNumber) -> (Option<TerminalNumber>, Option<TerminalNumber>) {
        let before = self.terminals.range(..number).next_back().map(|(number, _)| *number);
        let after = self.terminals.range((Excluded(number), Unbounded)).next().map(|(number, _)| *number);
        (before, after)
    }

    /// Everybody, with how each stands.
    pub(crate) fn judged(&self, now: UnixTime) -> impl Iterator<Item = Judged<'_>> {
        self.terminals.iter().map(move |(number, terminal)| {
            let (standing, _) = judge(terminal, now);
            Judged { number: *number, terminal, standing }
        })
    }
}

/// A terminal, and how it stands.
pub(crate) struct Judged<'f> {
    pub(crate) number: TerminalNumber,
    pub(crate) terminal: &'f Terminal,
    pub(crate) standing: Standing,
}

/// Lets a message through that is within its bound.
fn within(body: &[u8], largest: usize) -> Result<&[u8], Refused> {
    if body.len() > largest { Err(Refused) } else { Ok(body) }
}

/// What is no JSON of its kind is refused, whatever is wrong with it.
impl From<serde_json::Error> for Refused {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests;
