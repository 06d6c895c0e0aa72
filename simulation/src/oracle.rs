//! The promises, judged after each step and at the end against what really happened in the world.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use till_wire::sale::SaleState;
use till_wire::{ChannelId, OrderRef, ReceiptKey, SaleId};
use tilld::till::{
    CreateOrder, Delivery, Ending, Payment, Pending, ProviderId, Said, Sale, State, TransferRef, Via, Write,
};

use crate::plan::SECOND;
use crate::provider::Real;
use crate::steps::Steps;
use crate::tally::Tally;
use crate::world::{Verdict, World, broken};

/// What the world knows and the till does not.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Transfers of which a verified webhook has reached the till.
    pub(crate) heard: BTreeSet<ReceiptKey>,
    /// The most money of each order that a status answer has told the till.
    pub(crate) told: BTreeMap<ProviderId, u64>,
    /// Sales whose 201 was given.
    pub(crate) promised: BTreeMap<SaleId, u64>,
    /// The codes that were visible, by sale.
    pub(crate) shown: BTreeMap<SaleId, BTreeSet<String>>,
    /// When each code began to count down, in the time that the machine was on.
    began: BTreeMap<SaleId, u64>,
    /// When each order was last asked about, in the time that the machine was on.
    pub(crate) asked: BTreeMap<OrderRef, u64>,
    /// When each cancellation began.
    cancelling: BTreeMap<SaleId, u64>,
    /// Sales whose end was said with `attention` before the panel had taken the code off.
    pub(crate) unconfirmed: BTreeSet<SaleId>,
    /// Sales that a supervisor wanted settled by hand.
    pub(crate) vouched: BTreeSet<SaleId>,
    /// When each code made here was shown first, in the time that the machine was on.
    pub(crate) offered: BTreeMap<SaleId, u64>,
    /// Sales that went with a damaged store.
    pub(crate) lost: BTreeMap<SaleId, Sale>,
    pub(crate) lost_receipts: BTreeSet<ReceiptKey>,
    pub(crate) steps: Steps,
    pub(crate) tally: Tally,
}

fn name(payment: &Payment) -> String {
    format!("{} {}", payment.provider_id.0, payment.reference.0)
}

fn is_provisional(payment: &Payment) -> bool {
    payment.reference == payment.provider_id.provisional()
}

fn key(channel: &ChannelId, id: &ProviderId, reference: &str) -> ReceiptKey {
    ReceiptKey::of(channel, &id.0, reference)
}

/// The sum of the sale's payments for one order.
fn counted(sale: &Sale, id: &ProviderId) -> u64 {
    sale.payments.iter().filter(|payment| payment.provider_id == *id).map(|payment| payment.amount.value()).sum()
}

impl World {
    /// Whether a webhook alone is no proof for this sale.
    pub(crate) fn is_careful(&self, sale: &Sale) -> bool {
        self.plan.rules.double_proof_over.is_some_and(|over| sale.amount >= over)
    }

    fn real_sum(&self, id: &ProviderId) -> u64 {
        self.provider.reals.iter().filter(|real| real.id == *id).map(|real| real.amount).sum()
    }

    fn find_real(&self, id: &ProviderId, reference: &str) -> Option<&Real> {
        self.provider.reals.iter().find(|real| real.id == *id && real.reference.0 == reference)
    }

    /// Every revision has its line, in the same commit, and the line has the revision's money.
    fn judge_journal(&self, writes: &[Write]) -> Verdict {
        for write in writes {
            let Write::Sale(sale) = write else { continue };
            let before = self.disk.sales.get(&sale.id).map_or(0, |sale| sale.revision);
            if sale.revision == before {
                continue;
            }
            let lines = writes.iter().filter_map(|write| {
                let Write::Journal(entry) = write else { return None };
                (entry.sale == sale.id && entry.revision == sale.revision).then_some(entry)
            });
            let lines: Vec<_> = lines.collect();
            let right =
                lines.iter().any(|entry| entry.paid_amount == sale.paid_amount() && entry.state == sale.seen_state());
            if !right {
                return broken("P2", format!("revision {} of {} has the lines {lines:?}", sale.revision, sale.id));
            }
        }
        Ok(())
    }

