//! Calls the sandbox over HTTP as a shop does.

mod accounts;
mod authentication;
mod calls;
mod refusals;
mod troubles;
mod webhooks;

use serde_json::{Value, json};

use super::signing::{Signed, sign};
use super::{Bank, Habits, Moment, Sandbox};
use crate::http::{Answer, HttpError, Request};
use crate::sandbox::tests::LIMIT;

/// A shop with an account at a sandbox of its own.
struct Shop {
    sandbox: Sandbox,
    habits: Habits,
}

/// What a call's headers say.
struct Headers {
    client_id: String,
    timestamp: String,
    signature: String,
}

impl Shop {
    fn open() -> Self {
        Self::open_with(Habits::default())
    }

    fn open_with(habits: Habits) -> Self {
        let shop = Self { sandbox: Sandbox::start().expect("the sandbox starts"), habits };
        shop.sandbox.set_habits(habits);
        shop
    }

    fn open_at(bank: Bank) -> Self {
        Self { sandbox: Sandbox::start_at(bank).expect("the sandbox starts"), habits: Habits::default() }
    }

    /// The body of a create.
    fn order(&self, reference: &str, amount: u64) -> Value {
        json!({
            "items": [{"name": "Cà phê", "price": amount, "quantity": 1, "amount": amount}],
            "customer": {"name": "Khách lẻ"},
            "payment_method": "bank_transfer",
            "amount": amount,
            "description": "thanh toan",
            "reference_id": reference,
        })
    }

    /// Proper headers for a call now; `path` is without `/open`.
    fn headers(&self, method: &str, path: &str, body: &str) -> Headers {
        self.headers_at(Moment::now(0).secs().to_string(), method, path, body)
    }

    fn headers_at(&self, timestamp: String, method: &str, path: &str, body: &str) -> Headers {
        let keys = self.sandbox.credentials();
        let signed = Signed { method, path, body, timestamp: &timestamp };
        let signature = sign(self.habits.signature, &keys.secret, signed);
        Headers { client_id: keys.client_id, timestamp, signature }
    }

    async fn send(&self, request: Request, headers: Headers) -> Result<Answer, HttpError> {
        let request = request.header("x-client-id", &headers.client_id).header("x-timestamp", &headers.timestamp);
        request.header("x-signature", &headers.signature).send(LIMIT).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Answer, HttpError> {
        let body = body.to_string();
        let headers = self.headers("POST", path, &body);
        self.send(Request::post_json(self.url(path), body), headers).await
    }

    async fn create(&self, body: &Value) -> Result<Answer, HttpError> {
        self.post("/api/v1/payments", body).await
    }

    async fn get(&self, path: &str) -> Result<Answer, HttpError> {
        self.send(Request::get(self.url(path)), self.headers("GET", path, "")).await
    }

    /// The payment request of that name, as it is asked for by its id.
    async fn ask(&self, order: &str) -> Value {
        let id = self.sandbox.payment_request(order).map(|request| request.id.to_string()).unwrap_or_default();
        done(self.get(&format!("/api/v1/payments/{id}")).await)
    }

    /// Makes a payment request for a transfer and returns the answer's `data`.
    async fn make(&self, reference: &str, amount: u64) -> Value {
        made(self.create(&self.order(reference, amount)).await)
    }
}

/// The `data` of an answer with HTTP 200 and this code.
#[track_caller]
fn data(answer: Result<Answer, HttpError>, code: u64) -> Value {
    let answer = answer.expect("the sandbox answers");
    let body: Value = serde_json::from_slice(&answer.body).expect("the answer is JSON");
    assert_eq!((answer.status, &body["code"]), (200, &json!(code)), "{body}");
    assert!(body["message"]["content"].is_string() && body["request_id"].is_string(), "{body}");
    body["data"].clone()
}

#[track_caller]
fn made(answer: Result<Answer, HttpError>) -> Value {
    data(answer, 102_001)
}

#[track_caller]
fn done(answer: Result<Answer, HttpError>) -> Value {
    data(answer, 102_000)
}

/// The status and the code of a refusal.
#[track_caller]
fn refusal(answer: Result<Answer, HttpError>) -> (u16, u64) {
    let answer = answer.expect("the sandbox answers");
    let body: Value = serde_json::from_slice(&answer.body).expect("the answer is JSON");
    assert!(body["message"]["content"].is_string() && body.get("data").is_none(), "{body}");
    (answer.status, body["code"].as_u64().unwrap_or_default())
}
