//! Sales and receipts for a person at a counter: which words, under each other. It must not know where they come from.

mod journal;
mod queue;
mod report;
mod status;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use till_wire::{Amount, Flag, Receipt, Sale, SaleState, UnixTime, WaitingFor};

use super::style::{Ink, Style};
use super::table::{Cell, Fact, Row, Table, fact_lines, name_width};
use super::text::{plain, width};
use super::words::Words;

pub(super) use journal::journal;
pub(super) use queue::queue;
pub(super) use report::report;
pub(super) use status::{span, status};

/// Where dates are in the time of this machine, and how they are cut on narrow terminals.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S";
const SHORT_MOMENT: &str = "%m-%d %H:%M";

/// Columns of the longest moment, amount (`+499.999.999 ₫`) and sale id, for lines that come one by one.
const MOMENT_COLUMNS: usize = 19;
const SHORT_COLUMNS: usize = 11;
const AMOUNT_COLUMNS: usize = 14;
const ID_COLUMNS: usize = 17;

/// Returns a moment in the time of this machine.
pub(super) fn moment(time: UnixTime) -> String {
    formatted(time, MOMENT)
}

/// Returns the same, cut as for narrow terminals.
pub(super) fn short_moment(time: UnixTime) -> String {
    formatted(time, SHORT_MOMENT)
}

fn formatted(time: UnixTime, format: &str) -> String {
    match Timestamp::from_second(time.secs()) {
        Ok(moment) => moment.to_zoned(TimeZone::system()).strftime(format).to_string(),
        Err(_) => time.to_string(),
    }
}

/// Returns sales under each other.
pub(super) fn sales(sales: &[Sale], style: Style) -> Vec<String> {
    let words = style.words();
    let row = |sale: &Sale| Row {
        cells: vec![Cell::left(sale.id.to_string()), when(sale.created_at), amount(sale), standing(sale, words)],
        more: more(sale, words),
    };
    let heads = vec![words.sale, words.time, words.amount, words.state, words.more];
    Table { heads, least: Vec::new(), rows: sales.iter().map(row).collect() }.lines(style)
}

/// Returns receipts under each other.
pub(super) fn receipts(receipts: &[Receipt], style: Style) -> Vec<String> {
    let words = style.words();
    let row = |receipt: &Receipt| Row {
        cells: vec![
            Cell::left(receipt.key.to_string()),
            when(receipt.received_at),
            received(receipt),
            matching(receipt, words),
        ],
        more: receipt_more(receipt, words),
    };
    let heads = vec![words.receipt, words.time, words.amount, words.state, words.more];
    Table { heads, least: Vec::new(), rows: receipts.iter().map(row).collect() }.lines(style)
}

/// Returns a change of a sale as one of many that come one by one.
pub(super) fn sale_line(sale: &Sale, style: Style) -> Vec<String> {
    let words = style.words();
    let cells = vec![when(sale.created_at), amount(sale), standing(sale, words), Cell::left(sale.id.to_string())];
    coming(Row { cells, more: more(sale, words) }, style)
}

/// Returns a change of a receipt as one of many that come one by one.
pub(super) fn receipt_line(receipt: &Receipt, style: Style) -> Vec<String> {
    let words = style.words();
    let cells = vec![
        when(receipt.received_at),
        received(receipt),
        matching(receipt, words),
        Cell::left(receipt.key.to_string()),
    ];
    coming(Row { cells, more: receipt_more(receipt, words) }, style)
}

fn coming(row: Row, style: Style) -> Vec<String> {
    let words = style.words();
    let states = SaleState::ALL.iter().map(|state| (words.state_of)(*state, Some(WaitingFor::Network)));
    let widest = states.chain([words.matched, words.fits_no_sale]).map(width).max().unwrap_or(0);
    let state = widest + 2;
    let whole = MOMENT_COLUMNS + AMOUNT_COLUMNS + state + ID_COLUMNS + 6;
    let moment = if style.columns.is_none_or(|columns| whole <= columns) { MOMENT_COLUMNS } else { SHORT_COLUMNS };
    let least = vec![moment, AMOUNT_COLUMNS, state, ID_COLUMNS];
    Table { heads: Vec::new(), least, rows: vec![row] }.lines(style)
}

/// Returns a sale with everything that a person asks about.
pub(super) fn sale(sale: &Sale, style: Style) -> Vec<String> {
    let words = style.words();
    let (mark, ink) = mark(sale.state);
    let state = format!("{mark} {}", (words.state_of)(sale.state, sale.waiting_for));
    let mut heading = format!("{} {}  {}  {}", words.sale, sale.id, money(sale), style.paint(ink, &state));
    for odd in odds(sale, words) {
        heading.push_str(", ");
        heading.push_str(&odd);
    }
    let facts = sale_facts(sale, words);
    let columns = name_width(facts.iter());
    let below = facts.iter().flat_map(|fact| fact_lines(fact, columns, false, style));
    std::iter::once(heading).chain(below).collect()
}

