//! The sales and receipts of a day as CSV (RFC 4180), for spreadsheets and bookkeepers' programs: one line each, because
//! any sum can be made from them and none can be taken apart. It must not know how they are read.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use till_wire::{Flag, UnixTime};

use super::day::{Day, Record};
use crate::till::{Receipt, Sale};

/// The heading. Columns keep their names and places; new ones come at the end.
const HEADING: &str = "kind,id,time,state,flags,channel,currency,amount,paid_amount,refunded_amount,reference,note,\
                       finished_at,failure,order,provider_id,provider_refs,sale";

/// Lines that are being gathered.
#[derive(Default)]
pub(super) struct Ledger {
    lines: Vec<(UnixTime, Line)>,
}

/// The fields of a line behind its time, which depends on the time zone.
struct Line {
    kind: &'static str,
    id: String,
    finished_at: Option<UnixTime>,
    /// From `state` to `note`.
    middle: [String; 9],
    /// From `failure` to `sale`.
    end: [String; 5],
}

impl Ledger {
    pub(super) fn take(&mut self, record: Record<'_>, day: &Day) {
        match record {
            Record::Sale(sale) if day.has(sale.created_at) => self.lines.push((sale.created_at, of_sale(sale))),
            Record::Receipt(receipt) if day.has(receipt.received_at) => {
                self.lines.push((receipt.received_at, of_receipt(receipt)));
            }
            Record::Sale(_) | Record::Receipt(_) => {}
        }
    }

    /// Returns the whole text, oldest first. Times are those of the counter, with their offset.
    pub(super) fn text(mut self, zone: &TimeZone) -> String {
        self.lines.sort_by(|(at, line), (other_at, other)| at.cmp(other_at).then_with(|| line.id.cmp(&other.id)));
        let mut text = format!("{HEADING}\n");
        for (at, line) in &self.lines {
            let finished = line.finished_at.map(|at| local(at, zone)).unwrap_or_default();
            let before = [line.kind.to_owned(), line.id.clone(), local(*at, zone)];
            let fields = before.iter().chain(&line.middle).chain([&finished]).chain(&line.end);
            let fields: Vec<String> = fields.map(|field| quoted(field)).collect();
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{}", fields.join(","));
        }
        text
    }
}

fn of_sale(sale: &Sale) -> Line {
    let attempt = sale.attempts.last();
    let provider_id = attempt.and_then(|attempt| attempt.provider_id.as_ref()).map(|id| id.0.as_str());
    let references: Vec<&str> = sale.payments.iter().map(|payment| payment.reference.0.as_str()).collect();
    Line {
        kind: "sale",
        id: sale.id.to_string(),
        finished_at: sale.finished_at,
        middle: [
            sale.seen_state().to_string(),
            flags(&sale.seen_flags()),
            sale.channel.to_string(),
            sale.amount.currency().to_string(),
            sale.amount.value().to_string(),
            sale.paid_amount().to_string(),
            sale.refunded_amount().to_string(),
            harmless(sale.reference.as_deref()),
            harmless(sale.note.as_deref()),
        ],
        end: [
            sale.seen_failure().map(|failure| failure.code.to_string()).unwrap_or_default(),
            sale.order().to_string(),
            harmless(provider_id),
            harmless(Some(&references.join(" "))),
            String::new(),
        ],
    }
}

/// Money that was matched stands as paid at its sale, so that the column can be added up.
fn of_receipt(receipt: &Receipt) -> Line {
    let amount = receipt.amount.value();
    let (state, paid) = if receipt.sale.is_some() { ("matched", 0) } else { ("unmatched", amount) };
    let flags = flags(if receipt.attention { &[Flag::Attention] } else { &[] });
    Line {
        kind: "receipt",
        id: receipt.key.to_string(),
        finished_at: None,
        middle: [
            state.to_owned(),
            flags,
            receipt.channel.to_string(),
            receipt.amount.currency().to_string(),
            amount.to_string(),
            paid.to_string(),
            "0".to_owned(),
            String::new(),
            harmless(receipt.note.as_deref()),
        ],
        end: [
            String::new(),
            String::new(),
            harmless(Some(&receipt.provider_id.0)),
            harmless(Some(&receipt.reference.0)),
            receipt.sale.map(|sale| sale.to_string()).unwrap_or_default(),
        ],
    }
}

fn flags(flags: &[Flag]) -> String {
    flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(" ")
}

fn local(at: UnixTime, zone: &TimeZone) -> String {
    match Timestamp::from_second(at.secs()) {
        Ok(moment) => moment.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        Err(_) => at.to_string(),
    }
}

/// Returns text from outside as a spreadsheet may have it: on one line, and never a formula.
fn harmless(text: Option<&str>) -> String {
    let text: String = text.unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim_start().starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r', ';']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p11_text_from_outside_stays_in_its_field_and_is_no_formula() {
        let written = |text: &str| quoted(&harmless(Some(text)));
        assert_eq!(written("bàn 4"), "bàn 4");
        assert_eq!(written("a,\"b\"\r\nc"), "\"a,\"\"b\"\"  c\"");
        assert_eq!(written("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(written(" +1"), "' +1");
    }
}
