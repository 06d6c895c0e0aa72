//! What `till` says in English.

use std::path::Path;

use till_wire::sale::FailureCode;
use till_wire::{Amount, AmountError, Flag, SaleState, WaitingFor};

use super::doctor::en::DOCTOR;
use super::fleet::en::FLEET;
use super::{Attempt, JournalWords, Mistake, QueueWords, Refusal, ReportWords, Words};

pub(super) const WORDS: Words = Words {
    sale: "Sale",
    receipt: "Receipt",
    terminal: "Terminal",
    time: "Time",
    amount: "Amount",
    state: "State",
    more: "More",

    reference: "reference",
    note: "note",
    channel: "channel",
    made: "made",
    shown_till: "shown till",
    ended: "ended",
    payment: "payment",
    refund: "refund",
    reason: "reason",
    told: "message",
    no_sales: "No sales.",
    no_receipts: "No receipts.",
    fits_no_sale: "fits no sale",
    state_of,
    flag,
    failure,
    arrived: |amount| format!("{amount} received"),
    transfer: |amount, at, reference| format!("{amount} at {at}, {reference}"),
    matched: "matched",

    report: REPORT,
    queue: QUEUE,
    journal: JOURNAL,
    fleet: FLEET,
    doctor: DOCTOR,

    links: "Links",
    machine: "Machine",
    work: "Work",
    broker: "broker",
    display: "display",
    clock: "clock",
    store: "store",
    store_broken: "DOES NOT WORK: no sale can be made; is the disk full?",
    to_send: "to be sent",
    last_payment: "last payment",
    attention: "attention",
    sound: "sound",
    sound_works: "works",
    sound_broken: "DOES NOT WORK",
    display_works: "works",
    display_broken: "DOES NOT WORK",
    clock_set: "set",
    clock_not_set: "NOT SET",
    service: "Sales",
    disabled: "SHUT BY THE OPERATOR",
    configuration: "configuration",
    from_afar: |version| match version {
        Some(version) => format!("the operator's, version {version}, on top of the file"),
        None => "the file's alone".to_owned(),
    },
    not_taken: "a newer one is not applied",
    certificate: "certificate",
    valid_until: |moment| format!("valid until {moment}"),
    renewed_from: |moment| format!("renewed from {moment} on"),
    running: |version, span| format!("tilld {version}, running for {span}"),
    link: |up, since| {
        let word = if up { "up" } else { "DOWN" };
        since.map_or_else(|| word.to_owned(), |since| format!("{word} since {since}"))
    },
    offset: |ms| match ms {
        0 => "as the provider's".to_owned(),
        1.. => format!("{ms} ms ahead of the provider's"),
        _ => format!("{} ms behind the provider's", ms.unsigned_abs()),
    },
    stored: |sales| format!("{sales} sales"),
    free: |megabytes| format!("{megabytes} MB free"),
    owed: |entries, oldest| match oldest {
        Some(oldest) => format!("{entries}, the oldest for {oldest}"),
        None => entries.to_string(),
    },
    to_look_at: |count| format!("{count} to be looked at"),
    units: ["d", "h", "min", "s"],

    saved: |file| format!("The display's picture is in {}.", file.display()),
    asked_since: |since| format!("The bridges are asked for everything since {since}."),
    api_is_well: |file| format!("{}: [api] is well", file.display()),
    new_pin: "New PIN: ",
    pin_again: "The same PIN again: ",
    supervisors_pin: "The supervisor's PIN: ",
    pins_differ: "the two PINs differ; nothing was made",
    nothing_typed: "nothing was typed",
    pin_length: |least, most| format!("a PIN has {least} to {most} characters"),
    pin_not_on_keypad: "this PIN cannot be typed on a keypad that has digits alone",
    scan: |amount| format!("Scan to pay {amount}"),
    too_narrow: |has, needs| {
        format!("the terminal is {has} columns wide and the code needs {needs}; look at the display")
    },
    no_code: |state| format!("there is no code to be paid: {state}"),

    attempt,
    cannot_do: |attempt, why| format!("cannot {attempt}: {why}"),
    cannot_write: |why| format!("cannot write the answer: {why}"),
    system: ToString::to_string,
    no_verb: "a verb is missing; `till --help` lists them",
    no_sale_yet: "there is no sale yet; `till sale AMOUNT` makes one",
    several: |one, other| format!("{one} and {other} do; type more digits"),
    none_found: "there is none; `till sales` lists them",
    no_such_receipt: "there is none among the newest 200; `till receipts` lists them",
    neither: |one, other| format!("{one} nor {other}"),
    no_answer: |place, cause, advice| format!("no answer from tilld at {place} ({cause}); {advice}"),
    is_it_running: "is it running? (systemctl status tilld)",
    log_may_say: "its log may say why (journalctl -u tilld)",
    not_known_whether: "whether it was done is not known; look with `till show` before trying again",
    odd_answer: |error| format!("tilld's answer is not what this version expects: {error}"),
    bare_refusal: |status| format!("tilld answered {status}"),
    refusal: |Refusal { kind, title, detail, .. }| format!("{} ({kind}): {detail}", lower(title)),
    bad_amount: AmountError::to_string,
    largest_amount: |most| format!("the largest amount is {most}"),
    sale_name: "a sale is named by its id, such as 0001017-029727122, or by the last digits of it",
    receipt_name: "a receipt is named by its key of 32 hexadecimal digits, or by the first digits of it",
    mistake,
    one_of: |values| format!("one of: {values}"),
    did_you_mean: |word| format!("did you mean `{word}`?"),
    expected,
    see_help: "`till --help` explains the command line",
};

