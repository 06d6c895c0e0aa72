//! A till's memory as parts of lines: what stands beside its records. It must not know why a till forgets.

use serde::{Deserialize, Serialize};
use till_wire::{ChannelId, OrderRef, SaleId};

use super::Moment;
use super::command::CommandsLine;
use super::event::FaultLine;
use super::glance::GlanceLine;
use crate::record::{Money, OwedOnDisk, SubjectOnDisk, Wall, words};
use crate::till::{
    AskId, BootId, Broker, Checking, Entry, Generation, Glance, Memory, Met, OutboxMemory, Panel, Problem, Reported,
    SayAgain, Scanned, SeenFault, Sign, Tick,
};

words!(
    ProblemLine =
        Problem { TooLarge, TooLong, Unfinished, NeedsCustomer, ClockNotSet, NumbersUsedUp, QueueFull, Disabled }
);
words!(SignLine = Sign { Plus, Times });
words!(PanelLine = Panel { Works, Broken });
words!(MetLine = Met { NotYet, Before });

/// What a till knows beside its sales, receipts, keys and what it owes.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct MemoryLine {
    boot: [u8; 16],
    current: Option<SaleId>,
    result_until: Option<u64>,
    entry: Option<EntryLine>,
    /// When an order number that was scanned is forgotten; the number itself is left out.
    #[serde(default)]
    scanned: Option<u64>,
    /// Programs that knew no glances left it out.
    #[serde(default)]
    glance: Option<GlanceLine>,
    checking: Option<CheckingLine>,
    money_to_show: Vec<(Money, Option<u64>)>,
    /// The number of the first of them; those behind it count on.
    #[serde(default)]
    money_number: u32,
    sequence: Option<u32>,
    born: Wall,
    provider_time: Option<Moment>,
    number: u64,
    in_flight: Option<OwedOnDisk>,
    next: u64,
    online: Option<Wall>,
    say_again: Option<SayAgainLine>,
    met: MetLine,
    asked_since: Option<u64>,
    #[serde(default)]
    settled: Vec<SubjectOnDisk>,
    broker: BrokerLine,
    channels: Vec<ChannelLine>,
    panel: PanelLine,
    generation: u64,
    shown: u64,
    asks: u64,
    /// Programs that obeyed no commands left it out.
    #[serde(default)]
    commands: CommandsLine,
}

#[derive(Serialize, Deserialize)]
struct EntryLine {
    numbers: Vec<(SignLine, u64)>,
    refused: Option<ProblemLine>,
    until: u64,
}

