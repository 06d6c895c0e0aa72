//! Proven money that fits no sale: kept as a receipt, shown, published (promise P4). It must not know how it was proven.

use till_wire::{OrderRef, UnixTime};

use super::Till;
use super::event::{Notice, Said};
use super::mutant::Mutant;
use super::payment::{Pending, Receipt, Transfer};
use super::rules::OLD_MONEY_MS;
use super::sale::{Sale, Standing};
use super::step::{Change, Effect, Step, Write};
use super::time::Now;

impl Till {
    pub(super) fn remember_receipt(&mut self, receipt: Receipt) {
        self.receipts.entry(receipt.key).or_insert(receipt);
    }

    /// Keeps proven money that fits no sale (promise P4).
    pub(super) fn receive(
        &mut self,
        notice: &Notice,
        transfer: Transfer,
        received_at: UnixTime,
        attention: bool,
        now: Now,
        step: &mut Step,
    ) {
        let key = notice.key(&transfer);
        if self.receipts.contains_key(&key) && !Mutant::ReceivesTwice.is_on() {
            return;
        }
        // Providers tell whole seconds: what came in the store's first one is not older than the store.
        let old = transfer
            .transacted_at
            .is_some_and(|at| now.wall.ms().saturating_sub(at.ms()) > OLD_MONEY_MS || at.secs() < self.born.secs());
        let receipt = Receipt {
            key,
            revision: 1,
            channel: notice.channel.clone(),
            provider_id: notice.provider_id.clone(),
            reference: transfer.reference,
            amount: transfer.amount,
            transacted_at: transfer.transacted_at,
            received_at,
            note: notice.note.clone(),
            attention: attention || old,
            sale: None,
        };
        if !old {
            self.show_money(receipt.amount);
        }
        self.remember_receipt(receipt.clone());
        if !Mutant::ForgetsReceipts.is_on() {
            step.writes.push(Write::Receipt(Box::new(receipt.clone())));
        }
        let number = self.owe_receipt(&receipt, now, step);
        step.effects.push(Effect::Announce { number, change: Change::Receipt(Box::new(receipt)) });
    }

    pub(super) fn receive_pending(&mut self, sale: &Sale, pending: Vec<Pending>, now: Now, step: &mut Step) {
        for money in pending {
            let notice = Notice {
                channel: sale.channel.clone(),
                order: None,
                purpose: None,
                provider_id: money.provider_id,
                said: Said::NoPayment,
                note: money.note,
            };
            self.receive(&notice, money.transfer, money.received_at, true, now, step);
        }
    }

    /// The order turned out not to be ours: the money that waited for it becomes receipts.
    pub(super) fn disclaim(&mut self, sale: &mut Sale, order: OrderRef, now: Now, step: &mut Step) {
        let pending = sale.attempt_mut(order).map(|attempt| std::mem::take(&mut attempt.pending));
        self.receive_pending(sale, pending.unwrap_or_default(), now, step);
    }

    /// Keeps as receipts what waited for the provider's word on a sale that has waited long enough.
    ///
    /// Such an order is nobody's from now on, so that its money cannot be counted a second time (promise P3).
    pub(super) fn give_up_pending(&mut self, sale: &mut Sale, now: Now, step: &mut Step) {
        let waiting = sale.attempts.iter().filter(|attempt| !attempt.pending.is_empty());
        let waiting: Vec<OrderRef> = waiting.map(|attempt| attempt.order).collect();
        for order in waiting {
            sale.set_standing(order, Standing::Foreign);
            if self.needs_double_proof(sale) {
                // Contract §3: without the provider's own word this is no money, not even a receipt.
                sale.marks.attention = true;
                sale.forget_pending(order);
            }
            self.disclaim(sale, order, now, step);
        }
    }
}

impl Sale {
    fn forget_pending(&mut self, order: OrderRef) {
        if let Some(attempt) = self.attempt_mut(order) {
            attempt.pending.clear();
        }
    }
}
