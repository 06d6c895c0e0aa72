//! Webhooks: only the provider's own signature over the raw body proves anything.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use till_wire::provider::WebhookError;
use till_wire::{Amount, Envelope};

use super::*;
use crate::till::{Notice, Said, Transfer, TransferRef};

fn data() -> Value {
    json!({
        "orderCode": order().payos_code(),
        "amount": 50_000,
        "description": "CSXYZ 029727122",
        "accountNumber": "113366668888",
        "reference": "TF230204212323",
        "transactionDateTime": "2026-11-20 10:05:00",
        "currency": "VND",
        "paymentLinkId": LINK,
        "code": "00",
        "desc": "success",
    })
}

fn envelope(channel: &str, provider: &str, body: String) -> Envelope {
    let channel = ChannelId::new(channel).expect("a channel id");
    let (method, path) = ("POST".to_owned(), "/hooks/payos".to_owned());
    Envelope::new(channel, provider.to_owned(), NOW, method, path, BTreeMap::new(), body)
}

fn verify(envelope: &Envelope) -> Result<Notice, Unproven> {
    providers("http://127.0.0.1:1", "").expect("usable settings").verify(envelope)
}

fn check(body: String, expected: Result<Notice, Unproven>) {
    assert_eq!(verify(&envelope("payos", "payos", body.clone())), expected, "{body}");
}

fn transfer() -> Notice {
    Notice {
        channel: channel(),
        order: Some(order()),
        purpose: None,
        provider_id: ProviderId(LINK.to_owned()),
        said: Said::Transfer(Transfer {
            reference: TransferRef("TF230204212323".to_owned()),
            amount: Amount::vnd(50_000),
            transacted_at: Some(UnixTime::from_secs(1_795_143_900)),
        }),
        note: Some("CSXYZ 029727122".to_owned()),
    }
}

#[test]
fn p1_a_signed_webhook_is_a_transfer() {
    check(signed(&data()), Ok(transfer()));
}

#[test]
fn p1_whatever_payos_has_not_signed_proves_nothing() {
    let unproven = |source| Err(Unproven::Webhook { channel: channel(), source });
    let mut forged: Value = serde_json::from_str(&signed(&data())).expect("a JSON body");
    forged["data"]["amount"] = json!(50_001);
    check(forged.to_string(), unproven(WebhookError::WrongSignature));
    forged["signature"] = Value::Null;
    check(forged.to_string(), unproven(WebhookError::NotSigned));
    check("{}".to_owned(), unproven(WebhookError::Missing { field: "data" }));
}

#[test]
fn p12_the_bridge_s_word_for_the_channel_is_checked() {
    let unknown = ChannelId::new("other").expect("a channel id");
    let expected = Err(Unproven::UnknownChannel { channel: unknown });
    assert_eq!(verify(&envelope("other", "payos", signed(&data()))), expected);
    let expected = Err(Unproven::OtherProvider { channel: channel() });
    assert_eq!(verify(&envelope("payos", "finan", signed(&data()))), expected);
}

#[test]
fn p3_what_is_signed_and_no_payment_is_said_to_be_none() {
    for (field, value) in
        [("code", json!("01")), ("currency", json!("USD")), ("reference", json!("")), ("amount", json!(0))]
    {
        let expected = Notice { said: Said::NoPayment, ..transfer() };
        check(with(&data(), field, value), Ok(expected));
    }
}

#[test]
fn an_order_code_of_somebody_else_s_is_no_order() {
    let expected = Notice { order: None, ..transfer() };
    check(with(&data(), "orderCode", 17), Ok(expected));
}

#[test]
fn the_sample_of_a_registration_is_no_money() {
    let mut sample = data();
    sample["orderCode"] = json!(123);
    sample["description"] = json!("VQRIO123");
    check(signed(&sample), Err(Unproven::Sample { channel: channel() }));
}

#[test]
fn p9_the_note_is_one_line_of_at_most_two_hundred_characters() {
    let note = |text: &str| {
        let body = with(&data(), "description", text);
        verify(&envelope("payos", "payos", body)).ok().and_then(|notice| notice.note)
    };
    assert_eq!(note(&"đ".repeat(300)), Some("đ".repeat(200)));
    assert_eq!(note("a\nb\u{1b}[2J"), Some("a b [2J".to_owned()));
    assert_eq!(note("  "), None);
    assert_eq!(note(""), None);
}
