//! Every event as a line. It must not know what comes of one.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use till_wire::{ChannelId, CommandId, EnvelopeId, OrderRef, ReceiptKey, SaleId};

use super::answer::{CancelLine, ConfirmLine, CreateLine, SaidLine};
use super::command::{PerformedLine, SignedLine};
use super::glance::TakingsLine;
use crate::record::{Money, SubjectOnDisk, Wall, words};
use crate::till::{
    AskId, Barrier, Customer, Delivery, Event, Fault, Generation, Key, NewSale, Notice, Pin, ProviderId, ReplyTo,
    RequestKey, Session,
};

/// An event.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum EventLine {
    SaleWanted {
        amount: Money,
        channel: ChannelId,
        expire_ms: u64,
        key: Option<RequestKeyLine>,
        reply: u64,
    },
    CancelWanted {
        sale: SaleId,
        reply: u64,
    },
    AcknowledgeWanted {
        sale: SaleId,
        pin: PinLine,
        reply: u64,
    },
    ConfirmWanted {
        sale: SaleId,
        reply: u64,
    },
    MatchWanted {
        receipt: ReceiptKey,
        sale: SaleId,
        reply: u64,
    },
    KeysPressed {
        keys: Vec<KeyLine>,
        reply: u64,
    },
    /// What was read is left out.
    ReferenceScanned {
        reply: u64,
    },
    DayReckoned {
        takings: TakingsLine,
    },
    ReplayWanted {
        reply: u64,
    },
    OrderAnswered {
        sale: SaleId,
        order: OrderRef,
        answer: CreateLine,
    },
    StatusAnswered {
        sale: SaleId,
        order: OrderRef,
        ask: u64,
        answer: CancelLine,
    },
    CancelAnswered {
        sale: SaleId,
        order: OrderRef,
        answer: CancelLine,
    },
    ConfirmAnswered {
        sale: SaleId,
        order: OrderRef,
        answer: ConfirmLine,
    },
    ChannelAnswered {
        channel: ChannelId,
        fault: Option<FaultLine>,
    },
    ProviderTimeSeen {
        at: Wall,
    },
    WebhookArrived {
        connection: u64,
        packet: u16,
        envelope: EnvelopeId,
        notice: NoticeLine,
    },
    CommandArrived {
        connection: u64,
        packet: u16,
        command: Box<SignedLine>,
    },
    CommandPerformed {
        id: CommandId,
        performed: PerformedLine,
    },
    BrokerUp {
        session: SessionLine,
    },
    BrokerDown,
    Published {
        subject: SubjectOnDisk,
        revision: u64,
    },
    PanelShown {
        generation: u64,
    },
    CodeTooDense {
        generation: u64,
    },
    PanelFailed,
    Woke,
}

words!(PinLine = Pin { Absent, Right });
words!(BarrierLine = Barrier { Network, Silence, Certificate, Access, Shut });
words!(SessionLine = Session { Kept, New });

/// What went wrong with a request; its words are left out.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct FaultLine {
    barrier: Option<BarrierLine>,
}

/// The mark of an idempotency key and of its request.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct RequestKeyLine {
    key: String,
    fingerprint: [u8; 32],
}

/// A key of the keypad.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum KeyLine {
    Digit(u8),
    DoubleZero,
    TripleZero,
    Back,
    Escape,
    Enter,
    Plus,
    Times,
    Last,
    Report,
    Repeat,
}

/// What a webhook says.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct NoticeLine {
    channel: ChannelId,
    order: Option<OrderRef>,
    purpose: Option<OrderRef>,
    provider_id: String,
    said: SaidLine,
}