    /// Takes a step's writes, all of them, and judges what the disk says now.
    ///
    /// The till decided them at this moment of the time that the machine was on.
    pub(crate) fn commit(&mut self, writes: Vec<Write>, on: u64) -> Verdict {
        let mut sales = BTreeSet::new();
        let mut receipts = BTreeSet::new();
        let mut waited = Vec::new();
        self.judge_journal(&writes)?;
        self.judge_service(&writes)?;
        for write in writes {
            self.judge_numbers(&write)?;
            match &write {
                Write::Sale(sale) => {
                    self.judge_change(sale)?;
                    self.judge_countdown(sale, on)?;
                    let before = self.disk.sales.get(&sale.id).cloned();
                    self.judge_offline(sale, before.as_ref(), on)?;
                    let before = before.iter();
                    let waiting = before.flat_map(|sale| &sale.attempts).flat_map(|attempt| attempt.pending.clone());
                    waited.extend(waiting.map(|pending| (sale.channel.clone(), pending)));
                    sales.insert(sale.id);
                }
                Write::Receipt(receipt) => {
                    let known = self.disk.receipts.get(&receipt.key);
                    if known.is_some_and(|known| known.revision >= receipt.revision) {
                        return broken("P3", format!("the receipt {} was made twice", receipt.key));
                    }
                    receipts.insert(receipt.key);
                }
                Write::Sequence(last) if self.disk.sequence.is_some_and(|before| before >= *last) => {
                    return broken("P5", format!("the number {last} was drawn before"));
                }
                Write::Sequence(_)
                | Write::Journal(_)
                | Write::Key(_)
                | Write::ForgetKey(_)
                | Write::Owe(_)
                | Write::Settle(_)
                | Write::Online(_)
                | Write::ForgetCommand { .. }
                | Write::Service(_) => {}
                Write::Command(record) => self.judge_command(record)?,
            }
            self.disk.write(write);
        }
        waited.iter().try_for_each(|(channel, pending)| self.judge_kept(channel, pending))?;
        sales.iter().try_for_each(|id| self.judge_refunds(*id))?;
        sales.into_iter().try_for_each(|id| self.judge_sale(id))?;
        receipts.into_iter().try_for_each(|key| self.judge_receipt(key))
    }

    /// Money that waited for its order was acknowledged: it still waits, or it is in a sale or in a receipt.
    fn judge_kept(&self, channel: &ChannelId, pending: &Pending) -> Verdict {
        let (id, reference) = (&pending.provider_id, &pending.transfer.reference);
        let is_it = |other: &ProviderId, name: &TransferRef| other == id && name == reference;
        let keeps = |sale: &Sale| {
            let mut waiting = sale.attempts.iter().flat_map(|attempt| &attempt.pending);
            let counts = sale.payments.iter().any(|known| is_it(&known.provider_id, &known.reference));
            // Above the limit it is only a reason to ask.
            counts || waiting.any(|known| is_it(&known.provider_id, &known.transfer.reference)) || self.is_careful(sale)
        };
        if self.disk.receipts.contains_key(&key(channel, id, &reference.0)) || self.disk.sales.values().any(keeps) {
            return Ok(());
        }
        broken("P2", format!("{} {} was acknowledged and is gone", id.0, reference.0))
    }

    /// An end is an end, and what others see differently has another revision.
    fn judge_change(&self, after: &Sale) -> Verdict {
        let Some(before) = self.disk.sales.get(&after.id) else { return Ok(()) };
        let (was, is) = (before.seen_state(), after.seen_state());
        let ended = before.ending().is_some();
        if ended && was != is && is != SaleState::Paid {
            return broken("P1", format!("{} went from {was} to {is}", after.id));
        }
        let money = before.payments == after.payments && before.refunds == after.refunds;
        let same = was == is && money && before.seen_flags() == after.seen_flags();
        if !same && after.revision <= before.revision {
            return broken("P2", format!("{} changed without another revision", after.id));
        }
        Ok(())
    }

