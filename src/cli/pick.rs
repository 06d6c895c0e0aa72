//! Which sale is meant by what was typed: its id, its last digits, or nothing for the newest. It must not know what is
//! done with it.

use std::str::FromStr;

use serde::Deserialize;
use till_wire::{Sale, SaleId};

use super::client::Client;
use super::fault::Fault;
use super::words::Attempt;

/// How many pages of sales are searched for last digits: the newest 10 000 sales.
const PAGES: usize = 50;

/// A sale as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SaleName {
    Whole(SaleId),
    /// One digit or more, without the hyphen.
    LastDigits(String),
}

impl FromStr for SaleName {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        if let Ok(id) = typed.parse() {
            return Ok(Self::Whole(id));
        }
        let digits = typed.replacen('-', "", 1);
        if (1..=16).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::LastDigits(digits));
        }
        Err("a sale is named by its id, such as 0001017-029727122, or by the last digits of it".into())
    }
}

/// A page of sales.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) sales: Vec<Sale>,
    next: Option<SaleId>,
}

/// Returns the id of the sale that is meant.
pub(super) async fn pick(client: &Client, name: SaleName) -> Result<SaleId, Fault> {
    match name {
        SaleName::Whole(id) => Ok(id),
        SaleName::LastDigits(digits) => search(client, &digits).await,
    }
}

/// Returns the id of the newest sale.
pub(super) async fn newest(client: &Client) -> Result<SaleId, Fault> {
    const ATTEMPT: Attempt<'_> = Attempt::FindNewest;
    let answer = client.get(ATTEMPT, "/v1/sales?limit=1").await?;
    let page: Page = client.read_as(ATTEMPT, &answer)?;
    let newest = page.sales.first().map(|sale| sale.id);
    newest.ok_or_else(|| Fault::Failed(client.words.no_sale_yet.to_owned()))
}

async fn search(client: &Client, digits: &str) -> Result<SaleId, Fault> {
    let attempt = Attempt::Find(digits);
    let mut found: Option<SaleId> = None;
    let mut path = "/v1/sales?limit=200".to_owned();
    for _ in 0..PAGES {
        let answer = client.get(attempt, &path).await?;
        let page: Page = client.read_as(attempt, &answer)?;
        let ids = page.sales.iter().map(|sale| sale.id);
        for id in ids.filter(|id| id.to_string().replace('-', "").ends_with(digits)) {
            if let Some(other) = found.filter(|other| *other != id) {
                return Err(Fault::Usage(
                    client.words.cannot(attempt, &(client.words.several)(&other.to_string(), &id.to_string())),
                ));
            }
            found = Some(id);
        }
        match page.next {
            Some(next) => path = format!("/v1/sales?limit=200&cursor={next}"),
            None => break,
        }
    }
    found.ok_or_else(|| Fault::Failed(client.words.cannot(attempt, client.words.none_found)))
}
