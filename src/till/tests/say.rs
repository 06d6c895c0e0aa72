//! Says what the till did and shows in short lines of text, so that a whole outcome can be compared at a glance.

use till_wire::sale as wire;
use till_wire::{OrderRef, SaleId};

use super::commanding;
use super::world::World;
use crate::till::{
    Answer, Change, Effect, Ended, JournalEntry, Link, MakeStep, Making, Owed, QrKind, Receipt, Sale, Shape, Subject,
    Takings, Told, Typed, View, Waiting, Write,
};

impl World {
    /// Every sale and receipt as others see them.
    pub(super) fn seen(&self) -> Vec<String> {
        let sales = self.disk.sales.values().map(|sale| self.sale(sale));
        let mut receipts: Vec<String> = self.disk.receipts.values().map(|one| self.receipt(one)).collect();
        receipts.sort();
        sales.chain(receipts).collect()
    }

    pub(super) fn sale(&self, sale: &Sale) -> String {
        let seen = wire::Sale::from(sale);
        let mut text = format!("{} {} {}/{}", self.name(seen.id), seen.state, seen.paid_amount, seen.amount);
        for flag in &seen.flags {
            text += &format!(" {flag}");
        }
        if let Some(failure) = &seen.failure {
            text += &format!(" because {}", failure.code);
        }
        if let Some(waiting) = seen.waiting_for {
            text += &format!(" waiting for {waiting}");
        }
        if seen.attempt > 1 {
            text += &format!(" as {}", self.order(seen.order));
        }
        text
    }

    /// Each payment of the newest sale with the road it came by.
    pub(super) fn payments(&self) -> Vec<String> {
        let newest = self.disk.sales.values().last();
        let payments = newest.map(|sale| sale.payments.as_slice()).unwrap_or_default();
        let say = |payment: &crate::till::Payment| {
            format!("{} {} {} {}", payment.provider_id.0, payment.reference.0, payment.amount.value(), payment.via)
        };
        payments.iter().map(say).collect()
    }

    pub(super) fn order(&self, order: OrderRef) -> String {
        if order.terminal() != self.rules.terminal {
            return format!("#{order}");
        }
        format!("#{}", order.sequence().wrapping_sub(self.first).wrapping_add(1))
    }

    pub(super) fn name(&self, sale: SaleId) -> String {
        self.order(sale.order())
    }

    pub(super) fn effect(&self, effect: &Effect) -> String {
        match effect {
            Effect::Create(create) => self.making(&create.making),
            Effect::Ask { order, .. } => format!("ask {}", self.order(order.known.order)),
            Effect::Cancel { order, reason } => format!("cancel {} {reason:?}", self.order(order.known.order)),
            Effect::Confirm(order) => format!("confirm {}", self.order(order.known.order)),
            Effect::Reply { answer, .. } => format!("reply {}", self.answer(answer)),
            Effect::RepeatAnnouncement => "repeat".to_owned(),
            Effect::Acknowledge(delivery) => format!("acknowledge {}", delivery.packet),
            Effect::Publish(owed) => format!("publish {}", self.owed(owed)),
            Effect::Reckon => "reckon".to_owned(),
            Effect::TellCommand { id, stage } => format!("tell {id} {}", commanding::stage(stage)),
            Effect::Perform { id, instruction } => format!("perform {id} {}", instruction.name()),
            Effect::FetchUpdate { id, update } => format!("fetch {id} {}", update.version),
            Effect::InstallUpdate { id, update } => format!("install {id} {}", update.version),
            Effect::DropUpdate => "drop-update".to_owned(),
            Effect::UsualLogLevel => "usual-log-level".to_owned(),
            Effect::Restart => "restart-wanted".to_owned(),
            Effect::Announce { change: Change::Sale(sale), .. } => format!("announce {}", self.sale(sale)),
            Effect::Announce { change: Change::Receipt(change), .. } => format!("announce {}", self.receipt(change)),
        }
    }

    fn making(&self, making: &Making) -> String {
        let order = self.order(making.order);
        match &making.step {
            MakeStep::Create => format!("create {order} {}", making.amount.value()),
            MakeStep::Start(id) => format!("start {order} {} {}", id.0, making.amount.value()),
        }
    }

