//! What is owed to others, under each other. It must not know how it is paid off.

use super::super::queue::{Entry, Queue};
use super::super::style::Style;
use super::super::table::{Cell, Row, Table};
use super::super::text::plain;
use super::super::words::Words;
use super::status::span;

/// Returns what is owed, or that there is nothing.
pub(in crate::cli) fn queue(queue: &Queue, style: Style) -> Vec<String> {
    let words = style.words();
    if queue.entries.is_empty() {
        return vec![words.queue.nothing.to_owned()];
    }
    let rows = queue.entries.iter().map(|entry| row(entry, words)).collect();
    let heads = vec![words.queue.what, words.queue.to, words.queue.age, words.queue.about];
    let mut lines = Table { heads, least: Vec::new(), rows }.lines(style);
    let told = u64::try_from(queue.entries.len()).unwrap_or(u64::MAX);
    if told < queue.count {
        lines.push((words.report.more)(queue.count - told));
    }
    if let (Some(bytes), Some(most)) = (queue.bytes, queue.max_bytes) {
        lines.push((words.queue.size)(bytes.div_ceil(1024), most / 1024));
    }
    lines
}

fn row(entry: &Entry, words: &Words) -> Row {
    let to = if entry.destination == "broker" { words.broker.to_owned() } else { plain(&entry.destination) };
    let age = entry.age_s.map_or_else(|| "?".to_owned(), |age| span(age, words));
    let sale = entry.sale.map(|sale| sale.to_string());
    // The order of a first attempt is the sale's own id.
    let order = entry.order.map(|order| order.to_string()).filter(|order| Some(order) != sale.as_ref());
    let receipt = entry.receipt.map(|receipt| receipt.to_string());
    let tries = entry.tries.map(words.queue.tries);
    let about: Vec<String> = [sale, order, receipt, tries].into_iter().flatten().collect();
    let what = (words.queue.kind)(&entry.kind).map_or_else(|| plain(&entry.kind), str::to_owned);
    Row { cells: vec![Cell::left(what), Cell::left(to), Cell::right(age)], more: about.join(" ") }
}
