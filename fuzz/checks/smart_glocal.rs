//! Smart Glocal's messages. They are signed here with the sandbox's public example keys, since nobody guesses a signature.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::Value;
use till_wire::provider::{Action, CodeText, Delivered, KnownOrder, ProviderId, Said, WebhookError};
use till_wire::smart_glocal::{ApiNames, Flow, MinorUnits, SigningKey, SmartGlocal, SmartGlocalAccount, VerifyingKey};
use till_wire::{Amount, OrderRef, json};

use super::provider::{Requests, check_replies, check_webhook};
use super::{check_error, with_one_byte_changed};

/// The sandbox's examples, which protect nothing.
const MERCHANT_PEM: &[u8] = include_bytes!("../../demo/keys/merchant.pem");
const OTHER_SIDE_PEM: &[u8] = include_bytes!("../../demo/keys/smart-glocal.pem");
const OTHER_SIDE_PUBLIC_PEM: &[u8] = include_bytes!("../../demo/keys/smart-glocal.pub.pem");

static MERCHANT: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_pem(MERCHANT_PEM).expect("a private key"));
static OTHER_SIDE: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::from_pem(OTHER_SIDE_PEM).expect("a private key"));

fn account(minor_units: MinorUnits) -> SmartGlocal {
    let key = VerifyingKey::from_pem(OTHER_SIDE_PUBLIC_PEM);
    SmartGlocal::new(SmartGlocalAccount {
        api: ApiNames::V1,
        project: "project".to_owned(),
        submerchant: None,
        private_key: MERCHANT.clone(),
        webhook_key: key.expect("a public key"),
        minor_units,
        flow: Flow::Create,
        return_url: None,
        require_signed_answers: false,
        payer: None,
    })
}

static DONG: LazyLock<SmartGlocal> = LazyLock::new(|| account(MinorUnits::Dong));
static HUNDREDTHS: LazyLock<SmartGlocal> = LazyLock::new(|| account(MinorUnits::Hundredths));

fn heard(of: &SmartGlocal, body: &[u8], signature: Option<&str>) -> Result<Said, WebhookError> {
    let headers: BTreeMap<String, String> =
        signature.map(|signature| ("x-partner-sign".to_owned(), signature.to_owned())).into_iter().collect();
    let delivered = Delivered { method: "POST", path: "/hooks/glocal", headers: &headers, body };
    let said = check_webhook(of, &delivered, &[]);
    if let Ok(Said::Action(_, Action::Scan(CodeText::Url(url)))) = &said {
        check_url(url);
    }
    said
}

/// An address that a telephone opens is one, and nobody on the way can change where it leads.
fn check_url(url: &str) {
    assert!(url.to_ascii_lowercase().starts_with("https://") && url.len() <= 1024, "{url:?}");
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url:?}");
}

/// Reads the input as the body of a signed webhook.
pub fn glocal_webhook(data: &[u8]) {
    assert_eq!(heard(&DONG, data, None), Err(WebhookError::NotSigned));
    // Signing is slow, so what would not be read anyway is not signed.
    let Some(body) = std::str::from_utf8(data).ok().and_then(|text| json::parse(text).ok()) else { return };
    let signature = OTHER_SIDE.sign(data).expect("the library signs");
    let said = heard(&DONG, data, Some(&signature));
    if let Err(error) = &said {
        assert!(!error.is_forgery(), "{error}");
    }
    check_amount(&body, said, heard(&HUNDREDTHS, data, Some(&signature)));
    if let Some(changed) = std::str::from_utf8(data).ok().and_then(with_one_byte_changed) {
        assert_eq!(heard(&DONG, changed.as_bytes(), Some(&signature)), Err(WebhookError::WrongSignature));
    }
    let changed = with_one_byte_changed(&signature).expect("base64 stays text");
    assert!(changed == signature || heard(&DONG, data, Some(&changed)).is_err());
}

/// Only a finished payment is money, and a hundredth of it when amounts are hundredths.
fn check_amount(body: &Value, dong: Result<Said, WebhookError>, hundredths: Result<Said, WebhookError>) {
    let Ok(Said::Transfer(transfer)) = dong else { return };
    assert_eq!(body.get("type").and_then(Value::as_str), Some("payment_finished"));
    match hundredths {
        Ok(Said::Transfer(other)) => assert_eq!(other.amount.value() * 100, transfer.amount.value()),
        other => assert!(transfer.amount.value() % 100 != 0, "{other:?}"),
    }
}

/// Judges the input as the answer to every request about an order, and about the session that it names itself.
pub fn glocal_session(data: &[u8]) {
    let order: OrderRef = "0001017-029727122".parse().expect("an order");
    let body = std::str::from_utf8(data).ok().and_then(|text| json::parse(text).ok());
    let session = body.as_ref().and_then(|body| body.get("session"));
    let list = session.and_then(|session| session.get("acquiring_payments").or_else(|| session.get("payment_list")));
    let amount = list.and_then(|list| list.get(0)).and_then(|first| first.get("amount_details"));
    let amount = amount.and_then(|amount| amount.get("amount")).and_then(Value::as_u64);
    let amount = Amount::vnd(amount.filter(|amount| *amount < 1 << 53).unwrap_or(100_000));
    let id = session.and_then(|session| session.get("id")).and_then(Value::as_str).unwrap_or("ps_1");
    let known = KnownOrder { order, provider_id: Some(ProviderId(id.to_owned())), amount };
    check_replies(&*DONG, &known, &requests(&known), &BTreeMap::new(), data, &[]);
}

/// The requests about an order. Most inputs are about the same few, and signing five requests takes a hundred times as
/// long as judging an answer.
fn requests(known: &KnownOrder) -> Requests {
    type Made = BTreeMap<(String, u64), Requests>;
    static MADE: Mutex<Made> = Mutex::new(BTreeMap::new());
    let id = known.provider_id.as_ref().map_or_else(String::new, |id| id.0.clone());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if made.len() > 1_000 {
        made.clear();
    }
    made.entry((id, known.amount.value())).or_insert_with(|| Requests::about(known, &*DONG)).clone()
}

/// Reads the input as both kinds of keys, and puts it into keys that are good: a key that is taken can be used.
pub fn glocal_keys(data: &[u8]) {
    check_keys(data);
    for good in [MERCHANT_PEM, OTHER_SIDE_PUBLIC_PEM] {
        check_keys(&with_a_piece_replaced(good, data));
    }
}

fn check_keys(pem: &[u8]) {
    match VerifyingKey::from_pem(pem) {
        Ok(key) => assert!(!key.verifies(b"nobody signed this", "AAAA")),
        Err(error) => check_error(&error, pem, &[]),
    }
    match SigningKey::from_pem(pem) {
        Ok(key) => assert!(key.sign(b"a body").is_some()),
        Err(error) => check_error(&error, pem, &[]),
    }
}

/// Puts a piece over another one: its first two bytes say where, the rest is what.
fn with_a_piece_replaced(text: &[u8], piece: &[u8]) -> Vec<u8> {
    let [high, low, piece @ ..] = piece else { return text.to_vec() };
    let at = usize::from(u16::from_be_bytes([*high, *low])) % text.len();
    let (before, after) = text.split_at(at);
    [before, piece, after.get(piece.len()..).unwrap_or_default()].concat()
}