    pub(super) fn owed(&self, owed: &Owed) -> String {
        match owed.subject {
            Subject::Sale(sale) => format!("{} r{}", self.name(sale), owed.revision),
            Subject::Receipt(_) => format!("receipt r{}", owed.revision),
            Subject::Replay if owed.revision == 0 => "replay everything".to_owned(),
            Subject::Replay => format!("replay {}", self.wall_seconds(owed.revision)),
            Subject::Command(id) => format!("command {id} r{}", owed.revision),
            Subject::Piece(id, number) => format!("piece {number} of {id}"),
        }
    }

    fn answer(&self, answer: &Answer) -> String {
        match answer {
            Answer::Created(sale) => format!("created {}", self.sale(sale)),
            Answer::Repeated(sale) => format!("repeated {}", self.sale(sale)),
            Answer::KeyMismatch => "key mismatch".to_owned(),
            Answer::Busy(sale) => format!("busy {}", self.name(*sale)),
            Answer::ClockNotSet => "clock not set".to_owned(),
            Answer::NumbersUsedUp => "numbers used up".to_owned(),
            Answer::QueueFull => "queue full".to_owned(),
            Answer::Disabled => "disabled".to_owned(),
            Answer::Cancelling(sale) => format!("cancelling {}", self.sale(sale)),
            Answer::AlreadyEnded(sale) => format!("already ended {}", self.sale(sale)),
            Answer::NotFound => "not found".to_owned(),
            Answer::NotEnded(sale) => format!("not ended {}", self.sale(sale)),
            Answer::Acknowledged(sale) => format!("acknowledged {}", self.sale(sale)),
            Answer::Confirmed(sale) => format!("confirmed {}", self.sale(sale)),
            Answer::Matched(sale) => format!("matched {}", self.sale(sale)),
            Answer::NoReceipt => "no receipt".to_owned(),
            Answer::AlreadyMatched(sale) => format!("already matched {}", self.name(*sale)),
            Answer::NeedsDoubleProof => "needs double proof".to_owned(),
            Answer::Keyed { entry, sale } => {
                let entry = entry.as_ref().map_or("nothing typed".to_owned(), typed);
                let sale = sale.as_ref().map(|sale| format!(" and {}", self.sale(sale))).unwrap_or_default();
                format!("keyed {entry}{sale}")
            }
            Answer::Replaying(since) => format!("replaying since {since}"),
        }
    }

    fn receipt(&self, receipt: &Receipt) -> String {
        let flag = if receipt.attention { " attention" } else { "" };
        let sale = receipt.sale.map(|sale| format!(" for {}", self.name(sale))).unwrap_or_default();
        let (id, reference, amount) = (&receipt.provider_id.0, &receipt.reference.0, receipt.amount.value());
        format!("receipt {id} {reference} {amount}{flag}{sale}")
    }

    /// What the display should show.
    pub(super) fn scene(&self) -> String {
        match self.till.scene().view {
            View::Idle { link, barrier } => {
                let link = if link == Link::Up { "idle" } else { "idle, cut off" };
                barrier.map_or(link.to_owned(), |barrier| format!("{link}, {barrier:?}"))
            }
            View::Waiting { amount, what, .. } => {
                let what = match what {
                    Waiting::Provider => "provider".to_owned(),
                    Waiting::Network { until } => format!("network until {}", self.seconds(until.0)),
                    Waiting::LastAnswer => "last answer".to_owned(),
                    Waiting::Cancellation => "cancellation".to_owned(),
                };
                format!("{} waiting for {what}", amount.value())
            }
            View::Code { sale, amount, paid, code, expires, total, told } => {
                let what = match (told, code.kind) {
                    (Told::AtOnce, QrKind::Vietqr) => "code",
                    (Told::AtOnce, QrKind::Url) => "address",
                    (Told::Later, _) => "own code",
                };
                let until = expires.map_or("unconfirmed".to_owned(), |tick| format!("until {}", self.seconds(tick.0)));
                let (sale, paid, amount) = (self.name(sale), paid.value(), amount.value());
                format!("{what} of {sale} {paid}/{amount} {until} of {} s", total.as_secs())
            }
            View::Paid { amount, paid, .. } => format!("paid {}/{}", paid.value(), amount.value()),
            View::Ended { amount, paid, ending, .. } => {
                let ending = match ending {
                    Ended::Cancelled => "cancelled".to_owned(),
                    Ended::Expired => "expired".to_owned(),
                    Ended::Failed(failure) => format!("failed because {}", failure.code),
                };
                format!("{ending} {}/{}", paid.value(), amount.value())
            }
            View::Checking { sale, amount } => format!("checking {} {}", self.name(sale), amount.value()),
            View::Typing { typed: entry } => typed(&entry),
            View::Money { amount, .. } => format!("money {}", amount.value()),
            View::Last { amount, paid, unpaid, .. } => {
                let how = unpaid.map_or("paid".to_owned(), |ending| format!("{ending:?}"));
                format!("last {}/{} {how}", paid.value(), amount.value())
            }
            View::Day { takings } => {
                let Takings { paid, amount, open, unconfirmed } = takings;
                format!("day {paid} paid {} and {open} open and {unconfirmed} unconfirmed", amount.value())
            }
            View::Message { text } => format!("message {text}"),
            View::Identity { terminal, .. } => format!("identity {terminal}"),
            View::Disabled => "disabled".to_owned(),
            View::StoreFault => "store fault".to_owned(),
        }
    }

