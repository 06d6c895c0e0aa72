//! The journal of a sale, one line for each change: when, what it became, and by what. It must not know how it is kept.

use till_wire::{Amount, Flag, SaleId};

use super::super::journal::{Cause, Entry, Journal};
use super::super::style::Style;
use super::super::table::{Cell, Row, Table};
use super::super::text::plain;
use super::super::words::Words;
use super::{mark, when};

/// Returns how a sale came to be what it is.
pub(in crate::cli) fn journal(journal: &Journal, sale: SaleId, style: Style) -> Vec<String> {
    let words = style.words();
    let mut lines = vec![format!("{} {sale}", words.sale)];
    if journal.entries.is_empty() {
        lines.push(format!("  {}", words.journal.empty));
        return lines;
    }
    let rows = journal.entries.iter().map(|entry| row(entry, sale, words)).collect();
    let heads = vec![words.time, "", words.state, words.journal.cause];
    lines.extend(Table { heads, least: Vec::new(), rows }.lines(style));
    if journal.dropped > 0 {
        lines.push((words.journal.dropped)(journal.dropped));
    }
    lines
}

fn row(entry: &Entry, sale: SaleId, words: &Words) -> Row {
    let (mark, ink) = mark(entry.state);
    let state = format!("{mark} {}", (words.state_of)(entry.state, None));
    let mut said = vec![cause(&entry.cause, sale, words)];
    let amount = |amount| Amount::vnd(amount);
    said.extend(
        entry.counted.iter().map(|proof| {
            (words.journal.counted)(amount(proof.amount), &plain(&proof.provider_ref), &plain(&proof.via))
        }),
    );
    if let Some(transfer) = entry.cause.transfer.as_ref().filter(|_| entry.counted.is_empty()) {
        said.push((words.journal.reported)(amount(transfer.amount), &plain(&transfer.provider_ref)));
    }
    said.extend(entry.cause.envelope.as_ref().map(|envelope| (words.journal.envelope)(&plain(envelope))));
    said.extend(
        entry.flags.iter().map(|flag| Flag::of(flag).map_or_else(|| plain(flag), |flag| (words.flag)(flag).to_owned())),
    );
    Row {
        cells: vec![when(entry.at), Cell::right(format!("r{}", entry.revision)), Cell::left(state).ink(ink)],
        more: said.join(", "),
    }
}

/// Returns what brought a change about: with the provider's own word, of a further attempt its order, and why an answer
/// could not be used.
fn cause(cause: &Cause, sale: SaleId, words: &Words) -> String {
    let kind = (words.journal.kind)(&cause.kind).map_or_else(|| plain(&cause.kind), str::to_owned);
    let said = cause.said.as_ref().map(|said| format!(" ({})", plain(said))).unwrap_or_default();
    let order = cause.order.filter(|order| *order != sale.order());
    let order = order.map(|order| format!(" {order}")).unwrap_or_default();
    let why = cause.why.as_ref().map(|why| format!(": {}", plain(why))).unwrap_or_default();
    format!("{kind}{said}{order}{why}")
}
