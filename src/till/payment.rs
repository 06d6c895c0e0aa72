//! Proven money: payments of a sale, receipts without one, and the rule that each is counted once (promise P3).

pub use till_wire::provider::{ProviderId, Transfer, TransferRef};
pub use till_wire::sale::Via;
use till_wire::{Amount, ChannelId, ReceiptKey, SaleId, UnixTime, provider};

use super::mutant::Mutant;
use super::sale::{MAX_REFUNDS, Sale};

/// Money that counts for a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The order that it was paid for.
    pub provider_id: ProviderId,
    /// The transfer; `total:<provider id>` for the provisional one.
    pub reference: TransferRef,
    /// How much.
    pub amount: Amount,
    /// When, by the provider's word.
    pub transacted_at: Option<UnixTime>,
    /// When this terminal learned of it.
    pub received_at: UnixTime,
    /// How this terminal learned of it.
    pub via: Via,
}

/// Money of a sale that went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The order that it had been paid for.
    pub provider_id: ProviderId,
    /// The refund.
    pub reference: TransferRef,
    /// How much.
    pub amount: Amount,
    /// When, by the provider's word.
    pub refunded_at: Option<UnixTime>,
    /// When this terminal learned of it.
    pub received_at: UnixTime,
}

/// Money that waits until the provider itself has named its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The order's id that the webhook named.
    pub provider_id: ProviderId,
    /// The transfer.
    pub transfer: Transfer,
    /// The text that came with it.
    pub note: Option<String>,
    /// When it arrived.
    pub received_at: UnixTime,
}

/// Proven money that fits no sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Names it for ever.
    pub key: ReceiptKey,
    /// Grows with every change that others can see.
    pub revision: u64,
    /// The merchant account that received it.
    pub channel: ChannelId,
    /// The order that it was paid for.
    pub provider_id: ProviderId,
    /// The transfer.
    pub reference: TransferRef,
    /// How much.
    pub amount: Amount,
    /// When, by the provider's word.
    pub transacted_at: Option<UnixTime>,
    /// When this terminal learned of it.
    pub received_at: UnixTime,
    /// The text that came with it.
    pub note: Option<String>,
    /// A person must look.
    pub attention: bool,
    /// The sale that a supervisor matched it to.
    pub sale: Option<SaleId>,
}

impl Sale {
    /// Counts one transfer, unless it has been counted. It replaces the provisional payment up to its amount.
    ///
    /// Returns whether anything changed.
    pub(crate) fn count(&mut self, id: &ProviderId, transfer: &Transfer, via: Via, received_at: UnixTime) -> bool {
        let known = self.payments.iter().any(|known| known.provider_id == *id && known.reference == transfer.reference);
        if known && !Mutant::CountsTwice.is_on() {
            return false;
        }
        self.reduce_provisional(id, transfer.amount);
        self.payments.push(Payment {
            provider_id: id.clone(),
            reference: transfer.reference.clone(),
            amount: transfer.amount,
            transacted_at: transfer.transacted_at,
            received_at,
            via,
        });
        true
    }

    /// Counts what a status answer says in total beyond the transfers that are known, as one provisional payment.
    ///
    /// Returns whether anything changed.
    pub(crate) fn count_total(&mut self, id: &ProviderId, total: Amount, received_at: UnixTime) -> bool {
        let provisional = id.provisional();
        let of_order = self.payments.iter().filter(|known| known.provider_id == *id);
        let known = of_order.fold(0u64, |sum, payment| sum.saturating_add(payment.amount.value()));
        let Some(more) = total.value().checked_sub(known).filter(|more| *more > 0) else {
            return false;
        };
        let amount = Amount::new(more, total.currency());
        match self.payments.iter_mut().find(|known| known.provider_id == *id && known.reference == provisional) {
            Some(payment) => payment.amount = payment.amount.checked_add(amount).unwrap_or(payment.amount),
            None => self.payments.push(Payment {
                provider_id: id.clone(),
                reference: provisional,
                amount,
                transacted_at: None,
                received_at,
                via: Via::Poll,
            }),
        }
        true
    }

    /// Records that money went back, unless that is known.
    pub(crate) fn take_back(&mut self, id: &ProviderId, refund: &provider::Refund, received_at: UnixTime) {
        if Mutant::ForgetsRefunds.is_on() {
            return;
        }
        if self.refunds.iter().any(|known| known.provider_id == *id && known.reference == refund.reference) {
            return;
        }
        if self.refunds.len() >= MAX_REFUNDS {
            self.marks.attention = true;
            return;
        }
        self.refunds.push(Refund {
            provider_id: id.clone(),
            reference: refund.reference.clone(),
            amount: refund.amount,
            refunded_at: refund.refunded_at,
            received_at,
        });
    }

    /// Returns the sum of all refunds.
    pub fn refunded_amount(&self) -> u64 {
        self.refunds.iter().fold(0, |sum, refund| sum.saturating_add(refund.amount.value()))
    }

    fn reduce_provisional(&mut self, id: &ProviderId, by: Amount) {
        let provisional = id.provisional();
        for payment in &mut self.payments {
            if payment.provider_id == *id && payment.reference == provisional {
                let rest = payment.amount.value().saturating_sub(by.value());
                payment.amount = Amount::new(rest, payment.amount.currency());
            }
        }
        self.payments.retain(|payment| payment.reference != provisional || payment.amount.value() > 0);
    }
}
