//! What is announced, as it follows from what is to be seen: each thing once, however often its picture comes back. It
//! must not know how anything is made heard.

use till_wire::{Amount, CommandId, SaleId};

use super::Announcement;
use crate::till::{Ended, View};

/// Remembers what was announced, which is one thing of each kind.
#[derive(Debug, Default)]
pub(super) struct Ear {
    /// Whether anything has been seen: what is to be seen at a start is not news.
    opened: bool,
    /// The last result, and whose.
    result: Option<(SaleId, Sort)>,
    /// The last payment that was short, and of which sale.
    short: Option<(SaleId, Amount)>,
    /// The money that is to be seen, or will be again after a sale that came in between.
    money: Option<u32>,
    /// The last command that wanted the terminal found.
    found: Option<CommandId>,
}

/// The sort of a result: a sale that has failed may still be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Paid,
    Unpaid,
}

impl Ear {
    /// Learns what is to be seen now, and returns what there is to say about it.
    pub(super) fn see(&mut self, view: &View) -> Option<Announcement> {
        let news = match view {
            View::Paid { sale, paid, .. } => self.ended(*sale, Sort::Paid).then_some(Announcement::Paid(*paid)),
            View::Ended { sale, ending: Ended::Failed(_) | Ended::Expired, .. } => {
                self.ended(*sale, Sort::Unpaid).then_some(Announcement::Unpaid)
            }
            // Whoever cancels knows it.
            View::Ended { sale, ending: Ended::Cancelled, .. } => {
                self.result = Some((*sale, Sort::Unpaid));
                None
            }
            View::Code { sale, amount, paid, .. } if !paid.is_zero() => {
                let is_new = self.short.replace((*sale, *paid)) != Some((*sale, *paid));
                let missing = amount.checked_sub(*paid).filter(|missing| is_new && !missing.is_zero());
                missing.map(|missing| Announcement::Short { missing })
            }
            View::Money { number, amount } => {
                let is_new = self.money.replace(*number) != Some(*number);
                is_new.then_some(Announcement::Money(*amount))
            }
            View::Identity { command, .. } => {
                (self.found.replace(*command) != Some(*command)).then_some(Announcement::Here)
            }
            View::Idle { .. } => {
                self.money = None;
                None
            }
            View::Code { .. }
            | View::Typing { .. }
            | View::Waiting { .. }
            | View::Checking { .. }
            | View::Last { .. }
            | View::Day { .. }
            | View::Message { .. }
            | View::Disabled
            | View::StoreFault => None,
        };
        let opened = std::mem::replace(&mut self.opened, true);
        news.filter(|_| opened)
    }

    /// Takes note of a result; returns whether it is a new one.
    fn ended(&mut self, sale: SaleId, sort: Sort) -> bool {
        self.result.replace((sale, sort)) != Some((sale, sort))
    }
}
