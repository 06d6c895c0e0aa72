//! The customer's phone: reads the display's picture as a camera does, and pays at the bank or with the wallet by what
//! stands in the code. It must not know anything else of the till.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Desk;
use super::line::{Party, What};
use crate::agree::chain;
use crate::customer::{Bill, Order, PayError};
use crate::eye;
use crate::providers::{ProviderName, Providers};
use crate::vietqr::{self, BankAccount};

/// The bank of both accounts, as its customers know it.
const BANK: (&str, &str) = ("970422", "MB Bank");
/// No transfer carries more, in đồng.
const MOST: u64 = 499_999_999;

/// What the phone shows after a scan.
#[derive(Debug, Serialize)]
pub(super) struct Scanned {
    /// The code's text.
    code: String,
    /// Whose order it is.
    provider: ProviderName,
    /// Where the money goes by bank transfer; nothing on a wallet's page.
    transfer: Option<Transfer>,
    /// Nothing when the customer types it.
    amount: Option<u64>,
    /// What somebody pays who pays too little.
    less: u64,
    /// What has been paid for it before.
    paid: u64,
    /// What the customer can do.
    ways: Vec<How>,
}

/// What a bank's app shows of a code.
#[derive(Debug, Serialize)]
struct Transfer {
    bank: String,
    account: String,
    name: String,
    purpose: String,
}

/// How the customer pays what was scanned.
#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    code: String,
    how: How,
    /// What the customer typed.
    amount: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Full,
    Less,
    /// What is missing after too little.
    Rest,
    Twice,
    /// Only when the display does not show the code any more.
    Late,
    /// As much as was typed.
    Typed,
    /// The wallet cannot pay.
    Fail,
    /// The shop gives the money back.
    Refund,
}

/// What the bank or the wallet has done.
#[derive(Debug, Serialize)]
pub(super) struct Receipt {
    /// Which of it.
    how: How,
    /// Each transfer's amount.
    transfers: Vec<u64>,
    /// What the order still misses.
    missing: u64,
    /// Whether the shop can give it back.
    refundable: bool,
}

type Refusal = (StatusCode, String);

/// Reads the code from the picture of the display; `null` when there is none that a bank or a wallet can read.
pub(super) async fn scan(State(desk): State<Arc<Desk>>) -> Result<Json<Option<Scanned>>, Refusal> {
    let codes = codes_on_display(&desk).await;
    let scanned = codes.into_iter().find_map(|code| read(&desk.providers, code).ok());
    let (what, detail) = match &scanned {
        Some(Scanned { transfer: Some(seen), amount, .. }) => {
            (What::Scan { amount: *amount, account: seen.account.clone() }, format!("VietQR {}", seen.purpose))
        }
        Some(Scanned { transfer: None, code, amount, .. }) => {
            (What::ScanPage { amount: amount.unwrap_or(0) }, code.clone())
        }
        None => (What::ScanNothing, String::new()),
    };
    desk.board.tell(Party::Display, Party::Phone, what, detail);
    Ok(Json(scanned))
}

/// The texts of all codes in the display's picture, by a decoder that is not the till's.
async fn codes_on_display(desk: &Desk) -> Vec<String> {
    let picture = desk.board.picture();
    let look = tokio::task::spawn_blocking(move || {
        let sight = eye::look(&picture).ok();
        sight.map(|sight| sight.codes.into_iter().map(|code| code.text).collect()).unwrap_or_default()
    });
    look.await.unwrap_or_default()
}

fn read(providers: &Providers, code: String) -> Result<Scanned, PayError> {
    let bill = providers.read_code(&code)?;
    let transfer = match &bill.order {
        Order::Payos(_) => Some(transfer(&code, providers.payos.account())?),
        Order::Finan(_) | Order::Account(_) => Some(transfer(&code, providers.finan.account().details)?),
        Order::SmartGlocal(_) => None,
    };
    let ways = ways(&bill);
    let less = bill.amount.map_or(0, less);
    let paid = providers.paid(&bill.order);
    Ok(Scanned { code, provider: bill.order.provider(), transfer, amount: bill.amount, less, paid, ways })
}

