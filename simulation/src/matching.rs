//! The supervisor, who says which sale a receipt's money is for, and sometimes something silly; and what may come of it.

use till_wire::sale::{Flag, SaleState};
use till_wire::{ReceiptKey, SaleId};
use tilld::till::{Answer, Event, Payment, Pin, Receipt, ReplyTo, Sale};

use crate::plan::Kind;
use crate::world::{Verdict, World, broken};

impl World {
    /// Matches some receipt to a sale of late.
    pub(crate) fn supervise(&mut self, sale: SaleId, reply: ReplyTo) -> Event {
        let keys: Vec<_> = self.disk.receipts.keys().copied().collect();
        let receipt = self.rng.choice(keys.iter()).copied();
        let all = self.disk.sales.keys().copied().collect::<Vec<SaleId>>();
        // Mostly one of the last few, sometimes any.
        let any = self.rng.choice(all.iter()).copied().filter(|_| self.rng.u32(0..4) == 0);
        let sale = any.unwrap_or(sale);
        match receipt {
            _ if self.rng.u32(0..4) == 0 => self.vouch(sale, reply),
            Some(receipt) => Event::MatchWanted { receipt, sale, reply },
            None => Event::AcknowledgeWanted { sale, pin: Pin::Absent, reply },
        }
    }

    /// What the supervisor is told is on the disk.
    pub(crate) fn judge_match(&mut self, answer: &Answer) -> Verdict {
        match answer {
            Answer::Matched(sale) => {
                self.facts.tally.matched += 1;
                let kept = self.disk.receipts.values().any(|receipt| receipt.sale == Some(sale.id));
                if !kept {
                    return broken("P2", format!("{} is said to be matched and nothing is kept of it", sale.id));
                }
            }
            Answer::Confirmed(_) => self.facts.tally.vouched += 1,
            Answer::AlreadyMatched(_) | Answer::NeedsDoubleProof => self.facts.tally.not_matched += 1,
            Answer::NoReceipt => return broken("P2", "a receipt that is on the disk is not found"),
            Answer::Created(_)
            | Answer::Repeated(_)
            | Answer::KeyMismatch
            | Answer::Busy(_)
            | Answer::ClockNotSet
            | Answer::NumbersUsedUp
            | Answer::QueueFull
            | Answer::Disabled
            | Answer::Cancelling(_)
            | Answer::AlreadyEnded(_)
            | Answer::NotFound
            | Answer::NotEnded(_)
            | Answer::Acknowledged(_)
            | Answer::Replaying(_)
            | Answer::Keyed { .. } => {}
        }
        Ok(())
    }

    /// Money that was matched by hand is a receipt's, that receipt is this sale's, and neither is too large for that.
    pub(crate) fn judge_matched(&self, sale: &Sale, payment: &Payment) -> Verdict {
        let text = format!("{} for {}", payment.reference.0, sale.id);
        let is_it =
            |receipt: &&Receipt| receipt.provider_id == payment.provider_id && receipt.reference == payment.reference;
        let Some(receipt) = self.disk.receipts.values().find(is_it) else {
            // The receipt may be of another channel than the sale.
            let keys =
                Kind::ALL.map(|kind| ReceiptKey::of(&kind.channel(), &payment.provider_id.0, &payment.reference.0));
            if keys.iter().any(|key| self.facts.lost_receipts.contains(key)) {
                return Ok(());
            }
            return broken("P4", format!("{text} was matched and is no receipt"));
        };
        if receipt.sale != Some(sale.id) || receipt.amount != payment.amount || receipt.attention {
            return broken("P3", format!("{text} was matched, and its receipt says otherwise: {receipt:?}"));
        }
        let over = self.plan.rules.double_proof_over;
        if self.is_careful(sale) || over.is_some_and(|over| receipt.amount >= over) {
            return broken("P1", format!("{text} was matched on a webhook alone"));
        }
        let counting = self.disk.sales.values().flat_map(|sale| &sale.payments);
        let times =
            counting.filter(|known| known.provider_id == payment.provider_id && known.reference == payment.reference);
        match times.count() {
            1 => Ok(()),
            times => broken("P3", format!("{text} is counted {times} times")),
        }
    }

    /// Paid means paid; and when a person's word stands for a provider's, the sale says so, and only then.
    pub(crate) fn judge_paid(&self, sale: &Sale) -> Verdict {
        let (amount, proven) = (sale.amount.value(), sale.proven_amount());
        let paid = sale.seen_state() == SaleState::Paid;
        if paid && sale.paid_amount() < amount && !self.facts.vouched.contains(&sale.id) {
            return broken("P1", format!("{} is paid with {}", sale.id, sale.paid_amount()));
        }
        let manual = sale.seen_flags().contains(&Flag::Manual);
        if manual != (paid && proven < amount) {
            return broken("P1", format!("{} has {proven}/{amount} proven; manual: {manual}", sale.id));
        }
        Ok(())
    }
}
