//! The till: decides everything, does nothing. It never fails, waits, reads a clock, draws a random number or knows JSON.

mod attempts;
mod cancelling;
mod channels;
mod checking;
mod code;
mod command;
mod confirming;
mod entry;
mod event;
mod glance;
mod journal;
mod keypad;
mod late;
mod matching;
mod memory;
mod money;
pub mod mutant;
mod obedience;
mod obeying;
mod offline;
mod outbox;
mod payment;
mod queue;
mod rebase;
mod receiving;
mod records;
mod requesting;
mod restore;
mod rules;
mod sale;
mod scanning;
mod seen;
mod selling;
mod showing;
mod step;
#[cfg(test)]
mod tests;
mod time;
mod updating;
mod view;
mod watch;

use std::collections::BTreeMap;

use till_wire::{OrderRef, ReceiptKey, SaleId};

pub use channels::{Barrier, Fault, SeenFault};
pub use checking::Checking;
pub use code::is_drawable_address;
pub use command::{
    Audience, CommandJob, CommandNotice, CommandRecord, CommandResult, CommandStage, Commands, Instruction, LogLevel,
    MAX_COMMANDS, MAX_PIECES, MAX_RESULT, NoticeKind, Performed, Pieces, Progress, Service, SignedCommand, Update,
    UpdateJob, UpdatePhase, WaitingCommand,
};
pub use entry::{Entry, Key, MAX_KEYS, Problem, Shape, Sign, Typed};
pub use event::*;
pub use glance::{Glance, GlanceAt, Takings};
pub use journal::{Cause, CauseKind, JournalEntry, JournalPage, Proof, Reported};
pub use memory::{Memory, OutboxMemory};
pub use outbox::{MAX_OWED, MAX_OWED_BYTES, Met, SayAgain};
pub use payment::{Payment, Pending, ProviderId, Receipt, Refund, Transfer, TransferRef, Via};
pub use queue::{Due, Outstanding, Queue};
pub use records::{
    AttentionPage, Missed, PeriodPage, PeriodPlace, PeriodQuery, ReceiptsPage, ReceiptsQuery, Records, SalesPage,
    SalesQuery, StoreAge,
};
pub use rules::{Account, Cancellation, ChannelRules, CustomerNeed, Display, Offline, OfflineCodes, Rules};
pub use sale::*;
pub use scanning::Scanned;
pub use step::*;
pub use time::{BootId, Now, Tick};
pub use view::{Ended, Link, Money, Scene, Told, View, Waiting};

use channels::Channels;
use journal::Journal;
use mutant::Mutant;
use outbox::Outbox;

/// The most sales kept in memory that have nothing left to do; older ones are looked up when needed.
const REMEMBERED: usize = 64;
/// The most receipts kept in memory for telling whether one is new.
const REMEMBERED_RECEIPTS: usize = 256;

/// The whole state of a terminal's money side.
#[derive(Debug)]
pub struct Till {
    rules: Rules,
    boot: BootId,
    /// Every sale that is alive, and the last few that are not.
    sales: BTreeMap<SaleId, Sale>,
    /// Receipts that were made or looked up lately.
    receipts: BTreeMap<ReceiptKey, Receipt>,
    /// The sale that holds the display, if any.
    current: Option<SaleId>,
    /// When the current sale's result leaves the display.
    result_until: Option<Tick>,
    /// What the cashier is typing; a restart forgets it.
    entry: Option<Entry>,
    /// An order number for what is typed, or will be; a restart forgets it.
    scanned: Option<Scanned>,
    /// What is to be seen for a moment; a restart forgets it.
    glance: Option<Glance>,
    /// The sale whose code is off while reported money is checked; after a restart its code is shown.
    checking: Option<Checking>,
    /// Money to be shown on the idle display, one after the other.
    money_to_show: Vec<Money>,
    /// The last number drawn from the sequence; none in a new store.
    sequence: Option<u32>,
    /// When the store was made, by the wall clock.
    born: till_wire::UnixTime,
    /// The newest time that a provider told, and the tick at which it did.
    provider_time: Option<Now>,
    keys: BTreeMap<String, KeyRecord>,
    outbox: Outbox,
    broker: Broker,
    channels: Channels,
    panel: Panel,
    generation: Generation,
    /// The newest generation that the panel has confirmed.
    shown: Generation,
    asks: u64,
    /// What brings about what is being judged.
    journal: Journal,
    /// What the fleet's operator has commanded.
    commands: Commands,
}

/// Whether the broker is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broker {
    /// It is.
    Up {
        /// When that was last written down.
        noted: Tick,
    },
    /// It is not.
    Down,
}

/// Whether the panel can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// It can.
    Works,
    /// It cannot.
    Broken,
}

