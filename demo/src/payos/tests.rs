//! Calls the sandbox over HTTP as a shop does.

mod calls;
mod troubles;
mod webhooks;

use serde_json::{Value, json};

use super::{Json, Sandbox, signing};
use crate::http::{Answer, HttpError, Request};
use crate::sandbox::tests::LIMIT;

/// A shop with a channel at a sandbox of its own.
struct Shop {
    sandbox: Sandbox,
}

impl Shop {
    fn open() -> Self {
        Self { sandbox: Sandbox::start().expect("the sandbox starts") }
    }

    /// A properly signed create body for the order.
    fn order(&self, code: u64, amount: u64, description: &str) -> Value {
        let text = signing::create_text(
            &amount.to_string(),
            "https://shop.example/cancel",
            description,
            &code.to_string(),
            "https://shop.example/ok",
        );
        json!({
            "orderCode": code,
            "amount": amount,
            "description": description,
            "cancelUrl": "https://shop.example/cancel",
            "returnUrl": "https://shop.example/ok",
            "signature": signing::sign(&self.sandbox.credentials().checksum_key, &text),
        })
    }

    async fn send(&self, request: Request) -> Result<Answer, HttpError> {
        let keys = self.sandbox.credentials();
        request.header("x-client-id", &keys.client_id).header("x-api-key", &keys.api_key).send(LIMIT).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    async fn create(&self, body: &Value) -> Result<Answer, HttpError> {
        self.send(Request::post_json(self.url("/v2/payment-requests"), body.to_string())).await
    }

    async fn get(&self, id: &str) -> Result<Answer, HttpError> {
        self.send(Request::get(self.url(&format!("/v2/payment-requests/{id}")))).await
    }

    async fn cancel(&self, id: &str) -> Result<Answer, HttpError> {
        let body = json!({"cancellationReason": "khách đổi ý"}).to_string();
        self.send(Request::post_json(self.url(&format!("/v2/payment-requests/{id}/cancel")), body)).await
    }

    /// The `data` of a successful answer whose signature was checked.
    #[track_caller]
    fn data(&self, answer: Result<Answer, HttpError>) -> Value {
        let body = read(answer);
        assert_eq!(body["code"], "00", "{body}");
        assert!(self.is_signed(&body), "{body}");
        body["data"].clone()
    }

    fn is_signed(&self, body: &Value) -> bool {
        let Json::Object(data) = Json::from(&body["data"]) else {
            return false;
        };
        let key = self.sandbox.credentials().checksum_key;
        body["signature"] == signing::sign(&key, &signing::data_text(&data))
    }
}

/// The JSON of an answer with HTTP 200.
#[track_caller]
fn read(answer: Result<Answer, HttpError>) -> Value {
    let answer = answer.expect("the sandbox answers");
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).expect("the answer is JSON")
}

/// The code of an unsigned refusal with HTTP 200.
#[track_caller]
fn refusal(answer: Result<Answer, HttpError>) -> String {
    let body = read(answer);
    assert_eq!((&body["data"], &body["signature"]), (&Value::Null, &Value::Null), "{body}");
    body["code"].as_str().unwrap_or_default().to_owned()
}
