//! Money without a sale: listing it, and saying which sale it is for. It must not know what the terminal makes of that.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use serde_json::json;
use till_settings::first_line;
use till_wire::{Receipt, ReceiptKey, Sale};

use super::World;
use super::client::Client;
use super::fault::Fault;
use super::pick::{SaleName, pick};
use super::typing::WhichPin;
use super::verbs::{Output, print_json, print_lines};
use super::wording;
use super::words::Attempt;
use crate::pin;

/// The newest 200: those are all that the terminal lists.
const ALL: &str = "/v1/receipts?limit=200";
const UNMATCHED: &str = "/v1/receipts?matched=false&limit=200";

/// A receipt as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReceiptName {
    Whole(ReceiptKey),
    /// One hexadecimal digit or more, in lower case.
    FirstDigits(String),
}

impl FromStr for ReceiptName {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let digits = typed.to_ascii_lowercase();
        if let Ok(key) = digits.parse() {
            return Ok(Self::Whole(key));
        }
        if (1..32).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::FirstDigits(digits));
        }
        Err("a receipt is named by its key of 32 hexadecimal digits, or by the first digits of it".into())
    }
}

/// What is to be matched with what.
pub(super) struct Wish {
    pub(super) receipt: ReceiptName,
    pub(super) sale: SaleName,
    pub(super) pin_file: Option<PathBuf>,
}

/// Lists receipts, newest first.
pub(super) async fn list(unmatched: bool, client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    let answer = client.get(Attempt::Receipts, if unmatched { UNMATCHED } else { ALL }).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let page: Page = client.read_as(Attempt::Receipts, &answer)?;
    if page.receipts.is_empty() {
        return Ok(writeln!(world.out, "{}", client.words.no_receipts)?);
    }
    print_lines(&wording::receipts(&page.receipts, world.style), world)
}

/// Counts a receipt's money for a sale, once the supervisor's PIN has been typed or read.
pub(super) async fn match_to_sale(
    wish: Wish,
    client: &Client,
    world: &mut World<'_>,
    output: Output,
) -> Result<(), Fault> {
    let receipt = find(client, wish.receipt).await?;
    let sale = pick(client, wish.sale).await?;
    let pin = read_pin(wish.pin_file.as_deref(), world)?;
    let attempt = Attempt::Match(receipt, sale);
    let body = json!({ "sale": sale, "pin": pin }).to_string();
    let answer = client.post(attempt, &format!("/v1/receipts/{receipt}/match"), body).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let sale: Sale = client.read_as(attempt, &answer)?;
    print_lines(&wording::sale(&sale, world.style), world)
}

/// Receipts as the terminal lists them.
#[derive(Deserialize)]
struct Page {
    receipts: Vec<Receipt>,
}

async fn find(client: &Client, name: ReceiptName) -> Result<ReceiptKey, Fault> {
    let digits = match name {
        ReceiptName::Whole(key) => return Ok(key),
        ReceiptName::FirstDigits(digits) => digits,
    };
    let attempt = Attempt::FindReceipt(&digits);
    let answer = client.get(attempt, ALL).await?;
    let page: Page = client.read_as(attempt, &answer)?;
    let mut found = page.receipts.iter().map(|receipt| receipt.key).filter(|key| key.to_string().starts_with(&digits));
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key),
        (Some(one), Some(other)) => {
            let why = (client.words.several)(&one.to_string(), &other.to_string());
            Err(Fault::Usage(client.words.cannot(attempt, &why)))
        }
        (None, _) => Err(Fault::Failed(client.words.cannot(attempt, client.words.no_such_receipt))),
    }
}

/// Returns the supervisor's PIN as it is typed, or as the first line of a file.
pub(super) fn read_pin(file: Option<&Path>, world: &mut World<'_>) -> Result<String, Fault> {
    let (words, language) = (world.style.words(), world.style.language);
    let (attempt, read) = match file {
        Some(file) => (Attempt::ReadPinFile(file), read_line(file, language)),
        None => (Attempt::ReadPin, (world.typed_pin)(language, WhichPin::Supervisors)),
    };
    let typed = read.map_err(|error| Fault::Failed(words.cannot(attempt, &(words.system)(&error))))?;
    if pin::is_pin(&typed) {
        return Ok(typed);
    }
    // It cannot be the supervisor's, so none of his five tries is spent on it.
    let (least, most) = (*pin::PIN_LENGTH.start(), *pin::PIN_LENGTH.end());
    Err(Fault::Usage((words.pin_length)(least, most)))
}

fn read_line(file: &Path, language: super::Language) -> io::Result<String> {
    first_line(&mut BufReader::new(File::open(file)?), language.words().nothing_typed)
}