impl Till {
    /// Judges one event.
    pub fn handle(&mut self, event: Event, now: Now) -> Step {
        let mut step = Step::default();
        self.journal.begin(&event);
        match event {
            Event::SaleWanted { request, key, reply } => self.on_sale_wanted(request, key, reply, now, &mut step),
            Event::CancelWanted { sale, reply } => self.on_cancel_wanted(sale, reply, now, &mut step),
            Event::AcknowledgeWanted { sale, pin, reply } => {
                self.on_acknowledge_wanted(sale, pin, reply, now, &mut step)
            }
            Event::ConfirmWanted { sale, reply } => self.on_confirm_wanted(sale, reply, now, &mut step),
            Event::MatchWanted { receipt, sale, reply } => self.on_match_wanted(receipt, sale, reply, now, &mut step),
            Event::KeysPressed { keys, reply } => self.on_keys_pressed(&keys, reply, now, &mut step),
            Event::ReferenceScanned { reference, reply } => {
                self.on_reference_scanned(reference, reply, now, &mut step);
            }
            Event::DayReckoned { takings } => self.on_day_reckoned(takings, now),
            Event::ReplayWanted { reply } => self.on_replay_wanted(reply, now, &mut step),
            Event::OrderAnswered { sale, order, answer } => self.on_order_answered(sale, order, answer, now, &mut step),
            Event::StatusAnswered { sale, order, ask, answer } => {
                self.on_status_answered(sale, order, ask, answer, now, &mut step);
            }
            Event::CancelAnswered { sale, order, answer } => {
                self.on_cancel_answered(sale, order, answer, now, &mut step)
            }
            Event::ConfirmAnswered { sale, order, answer } => {
                self.on_confirm_answered(sale, order, answer, now, &mut step)
            }
            Event::ChannelAnswered { channel, fault } => self.on_channel_answered(channel, fault, now),
            Event::ProviderTimeSeen { at } => self.on_provider_time(at, now, &mut step),
            Event::WebhookArrived { delivery, notice, .. } => self.on_webhook(delivery, notice, now, &mut step),
            Event::BrokerUp { session } => self.on_broker_up(session, now, &mut step),
            Event::BrokerDown => self.on_broker_down(now),
            Event::CommandArrived { delivery, command } => self.on_command(delivery, *command, now, &mut step),
            Event::CommandPerformed { id, performed } => self.on_performed(id, performed, now, &mut step),
            Event::Published { subject, revision } => self.on_published(subject, revision, now, &mut step),
            Event::PanelShown { generation } => self.on_panel_shown(generation, now, &mut step),
            Event::CodeTooDense { generation } => self.on_code_too_dense(generation, now, &mut step),
            Event::PanelFailed => self.on_panel_failed(now, &mut step),
            Event::Woke => {}
        }
        self.journal.begin_deadlines();
        self.on_time(now, &mut step);
        self.write_settled(&mut step);
        self.forget();
        step
    }

    /// Names the records that the till lacks for judging the event; [`Till::recall`] hands them over.
    pub fn lookup(&self, event: &Event) -> Option<Lookup> {
        match event {
            Event::CancelWanted { sale, .. }
            | Event::AcknowledgeWanted { sale, .. }
            | Event::ConfirmWanted { sale, .. } => self.lookup_sale(*sale),
            Event::OrderAnswered { sale, .. }
            | Event::StatusAnswered { sale, .. }
            | Event::CancelAnswered { sale, .. }
            | Event::ConfirmAnswered { sale, .. } => self.lookup_sale(*sale),
            Event::SaleWanted { key, .. } => {
                let known = self.keys.get(&key.as_ref()?.key)?;
                self.lookup_sale(known.sale)
            }
            Event::MatchWanted { receipt, sale, .. } => self.lookup_match(*receipt, *sale),
            Event::WebhookArrived { notice, .. } => self.lookup_notice(notice),
            Event::KeysPressed { keys, .. } if keys.contains(&Key::Last) => self.lookup_last(),
            Event::KeysPressed { .. }
            | Event::ReferenceScanned { .. }
            | Event::DayReckoned { .. }
            | Event::ReplayWanted { .. }
            | Event::ChannelAnswered { .. }
            | Event::CommandArrived { .. }
            | Event::CommandPerformed { .. }
            | Event::ProviderTimeSeen { .. }
            | Event::BrokerUp { .. }
            | Event::BrokerDown
            | Event::Published { .. }
            | Event::PanelShown { .. }
            | Event::CodeTooDense { .. }
            | Event::PanelFailed
            | Event::Woke => None,
        }
    }