    /// Whatever the wall clock says, a code has its time (promise P10).
    fn judge_countdown(&mut self, sale: &Sale, on: u64) -> Verdict {
        match &sale.state {
            State::Showing { .. } => {
                self.facts.began.entry(sale.id).or_insert(on);
            }
            State::LastQuestion { .. } => {
                let began = self.facts.began.get(&sale.id).copied().unwrap_or(on);
                let had = Duration::from_millis(on.saturating_sub(began));
                if had < sale.expire {
                    return broken("P10", format!("the code of {} had only {had:?} of {:?}", sale.id, sale.expire));
                }
                self.judge_asked(sale, had, on)?;
            }
            // Judged by itself.
            _ if sale.offline.is_some() => {}
            State::Closing { ending: Ending::Expired(None), .. } | State::Ended(Ending::Expired(None)) => {
                let began = self.facts.began.get(&sale.id).copied().unwrap_or(0);
                let asked = self.facts.asked.get(&sale.order()).copied().unwrap_or(0);
                if Duration::from_millis(asked.saturating_sub(began)) < sale.expire {
                    return broken("P8", format!("{} expired without a last question", sale.id));
                }
            }
            State::Cancelling { .. } => {
                self.facts.cancelling.entry(sale.id).or_insert(on);
            }
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => {}
        }
        Ok(())
    }

    /// Whoever shows a code asks about it, whatever the broker tells (promise P8).
    fn judge_asked(&self, sale: &Sale, had: Duration, on: u64) -> Verdict {
        let limit = 60 * SECOND;
        let rested = self.t.saturating_sub(self.started_at) > limit && had > Duration::from_millis(limit);
        let asked = self.facts.asked.get(&sale.order()).copied().unwrap_or(0);
        if rested && on.saturating_sub(asked) > limit {
            return broken("P8", format!("nobody has asked about {} for {} ms", sale.id, on.saturating_sub(asked)));
        }
        Ok(())
    }

    /// No cancellation waits longer than its thirty seconds, the panel's one and a slow disk's four, in the time that the
    /// machine was on.
    pub(crate) fn judge_patience(&self) -> Verdict {
        let limit = 36 * SECOND;
        let rested = self.till.is_some() && !self.refused && self.t.saturating_sub(self.started_at) > limit;
        let late = |sale: &&Sale| {
            let began = self.facts.cancelling.get(&sale.id).copied().unwrap_or(u64::MAX);
            sale.seen_state() == SaleState::Cancelling && self.time_on() > began.saturating_add(limit)
        };
        match self.disk.sales.values().find(late).filter(|_| rested) {
            Some(sale) => broken("P7", format!("{} is being cancelled for too long", sale.id)),
            None => Ok(()),
        }
    }

    /// Every payment is real, proven, this sale's, and counted once; paid means paid.
    fn judge_sale(&self, id: SaleId) -> Verdict {
        let Some(sale) = self.disk.sales.get(&id) else { return Ok(()) };
        let careful = self.is_careful(sale);
        let mut names = BTreeSet::new();
        for payment in &sale.payments {
            if !names.insert(name(payment)) {
                return broken("P3", format!("{id} counts {} twice", name(payment)));
            }
            if payment.via == Via::Match {
                self.judge_matched(sale, payment)?;
                continue;
            }
            let order_id = &payment.provider_id;
            let real = self.find_real(order_id, &payment.reference.0);
            let by_purpose = real.is_some_and(|real| self.is_its_purpose(sale, real));
            let ours = by_purpose || sale.attempts.iter().any(|attempt| attempt.provider_id.as_ref() == Some(order_id));
            if !ours {
                return broken("P4", format!("{id} counts {} of a stranger's order", name(payment)));
            }
            if counted(sale, order_id) > self.real_sum(order_id) {
                return broken("P3", format!("{id} counts more for {} than was transferred", order_id.0));
            }
            let told = self.facts.told.get(order_id).copied().unwrap_or(0);
            if !is_provisional(payment) {
                let channel = sale.offline.as_ref().filter(|_| by_purpose).unwrap_or(&sale.channel);
                let heard = self.facts.heard.contains(&key(channel, order_id, &payment.reference.0));
                self.judge_payment(sale, payment)?;
                if !heard && told < payment.amount.value() {
                    return broken("P1", format!("{id} counts {} without any proof", name(payment)));
                }
            }
            if careful && counted(sale, order_id) > told {
                return broken("P1", format!("{id} counts {} on a webhook alone", name(payment)));
            }
        }
        self.judge_paid(sale)
    }

