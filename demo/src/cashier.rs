//! The cashier: sells through the till's HTTP API as any cash-register program does, and reads only the fields that it
//! needs. It must not know payOS or the till's inside.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::http::{Answer, HttpError, Request};

/// The till answers at once; what it has to wait for, it tells later.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection to one till's API.
#[derive(Clone, Debug)]
pub struct Cashier {
    base: String,
}

/// A sale as the till tells it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Sale {
    /// `TTTTTTT-SSSSSSSSS`.
    pub id: String,
    /// E.g. `showing`.
    pub state: String,
    /// In đồng.
    pub amount: u64,
    /// In đồng.
    pub paid_amount: u64,
    /// E.g. `underpaid`.
    pub flags: Vec<String>,
    /// The reference that the provider heard of last.
    pub order: String,
    /// The text of the code, once there is one.
    pub qr: Option<String>,
    /// What it waits for while it has no code, e.g. `network`.
    pub waiting_for: Option<String>,
    /// Why it ended unpaid.
    pub failure: Option<Failure>,
    /// The money that arrived.
    pub payments: Vec<Payment>,
}

/// Why a sale ended unpaid.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Failure {
    /// E.g. `provider_refused`.
    pub code: String,
    /// For people.
    pub message: String,
}

/// Money that arrived for a sale.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Payment {
    /// The transfer's number at the bank.
    pub provider_ref: String,
    /// In đồng.
    pub amount: u64,
    /// The road by which the till heard of it: `webhook`, `poll` or `match`.
    pub via: String,
}

/// Why a call did not succeed.
#[derive(Debug, Error)]
pub enum CallError {
    /// The till could not be reached.
    #[error("the till does not answer")]
    Http(#[source] HttpError),
    /// The till refused.
    #[error("the till refuses with {status}: {problem}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The title and detail of its problem report, or its whole body.
        problem: String,
    },
    /// The answer is not what the contract promises.
    #[error("the till's answer cannot be read: `{body}`")]
    Answer {
        /// The answer's body.
        body: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl Sale {
    /// Whether this sale will not ask for money any more.
    pub fn has_ended(&self) -> bool {
        ["paid", "cancelled", "expired", "failed"].contains(&self.state.as_str())
    }
}

impl Cashier {
    /// Speaks to the till whose API listens there.
    pub fn at(api: SocketAddr) -> Self {
        Self { base: format!("http://{api}") }
    }

    /// Types an amount of đồng in.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn sell(&self, amount: u64) -> Result<Sale, CallError> {
        let key = format!("demo-{:016x}", fastrand::u64(..));
        let body = json!({ "amount": amount }).to_string();
        let request = Request::post_json(self.url("/v1/sales"), body).header("Idempotency-Key", &key);
        read(send(request).await?)
    }

    /// Asks how a sale stands.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn sale(&self, id: &str) -> Result<Sale, CallError> {
        read(send(Request::get(self.url(&format!("/v1/sales/{id}")))).await?)
    }

    /// Whether the till's link to the broker is up.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn broker_is_up(&self) -> Result<bool, CallError> {
        let status: Value = read(send(Request::get(self.url("/v1/status"))).await?)?;
        Ok(status["links"]["broker"]["up"] == true)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

async fn send(request: Request) -> Result<Answer, CallError> {
    let answer = request.send(PATIENCE).await.map_err(CallError::Http)?;
    if answer.is_success() {
        return Ok(answer);
    }
    let text = answer.text();
    Err(CallError::Refused { status: answer.status, problem: problem(&text).unwrap_or(text) })
}

/// What a problem report says to people (RFC 9457).
fn problem(body: &str) -> Option<String> {
    let report: Value = serde_json::from_str(body).ok()?;
    let title = report["title"].as_str()?;
    match report["detail"].as_str() {
        Some(detail) => Some(format!("{title}: {detail}")),
        None => Some(title.to_owned()),
    }
}

fn read<T: for<'a> Deserialize<'a>>(answer: Answer) -> Result<T, CallError> {
    serde_json::from_slice(&answer.body).map_err(|source| CallError::Answer { body: answer.text(), source })
}
