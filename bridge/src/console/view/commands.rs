//! How commands fare, by command and by terminal. It must not know what a command does.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use till_wire::fleet::{CommandState, CommandStatus};
use till_wire::{CommandId, TerminalNumber, UnixTime};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    all: BTreeMap<CommandId, Rollout>,
    /// The oldest first.
    order: VecDeque<CommandId>,
    of: BTreeMap<TerminalNumber, VecDeque<CommandId>>,
    /// Bytes of all words and results.
    kept: usize,
}

/// One command at all the terminals that have spoken of it.
#[derive(Debug, Default)]
pub(crate) struct Rollout {
    /// If this console has sent it.
    pub(crate) sent: Option<Sent>,
    pub(crate) at: BTreeMap<TerminalNumber, Fared>,
}

/// A command that this console has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) name: &'static str,
    pub(crate) by: String,
    pub(crate) at: UnixTime,
}

/// How it fares at one terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fared {
    /// Nothing while the terminal has not answered.
    pub(crate) state: Option<CommandState>,
    pub(crate) words: Option<Box<str>>,
    pub(crate) result: Option<Box<str>>,
    /// When it was heard; nothing where the broker has kept it.
    pub(crate) heard: Option<UnixTime>,
}

/// How many commands are remembered, and how many of one terminal: one that makes up commands of its own costs others
/// little.
const MAX_COMMANDS: usize = 1000;
const MAX_OF_ONE: usize = 12;
/// The longest words and results that are kept, in characters.
const MAX_WORDS: usize = 160;
const MAX_RESULT: usize = 2048;
/// The most that all of them together have, in bytes; beyond it a status has none.
const MAX_KEPT: usize = 96 * 1024 * 1024;

impl Commands {
    /// Remembers what this console sends.
    pub(crate) fn sent(&mut self, terminal: TerminalNumber, id: CommandId, sent: Sent) {
        self.enter(terminal, id);
        let Some(rollout) = self.all.get_mut(&id) else { return };
        rollout.sent = Some(sent);
        let unanswered = Fared { state: None, words: None, result: None, heard: None };
        rollout.at.entry(terminal).or_insert(unanswered);
    }

    pub(super) fn take(
        &mut self,
        terminal: TerminalNumber,
        id: CommandId,
        status: CommandStatus,
        heard: Option<UnixTime>,
    ) {
        self.enter(terminal, id);
        let Some(rollout) = self.all.get_mut(&id) else { return };
        let before = rollout.at.get(&terminal).map_or(0, Fared::bytes);
        let room = MAX_KEPT.saturating_sub(self.kept.saturating_sub(before));
        let words = status.reason.or(status.progress).map(|words| cut(&words, MAX_WORDS));
        let result = status.result.map(|result| cut(&result.to_string(), MAX_RESULT));
        let mut fared = Fared { state: Some(status.status), words, result, heard };
        if fared.bytes() > room {
            (fared.words, fared.result) = (None, None);
        }
        self.kept = self.kept.saturating_sub(before).saturating_add(fared.bytes());
        rollout.at.insert(terminal, fared);
    }

    /// The operator has cleared a status, or an older one makes place.
    pub(crate) fn clear(&mut self, terminal: TerminalNumber, id: CommandId) {
        if let Some(own) = self.of.get_mut(&terminal) {
            own.retain(|other| *other != id);
            if own.is_empty() {
                self.of.remove(&terminal);
            }
        }
        if let Some(rollout) = self.all.get_mut(&id) {
            let gone = rollout.at.remove(&terminal);
            self.kept = self.kept.saturating_sub(gone.as_ref().map_or(0, Fared::bytes));
            if rollout.at.is_empty() {
                self.all.remove(&id);
                self.order.retain(|other| *other != id);
            }
        }
    }

    fn enter(&mut self, terminal: TerminalNumber, id: CommandId) {
        let own = self.of.entry(terminal).or_default();
        if !own.contains(&id) {
            own.push_back(id);
            if own.len() > MAX_OF_ONE {
                if let Some(oldest) = own.front().copied() {
                    self.clear(terminal, oldest);
                }
            }
        }
        if let Entry::Vacant(place) = self.all.entry(id) {
            place.insert(Rollout::default());
            self.order.push_back(id);
        }
        if self.order.len() > MAX_COMMANDS {
            let Some(oldest) = self.order.front().copied() else { return };
            let terminals: Vec<_> =
                self.all.get(&oldest).iter().flat_map(|rollout| rollout.at.keys().copied()).collect();
            terminals.into_iter().for_each(|terminal| self.clear(terminal, oldest));
        }
    }

    pub(crate) fn get(&self, id: &CommandId) -> Option<&Rollout> {
        self.all.get(id)
    }

    /// All of them, the newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (&CommandId, &Rollout)> {
        self.order.iter().rev().filter_map(|id| self.all.get_key_value(id))
    }

    /// A terminal's, the newest first.
    pub(crate) fn of(&self, terminal: TerminalNumber) -> impl Iterator<Item = (&CommandId, &Rollout, &Fared)> {
        let own = self.of.get(&terminal).into_iter().flatten().rev();
        own.filter_map(move |id| {
            let (id, rollout) = self.all.get_key_value(id)?;
            Some((id, rollout, rollout.at.get(&terminal)?))
        })
    }
}

impl Fared {
    fn bytes(&self) -> usize {
        self.words.as_ref().map_or(0, |words| words.len()) + self.result.as_ref().map_or(0, |result| result.len())
    }
}

impl Rollout {
    /// How many terminals are at this point.
    pub(crate) fn count(&self, state: Option<CommandState>) -> usize {
        self.at.values().filter(|fared| fared.state == state).count()
    }
}

fn cut(text: &str, most: usize) -> Box<str> {
    text.chars().take(most).collect::<String>().into_boxed_str()
}