#[derive(Serialize, Deserialize)]
struct ChannelLine {
    channel: ChannelId,
    fault: FaultLine,
    until: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct CheckingLine {
    sale: SaleId,
    ask: u64,
    until: u64,
}

#[derive(Serialize, Deserialize)]
struct SayAgainLine {
    since: u64,
    said: usize,
    next: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BrokerLine {
    Up { noted: u64 },
    Down,
}

/// A report that was noted without being counted.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct NotedLine {
    sale: OrderRef,
    provider_id: String,
    reference: String,
    amount: u64,
}

impl From<&(SaleId, Reported)> for NotedLine {
    fn from((sale, reported): &(SaleId, Reported)) -> Self {
        let Reported { provider_id, provider_ref, amount } = reported.clone();
        Self { sale: sale.order(), provider_id, reference: provider_ref, amount }
    }
}

impl From<NotedLine> for (SaleId, Reported) {
    fn from(line: NotedLine) -> Self {
        let NotedLine { sale, provider_id, reference, amount } = line;
        (SaleId::new(sale), Reported { provider_id, provider_ref: reference, amount })
    }
}

impl From<&Memory> for MemoryLine {
    fn from(memory: &Memory) -> Self {
        let outbox = &memory.outbox;
        Self {
            boot: memory.boot.0,
            current: memory.current,
            result_until: memory.result_until.map(|tick| tick.0),
            entry: memory.entry.as_ref().map(EntryLine::from),
            scanned: memory.scanned.as_ref().map(|scanned| scanned.until.0),
            glance: memory.glance.as_ref().map(GlanceLine::from),
            checking: memory.checking.map(|checking| CheckingLine {
                sale: checking.sale,
                ask: checking.ask.0,
                until: checking.until.0,
            }),
            money_to_show: memory
                .money_to_show
                .iter()
                .map(|money| (money.amount.into(), money.until.map(|tick| tick.0)))
                .collect(),
            money_number: memory.money_to_show.first().map_or(0, |money| money.number),
            sequence: memory.sequence,
            born: memory.born.into(),
            provider_time: memory.provider_time.map(Moment::from),
            number: outbox.number,
            in_flight: outbox.in_flight.map(OwedOnDisk::from),
            next: outbox.next.0,
            online: outbox.online.map(Wall::from),
            say_again: outbox.say_again.map(|again| SayAgainLine {
                since: again.since,
                said: again.said,
                next: again.next.0,
            }),
            met: outbox.met.into(),
            asked_since: outbox.asked_since,
            settled: outbox.settled.iter().copied().map(SubjectOnDisk::from).collect(),
            broker: match memory.broker {
                Broker::Up { noted } => BrokerLine::Up { noted: noted.0 },
                Broker::Down => BrokerLine::Down,
            },
            channels: memory.channels.iter().map(ChannelLine::from).collect(),
            panel: memory.panel.into(),
            generation: memory.generation.0,
            shown: memory.shown.0,
            asks: memory.asks,
            commands: (&memory.commands).into(),
        }
    }
}

/// The lists of a memory are lines of their own and come in later.
impl From<MemoryLine> for Memory {
    fn from(line: MemoryLine) -> Self {
        Self {
            boot: BootId(line.boot),
            sales: Vec::new(),
            receipts: Vec::new(),
            keys: Vec::new(),
            current: line.current,
            result_until: line.result_until.map(Tick),
            entry: line.entry.map(Entry::from),
            scanned: line.scanned.map(|until| Scanned { reference: String::new(), until: Tick(until) }),
            glance: line.glance.map(Glance::from),
            checking: line.checking.map(|checking| Checking {
                sale: checking.sale,
                ask: AskId(checking.ask),
                until: Tick(checking.until),
            }),
            money_to_show: line
                .money_to_show
                .into_iter()
                .zip((0..).map(|place| line.money_number.wrapping_add(place)))
                .map(|((amount, until), number)| crate::till::Money {
                    number,
                    amount: amount.into(),
                    until: until.map(Tick),
                })
                .collect(),
            sequence: line.sequence,
            born: line.born.into(),
            provider_time: line.provider_time.map(Into::into),
            outbox: OutboxMemory {
                entries: Vec::new(),
                number: line.number,
                in_flight: line.in_flight.map(Into::into),
                next: Tick(line.next),
                online: line.online.map(Into::into),
                say_again: line.say_again.map(|again| SayAgain {
                    since: again.since,
                    said: again.said,
                    next: Tick(again.next),
                }),
                met: line.met.into(),
                asked_since: line.asked_since,
                settled: line.settled.into_iter().map(Into::into).collect(),
            },
            broker: match line.broker {
                BrokerLine::Up { noted } => Broker::Up { noted: Tick(noted) },
                BrokerLine::Down => Broker::Down,
            },
            channels: line.channels.into_iter().map(Into::into).collect(),
            panel: line.panel.into(),
            generation: Generation(line.generation),
            shown: Generation(line.shown),
            asks: line.asks,
            noted: Vec::new(),
            commands: line.commands.into(),
        }
    }
}

impl From<&(ChannelId, SeenFault)> for ChannelLine {
    fn from((channel, seen): &(ChannelId, SeenFault)) -> Self {
        Self { channel: channel.clone(), fault: (&seen.fault).into(), until: seen.until.map(|tick| tick.0) }
    }
}

impl From<ChannelLine> for (ChannelId, SeenFault) {
    fn from(line: ChannelLine) -> Self {
        (line.channel, SeenFault { fault: line.fault.into(), until: line.until.map(Tick) })
    }
}

impl From<&Entry> for EntryLine {
    fn from(entry: &Entry) -> Self {
        Self {
            numbers: entry.numbers.iter().map(|(sign, number)| ((*sign).into(), *number)).collect(),
            refused: entry.refused.map(ProblemLine::from),
            until: entry.until.0,
        }
    }
}

impl From<EntryLine> for Entry {
    fn from(line: EntryLine) -> Self {
        Self {
            numbers: line.numbers.into_iter().map(|(sign, number)| (sign.into(), number)).collect(),
            refused: line.refused.map(Problem::from),
            until: Tick(line.until),
        }
    }
}
