//! Money that a supervisor matches by hand: a receipt becomes a payment of a sale, once (contract §3). Whether the PIN was
//! right is known before; it must not know PINs.

use till_wire::{ReceiptKey, SaleId};

use super::Till;
use super::event::{Lookup, ReplyTo};
use super::mutant::Mutant;
use super::payment::{Payment, Receipt, Transfer, Via};
use super::sale::Sale;
use super::step::{Answer, Change, Effect, Step, Write};
use super::time::Now;

impl Till {
    pub(super) fn lookup_match(&self, receipt: ReceiptKey, sale: SaleId) -> Option<Lookup> {
        let sale = Some(sale).filter(|id| !self.sales.contains_key(id));
        let receipt = Some(receipt).filter(|key| !self.receipts.contains_key(key));
        let wanted = sale.is_some() || receipt.is_some();
        wanted.then_some(Lookup { sale, order: None, receipt })
    }

    pub(super) fn on_match_wanted(&mut self, key: ReceiptKey, id: SaleId, reply: ReplyTo, now: Now, step: &mut Step) {
        let answer = self.match_by_hand(key, id, now, step);
        step.reply(reply, answer);
    }

    /// Counts the receipt's money for the sale, of whatever channel it is: money is money.
    fn match_by_hand(&mut self, key: ReceiptKey, id: SaleId, now: Now, step: &mut Step) -> Answer {
        let Some(receipt) = self.receipts.get(&key).cloned() else {
            return Answer::NoReceipt;
        };
        let Some(mut sale) = self.take(id) else {
            return Answer::NotFound;
        };
        let counts = receipt.sale.or_else(|| self.counts_already(&receipt));
        if let Some(counts) = counts.filter(|_| !Mutant::MatchesTwice.is_on()) {
            return Answer::AlreadyMatched(counts);
        }
        let too_large = self.rules.double_proof_over.is_some_and(|over| receipt.amount >= over);
        if too_large || self.needs_double_proof(&sale) {
            // A receipt comes of a webhook alone: no answer of the provider stands behind it.
            return Answer::NeedsDoubleProof;
        }
        let Receipt { reference, amount, transacted_at, .. } = receipt.clone();
        let transfer = Transfer { reference, amount, transacted_at };
        sale.count(&receipt.provider_id, &transfer, Via::Match, receipt.received_at);
        self.receipt_matched(receipt, id, now, step);
        self.after_report(sale, now, step);
        self.sales.get(&id).map_or(Answer::NotFound, |sale| Answer::Matched(Box::new(sale.clone())))
    }

    /// Returns the sale that counts this very money by another road, as far as the till remembers (promise P3).
    fn counts_already(&self, receipt: &Receipt) -> Option<SaleId> {
        let of_channel = self.sales.values().filter(|sale| sale.channel == receipt.channel);
        let mut counting = of_channel.filter(|sale| sale.payments.iter().any(|payment| payment.covers(receipt)));
        counting.next().map(|sale| sale.id)
    }

    /// The receipt has found its sale: nothing is left to look at.
    fn receipt_matched(&mut self, mut receipt: Receipt, sale: SaleId, now: Now, step: &mut Step) {
        receipt.sale = Some(sale);
        receipt.attention = false;
        receipt.revision = receipt.revision.saturating_add(1);
        self.receipts.insert(receipt.key, receipt.clone());
        step.writes.push(Write::Receipt(Box::new(receipt.clone())));
        let number = self.owe_receipt(&receipt, now, step);
        step.effects.push(Effect::Announce { number, change: Change::Receipt(Box::new(receipt)) });
    }
}

impl Payment {
    /// Tells whether this is the receipt's transfer, or what the provider itself says in total of the receipt's order.
    fn covers(&self, receipt: &Receipt) -> bool {
        let provisional = receipt.provider_id.provisional();
        let same = self.reference == receipt.reference || self.reference == provisional;
        self.provider_id == receipt.provider_id && same
    }

    /// Tells whether the provider stands behind it, and not a person alone (promise P1).
    fn is_proven(&self) -> bool {
        match self.via {
            Via::Webhook | Via::Poll => true,
            Via::Match => false,
        }
    }
}

impl Sale {
    /// Returns the sum of the payments that were proven and not matched by hand.
    pub fn proven_amount(&self) -> u64 {
        let proven = self.payments.iter().filter(|payment| payment.is_proven());
        proven.fold(0, |sum, payment| sum.saturating_add(payment.amount.value()))
    }
}
