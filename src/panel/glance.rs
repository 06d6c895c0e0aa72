//! Words for what a key asks to see for a moment: the last result, the day's takings. Both are told as what is past.

use till_display::Screen;
use till_wire::{Amount, SaleId, UnixTime};

use super::present::{Counter, Precision, time_of_day};
use super::words::Words;
use crate::till::{Ended, Now, Takings};

/// Tells a result that is past: with its own time, and so that nobody takes it for money that has come this moment.
pub(super) fn last(
    sale: SaleId,
    [amount, paid]: [Amount; 2],
    unpaid: Option<&Ended>,
    at: Option<UnixTime>,
    counter: &Counter,
) -> Screen {
    let words = counter.words();
    let how = match unpaid {
        None => words.received,
        Some(Ended::Cancelled) => words.cancelled,
        Some(Ended::Expired) => words.expired,
        Some(Ended::Failed(_)) => words.failed,
    };
    let money = match (unpaid, paid.value()) {
        (None, _) => format!(" {paid}"),
        (Some(_), 0) => String::new(),
        (Some(_), _) => format!(" · {} {paid}", words.partly_paid),
    };
    let time = at.map(|at| format!(" · {}", time_of_day(counter, at, Precision::Seconds))).unwrap_or_default();
    Screen::Notice {
        title: format!("{}: {amount}", words.last_sale),
        text: format!("{how}{money}{time}"),
        staff: counter.staff(&[&counter.sale(sale)], Words::of(counter.locale).staff.next_sale),
    }
}

/// Tells what the day comes to.
pub(super) fn day(takings: &Takings, counter: &Counter, now: Now) -> Screen {
    let words = counter.words();
    let Takings { paid, amount, open, unconfirmed } = *takings;
    let mut text = format!("{paid} {}", words.sales_paid);
    for (count, what) in [(open, words.sales_open), (unconfirmed, words.sales_unconfirmed)] {
        if count > 0 {
            text += &format!(" · {count} {what}");
        }
    }
    let time = time_of_day(counter, now.wall, Precision::Minutes);
    Screen::Notice {
        title: format!("{}: {amount}", words.today),
        text,
        staff: counter.staff(&[&time], Words::of(counter.locale).staff.next_sale),
    }
}
