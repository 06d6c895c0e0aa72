//! The customer's phone: reads the display's picture as a camera does, and pays at the bank by what stands in the code.
//! It must not know anything else of the till.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Desk;
use super::line::{Party, What};
use crate::agree::chain;
use crate::eye;
use crate::payos::{Bill, PayError, Sandbox};
use crate::vietqr;

/// The bank behind the sandbox's account, as its customers know it.
const BANK: &str = "MB Bank";

/// What the phone shows after a scan.
#[derive(Debug, Serialize)]
pub(super) struct Scanned {
    /// The code's text.
    code: String,
    bank: String,
    account: String,
    name: String,
    amount: u64,
    /// What somebody pays who pays too little.
    less: u64,
    /// What has been paid for it before.
    paid: u64,
    purpose: String,
}

/// How the customer pays what was scanned.
#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    code: String,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Full,
    Less,
    /// What is missing after too little.
    Rest,
    Twice,
    /// Only when the display does not show the code any more.
    Late,
}

/// What the bank has done.
#[derive(Debug, Serialize)]
pub(super) struct Receipt {
    /// Each transfer's amount.
    transfers: Vec<u64>,
    /// What the order still misses.
    missing: u64,
}

type Refusal = (StatusCode, String);

/// Reads the code from the picture of the display; `null` when there is none that a bank can read.
pub(super) async fn scan(State(desk): State<Arc<Desk>>) -> Result<Json<Option<Scanned>>, Refusal> {
    let codes = codes_on_display(&desk).await;
    let scanned = codes.into_iter().find_map(|code| read(&desk.sandbox, code).ok());
    let (from, to) = (Party::Display, Party::Phone);
    match &scanned {
        Some(seen) => {
            let what = What::Scan { amount: seen.amount, account: seen.account.clone() };
            desk.board.tell(from, to, what, format!("VietQR · {}", seen.purpose));
        }
        None => desk.board.tell(from, to, What::ScanNothing, ""),
    }
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

fn read(sandbox: &Sandbox, code: String) -> Result<Scanned, PayError> {
    let Bill { order, amount } = sandbox.read_code(&code)?;
    let scanned = vietqr::scan(&code).map_err(PayError::Code)?;
    let account = sandbox.account();
    let bank = if scanned.bin == account.bin { BANK.to_owned() } else { scanned.bin };
    let paid = sandbox.order(order).map_or(0, |order| order.amount_paid());
    let purpose = scanned.purpose.unwrap_or_default();
    Ok(Scanned { code, bank, account: scanned.account, name: account.name, amount, less: less(amount), paid, purpose })
}

/// Four fifths, in whole thousands where that leaves anything.
fn less(amount: u64) -> u64 {
    let part = amount / 5 * 4;
    if part >= 1000 { part / 1000 * 1000 } else { amount.saturating_sub(1) }
}

/// Pays as the customer chose. Who pays late waits here until the display shows the code no more.
pub(super) async fn pay(State(desk): State<Arc<Desk>>, Json(payment): Json<Payment>) -> Result<Json<Receipt>, Refusal> {
    let bill = desk.sandbox.read_code(&payment.code).map_err(refused)?;
    let missing = || desk.sandbox.order(bill.order).map_or(0, |order| order.amount_remaining());
    let transfers = match payment.how {
        How::Full => vec![bill.amount],
        How::Less => vec![less(bill.amount)],
        How::Rest => vec![missing()],
        How::Twice => vec![bill.amount; 2],
        How::Late => {
            wait_until_gone(&desk, &payment.code).await;
            vec![bill.amount]
        }
    };
    for amount in &transfers {
        let reference = desk.sandbox.pay(bill.order, *amount).map_err(refused)?;
        desk.board.tell(Party::Phone, Party::Payos, What::Transfer { amount: *amount }, reference.as_str());
    }
    Ok(Json(Receipt { transfers, missing: missing() }))
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