fn transfer(code: &str, known: BankAccount) -> Result<Transfer, PayError> {
    let scanned = vietqr::scan(code).map_err(PayError::Code)?;
    let bank = if scanned.bin == BANK.0 { BANK.1.to_owned() } else { scanned.bin };
    Ok(Transfer { bank, account: scanned.account, name: known.name, purpose: scanned.purpose.unwrap_or_default() })
}

/// A transfer can be of any amount and come at any time; a wallet's page takes its one amount or does not.
fn ways(bill: &Bill) -> Vec<How> {
    match (&bill.order, bill.amount) {
        (Order::SmartGlocal(_), _) => vec![How::Full, How::Fail],
        (Order::Payos(_) | Order::Finan(_), Some(_)) => {
            vec![How::Full, How::Less, How::Rest, How::Twice, How::Late]
        }
        (Order::Account(_), Some(_)) => vec![How::Full],
        (Order::Payos(_) | Order::Finan(_) | Order::Account(_), None) => vec![How::Typed],
    }
}

/// Four fifths, in whole thousands where that leaves anything.
fn less(amount: u64) -> u64 {
    let part = amount / 5 * 4;
    if part >= 1000 { part / 1000 * 1000 } else { amount.saturating_sub(1) }
}

/// Pays as the customer chose. Who pays late waits here until the display shows the code no more.
pub(super) async fn pay(State(desk): State<Arc<Desk>>, Json(payment): Json<Payment>) -> Result<Json<Receipt>, Refusal> {
    let bill = desk.providers.read_code(&payment.code).map_err(refused)?;
    let provider = bill.order.provider();
    let asked = bill.amount.unwrap_or(0);
    let missing = || asked.saturating_sub(desk.providers.paid(&bill.order));
    let transfers = match payment.how {
        How::Full => vec![asked],
        How::Less => vec![less(asked)],
        How::Rest => vec![missing()],
        How::Twice => vec![asked; 2],
        How::Typed => vec![payment.amount.unwrap_or(0).min(MOST)],
        How::Late => {
            wait_until_gone(&desk, &payment.code).await;
            vec![asked]
        }
        How::Fail => {
            desk.providers.fail(&bill).map_err(refused)?;
            desk.board.tell(Party::Phone, Party::of(provider), What::Decline, "");
            Vec::new()
        }
        How::Refund => {
            let amount = desk.providers.refund(&bill).map_err(refused)?;
            desk.board.tell(Party::You, Party::of(provider), What::Refund { amount }, "");
            return Ok(Json(Receipt { how: How::Refund, transfers: vec![amount], missing: 0, refundable: false }));
        }
    };
    for amount in &transfers {
        let paid = desk.providers.pay(&bill, *amount).map_err(refused)?;
        let what = What::Transfer { amount: *amount };
        desk.board.tell(Party::Phone, Party::of(provider), what, desk.providers.name(&paid));
    }
    let refundable = provider == ProviderName::SmartGlocal && !transfers.is_empty();
    Ok(Json(Receipt { how: payment.how, transfers, missing: missing(), refundable }))
}

fn refused(error: PayError) -> Refusal {
    (StatusCode::UNPROCESSABLE_ENTITY, format!("{}\n", chain(&error)))
}

async fn wait_until_gone(desk: &Desk, code: &str) {
    let mut changes = desk.board.changes();
    let mut seen = None;
    loop {
        let screen = desk.board.since(u64::MAX).0.screen;
        if seen != Some(screen) && !codes_on_display(desk).await.iter().any(|shown| shown == code) {
            return;
        }
        seen = Some(screen);
        if changes.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::less;

    #[test]
    fn too_little_is_less_and_round_where_it_can_be() {
        let cases = [(50_000, 40_000), (120_000, 96_000), (1_234_567, 987_000), (1250, 1000), (1249, 1248), (1, 0)];
        for (amount, want) in cases {
            assert_eq!(less(amount), want, "{amount}");
        }
    }
}
