//! What the driver for tests answers to those who keep the books.

use till_wire::{SaleId, SaleState, UnixTime};

use crate::till::{
    AttentionPage, Cause, CauseKind, JournalEntry, JournalPage, PeriodPage, PeriodPlace, PeriodQuery, Proof, Queue,
    Reported, Via,
};

use super::Memory;

impl Memory {
    /// Whatever sale that there is.
    pub(super) fn journal(&self, sale: SaleId) -> Option<JournalPage> {
        self.find(sale).map(|_| self.journal.clone())
    }

    pub(super) fn queue(&self, limit: usize) -> Queue {
        let count = self.owed.len();
        Queue { count, bytes: 900 * count as u64, oldest: self.owed.iter().take(limit).cloned().collect() }
    }

    /// Pages of one record, in the order of remembering, whatever the period: the hours of a period may reach beyond it.
    pub(super) fn period(&self, query: &PeriodQuery) -> PeriodPage {
        let at = query.after.as_ref().map_or(0, |place| place.0.len());
        let next = Some(PeriodPlace(vec![0; at + 1])).filter(|_| at + 1 < self.sales.len() + self.receipts.len());
        PeriodPage {
            sales: self.sales.get(at).cloned().into_iter().collect(),
            receipts: at
                .checked_sub(self.sales.len())
                .and_then(|at| self.receipts.get(at))
                .cloned()
                .into_iter()
                .collect(),
            next,
        }
    }

    pub(super) fn attention(&self, limit: usize) -> AttentionPage {
        let sales = self.sales.iter().filter(|sale| sale.marks.attention).cloned().collect::<Vec<_>>();
        let receipts = self.receipts.iter().filter(|receipt| receipt.attention).cloned().collect::<Vec<_>>();
        AttentionPage {
            count: u64::try_from(sales.len() + receipts.len()).unwrap_or(u64::MAX),
            sales: sales.into_iter().take(limit).collect(),
            receipts: receipts.into_iter().take(limit).collect(),
        }
    }
}

/// Returns the journal of a large sale that was paid after its end: a webhook that was not counted, an answer
/// that was lost, and the answer that was counted.
pub(crate) fn journal() -> JournalPage {
    let sale = super::sale_id(1);
    let money = Reported { provider_id: "link".into(), provider_ref: "TF1".into(), amount: 50_000 };
    let envelope = "3f0c9b6de1a24785906b1f2a3c4d5e6f".parse().ok();
    let cause = |kind, said: &str, transfer: Option<Reported>| {
        let envelope = envelope.filter(|_| transfer.is_some());
        Cause { kind, said: Some(said.into()), why: None, order: Some(sale.order()), envelope, transfer }
    };
    let reported = JournalEntry {
        sale,
        revision: 2,
        at: UnixTime::from_secs(1_795_143_845),
        state: SaleState::Showing,
        flags: Vec::new(),
        paid_amount: 0,
        cause: cause(CauseKind::Webhook, "transfer", Some(money.clone())),
        counted: Vec::new(),
    };
    let lost = "the answer of payOS is lost: the connection broke";
    let lost = JournalEntry {
        cause: Cause { why: Some(lost.into()), ..cause(CauseKind::StatusAnswer, "later", None) },
        ..reported.clone()
    };
    let counted = JournalEntry {
        revision: 3,
        at: UnixTime::from_secs(1_795_143_846),
        state: SaleState::Paid,
        flags: vec![till_wire::Flag::Late],
        paid_amount: 50_000,
        cause: cause(CauseKind::StatusAnswer, "paid", None),
        counted: vec![Proof { money, via: Via::Poll }],
        ..reported.clone()
    };
    JournalPage { entries: vec![reported, lost, counted], dropped: 2 }
}
