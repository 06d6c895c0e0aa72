//! Finan's webhooks as they come through the bridge: only Finan's own signature over method, public path, raw body and time
//! proves anything.

use std::collections::BTreeMap;

use till_wire::Envelope;
use till_wire::finan::{FinanSignature, Signed};
use till_wire::provider::WebhookError;

use super::finan::{finan_at, finan_channel};
use super::*;
use crate::till::{Notice, Said, Transfer, TransferRef};

const PATH: &str = "/hooks/finan?shop=7";
const TIME: &str = "1795143845";

fn body() -> String {
    json!({
        "id": "PAY-1", "reference_id": "0001017-029727122", "payment_method": "bank_transfer",
        "payment_request_id": "PR-3fde043e", "amount": 50_000, "created_at": "2026-11-20T03:05:00Z",
    })
    .to_string()
}

fn signature(path: &str, body: &str, timestamp: &str) -> String {
    let signed = Signed { method: "POST", path, payload: body.as_bytes(), timestamp };
    FinanSignature::Sha256Concat.sign(KEY.as_bytes(), &signed)
}

fn envelope(path: &str, headers: [(&str, &str); 3], body: &str) -> Envelope {
    let headers: BTreeMap<_, _> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let (method, path) = ("POST".to_owned(), path.to_owned());
    Envelope::new(finan_channel(), "finan".to_owned(), NOW, method, path, headers, body.to_owned())
}

fn verify(envelope: &Envelope) -> Result<Notice, Unproven> {
    finan_at("http://127.0.0.1:1", "", || Now { tick: Tick(5_000_000), wall: NOW }).verify(envelope)
}

fn transfer() -> Notice {
    Notice {
        channel: finan_channel(),
        order: Some(order()),
        purpose: None,
        provider_id: ProviderId("3fde043e".to_owned()),
        said: Said::Transfer(Transfer {
            reference: TransferRef("PAY-1".to_owned()),
            amount: Amount::vnd(50_000),
            transacted_at: Some(UnixTime::from_secs(1_795_143_900)),
        }),
        note: None,
    }
}

#[test]
fn p1_a_signed_webhook_is_a_payment_however_old_it_is() {
    for time in [TIME, "1795140000", "1"] {
        let signature = signature(PATH, &body(), time);
        let headers = [("x-client-id", "the-client-id"), ("x-timestamp", time), ("x-signature", &signature)];
        assert_eq!(verify(&envelope(PATH, headers, &body())), Ok(transfer()));
    }
}

#[test]
fn p1_whatever_the_bridge_writes_around_it_must_be_what_finan_signed() {
    let genuine = signature(PATH, &body(), TIME);
    let wrong = Err(Unproven::Webhook { channel: finan_channel(), source: WebhookError::WrongSignature });
    let more = body().replace("50000", "500000");
    for (path, client, time, signature, body) in [
        ("/hooks/finan", "the-client-id", TIME, genuine.as_str(), &body()),
        (PATH, "another-client", TIME, &genuine, &body()),
        (PATH, "the-client-id", "1795143846", &genuine, &body()),
        (PATH, "the-client-id", "1795143845 ", &genuine, &body()),
        (PATH, "the-client-id", TIME, &genuine.to_uppercase(), &body()),
        (PATH, "the-client-id", TIME, &genuine, &more),
        (PATH, "the-client-id", TIME, &signature(PATH, &more, TIME), &body()),
    ] {
        let headers = [("x-client-id", client), ("x-timestamp", time), ("x-signature", signature)];
        assert_eq!(verify(&envelope(path, headers, body)), wrong, "{path} {client} {time} {body}");
    }
    let unsigned = Err(Unproven::Webhook { channel: finan_channel(), source: WebhookError::NotSigned });
    let headers = [("x-client-id", "the-client-id"), ("x-timestamp", TIME), ("x-other", &genuine)];
    assert_eq!(verify(&envelope(PATH, headers, &body())), unsigned);
}

#[test]
fn p4_money_that_nobody_asked_for_is_told_without_an_order() {
    let unasked = json!({ "id": "PAY-2", "amount": 35_000, "reference_id": "cam on" }).to_string();
    let signature = signature(PATH, &unasked, TIME);
    let headers = [("x-client-id", "the-client-id"), ("x-timestamp", TIME), ("x-signature", &signature)];
    let said = Said::Transfer(Transfer {
        reference: TransferRef("PAY-2".to_owned()),
        amount: Amount::vnd(35_000),
        transacted_at: None,
    });
    let expected = Notice {
        order: None,
        provider_id: ProviderId(String::new()),
        said,
        note: Some("cam on".to_owned()),
        ..transfer()
    };
    assert_eq!(verify(&envelope(PATH, headers, &unasked)), Ok(expected));
}