    /// A line of a journal: what a sale is now, by whom, what was said, what was counted (`+`) or only reported (`?`).
    pub(super) fn entry(&self, entry: &JournalEntry) -> String {
        let mut text = format!("{} r{} {} {}", self.name(entry.sale), entry.revision, entry.state, entry.paid_amount);
        entry.flags.iter().for_each(|flag| text += &format!(" {flag}"));
        text += &format!(" by {:?}", entry.cause.kind);
        entry.cause.said.iter().for_each(|said| text += &format!(" {said}"));
        entry.cause.why.iter().for_each(|why| text += &format!(" because {why}"));
        for proof in &entry.counted {
            text += &format!(" +{} {} {}", proof.money.provider_ref, proof.money.amount, proof.via);
        }
        if let Some(transfer) = entry.cause.transfer.as_ref().filter(|_| entry.counted.is_empty()) {
            text += &format!(" ?{} {}", transfer.provider_ref, transfer.amount);
        }
        text
    }

    pub(super) fn written(&self, write: &Write) -> String {
        match write {
            Write::Sale(sale) => format!("write {}", self.sale(sale)),
            Write::Journal(entry) => format!("write journal {}", self.entry(entry)),
            Write::Receipt(written) => format!("write {}", self.receipt(written)),
            Write::Sequence(last) => format!("write sequence {}", last.wrapping_sub(self.first).wrapping_add(1)),
            Write::Key(record) => format!("write key {}", record.request.key),
            Write::ForgetKey(key) => format!("write no key {key}"),
            Write::Owe(owed) => format!("write owe {}", self.owed(owed)),
            Write::Settle(Subject::Sale(sale)) => format!("write settled {}", self.name(*sale)),
            Write::Settle(Subject::Receipt(_)) => "write settled receipt".to_owned(),
            Write::Settle(Subject::Replay) => "write settled replay".to_owned(),
            Write::Settle(settled @ (Subject::Command(_) | Subject::Piece(..))) => format!("write settled {settled:?}"),
            Write::Online(_) => "write online".to_owned(),
            Write::Command(record) => format!("write command {} {}", record.id, commanding::stage(&record.stage)),
            Write::ForgetCommand { id, .. } => format!("write no command {id}"),
            Write::Service(service) => format!("write {service:?}"),
        }
    }
}

/// An entry such as `typed 2 × 3 = 6`, with its problem.
fn typed(entry: &Typed) -> String {
    let sum = match (entry.shape, entry.sum) {
        (Shape::Plain, Some(_)) => String::new(),
        (Shape::Plain, None) if entry.text.is_empty() => String::new(),
        (Shape::Sum | Shape::Plain, sum) => {
            format!(" = {}", sum.map_or("too much".to_owned(), |sum| sum.value().to_string()))
        }
    };
    let problem = entry.problem.map(|problem| format!(" but {}", problem.as_str())).unwrap_or_default();
    let order = entry.reference.as_ref().map(|reference| format!(" for {reference}")).unwrap_or_default();
    format!("typed {}{sum}{problem}{order}", entry.text)
}