impl From<&Event> for EventLine {
    fn from(event: &Event) -> Self {
        match event {
            Event::SaleWanted { request, key, reply } => Self::SaleWanted {
                amount: request.amount.into(),
                channel: request.channel.clone(),
                expire_ms: millis(request.expire),
                key: key.as_ref().map(|key| RequestKeyLine { key: key.key.clone(), fingerprint: key.fingerprint }),
                reply: reply.0,
            },
            Event::CancelWanted { sale, reply } => Self::CancelWanted { sale: *sale, reply: reply.0 },
            Event::AcknowledgeWanted { sale, pin, reply } => {
                Self::AcknowledgeWanted { sale: *sale, pin: (*pin).into(), reply: reply.0 }
            }
            Event::ConfirmWanted { sale, reply } => Self::ConfirmWanted { sale: *sale, reply: reply.0 },
            Event::MatchWanted { receipt, sale, reply } => {
                Self::MatchWanted { receipt: *receipt, sale: *sale, reply: reply.0 }
            }
            Event::KeysPressed { keys, reply } => {
                Self::KeysPressed { keys: keys.iter().map(|key| KeyLine::from(*key)).collect(), reply: reply.0 }
            }
            Event::ReferenceScanned { reference: _, reply } => Self::ReferenceScanned { reply: reply.0 },
            Event::DayReckoned { takings } => Self::DayReckoned { takings: (*takings).into() },
            Event::ReplayWanted { reply } => Self::ReplayWanted { reply: reply.0 },
            Event::OrderAnswered { sale, order, answer } => {
                Self::OrderAnswered { sale: *sale, order: *order, answer: answer.into() }
            }
            Event::StatusAnswered { sale, order, ask, answer } => {
                Self::StatusAnswered { sale: *sale, order: *order, ask: ask.0, answer: answer.into() }
            }
            Event::CancelAnswered { sale, order, answer } => {
                Self::CancelAnswered { sale: *sale, order: *order, answer: answer.into() }
            }
            Event::ConfirmAnswered { sale, order, answer } => {
                Self::ConfirmAnswered { sale: *sale, order: *order, answer: answer.into() }
            }
            Event::ProviderTimeSeen { at } => Self::ProviderTimeSeen { at: (*at).into() },
            Event::ChannelAnswered { channel, fault } => {
                Self::ChannelAnswered { channel: channel.clone(), fault: fault.as_ref().map(FaultLine::from) }
            }
            Event::WebhookArrived { delivery, envelope, notice } => Self::WebhookArrived {
                connection: delivery.connection,
                packet: delivery.packet,
                envelope: *envelope,
                notice: notice.into(),
            },
            Event::CommandArrived { delivery: Delivery { connection, packet }, command } => {
                let command = Box::new(command.as_ref().into());
                Self::CommandArrived { connection: *connection, packet: *packet, command }
            }
            Event::CommandPerformed { id, performed } => {
                Self::CommandPerformed { id: *id, performed: performed.into() }
            }
            Event::BrokerUp { session } => Self::BrokerUp { session: (*session).into() },
            Event::BrokerDown => Self::BrokerDown,
            Event::Published { subject, revision } => {
                Self::Published { subject: (*subject).into(), revision: *revision }
            }
            Event::PanelShown { generation } => Self::PanelShown { generation: generation.0 },
            Event::CodeTooDense { generation } => Self::CodeTooDense { generation: generation.0 },
            Event::PanelFailed => Self::PanelFailed,
            Event::Woke => Self::Woke,
        }
    }
}