    /// Takes records that were looked up; what the till knows already is newer and stays.
    pub fn recall(&mut self, found: Found, now: Now) {
        if let Some(mut sale) = found.sale {
            let written = sale.written;
            sale.rebase(self.boot, now.tick, written);
            self.sales.entry(sale.id).or_insert(sale);
        }
        if let Some(receipt) = found.receipt {
            self.remember_receipt(receipt);
        }
    }

    /// Returns when the till must be woken at the latest, if ever.
    pub fn wake_at(&self) -> Option<Tick> {
        let sales = self.sales.values().filter_map(Till::sale_due);
        let money = self.money_to_show.first().and_then(|money| money.until);
        let entry = self.entry.as_ref().map(|entry| entry.until);
        let scanned = self.scanned.as_ref().map(|scanned| scanned.until);
        let checking = self.checking.map(|checking| checking.until);
        let glance = self.glance.as_ref().map(|glance| glance.until);
        let display = self
            .result_until
            .into_iter()
            .chain(glance)
            .chain(scanned)
            .chain(money)
            .chain(entry)
            .chain(checking)
            .chain(self.channels.due())
            .chain(self.command_due());
        sales.chain(display).chain(self.online_due()).chain(self.outbox_due()).min()
    }

    fn lookup_sale(&self, id: SaleId) -> Option<Lookup> {
        let unknown = !self.sales.contains_key(&id);
        unknown.then(|| Lookup { sale: Some(id), ..Lookup::default() })
    }

    fn sale_of_order(&self, order: OrderRef) -> Option<SaleId> {
        self.sales.values().find(|sale| sale.attempt(order).is_some()).map(|sale| sale.id)
    }

    /// Copies a sale for changing; [`Till::changed`], [`Till::saved`] or [`Till::unchanged`] puts it back.
    fn take(&self, id: SaleId) -> Option<Sale> {
        self.sales.get(&id).cloned()
    }

    /// Puts back a sale that has not changed in ways that the disk must know.
    fn unchanged(&mut self, sale: Sale) {
        self.sales.insert(sale.id, sale);
    }

    /// Puts back a sale whose record changed in ways that others cannot see.
    fn saved(&mut self, mut sale: Sale, now: Now, step: &mut Step) {
        sale.boot = self.boot;
        sale.written = now.tick;
        step.writes.push(Write::Sale(Box::new(sale.clone())));
        self.sales.insert(sale.id, sale);
    }

    /// Puts back a sale that others see differently now: a new revision, owed to the world.
    fn changed(&mut self, mut sale: Sale, now: Now, step: &mut Step) {
        if !Mutant::KeepsTheRevision.is_on() {
            sale.revision = sale.revision.saturating_add(1);
        }
        let (subject, revision) = (Subject::Sale(sale.id), sale.revision);
        let bytes = till_wire::sale::Sale::from(&sale).message_bytes();
        let seen = sale.clone();
        self.note_change(&sale, now, step);
        self.saved(sale, now, step);
        let number = self.owe(subject, revision, bytes, now, step);
        step.effects.push(Effect::Announce { number, change: Change::Sale(Box::new(seen)) });
    }

    fn next_ask(&mut self) -> AskId {
        self.asks = self.asks.wrapping_add(1);
        AskId(self.asks)
    }

    /// Starts a picture with or without a code; the panel confirms it by this number.
    fn next_generation(&mut self) -> Generation {
        self.generation = Generation(self.generation.0.saturating_add(1));
        self.generation
    }

    /// Tells whether the display is known to show this generation or a newer one.
    fn is_shown(&self, generation: Generation) -> bool {
        match self.rules.display {
            Display::None => true,
            Display::Panel => self.shown >= generation,
        }
    }

    /// Drops what is neither alive, nor shown, nor among the last few.
    fn forget(&mut self) {
        let idle: Vec<SaleId> = self
            .sales
            .values()
            .filter(|sale| !sale.is_alive() && Some(sale.id) != self.current && Some(sale.id) != self.glanced())
            .map(|sale| sale.id)
            .collect();
        for id in idle.iter().take(idle.len().saturating_sub(REMEMBERED)) {
            self.sales.remove(id);
        }
        while self.receipts.len() > REMEMBERED_RECEIPTS {
            self.receipts.pop_first();
        }
    }
}

impl Step {
    fn reply(&mut self, to: ReplyTo, answer: Answer) {
        self.effects.push(Effect::Reply { to, answer });
    }
}

impl Sale {
    fn at(&self, order: OrderRef) -> OrderAt {
        OrderAt {
            sale: self.id,
            channel: self.channel.clone(),
            known: KnownOrder {
                order,
                provider_id: self.attempt(order).and_then(|attempt| attempt.provider_id.clone()),
                amount: self.amount,
            },
        }
    }
}
