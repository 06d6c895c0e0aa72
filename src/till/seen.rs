//! The sale and the receipt as others see them: the contract's fields, worked out from the till's own.

use till_wire::sale as wire;

use super::mutant::Mutant;
use super::payment::{Payment, Receipt, Refund};
use super::sale::{Ending, Failure, Patience, RequestStep, Sale, SeenAs, Stage, State};

impl Sale {
    /// Returns the state that others see.
    pub fn seen_state(&self) -> wire::SaleState {
        match &self.state {
            State::Requesting { .. } | State::Drawing { .. } => wire::SaleState::Requesting,
            State::Showing { .. } | State::LastQuestion { .. } => wire::SaleState::Showing,
            State::Cancelling { .. } => wire::SaleState::Cancelling,
            State::Offline { stage: Stage::Shown { .. } | Stage::Leaving { .. }, .. } => wire::SaleState::Showing,
            State::Offline { stage: Stage::Away { .. }, .. } => wire::SaleState::Unconfirmed,
            State::Closing { seen_as, .. } => match seen_as {
                SeenAs::Requesting => wire::SaleState::Requesting,
                SeenAs::Showing => wire::SaleState::Showing,
                SeenAs::Cancelling => wire::SaleState::Cancelling,
            },
            State::Ended(Ending::Paid) => wire::SaleState::Paid,
            State::Ended(Ending::Cancelled(_)) => wire::SaleState::Cancelled,
            State::Ended(Ending::Expired(_)) => wire::SaleState::Expired,
            State::Ended(Ending::Failed(_)) => wire::SaleState::Failed,
        }
    }

    /// Returns the flags that others see, in the contract's order.
    pub fn seen_flags(&self) -> Vec<wire::Flag> {
        let (paid, amount) = (self.paid_amount(), self.amount.value());
        let flags = [
            // Said with the code: until the panel has it, nobody has seen anything of it.
            (self.offline.is_some() && self.expires_at.is_some(), wire::Flag::Offline),
            (paid > 0 && paid < amount, wire::Flag::Underpaid),
            (paid > amount, wire::Flag::Overpaid),
            (self.marks.late, wire::Flag::Late),
            (!self.refunds.is_empty(), wire::Flag::Refunded),
            (self.is_settled_by_hand(), wire::Flag::Manual),
            (self.marks.attention, wire::Flag::Attention),
        ];
        flags.into_iter().filter_map(|(set, flag)| set.then_some(flag)).collect()
    }

    /// Tells whether the sale is paid although no provider stands behind enough money.
    fn is_settled_by_hand(&self) -> bool {
        let unproven = self.proven_amount() < self.amount.value() && !Mutant::HidesTheSupervisor.is_on();
        self.state == State::Ended(Ending::Paid) && unproven
    }

    /// Returns the failure that others see, once the sale has ended.
    pub fn seen_failure(&self) -> Option<&Failure> {
        match self.ending()? {
            Ending::Paid => None,
            Ending::Cancelled(failure) | Ending::Expired(failure) => failure.as_ref(),
            Ending::Failed(failure) => Some(failure),
        }
    }

    fn waiting_for(&self) -> Option<wire::WaitingFor> {
        match &self.state {
            State::Requesting { patience: Patience::Network(_), .. } => Some(wire::WaitingFor::Network),
            State::Requesting {
                step: RequestStep::Start(_) | RequestStep::Starting | RequestStep::Await(_), ..
            } => Some(wire::WaitingFor::Confirmation),
            State::Requesting { patience: Patience::Provider(_), .. }
            | State::Drawing { .. }
            | State::Closing { seen_as: SeenAs::Requesting, .. } => Some(wire::WaitingFor::Provider),
            State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => None,
        }
    }
}

impl From<&Sale> for wire::Sale {
    fn from(sale: &Sale) -> Self {
        let newest = sale.attempts.last();
        let code = sale.code.as_ref().filter(|_| sale.expires_at.is_some());
        Self {
            id: sale.id,
            revision: sale.revision,
            state: sale.seen_state(),
            amount: sale.amount.value(),
            currency: sale.amount.currency(),
            paid_amount: sale.paid_amount(),
            refunded_amount: sale.refunded_amount(),
            flags: sale.seen_flags(),
            channel: sale.channel.clone(),
            attempt: u32::try_from(sale.attempts.len()).unwrap_or(u32::MAX),
            order: sale.order(),
            provider_id: newest.and_then(|attempt| attempt.provider_id.as_ref()).map(|id| id.0.clone()),
            reference: sale.reference.clone(),
            note: sale.note.clone(),
            qr: code.map(|code| code.text.clone()),
            qr_kind: code.map(|code| code.kind),
            waiting_for: sale.waiting_for(),
            created_at: sale.created_at,
            expires_at: sale.expires_at,
            finished_at: sale.finished_at,
            failure: sale.seen_failure().map(|failure| wire::Failure {
                code: failure.code,
                message: failure.message.clone(),
                provider_code: failure.provider_code.clone(),
            }),
            payments: sale.payments.iter().map(wire::Payment::from).collect(),
            refunds: sale.refunds.iter().map(wire::Refund::from).collect(),
        }
    }
}

impl From<&Payment> for wire::Payment {
    fn from(payment: &Payment) -> Self {
        Self {
            provider_ref: payment.reference.0.clone(),
            provider_id: payment.provider_id.0.clone(),
            amount: payment.amount.value(),
            transacted_at: payment.transacted_at,
            received_at: payment.received_at,
            via: payment.via,
        }
    }
}

impl From<&Refund> for wire::Refund {
    fn from(refund: &Refund) -> Self {
        Self {
            provider_ref: refund.reference.0.clone(),
            provider_id: refund.provider_id.0.clone(),
            amount: refund.amount.value(),
            transacted_at: refund.refunded_at,
            received_at: refund.received_at,
        }
    }
}

impl From<&Receipt> for wire::Receipt {
    fn from(receipt: &Receipt) -> Self {
        Self {
            key: receipt.key,
            revision: receipt.revision,
            channel: receipt.channel.clone(),
            provider_id: receipt.provider_id.0.clone(),
            provider_ref: receipt.reference.0.clone(),
            amount: receipt.amount.value(),
            currency: receipt.amount.currency(),
            transacted_at: receipt.transacted_at,
            received_at: receipt.received_at,
            note: receipt.note.clone(),
            flags: if receipt.attention { vec![wire::Flag::Attention] } else { Vec::new() },
            sale: receipt.sale,
        }
    }
}
