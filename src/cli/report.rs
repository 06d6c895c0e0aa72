//! What a day comes to: for a person, a program or a spreadsheet. It must not reckon anything itself.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use till_wire::money::Currency;
use till_wire::{ChannelId, Receipt, Sale, SaleState};

use super::World;
use super::client::Client;
use super::fault::Fault;
use super::verbs::{print_json, print_lines};
use super::wording;
use super::words::Attempt;

/// For whom a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For a person.
    Words,
    /// The API's JSON.
    Json,
    /// One line for each sale and receipt.
    Csv,
}

/// A day as the terminal reckons it.
#[derive(Deserialize)]
pub(super) struct Report {
    pub(super) day: String,
    pub(super) currency: Currency,
    pub(super) complete: bool,
    pub(super) sales: SalesOfDay,
    pub(super) received: Vec<Received>,
    pub(super) receipts: ReceiptsOfDay,
    pub(super) attention: Attention,
}

#[derive(Deserialize)]
pub(super) struct SalesOfDay {
    pub(super) count: u64,
    pub(super) amount: u64,
    pub(super) paid_amount: u64,
    pub(super) open: u64,
    /// By the flag's word: a newer terminal may know more of them.
    pub(super) flags: BTreeMap<String, u64>,
    pub(super) by: Vec<SalesLine>,
}

#[derive(Deserialize)]
pub(super) struct SalesLine {
    pub(super) channel: ChannelId,
    pub(super) state: SaleState,
    pub(super) count: u64,
    pub(super) amount: u64,
    pub(super) paid_amount: u64,
}

#[derive(Deserialize)]
pub(super) struct Received {
    pub(super) channel: ChannelId,
    pub(super) amount: u64,
    pub(super) payments: Pieces,
    pub(super) receipts: Pieces,
    pub(super) refunds: Pieces,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) struct Pieces {
    pub(super) count: u64,
    pub(super) amount: u64,
}

#[derive(Deserialize)]
pub(super) struct ReceiptsOfDay {
    pub(super) unmatched: Pieces,
}

#[derive(Deserialize)]
pub(super) struct Attention {
    pub(super) count: u64,
    pub(super) sales: Vec<Sale>,
    pub(super) receipts: Vec<Receipt>,
}

/// Reads a day such as `2026-11-29`.
pub(super) fn day(typed: &str) -> Result<Date, String> {
    let shape = typed.bytes().map(|byte| if byte.is_ascii_digit() { b'd' } else { byte });
    let date = Some(typed).filter(|_| shape.eq(*b"dddd-dd-dd")).and_then(|typed| typed.parse().ok());
    date.ok_or_else(|| "expected a day such as 2026-11-29".to_owned())
}

/// Tells what a day comes to; today, when none is named.
pub(super) async fn report(day: Option<Date>, form: Form, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let day = day.map(|day| format!("?day={day}")).unwrap_or_default();
    let path = match form {
        Form::Words | Form::Json => format!("/v1/report{day}"),
        Form::Csv => format!("/v1/report.csv{day}"),
    };
    let answer = client.get(Attempt::Report, &path).await?;
    match form {
        Form::Json => print_json(&answer.body, world),
        Form::Csv => Ok(world.out.write_all(&answer.body)?),
        Form::Words => {
            let report: Report = client.read_as(Attempt::Report, &answer)?;
            print_lines(&wording::report(&report, world.style), world)
        }
    }
}
