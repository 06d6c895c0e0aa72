//! What the driver for tests answers to those who keep the books.

use crate::till::{AttentionPage, PeriodPage, PeriodPlace, PeriodQuery, Queue};

use super::Memory;

impl Memory {
    pub(super) fn queue(&self, limit: usize) -> Queue {
        Queue { count: self.owed.len(), oldest: self.owed.iter().take(limit).cloned().collect() }
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