impl From<EventLine> for Event {
    fn from(line: EventLine) -> Self {
        match line {
            EventLine::SaleWanted { amount, channel, expire_ms, key, reply } => {
                let request = NewSale {
                    amount: amount.into(),
                    channel,
                    reference: None,
                    note: None,
                    expire: Duration::from_millis(expire_ms),
                    customer: Customer::default(),
                    items: Vec::new(),
                };
                let key = key.map(|key| RequestKey { key: key.key, fingerprint: key.fingerprint });
                Self::SaleWanted { request, key, reply: ReplyTo(reply) }
            }
            EventLine::CancelWanted { sale, reply } => Self::CancelWanted { sale, reply: ReplyTo(reply) },
            EventLine::AcknowledgeWanted { sale, pin, reply } => {
                Self::AcknowledgeWanted { sale, pin: pin.into(), reply: ReplyTo(reply) }
            }
            EventLine::ConfirmWanted { sale, reply } => Self::ConfirmWanted { sale, reply: ReplyTo(reply) },
            EventLine::MatchWanted { receipt, sale, reply } => {
                Self::MatchWanted { receipt, sale, reply: ReplyTo(reply) }
            }
            EventLine::KeysPressed { keys, reply } => {
                Self::KeysPressed { keys: keys.into_iter().map(Key::from).collect(), reply: ReplyTo(reply) }
            }
            EventLine::ReferenceScanned { reply } => {
                Self::ReferenceScanned { reference: String::new(), reply: ReplyTo(reply) }
            }
            EventLine::DayReckoned { takings } => Self::DayReckoned { takings: takings.into() },
            EventLine::ReplayWanted { reply } => Self::ReplayWanted { reply: ReplyTo(reply) },
            EventLine::OrderAnswered { sale, order, answer } => {
                Self::OrderAnswered { sale, order, answer: answer.into() }
            }
            EventLine::StatusAnswered { sale, order, ask, answer } => {
                Self::StatusAnswered { sale, order, ask: AskId(ask), answer: answer.into() }
            }
            EventLine::CancelAnswered { sale, order, answer } => {
                Self::CancelAnswered { sale, order, answer: answer.into() }
            }
            EventLine::ConfirmAnswered { sale, order, answer } => {
                Self::ConfirmAnswered { sale, order, answer: answer.into() }
            }
            EventLine::ProviderTimeSeen { at } => Self::ProviderTimeSeen { at: at.into() },
            EventLine::ChannelAnswered { channel, fault } => {
                Self::ChannelAnswered { channel, fault: fault.map(Fault::from) }
            }
            EventLine::WebhookArrived { connection, packet, envelope, notice } => {
                Self::WebhookArrived { delivery: Delivery { connection, packet }, envelope, notice: notice.into() }
            }
            EventLine::CommandArrived { connection, packet, command } => {
                Self::CommandArrived { delivery: Delivery { connection, packet }, command: Box::new((*command).into()) }
            }
            EventLine::CommandPerformed { id, performed } => Self::CommandPerformed { id, performed: performed.into() },
            EventLine::BrokerUp { session } => Self::BrokerUp { session: session.into() },
            EventLine::BrokerDown => Self::BrokerDown,
            EventLine::Published { subject, revision } => Self::Published { subject: subject.into(), revision },
            EventLine::PanelShown { generation } => Self::PanelShown { generation: Generation(generation) },
            EventLine::CodeTooDense { generation } => Self::CodeTooDense { generation: Generation(generation) },
            EventLine::PanelFailed => Self::PanelFailed,
            EventLine::Woke => Self::Woke,
        }
    }
}

impl From<&Fault> for FaultLine {
    fn from(fault: &Fault) -> Self {
        Self { barrier: fault.barrier.map(BarrierLine::from) }
    }
}

impl From<FaultLine> for Fault {
    fn from(line: FaultLine) -> Self {
        Self { barrier: line.barrier.map(Barrier::from), reason: String::new() }
    }
}

impl From<&Notice> for NoticeLine {
    fn from(notice: &Notice) -> Self {
        Self {
            channel: notice.channel.clone(),
            order: notice.order,
            purpose: notice.purpose,
            provider_id: notice.provider_id.0.clone(),
            said: (&notice.said).into(),
        }
    }
}

impl From<NoticeLine> for Notice {
    fn from(line: NoticeLine) -> Self {
        let NoticeLine { channel, order, purpose, provider_id, said } = line;
        Self { channel, order, purpose, provider_id: ProviderId(provider_id), said: said.into(), note: None }
    }
}

impl From<Key> for KeyLine {
    fn from(key: Key) -> Self {
        match key {
            Key::Digit(digit) => Self::Digit(digit),
            Key::DoubleZero => Self::DoubleZero,
            Key::TripleZero => Self::TripleZero,
            Key::Back => Self::Back,
            Key::Escape => Self::Escape,
            Key::Enter => Self::Enter,
            Key::Plus => Self::Plus,
            Key::Times => Self::Times,
            Key::Last => Self::Last,
            Key::Report => Self::Report,
            Key::Repeat => Self::Repeat,
        }
    }
}

impl From<KeyLine> for Key {
    fn from(line: KeyLine) -> Self {
        match line {
            KeyLine::Digit(digit) => Self::Digit(digit),
            KeyLine::DoubleZero => Self::DoubleZero,
            KeyLine::TripleZero => Self::TripleZero,
            KeyLine::Back => Self::Back,
            KeyLine::Escape => Self::Escape,
            KeyLine::Enter => Self::Enter,
            KeyLine::Plus => Self::Plus,
            KeyLine::Times => Self::Times,
            KeyLine::Last => Self::Last,
            KeyLine::Report => Self::Report,
            KeyLine::Repeat => Self::Repeat,
        }
    }
}

/// A span in whole milliseconds.
pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
