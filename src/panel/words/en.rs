//! Every word on the display in English.

use till_wire::sale::FailureCode;

use super::{Staff, Words};
use crate::till::{Barrier, Failure, Problem, RefusalCause};

pub(super) const WORDS: Words = Words {
    starting: "Starting",
    please_wait: "One moment, please",
    ready: "Ready to take payments",
    link_down: "Server not reached – payments are reported later",
    clock_wrong: "This terminal's clock is not set – waiting for the time",
    barrier,
    open_code: "Scan to send money",
    typing: "Amount",
    making_code: "Making the code",
    await_provider: "One moment, please",
    await_network: "Waiting for the network – the code comes by itself",
    last_check: "Checking",
    await_last_answer: "The code has expired. Looking whether money has come",
    checking: "Checking",
    await_proof: "A payment is reported. Please wait, do not scan again",
    cancelling: "Cancelling",
    await_cancellation: "Please do not scan the old code",
    scan_to_pay: "Scan to pay",
    scan_hint: "Open your banking app and scan this code",
    scan_address_hint: "Scan this code with your phone and pay on the page that opens",
    scan_offline_hint: "The counter has no network and hears of it later",
    bank: "Bank",
    account: "Account",
    account_name: "Account holder",
    time_left: "Left",
    short_title: "Still missing",
    received: "Received",
    missing: "Still missing",
    short_of: "of",
    short_hint: "Please scan again and transfer the missing amount",
    paid: "PAID",
    paid_in_full: "Paid in full. Thank you!",
    overpaid: "Too much received",
    cancelled: "Cancelled",
    cancelled_reason: "This sale is cancelled. Please do not scan the old code",
    expired: "Time is over",
    expired_reason: "No payment has come. Please do not scan the old code",
    failed: "No payment taken",
    partly_paid: "A part has come:",
    closed: "No payments just now",
    store_fault: "This terminal cannot store a sale. Please pay another way",
    disabled: "This counter takes no payments now. Please pay another way",
    message: "Message",
    identity: "Terminal",
    money_came: "Money has come in",
    money_detail: "It belongs to no sale in progress",
    reference: "Order",
    last_sale: "Last sale",
    today: "Today",
    sales_paid: "sales paid",
    sales_open: "open",
    sales_unconfirmed: "unconfirmed",
    failure,
    enter: "Make code",
    next: "Next customer",
    cancel: "Cancel sale",
    staff: STAFF,
};

/// Keys on the display say themselves what they do.
pub(super) const FOR_FINGERS: Words = Words {
    staff: Staff {
        type_amount: "Type an amount and touch Make code",
        typing_keys: "",
        next_sale: "Touch the screen for the next sale",
        cancel_key: "",
        offline_keys: "",
        ..STAFF
    },
    ..WORDS
};

const STAFF: Staff = Staff {
    sale: "Sale",
    type_amount: "Type an amount and press Enter",
    typing_keys: "Enter: make the code · Esc: clear",
    next_sale: "Type the next amount",
    cancel_key: "Esc: cancel",
    told_later: "Confirmed later: look at the phone",
    offline_keys: "Enter: next · Esc: cancel",
    ask_provider: "Asking the payment provider",
    not_paid_yet: "Not paid yet: asking again",
    look_at_part: "Look into the money received",
    look_at_money: "Find out who has paid",
    store_fault: "The terminal's storage is full or faulty: call support",
    disabled: "Shut from afar: call support",
    identity: "The operator is looking for this terminal",
    remedy,
    problem,
};

fn barrier(barrier: Barrier) -> &'static str {
    match barrier {
        Barrier::Network => "No network: the payment provider is not reached",
        Barrier::Silence => "The payment provider does not answer",
        Barrier::Certificate => "The payment provider cannot be trusted: call support",
        Barrier::Access => "The payment provider does not accept this terminal: call support",
        Barrier::Shut => "The payment channel is not open: call support",
    }
}

fn failure(failure: &Failure) -> &'static str {
    match failure.code {
        FailureCode::ProviderRefused => refusal(failure.cause),
        FailureCode::ProviderUnreachable => "The payment provider does not answer",
        FailureCode::ProviderInvalid => "The payment provider's answer is not valid",
        FailureCode::QrMismatch => "The code had a wrong amount or account and was not shown",
        FailureCode::OfflineRefused => "There is no network",
        FailureCode::OfflineLimit => "The limit for sales without network is reached",
        FailureCode::WaitTimeout => "The network did not come back",
        FailureCode::ClockNotSet => "This terminal's clock is not set",
        FailureCode::DisplayUnavailable => "The display cannot show the code",
        FailureCode::UnsupportedAction => "The payment provider wants a step that this terminal cannot do",
        FailureCode::StoreFault => "This terminal's storage is faulty",
    }
}

/// What the customer reads too: what is wrong with the shop's channel is for the cashier alone.
fn refusal(cause: RefusalCause) -> &'static str {
    match cause {
        RefusalCause::Unsaid | RefusalCause::Order => "The payment provider refused this sale",
        RefusalCause::Access | RefusalCause::Channel => "The shop cannot take money by code at the moment",
    }
}

fn remedy(failure: &Failure) -> &'static str {
    match failure.code {
        FailureCode::ProviderRefused => refusal_remedy(failure.cause),
        FailureCode::ProviderUnreachable => "Try again in a few minutes",
        FailureCode::ProviderInvalid => "Try again or call support",
        FailureCode::QrMismatch => "Call support",
        FailureCode::OfflineRefused => "Take cash or try again",
        FailureCode::OfflineLimit => "Take cash",
        FailureCode::WaitTimeout => "Take cash or try again",
        FailureCode::ClockNotSet => "Wait until it has the time",
        FailureCode::DisplayUnavailable => "Call support",
        FailureCode::UnsupportedAction => "Call support",
        FailureCode::StoreFault => "Call support",
    }
}

fn refusal_remedy(cause: RefusalCause) -> &'static str {
    match cause {
        RefusalCause::Unsaid => "Try again or call support",
        RefusalCause::Access => "Terminal not accepted: call support",
        RefusalCause::Channel => "Payment channel not open: call support",
        RefusalCause::Order => "Try another amount or call support",
    }
}

fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::TooLarge => "This is more than a sale may be",
        Problem::TooLong => "No more can be typed. Press the back key",
        Problem::Unfinished => "A quantity is missing after ×",
        Problem::NeedsCustomer => "This channel needs the customer's data. Sell from the cash register",
        Problem::ClockNotSet => "This terminal's clock is not set. Wait until it has the time",
        Problem::NumbersUsedUp => "This terminal has used up its sale numbers. Call support",
        Problem::QueueFull => "Too much waits to be sent. Connect the terminal",
        Problem::Disabled => "The terminal has been shut from afar. Call support",
    }
}