fn sale_facts(sale: &Sale, words: &Words) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(failure) = &sale.failure {
        facts.push(Fact::new(words.reason, format!("{} ({})", (words.failure)(failure.code), failure.code)));
        facts.push(Fact::new(words.told, plain(&failure.message)));
    }
    facts.extend(sale.reference.as_ref().map(|reference| Fact::new(words.reference, plain(reference))));
    facts.extend(sale.note.as_ref().map(|note| Fact::new(words.note, plain(note))));
    facts.push(Fact::new(words.channel, sale.channel.as_str()));
    facts.push(Fact::new(words.made, moment(sale.created_at)));
    if let Some(expires) = sale.expires_at.filter(|_| sale.state == SaleState::Showing) {
        facts.push(Fact::new(words.shown_till, moment(expires)));
    }
    facts.extend(sale.finished_at.map(|finished| Fact::new(words.ended, moment(finished))));
    let transfer = |amount, at, reference: &str| {
        (words.transfer)(Amount::new(amount, sale.currency), &moment(at), &plain(reference))
    };
    for payment in &sale.payments {
        let text = transfer(payment.amount, payment.received_at, &payment.provider_ref);
        facts.push(Fact::new(words.payment, text));
    }
    for refund in &sale.refunds {
        let text = transfer(refund.amount, refund.received_at, &refund.provider_ref);
        facts.push(Fact::new(words.refund, text));
    }
    facts
}

fn money(sale: &Sale) -> Amount {
    Amount::new(sale.amount, sale.currency)
}

fn when(time: UnixTime) -> Cell {
    Cell::left(moment(time)).or(formatted(time, SHORT_MOMENT))
}

fn amount(sale: &Sale) -> Cell {
    Cell::right(money(sale).to_string())
}

fn received(receipt: &Receipt) -> Cell {
    Cell::right(format!("+{}", Amount::new(receipt.amount, receipt.currency)))
}

fn standing(sale: &Sale, words: &Words) -> Cell {
    let (mark, ink) = mark(sale.state);
    Cell::left(format!("{mark} {}", (words.state_of)(sale.state, sale.waiting_for))).ink(ink)
}

fn matching(receipt: &Receipt, words: &Words) -> Cell {
    match receipt.sale {
        Some(_) => Cell::left(format!("✓ {}", words.matched)).ink(Ink::Good),
        None => Cell::left(format!("? {}", words.fits_no_sale)).ink(Ink::Open),
    }
}

/// Returns the mark of a state: its shape says what its colour says.
fn mark(state: SaleState) -> (&'static str, Ink) {
    match state {
        SaleState::Requesting | SaleState::Cancelling => ("…", Ink::Open),
        SaleState::Showing => ("▣", Ink::Open),
        SaleState::Unconfirmed => ("?", Ink::Open),
        SaleState::Paid => ("✓", Ink::Good),
        SaleState::Cancelled | SaleState::Expired | SaleState::Failed => ("✗", Ink::Bad),
    }
}

/// Returns what is odd about a sale.
fn odds(sale: &Sale, words: &Words) -> Vec<String> {
    let other = sale.paid_amount > 0 && sale.paid_amount != sale.amount;
    let arrived = other.then(|| (words.arrived)(Amount::new(sale.paid_amount, sale.currency)));
    arrived.into_iter().chain(flags(&sale.flags, words)).collect()
}

fn flags(flags: &[Flag], words: &Words) -> impl Iterator<Item = String> {
    let say = words.flag;
    flags.iter().map(move |flag| say(*flag).to_owned())
}

/// Returns what else is to be said about a sale in a list.
fn more(sale: &Sale, words: &Words) -> String {
    let failure = sale.failure.as_ref().map(|failure| (words.failure)(failure.code).to_owned());
    let odds: Vec<String> = failure.into_iter().chain(odds(sale, words)).collect();
    let quoted = [&sale.reference, &sale.note].into_iter().flatten().map(|text| format!("[{}]", plain(text)));
    Some(odds.join(", ")).filter(|odds| !odds.is_empty()).into_iter().chain(quoted).collect::<Vec<_>>().join(" ")
}

fn receipt_more(receipt: &Receipt, words: &Words) -> String {
    let sale = receipt.sale.map(|sale| sale.to_string());
    let note = receipt.note.as_ref().map(|note| format!("[{}]", plain(note)));
    let channel = std::iter::once(receipt.channel.to_string());
    sale.into_iter().chain(channel).chain(flags(&receipt.flags, words)).chain(note).collect::<Vec<_>>().join(" ")
}