    fn judge_payment(&self, sale: &Sale, payment: &Payment) -> Verdict {
        let Some(real) = self.find_real(&payment.provider_id, &payment.reference.0) else {
            return broken("P1", format!("{} counts {}, which nobody transferred", sale.id, name(payment)));
        };
        if real.strange || sale.attempt(real.order).is_none() || real.amount != payment.amount.value() {
            return broken("P4", format!("{} counts {}, which is not its own", sale.id, name(payment)));
        }
        if self.disk.receipts.contains_key(&key(&sale.channel, &payment.provider_id, &payment.reference.0)) {
            return broken("P3", format!("{} is a payment and a receipt", name(payment)));
        }
        Ok(())
    }

    fn judge_receipt(&self, receipt_key: ReceiptKey) -> Verdict {
        let Some(receipt) = self.disk.receipts.get(&receipt_key) else { return Ok(()) };
        let (id, reference) = (&receipt.provider_id, &receipt.reference);
        let text = format!("{} {}", id.0, reference.0);
        match self.find_real(id, &reference.0) {
            Some(real) if real.amount == receipt.amount.value() => {
                let its = |sale: &&Sale| self.is_its_purpose(sale, real) && !self.is_careful(sale);
                if let Some(sale) = self.disk.sales.values().find(its) {
                    return broken("P4", format!("the receipt {text} is money of {}", sale.id));
                }
            }
            Some(_) | None => return broken("P4", format!("the receipt {text} is of no transfer")),
        }
        let is_it = |known: &Payment| known.provider_id == *id && known.reference == *reference;
        // What a supervisor has matched is both, once.
        let by_hand = |sale: &Sale, known: &Payment| known.via == Via::Match && receipt.sale == Some(sale.id);
        let counts = |sale: &Sale| sale.payments.iter().any(|known| is_it(known) && !by_hand(sale, known));
        if self.disk.sales.values().any(counts) {
            return broken("P3", format!("{text} is a receipt and a payment"));
        }
        Ok(())
    }

    pub(crate) fn judge_create(&mut self, create: &CreateOrder) -> Verdict {
        let sale = self.disk.sales.get(&create.sale);
        let (order, amount) = (create.making.order, create.making.amount);
        if sale.is_none_or(|sale| sale.attempt(order).is_none() || sale.amount != amount) {
            return broken("P5", format!("the provider hears of {}, the disk has not", order));
        }
        self.judge_start(create)
    }

    /// The broker is told that a message is safe: it must be, whatever comes next.
    pub(crate) fn judge_acknowledged(&mut self, delivery: Delivery) -> Verdict {
        if self.take_letter(delivery) {
            return Ok(());
        }
        let Some(notice) = self.broker_hears_ack(delivery) else { return Ok(()) };
        let Said::Transfer(transfer) = &notice.said else { return self.judge_acknowledged_refunds(&notice) };
        let order = notice.order.or(notice.purpose);
        let sale = order.and_then(|order| self.disk.sales.values().find(|sale| sale.attempt(order).is_some()));
        let in_sale = sale.is_some_and(|sale| {
            let payments = sale.payments.iter();
            let paid = payments
                .clone()
                .any(|known| known.provider_id == notice.provider_id && known.reference == transfer.reference);
            let pending = sale.attempts.iter().flat_map(|attempt| &attempt.pending);
            let waits = pending.clone().any(|known| known.transfer.reference == transfer.reference);
            paid || waits || self.is_careful(sale)
        });
        let kept = self.disk.receipts.contains_key(&key(&notice.channel, &notice.provider_id, &transfer.reference.0));
        // Its receipt may have gone with a lost store.
        let mut counted =
            self.disk.sales.values().flat_map(|sale| &sale.payments).filter(|known| known.via == Via::Match);
        let mut by_hand =
            || counted.any(|it| it.provider_id == notice.provider_id && it.reference == transfer.reference);
        if in_sale || kept || by_hand() {
            return Ok(());
        }
        broken("P2", format!("{} {} was acknowledged and is nowhere", notice.provider_id.0, transfer.reference.0))
    }
}
