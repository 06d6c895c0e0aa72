//! All that a till knows between two events, as plain values: a till that is given it goes on where another one was. It
//! must not know who keeps it.

use till_wire::{ChannelId, SaleId, UnixTime};

use super::channels::{Channels, SeenFault};
use super::checking::Checking;
use super::command::Commands;
use super::entry::Entry;
use super::event::Subject;
use super::glance::Glance;
use super::journal::{Journal, Reported};
use super::outbox::{Met, Outbox, SayAgain};
use super::payment::Receipt;
use super::rules::Rules;
use super::sale::{Generation, Sale};
use super::scanning::Scanned;
use super::step::{KeyRecord, Owed};
use super::time::{BootId, Now, Tick};
use super::view::Money;
use super::{Broker, Panel, Till};

/// All that a till knows, but for its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The boot in which ticks are counted.
    pub boot: BootId,
    /// The sales in memory.
    pub sales: Vec<Sale>,
    /// The receipts in memory.
    pub receipts: Vec<Receipt>,
    /// Every idempotency key.
    pub keys: Vec<KeyRecord>,
    /// The sale that holds the display.
    pub current: Option<SaleId>,
    /// When its result leaves the display.
    pub result_until: Option<Tick>,
    /// What the cashier is typing.
    pub entry: Option<Entry>,
    /// An order number that waits for its sale.
    pub scanned: Option<Scanned>,
    /// What is to be seen for a moment.
    pub glance: Option<Glance>,
    /// The sale whose reported money is being checked.
    pub checking: Option<Checking>,
    /// Money for the idle display.
    pub money_to_show: Vec<Money>,
    /// The last number drawn from the sequence.
    pub sequence: Option<u32>,
    /// When the store was made.
    pub born: UnixTime,
    /// The newest time that a provider told, and when it did.
    pub provider_time: Option<Now>,
    /// What is owed to the world.
    pub outbox: OutboxMemory,
    /// Whether the broker is connected.
    pub broker: Broker,
    /// The channels whose last answer could not be used.
    pub channels: Vec<(ChannelId, SeenFault)>,
    /// Whether the panel can be written.
    pub panel: Panel,
    /// The newest picture.
    pub generation: Generation,
    /// The newest picture that the panel has confirmed.
    pub shown: Generation,
    /// How many questions have been asked.
    pub asks: u64,
    /// Reports that were noted without being counted.
    pub noted: Vec<(SaleId, Reported)>,
    /// What is known of commands.
    pub commands: Commands,
}

/// All that is known of what is owed to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMemory {
    /// What is owed, oldest first.
    pub entries: Vec<Owed>,
    /// The last number given to a change.
    pub number: u64,
    /// The message that is under way.
    pub in_flight: Option<Owed>,
    /// When the next one may be sent.
    pub next: Tick,
    /// When the link was last known to live, on disk.
    pub online: Option<UnixTime>,
    /// A wish for a replay that will be said again.
    pub say_again: Option<SayAgain>,
    /// Whether the broker's session has been heard of.
    pub met: Met,
    /// The time since which a replay was asked for by the wall clock alone.
    pub asked_since: Option<u64>,
    /// What the broker has taken and the disk still takes for owed.
    pub settled: Vec<Subject>,
}

impl Till {
    /// Returns all that the till knows.
    pub fn memory(&self) -> Memory {
        // A new field of the till must find its place here.
        let Self {
            rules: _,
            boot,
            sales,
            receipts,
            current,
            result_until,
            entry,
            scanned,
            glance,
            checking,
            money_to_show,
            sequence,
            born,
            provider_time,
            keys,
            outbox,
            broker,
            channels,
            panel,
            generation,
            shown,
            asks,
            journal,
            commands,
        } = self;
        Memory {
            boot: *boot,
            sales: sales.values().cloned().collect(),
            receipts: receipts.values().cloned().collect(),
            keys: keys.values().cloned().collect(),
            current: *current,
            result_until: *result_until,
            entry: entry.clone(),
            scanned: scanned.clone(),
            glance: glance.clone(),
            checking: *checking,
            money_to_show: money_to_show.clone(),
            sequence: *sequence,
            born: *born,
            provider_time: *provider_time,
            outbox: outbox.memory(),
            broker: *broker,
            channels: channels.memory(),
            panel: *panel,
            generation: *generation,
            shown: *shown,
            asks: *asks,
            noted: journal.noted(),
            commands: commands.clone(),
        }
    }

    /// Returns how many bytes the messages that wait for the broker have together.
    pub fn queue_bytes(&self) -> u64 {
        self.outbox.bytes()
    }

    /// Says how many bytes the messages that wait have together, to a till that goes through what another one went through
    /// without the texts in them.
    pub fn set_queue_bytes(&mut self, bytes: u64) {
        self.outbox.set_bytes(bytes);
    }

    /// Goes on where another till was.
    pub fn remember(memory: Memory, rules: Rules) -> Self {
        Self {
            rules,
            boot: memory.boot,
            sales: memory.sales.into_iter().map(|sale| (sale.id, sale)).collect(),
            receipts: memory.receipts.into_iter().map(|receipt| (receipt.key, receipt)).collect(),
            current: memory.current,
            result_until: memory.result_until,
            entry: memory.entry,
            scanned: memory.scanned,
            glance: memory.glance,
            checking: memory.checking,
            money_to_show: memory.money_to_show,
            sequence: memory.sequence,
            born: memory.born,
            provider_time: memory.provider_time,
            keys: memory.keys.into_iter().map(|key| (key.request.key.clone(), key)).collect(),
            outbox: Outbox::remember(memory.outbox),
            broker: memory.broker,
            channels: Channels::remember(memory.channels),
            panel: memory.panel,
            generation: memory.generation,
            shown: memory.shown,
            asks: memory.asks,
            journal: Journal::remember(memory.noted),
            commands: memory.commands,
        }
    }
}
