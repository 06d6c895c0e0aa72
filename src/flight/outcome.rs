//! What came of an event, in short words that can be compared. It must not know how the till decides.

use serde::{Deserialize, Serialize};

use crate::till::{Answer, Change, CommandStage, Effect, Scene, Service, Step, Subject, View, Write};

/// The most words of one list; what is beyond is counted.
const MOST: usize = 64;

/// What the till did about an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What was to be written, e.g. `sale 0001017-029727122 r3 paid 50000`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<String>,
    /// What was to be done, e.g. `announce sale`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<String>,
    /// What was to be seen then, e.g. `code 7`.
    pub display: String,
}

impl Outcome {
    /// Puts a step and what is to be seen after it into words.
    pub fn of(step: &Step, scene: &Scene) -> Self {
        Self {
            writes: bounded(step.writes.iter().map(written)),
            effects: bounded(step.effects.iter().map(effect)),
            display: format!("{} {}", seen(&scene.view), scene.generation.0),
        }
    }
}

fn bounded(mut words: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let count = words.len();
    let mut kept: Vec<String> = words.by_ref().take(MOST).collect();
    if count > MOST {
        kept.push(format!("and {} more", count - MOST));
    }
    kept
}

fn written(write: &Write) -> String {
    match write {
        Write::Sale(sale) => {
            let flags: String = sale.seen_flags().iter().map(|flag| format!(" {}", flag.as_str())).collect();
            let (state, paid) = (sale.seen_state().as_str(), sale.paid_amount());
            format!("sale {} r{} {state} paid {paid}{flags}", sale.id, sale.revision)
        }
        Write::Journal(entry) => format!("journal {} r{} {}", entry.sale, entry.revision, entry.cause.kind.who()),
        Write::Receipt(receipt) => {
            let sale = receipt.sale.map(|sale| format!(" for {sale}")).unwrap_or_default();
            format!("receipt {} r{} {}{sale}", receipt.key, receipt.revision, receipt.amount.value())
        }
        Write::Sequence(number) => format!("sequence {number}"),
        Write::Key(record) => format!("key of {}", record.sale),
        Write::ForgetKey(_) => "forget a key".to_owned(),
        Write::Owe(owed) => format!("owe {} {} r{}", owed.number, subject(owed.subject), owed.revision),
        Write::Settle(settled) => format!("settle {}", subject(*settled)),
        Write::Online(at) => format!("online {}", at.ms()),
        Write::Command(record) => format!("command {} r{} {}", record.id, record.revision, stage(&record.stage)),
        Write::ForgetCommand { id, expires: _ } => format!("forget command {id}"),
        Write::Service(Service::Open) => "open".to_owned(),
        Write::Service(Service::Disabled) => "disabled".to_owned(),
    }
}

fn effect(effect: &Effect) -> String {
    match effect {
        Effect::Create(order) => format!("create {}", order.making.order),
        Effect::Ask { ask, order } => format!("ask {} about {}", ask.0, order.known.order),
        Effect::Cancel { order, reason: _ } => format!("cancel {}", order.known.order),
        Effect::Confirm(order) => format!("confirm {}", order.known.order),
        Effect::Reply { to: _, answer } => format!("reply {}", answered(answer)),
        Effect::Acknowledge(_) => "acknowledge".to_owned(),
        Effect::RepeatAnnouncement => "repeat".to_owned(),
        Effect::Publish(owed) => format!("publish {} r{}", subject(owed.subject), owed.revision),
        Effect::Reckon => "reckon".to_owned(),
        Effect::TellCommand { id, stage: told } => format!("tell {id} {}", stage(told)),
        Effect::Perform { id, instruction } => format!("perform {id} {}", instruction.name()),
        Effect::FetchUpdate { id, .. } => format!("fetch the update of {id}"),
        Effect::InstallUpdate { id, .. } => format!("install the update of {id}"),
        Effect::DropUpdate => "drop the update".to_owned(),
        Effect::UsualLogLevel => "usual log level".to_owned(),
        Effect::Restart => "restart".to_owned(),
        Effect::Announce { number, change } => match change {
            Change::Sale(sale) => format!("announce {number} sale {} r{}", sale.id, sale.revision),
            Change::Receipt(receipt) => format!("announce {number} receipt {} r{}", receipt.key, receipt.revision),
        },
    }
}

fn subject(subject: Subject) -> String {
    match subject {
        Subject::Sale(id) => format!("sale {id}"),
        Subject::Receipt(key) => format!("receipt {key}"),
        Subject::Replay => "replay".to_owned(),
        Subject::Command(id) => format!("command {id}"),
        Subject::Piece(id, number) => format!("piece {number} of {id}"),
    }
}

fn stage(stage: &CommandStage) -> &'static str {
    match stage {
        CommandStage::Received => "received",
        CommandStage::Running(_) => "running",
        CommandStage::Succeeded(_) => "succeeded",
        CommandStage::Failed(_) => "failed",
        CommandStage::Rejected(_) => "rejected",
        CommandStage::Expired => "expired",
    }
}

fn answered(answer: &Answer) -> &'static str {
    match answer {
        Answer::Created(_) => "created",
        Answer::Repeated(_) => "repeated",
        Answer::KeyMismatch => "key mismatch",
        Answer::Busy(_) => "busy",
        Answer::ClockNotSet => "clock not set",
        Answer::NumbersUsedUp => "numbers used up",
        Answer::QueueFull => "queue full",
        Answer::Disabled => "disabled",
        Answer::Cancelling(_) => "cancelling",
        Answer::AlreadyEnded(_) => "already ended",
        Answer::NotFound => "not found",
        Answer::NotEnded(_) => "not ended",
        Answer::Acknowledged(_) => "acknowledged",
        Answer::Confirmed(_) => "confirmed",
        Answer::Matched(_) => "matched",
        Answer::NoReceipt => "no receipt",
        Answer::AlreadyMatched(_) => "already matched",
        Answer::NeedsDoubleProof => "needs double proof",
        Answer::Replaying(_) => "replaying",
        Answer::Keyed { .. } => "keyed",
    }
}

fn seen(view: &View) -> &'static str {
    match view {
        View::Idle { .. } => "idle",
        View::Typing { .. } => "typing",
        View::Waiting { .. } => "waiting",
        View::Code { .. } => "code",
        View::Checking { .. } => "checking",
        View::Paid { .. } => "paid",
        View::Ended { .. } => "ended",
        View::Money { .. } => "money",
        View::Last { .. } => "last",
        View::Day { .. } => "day",
        View::Message { .. } => "message",
        View::Identity { .. } => "identity",
        View::Disabled => "disabled",
        View::StoreFault => "store fault",
    }
}
