//! Every word on the display, in both languages. Short, plain, addressed to whoever has to act (promise P13): the
//! customer's words say what concerns him, the cashier's, which are drawn apart, what the cashier can do.

mod bank;
mod en;
mod vi;

use crate::config::Locale;
use crate::till::{Barrier, Failure, Problem};

pub(in crate::panel) use bank::bank;

/// The words of one language: the customer's, and with them the cashier's.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) starting: &'static str,
    pub(super) please_wait: &'static str,
    pub(super) ready: &'static str,
    pub(super) link_down: &'static str,
    pub(super) clock_wrong: &'static str,
    /// Says why the next sale may come to nothing.
    pub(super) barrier: fn(Barrier) -> &'static str,
    pub(super) open_code: &'static str,
    pub(super) typing: &'static str,
    pub(super) making_code: &'static str,
    pub(super) await_provider: &'static str,
    pub(super) await_network: &'static str,
    pub(super) last_check: &'static str,
    pub(super) await_last_answer: &'static str,
    pub(super) checking: &'static str,
    pub(super) await_proof: &'static str,
    pub(super) cancelling: &'static str,
    pub(super) await_cancellation: &'static str,
    pub(super) scan_to_pay: &'static str,
    /// For a VietQR.
    pub(super) scan_hint: &'static str,
    /// For the address of a page or wallet.
    pub(super) scan_address_hint: &'static str,
    /// For a VietQR that was made here.
    pub(super) scan_offline_hint: &'static str,
    pub(super) bank: &'static str,
    pub(super) account: &'static str,
    pub(super) account_name: &'static str,
    pub(super) time_left: &'static str,
    pub(super) short_title: &'static str,
    pub(super) received: &'static str,
    pub(super) missing: &'static str,
    pub(super) short_of: &'static str,
    pub(super) short_hint: &'static str,
    pub(super) paid: &'static str,
    pub(super) paid_in_full: &'static str,
    pub(super) overpaid: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) cancelled_reason: &'static str,
    pub(super) expired: &'static str,
    pub(super) expired_reason: &'static str,
    pub(super) failed: &'static str,
    pub(super) partly_paid: &'static str,
    pub(super) closed: &'static str,
    pub(super) store_fault: &'static str,
    pub(super) disabled: &'static str,
    pub(super) message: &'static str,
    pub(super) identity: &'static str,
    pub(super) money_came: &'static str,
    pub(super) money_detail: &'static str,
    /// Stands before the number of an order.
    pub(super) reference: &'static str,
    pub(super) last_sale: &'static str,
    pub(super) today: &'static str,
    /// These follow a number.
    pub(super) sales_paid: &'static str,
    pub(super) sales_open: &'static str,
    pub(super) sales_unconfirmed: &'static str,
    /// Says why a sale failed.
    pub(super) failure: fn(&Failure) -> &'static str,
    /// What is written on keys of the display.
    pub(super) enter: &'static str,
    pub(super) next: &'static str,
    pub(super) cancel: &'static str,
    pub(super) staff: Staff,
}

/// The cashier's words of one language.
#[derive(Debug)]
pub(super) struct Staff {
    pub(super) sale: &'static str,
    pub(super) type_amount: &'static str,
    pub(super) typing_keys: &'static str,
    pub(super) next_sale: &'static str,
    pub(super) cancel_key: &'static str,
    pub(super) told_later: &'static str,
    pub(super) offline_keys: &'static str,
    pub(super) ask_provider: &'static str,
    pub(super) not_paid_yet: &'static str,
    pub(super) look_at_part: &'static str,
    pub(super) look_at_money: &'static str,
    pub(super) store_fault: &'static str,
    pub(super) disabled: &'static str,
    pub(super) identity: &'static str,
    /// Says what can be done about a failure.
    pub(super) remedy: fn(&Failure) -> &'static str,
    /// Says what is wrong with what is typed.
    pub(super) problem: fn(Problem) -> &'static str,
}

impl Words {
    /// Returns the words where keys are on the display itself and say what they do.
    pub(super) fn for_fingers(locale: Locale) -> &'static Self {
        match locale {
            Locale::Vietnamese => &vi::FOR_FINGERS,
            Locale::English => &en::FOR_FINGERS,
        }
    }

    pub(super) fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Vietnamese => &vi::WORDS,
            Locale::English => &en::WORDS,
        }
    }
}
