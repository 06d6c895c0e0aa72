//! A terminal's sales of today: how many, how much, and the newest of them. It must not know other days.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use till_wire::{Flag, Sale, SaleId, SaleState, UnixTime};

/// Days since 1970 by a calendar.
pub(crate) type Day = i64;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Sales {
    day: Day,
    /// Of those that are not kept one by one any more.
    before: Sum,
    newest: BTreeMap<SaleId, Row>,
    /// The newest that was dropped: what is not newer has been counted.
    dropped: Option<SaleId>,
}

/// What many sales come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) paid: u64,
    /// Money that arrived, in đồng.
    pub(crate) money: u64,
    /// Ended unpaid.
    pub(crate) unpaid: u64,
    pub(crate) open: u64,
}

/// One sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) revision: u64,
    pub(crate) state: SaleState,
    pub(crate) amount: u64,
    pub(crate) paid: u64,
    pub(crate) at: UnixTime,
    pub(crate) attention: bool,
}

/// Returns the day of a moment in a place.
pub(crate) fn day(timezone: &TimeZone, at: UnixTime) -> Day {
    let offset = Timestamp::from_millisecond(at.ms()).map_or(0, |moment| timezone.to_offset(moment).seconds());
    (at.secs() + i64::from(offset)).div_euclid(86_400)
}

impl Sales {
    /// Takes a sale that is of today, and of its revisions the newest.
    pub(super) fn take(&mut self, sale: &Sale, day: Day, today: Day, most: usize) {
        if day != today {
            return;
        }
        if self.day != today {
            *self = Self { day: today, ..Self::default() };
        }
        let known = self.newest.get(&sale.id).map(|row| row.revision);
        if known.is_some_and(|known| known >= sale.revision) || (known.is_none() && self.dropped >= Some(sale.id)) {
            return;
        }
        let row = Row {
            revision: sale.revision,
            state: sale.state,
            amount: sale.amount,
            paid: sale.paid_amount,
            at: sale.created_at,
            attention: sale.flags.contains(&Flag::Attention),
        };
        self.newest.insert(sale.id, row);
        while self.newest.len() > most {
            let Some((id, row)) = self.newest.pop_first() else { return };
            self.before.add(&row);
            self.dropped = self.dropped.max(Some(id));
        }
    }

    /// What today's come to, if this is the day.
    pub(crate) fn sum(&self, today: Day) -> Sum {
        if self.day != today {
            return Sum::default();
        }
        let mut sum = self.before;
        self.newest.values().for_each(|row| sum.add(row));
        sum
    }

    /// The newest of today, newest first.
    pub(crate) fn newest(&self, today: Day) -> impl Iterator<Item = (&SaleId, &Row)> {
        self.newest.iter().rev().filter(move |_| self.day == today)
    }
}

impl Sum {
    fn add(&mut self, row: &Row) {
        self.money = self.money.saturating_add(row.paid);
        let counted = match row.state {
            SaleState::Paid => &mut self.paid,
            SaleState::Requesting | SaleState::Showing | SaleState::Unconfirmed | SaleState::Cancelling => {
                &mut self.open
            }
            SaleState::Cancelled | SaleState::Expired | SaleState::Failed => &mut self.unpaid,
        };
        *counted = counted.saturating_add(1);
    }
}
