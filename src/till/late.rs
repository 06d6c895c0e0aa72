//! Money after the end of a sale, and money on the idle display. It must not know by which road money comes.

use till_wire::Amount;

use super::Till;
use super::sale::{Ending, Sale, State};
use super::time::Now;
use super::view::Money;

/// The most pieces of money that wait for the idle display.
const MAX_MONEY: usize = 16;

impl Till {
    /// Money has come for a sale that had ended unpaid; `news` of it has not been seen by anybody.
    pub(super) fn settle_late(&mut self, sale: &mut Sale, news: u64, now: Now) {
        sale.marks.late = true;
        self.show_late(sale, news);
        if sale.is_covered() {
            sale.state = State::Ended(Ending::Paid);
            sale.finished_at = Some(now.wall);
            if self.current == Some(sale.id) {
                self.result_until = Some(now.tick + self.rules.result);
            }
        } else {
            sale.marks.attention = true;
        }
    }

    pub(super) fn show_late(&mut self, sale: &Sale, news: u64) {
        if self.current != Some(sale.id) {
            self.show_money(Amount::new(news, sale.amount.currency()));
        }
    }

    /// Puts money on the idle display, after what is there already.
    pub(super) fn show_money(&mut self, amount: Amount) {
        if self.money_to_show.len() < MAX_MONEY && !amount.is_zero() {
            let number = self.money_to_show.last().map_or(0, |last| last.number.wrapping_add(1));
            self.money_to_show.push(Money { number, amount, until: None });
        }
    }
}