const REPORT: ReportWords = ReportWords {
    of: |day| format!("Report of {day}"),
    incomplete: "Incomplete: there is more in this day than is counted.",
    money: "Money that came on this day",
    came,
    total: "total",
    sales: "Sales made on this day",
    count: "Count",
    paid: "Paid",
    to_watch: "To look at",
    open: "not ended",
    pieces: |count, amount| format!("{count}, together {amount}"),
    more: |count| format!("… and {count} more"),
};

const QUEUE: QueueWords = QueueWords {
    nothing: "Nothing is owed to anybody.",
    what: "Owed",
    to: "To",
    age: "For",
    about: "About",
    kind: |word| match word {
        "sale" => Some("news of a sale"),
        "receipt" => Some("news of a receipt"),
        "replay" => Some("asking the bridges again"),
        "cancellation" => Some("cancelling an order"),
        "confirmation" => Some("confirming an order"),
        _ => None,
    },
    size: |kib, most| format!("{kib} KiB of at most {most} KiB of messages wait for the broker."),
    tries: |tries| if tries == 1 { "(1 try)".to_owned() } else { format!("({tries} tries)") },
};

const JOURNAL: JournalWords = JournalWords {
    envelope: |id| format!("envelope {id}"),
    empty: "There is no journal of this sale: an older version made it.",
    cause: "By",
    kind: |word| match word {
        "sale_call" => Some("the cash register's order"),
        "cancel_call" => Some("the cashier's cancel"),
        "acknowledge_call" => Some("the cashier, who has seen it"),
        "supervisor" => Some("the supervisor"),
        "keypad" => Some("the keypad"),
        "order_answer" => Some("the provider's answer to the order"),
        "status_answer" => Some("the provider's answer when asked"),
        "cancel_answer" => Some("the provider's answer to the cancel"),
        "confirm_answer" => Some("the provider's answer to the confirmation"),
        "webhook" => Some("the provider's signed webhook"),
        "display" => Some("the display"),
        "deadline" => Some("the time that has passed"),
        "restart" => Some("a restart"),
        "command" => Some("the operator's command"),
        "terminal" => Some("the terminal"),
        _ => None,
    },
    counted: |amount, reference, via| format!("{amount} counted ({reference}, {via})"),
    reported: |amount, reference| format!("{amount} reported, not counted ({reference})"),
    dropped: |count| format!("{count} lines after the first were dropped: 200 are kept."),
};

fn came(amount: Amount, payments: u64, receipts: u64, refunds: Option<Amount>) -> String {
    let plural = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut text = format!("{amount} by {}", plural(payments, "payment", "payments"));
    if receipts > 0 {
        text.push_str(&format!(" and {} without a sale", plural(receipts, "piece", "pieces")));
    }
    if let Some(refunds) = refunds {
        text.push_str(&format!("; {refunds} went back"));
    }
    text
}

fn state_of(state: SaleState, waiting_for: Option<WaitingFor>) -> &'static str {
    match (state, waiting_for) {
        (SaleState::Requesting, Some(WaitingFor::Network)) => "waiting for the network",
        (SaleState::Requesting, _) => "waiting for the code",
        (SaleState::Showing, _) => "code on the display",
        (SaleState::Unconfirmed, _) => "payment not confirmed",
        (SaleState::Cancelling, _) => "being cancelled",
        (SaleState::Paid, _) => "PAID",
        (SaleState::Cancelled, _) => "cancelled",
        (SaleState::Expired, _) => "expired",
        (SaleState::Failed, _) => "failed",
    }
}

fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Offline => "made offline",
        Flag::Underpaid => "too little",
        Flag::Overpaid => "too much",
        Flag::Late => "late",
        Flag::Refunded => "refunded",
        Flag::Manual => "settled by hand",
        Flag::Attention => "! NEEDS ATTENTION",
    }
}

