//! Matching by hand in the driver for tests. Knows that money is matched once, and that a million is too much.

use till_wire::{Amount, ReceiptKey, SaleId};

use super::Memory;
use crate::till::{Answer, Ending, Sale, State};

impl Memory {
    pub(super) fn match_receipt(&mut self, key: ReceiptKey, id: SaleId) -> Answer {
        let sale = self.find(id);
        let Some(receipt) = self.receipts.iter_mut().find(|receipt| receipt.key == key) else {
            return Answer::NoReceipt;
        };
        let Some(sale) = sale else { return Answer::NotFound };
        if let Some(matched) = receipt.sale {
            return Answer::AlreadyMatched(matched);
        }
        if receipt.amount >= Amount::vnd(1_000_000) {
            return Answer::NeedsDoubleProof;
        }
        receipt.sale = Some(id);
        let paid = Sale { state: State::Ended(Ending::Paid), ..sale };
        self.sales.retain(|known| known.id != id);
        self.sales.push(paid.clone());
        Answer::Matched(Box::new(paid))
    }
}
