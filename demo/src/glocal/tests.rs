//! Calls the sandbox over HTTP as a shop does.

mod calls;
mod customers;
mod troubles;
mod webhooks;

use serde_json::{Value, json};

use super::signing::{Lens, Pen};
use super::{Sandbox, Session, SessionId, Stage, keys};
use crate::http::{Answer, HttpError, Request};
use crate::sandbox::tests::LIMIT;

/// A shop with a project at a sandbox of its own.
pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
}

/// The body of a payment of 50 000 đồng.
fn order(reference: &str) -> Value {
    json!({
        "payment_details": {
            "type": "internet_banking",
            "internet_banking": { "type": "country_ewallet", "country_ewallet": { "country_iso2": "VN" } },
        },
        "amount_details": { "amount": 50_000, "currency": "VND" },
        "customer": { "reference": reference, "contacts": [{ "email": "quay@shop.example" }] },
        "participant_details": { "sender": { "full_name": "Khách lẻ", "document": "000000000000" } },
    })
}

impl Shop {
    fn open() -> Self {
        Self { sandbox: Sandbox::start().expect("the sandbox starts") }
    }

    /// A properly signed call.
    fn request(&self, path: &str, body: &str) -> Request {
        let keys = self.sandbox.credentials();
        let pen = Pen::new(&keys.private_key).expect("the shop's key is sound");
        Request::post_json(format!("{}/api/{path}", self.sandbox.base_url()), body)
            .header("X-PARTNER-PROJECT", &keys.project)
            .header("X-PARTNER-SIGN", &pen.sign(body.as_bytes()))
    }

    async fn call(&self, path: &str, body: &Value) -> Result<Answer, HttpError> {
        self.request(path, &body.to_string()).send(LIMIT).await
    }

    /// The session of a successful answer whose signature was checked.
    async fn session(&self, path: &str, body: &Value) -> Value {
        let answer = self.call(path, body).await.expect("the sandbox answers");
        assert!(self.is_signed(&answer), "{}", answer.text());
        let body = read(&answer);
        assert_eq!((answer.status, &body["status"]), (200, &json!("ok")), "{body}");
        body["session"].clone()
    }

    /// The code of a signed refusal with HTTP 200.
    async fn refusal(&self, path: &str, body: &Value) -> String {
        let answer = self.call(path, body).await.expect("the sandbox answers");
        assert!(self.is_signed(&answer), "{}", answer.text());
        let body = read(&answer);
        assert_eq!((answer.status, &body["status"]), (200, &json!("error")), "{body}");
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    async fn create(&self) -> SessionId {
        id_of(&self.session("v1/session/create", &json!({})).await)
    }

    async fn start(&self, id: SessionId, reference: &str) -> Value {
        let mut body = order(reference);
        body["session_id"] = id.to_string().into();
        self.session("v1/session/start/payment", &body).await
    }

    async fn confirm(&self, id: SessionId) -> Value {
        self.session("v1/session/confirm", &named(id)).await
    }

    async fn cancel(&self, id: SessionId) -> Value {
        self.session("v1/session/cancel", &named(id)).await
    }

    async fn status(&self, id: SessionId) -> Value {
        self.session("v1/session/status", &named(id)).await
    }

    /// A session that waits for its customer.
    pub(crate) async fn acting(&self, reference: &str) -> SessionId {
        let id = self.create().await;
        self.start(id, reference).await;
        self.confirm(id).await;
        id
    }

    /// A confirmation that is refused: there was one before.
    pub(crate) async fn confirm_again(&self, id: SessionId) {
        self.refusal("v1/session/confirm", &named(id)).await;
    }

    fn seen(&self, id: SessionId) -> Session {
        self.sandbox.session(id).expect("the session was made")
    }

    fn stage(&self, id: SessionId) -> Stage {
        self.seen(id).stage
    }

    fn is_signed(&self, answer: &Answer) -> bool {
        let lens = Lens::new(&self.sandbox.credentials().webhook_public_key).expect("the key is sound");
        answer.header("x-partner-sign").is_some_and(|signature| lens.is_right(&answer.body, signature))
    }
}

fn named(id: SessionId) -> Value {
    json!({ "session_id": id.to_string() })
}

fn id_of(session: &Value) -> SessionId {
    session["id"].as_str().and_then(SessionId::from_text).expect("a session has an id")
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).expect("the answer is JSON")
}

/// The one payment of a session as an answer shows it.
fn payment(session: &Value) -> &Value {
    &session["acquiring_payments"][0]
}

#[test]
fn the_keys_of_both_sides_are_pairs() {
    for (private, public) in [(keys::MERCHANT, keys::MERCHANT_PUBLIC), (keys::SMART_GLOCAL, keys::SMART_GLOCAL_PUBLIC)]
    {
        let (pen, lens) = (Pen::new(private).expect("sound"), Lens::new(public).expect("sound"));
        assert!(lens.is_right(b"x", &pen.sign(b"x")));
    }
}
