//! A day at the counter for whoever closes it: the money first, then the sales, then what is to be looked at. It must not
//! know how anything is reckoned.

use till_wire::{Amount, Flag};

use super::super::report::{Received, Report};
use super::super::style::{Ink, Style};
use super::super::table::{Cell, Fact, Row, Table, fact_lines, name_width};
use super::super::text::plain;
use super::super::words::Words;
use super::{mark, receipts, sales};

/// Returns what a day comes to.
pub(in crate::cli) fn report(report: &Report, style: Style) -> Vec<String> {
    let words = style.words();
    let heading = |text: &str| style.paint(Ink::Strong, text);
    let mut lines = vec![heading(&(words.report.of)(&plain(&report.day)))];
    if !report.complete {
        lines.push(format!("  {}", words.report.incomplete));
    }
    let groups = [(words.report.money, money(report, words)), (words.report.to_watch, odds(report, words))];
    let columns = name_width(groups.iter().flat_map(|(_, facts)| facts));
    let [(came, money), (to_watch, odds)] = &groups;
    lines.push(heading(came));
    lines.extend(money.iter().flat_map(|fact| fact_lines(fact, columns, true, style)));
    lines.push(heading(words.report.sales));
    lines.extend(by_channel(report, style).into_iter().map(|line| format!("  {line}")));
    lines.push(heading(to_watch));
    lines.extend(odds.iter().flat_map(|fact| fact_lines(fact, columns, true, style)));
    lines.extend(attention(report, style));
    lines
}

fn money(report: &Report, words: &Words) -> Vec<Fact> {
    let amount = |value| Amount::new(value, report.currency);
    let came = |line: &Received| {
        let refunds = Some(line.refunds).filter(|refunds| refunds.count > 0).map(|refunds| amount(refunds.amount));
        (words.report.came)(amount(line.amount), line.payments.count, line.receipts.count, refunds)
    };
    let mut facts: Vec<Fact> =
        report.received.iter().map(|line| Fact::new(line.channel.as_str(), came(line))).collect();
    match report.received.as_slice() {
        [] => facts.push(Fact::new(words.report.total, amount(0).to_string())),
        [_] => {}
        several => {
            let sum = several.iter().fold(0u64, |sum, line| sum.saturating_add(line.amount));
            facts.push(Fact::new(words.report.total, amount(sum).to_string()));
        }
    }
    facts
}

fn by_channel(report: &Report, style: Style) -> Vec<String> {
    let words = style.words();
    if report.sales.count == 0 {
        return vec![words.no_sales.to_owned()];
    }
    let amount = |value| Cell::right(Amount::new(value, report.currency).to_string());
    let row = |channel: &str, state: Cell, count: u64, wanted: u64, paid: u64| Row {
        cells: vec![Cell::left(channel), state, Cell::right(count.to_string()), amount(wanted), amount(paid)],
        more: String::new(),
    };
    let mut rows: Vec<Row> = Vec::new();
    for line in &report.sales.by {
        let (mark, ink) = mark(line.state);
        let state = Cell::left(format!("{mark} {}", (words.state_of)(line.state, None))).ink(ink);
        rows.push(row(line.channel.as_str(), state, line.count, line.amount, line.paid_amount));
    }
    let all = &report.sales;
    rows.push(row(words.report.total, Cell::left(""), all.count, all.amount, all.paid_amount));
    let heads = vec![words.channel, words.state, words.report.count, words.amount, words.report.paid];
    let columns = style.columns.map(|columns| columns.saturating_sub(2));
    Table { heads, least: Vec::new(), rows }.lines(Style { columns, ..style })
}

/// Returns what is not as usual, of this day, and how much attention is needed in all.
fn odds(report: &Report, words: &Words) -> Vec<Fact> {
    let odd = |name: &str, value: String| Fact { mark: "!", ink: Ink::Open, ..Fact::new(name, value) };
    let mut facts = Vec::new();
    if report.sales.open > 0 {
        facts.push(odd(words.report.open, report.sales.open.to_string()));
    }
    for (word, count) in report.sales.flags.iter().filter(|(_, count)| **count > 0) {
        match Flag::of(word) {
            // It is told of all days below.
            Some(Flag::Attention) => {}
            Some(flag) => facts.push(odd((words.flag)(flag), count.to_string())),
            None => facts.push(odd(&plain(word), count.to_string())),
        }
    }
    let unmatched = report.receipts.unmatched;
    if unmatched.count > 0 {
        let amount = Amount::new(unmatched.amount, report.currency);
        facts.push(odd(words.fits_no_sale, (words.report.pieces)(unmatched.count, amount)));
    }
    let count = report.attention.count;
    let (mark, ink) = if count == 0 { ("✓", Ink::Good) } else { ("!", Ink::Open) };
    facts.push(Fact { mark, ink, ..Fact::new(words.attention, (words.to_look_at)(count)) });
    facts
}

/// Returns the sales and receipts that a person must look at.
fn attention(report: &Report, style: Style) -> Vec<String> {
    let attention = &report.attention;
    let mut lines = Vec::new();
    if !attention.sales.is_empty() {
        lines.extend(sales(&attention.sales, style));
    }
    if !attention.receipts.is_empty() {
        lines.extend(receipts(&attention.receipts, style));
    }
    let told = u64::try_from(attention.sales.len() + attention.receipts.len()).unwrap_or(u64::MAX);
    if told < attention.count {
        lines.push((style.words().report.more)(attention.count - told));
    }
    lines
}