fn failure(code: FailureCode) -> &'static str {
    match code {
        FailureCode::ProviderRefused => "the payment provider refused it",
        FailureCode::ProviderUnreachable => "the payment provider did not answer",
        FailureCode::ProviderInvalid => "the payment provider's answer is not valid",
        FailureCode::QrMismatch => "the code had a wrong amount or account",
        FailureCode::OfflineRefused => "there is no network",
        FailureCode::OfflineLimit => "the limit for sales without network is reached",
        FailureCode::WaitTimeout => "the network did not come back",
        FailureCode::ClockNotSet => "the terminal's clock is not set",
        FailureCode::DisplayUnavailable => "the display cannot show the code",
        FailureCode::UnsupportedAction => "the provider wants a step that this terminal cannot do",
        FailureCode::StoreFault => "the terminal's storage is faulty",
    }
}

fn attempt(attempt: Attempt<'_>) -> String {
    match attempt {
        Attempt::Sell(amount) => format!("make a sale of {amount}"),
        Attempt::FindNewest => "find the newest sale".into(),
        Attempt::Find(digits) => format!("find the sale that ends in {digits}"),
        Attempt::Show(sale) => format!("show sale {sale}"),
        Attempt::List => "list sales".into(),
        Attempt::Cancel(sale) => format!("cancel sale {sale}"),
        Attempt::Status => "ask how the terminal is doing".into(),
        Attempt::SaveScreen(file) => format!("save the display's picture in `{}`", Path::display(file)),
        Attempt::Replay => "ask the bridges again".into(),
        Attempt::Journal(sale) => format!("show the journal of sale {sale}"),
        Attempt::Queue => "list what is owed to others".into(),
        Attempt::Flight => "print the newest events".into(),
        Attempt::Receipts => "list receipts".into(),
        Attempt::Report => "make the report".into(),
        Attempt::Watch => "watch the terminal".into(),
        Attempt::WaitFor(sale) => format!("wait for the end of sale {sale}"),
        Attempt::DrawCode(sale) => format!("draw the code of sale {sale}"),
        Attempt::PrepareCalls => "prepare calls to tilld".into(),
        Attempt::ReadPin => "read the PIN".into(),
        Attempt::ReadPinFile(file) => format!("read the PIN in `{}`", Path::display(file)),
        Attempt::FindReceipt(digits) => format!("find the receipt that begins with {digits}"),
        Attempt::Confirm(sale) => format!("confirm sale {sale}"),
        Attempt::Match(receipt, sale) => format!("match receipt {receipt} to sale {sale}"),
        Attempt::HashPin => "hash the PIN".into(),
    }
}

fn mistake(mistake: Mistake<'_>) -> String {
    match mistake {
        Mistake::UnknownVerb(verb) => format!("`{verb}` is not a verb"),
        Mistake::UnknownWord(word) => format!("`{word}` is not expected here"),
        Mistake::BadValue { option, value } => format!("`{value}` does not fit `{option}`"),
        Mistake::NoValue(option) => format!("`{option}` needs a value"),
        Mistake::Missing(what) => format!("{what} is missing"),
        Mistake::NotTogether(one, other) => format!("`{one}` and `{other}` do not go together"),
        Mistake::Other => "the command line is not understood".into(),
    }
}

fn expected(option: &str) -> Option<&'static str> {
    let name = option.split(' ').next().unwrap_or_default();
    match name {
        "--since" => Some("expected a time such as 2026-11-20T03:04:05Z"),
        "--day" => Some("expected a day such as 2026-11-29"),
        "--limit" => Some("expected a number from 1 to 200"),
        "--number" => Some("expected a terminal's number from 1 to 9007198"),
        "--valid" => Some("expected a time such as 24h, 90m or 7d, from 1 minute to 30 days"),
        "--patience" => Some("expected a time such as 2m or 1h, from 1 minute to 24 hours"),
        "--group" => Some("expected a group's name: 1 to 32 of a-z, 0-9, _ and -"),
        "--percent" => Some("expected a number from 1 to 100"),
        "--abort-over" => Some("expected a number from 0 to 100"),
        "--rate" => Some("expected a number from 1 to 60000"),
        "--minutes" => Some("expected a number from 1 to 10080"),
        "<NUMBER>" | "[NUMBER]" => Some("expected a terminal's number from 1 to 9007198"),
        "--days" => Some("expected a number of days from 1 to 3650"),
        "--serial" => Some("expected a serial number of up to 40 hexadecimal digits"),
        "<NAME>" => Some("expected a name such as bridge-1: letters, digits, dots and dashes, not a terminal's number"),
        "<HOST>..." => Some("expected a host name or an address"),
        "--channel" => Some("expected a channel's id such as `payos`"),
        _ => None,
    }
}

fn lower(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
