//! payOS's messages. Nobody guesses a signature, so the input is also taken as the data of a message that is signed here;
//! what is read then must be what stands there, and the least change must be refused or make no difference.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use till_wire::json;
use till_wire::payos::{self, AnswerError, Created, Link, Meaning, PayOs, PayOsAccount};
use till_wire::provider::{Delivered, Key, KnownOrder, ProviderId, Said, WebhookError};
use till_wire::{Amount, Description, OrderRef, UnixTime};

use super::provider::{self, Requests, check_replies};
use super::{check_error, with_one_byte_changed};

/// The key of the sample in payOS's documentation, which everybody knows.
const KEY: &[u8] = b"1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675";
const OTHER_KEY: &[u8] = b"another key";

/// The provider as till and bridge see it.
static PAYOS: LazyLock<PayOs> = LazyLock::new(|| {
    PayOs::new(PayOsAccount {
        client_id: Key::new(b"client id"),
        api_key: Key::new(b"api key"),
        checksum_key: Key::new(KEY),
        partner_code: None,
        description: Description::new("{sequence}", "", 25).expect("a description that fits"),
        return_url: "https://shop.example/ok".to_owned(),
        cancel_url: "https://shop.example/cancel".to_owned(),
    })
});

/// Data that can be signed.
struct Signed<'a> {
    /// As the input wrote it.
    raw: &'a str,
    data: Map<String, Value>,
    /// What is signed of it.
    text: String,
    signature: String,
}

impl<'a> Signed<'a> {
    fn new(raw: &'a str) -> Option<Self> {
        let Ok(Value::Object(data)) = json::parse(raw) else { return None };
        let text = payos::canonical(&data).ok()?;
        check_canonical(&data, &text);
        let signature = payos::sign(KEY, &text);
        let signed = Self { raw, data, text, signature };
        // Around the data there is one level more, which may be one too many.
        json::parse(&signed.body()).ok().map(|_| signed)
    }

    fn body(&self) -> String {
        self.around(self.raw, "00")
    }

    fn around(&self, raw: &str, code: &str) -> String {
        format!(r#"{{"code":"{code}","desc":"success","data":{raw},"signature":"{}"}}"#, self.signature)
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str)
    }

    fn whole(&self, field: &str) -> Option<u64> {
        self.data.get(field).and_then(Value::as_u64).filter(|whole| *whole < 1 << 53)
    }

    fn filled(&self, field: &str) -> bool {
        self.text(field).is_some_and(|text| !text.is_empty())
    }

    /// Whether a field is a text, null or not there.
    fn may_be_text(&self, field: &str) -> bool {
        matches!(self.data.get(field), None | Some(Value::Null | Value::String(_)))
    }

    fn order(&self) -> Option<OrderRef> {
        self.whole("orderCode").and_then(OrderRef::from_payos_code)
    }
}

/// The signed text does not depend on the order of keys, nor on how the JSON was written.
fn check_canonical(data: &Map<String, Value>, text: &str) {
    let turned: Map<_, _> = data.iter().rev().map(|(key, value)| (key.clone(), value.clone())).collect();
    assert_eq!(payos::canonical(&turned).as_deref(), Ok(text));
    let written = Value::from(data.clone()).to_string();
    let Ok(Value::Object(again)) = json::parse(&written) else { unreachable!("what was read is JSON: {written}") };
    assert_eq!(payos::canonical(&again).as_deref(), Ok(text));
}

/// Reads the input as a webhook, and as the data of a signed one.
pub fn payos_webhook(data: &[u8]) {
    let as_it_is = payos::read_webhook(data, &[KEY]);
    let Ok(text) = std::str::from_utf8(data) else {
        return assert_eq!(as_it_is, Err(WebhookError::NotUtf8));
    };
    match as_it_is {
        Ok(_) => assert!(is_signed(text), "believed without a signature: {text:?}"),
        Err(error) => check_webhook_error(&error, data),
    }
    if let Some(signed) = Signed::new(text) {
        check_webhook(&signed);
    }
}

fn check_webhook_error(error: &WebhookError, data: &[u8]) {
    check_error(error, data, &[KEY]);
    if let WebhookError::NotJson { source } = error {
        check_error(source, data, &[KEY]);
    }
}

/// Whether a message has the signature of its data.
fn is_signed(text: &str) -> bool {
    let Ok(outer) = json::parse(text) else { return false };
    let data = outer.get("data").and_then(Value::as_object).and_then(|data| payos::canonical(data).ok());
    let signature = outer.get("signature").and_then(Value::as_str);
    data.is_some_and(|data| Some(payos::sign(KEY, &data).as_str()) == signature)
}

const TEXTS: [&str; 8] =
    ["accountNumber", "code", "currency", "desc", "description", "paymentLinkId", "reference", "transactionDateTime"];

fn check_webhook(signed: &Signed) {
    let body = signed.body();
    let read = payos::read_webhook(body.as_bytes(), &[OTHER_KEY, KEY]);
    let has_all = TEXTS.iter().all(|field| signed.text(field).is_some());
    let has_all = has_all && ["orderCode", "amount"].iter().all(|field| signed.whole(field).is_some());
    assert_eq!(read.is_ok(), has_all, "{read:?}: {body}");
    for keys in [&[] as &[&[u8]], &[OTHER_KEY], &[b""]] {
        assert_eq!(payos::read_webhook(body.as_bytes(), keys), Err(WebhookError::WrongSignature));
    }
    let webhook = match &read {
        Ok(webhook) => webhook,
        Err(error) => return check_webhook_error(error, body.as_bytes()),
    };
    assert_eq!(webhook.ambiguous.is_none(), is_read_one_way(signed), "{webhook:?}: {body}");
    assert_eq!(Some(webhook.order_code), signed.whole("orderCode"));
    assert_eq!(Some(webhook.amount), signed.whole("amount"));
    assert_eq!(webhook.order, signed.order());
    assert_eq!(webhook.transacted_at, signed.text("transactionDateTime").and_then(UnixTime::parse_payos));
    for (field, text) in [
        ("paymentLinkId", &webhook.provider_id),
        ("reference", &webhook.reference),
        ("currency", &webhook.currency),
        ("code", &webhook.code),
        ("desc", &webhook.desc),
        ("description", &webhook.description),
    ] {
        assert_eq!(Some(text.as_str()), signed.text(field), "{field}");
    }
    check_heard(&body, webhook);
    if let Some(changed) = with_one_byte_changed(signed.raw) {
        let changed = payos::read_webhook(signed.around(&changed, "00").as_bytes(), &[KEY]);
        assert!(changed.is_err() || changed == read, "{changed:?}: {body}");
    }
}

/// Reads a signed webhook through the interface of all providers: it is money only where nothing is left to doubt.
fn check_heard(body: &str, webhook: &payos::Webhook) {
    let headers = BTreeMap::new();
    let delivered = Delivered { method: "POST", path: "/hooks/payos", headers: &headers, body: body.as_bytes() };
    let said = provider::check_webhook(&*PAYOS, &delivered, &[KEY]).expect("what was read is read again");
    let is_money = webhook.ambiguous.is_none()
        && (webhook.code.as_str(), webhook.currency.as_str()) == ("00", "VND")
        && !webhook.reference.is_empty()
        && webhook.amount > 0
        && !webhook.is_registration_ping();
    assert_eq!(matches!(said, Said::Transfer(_)), is_money, "{said:?}: {body}");
}

/// Whether the signed text, taken apart at `&` by somebody who knows nothing else, says the same of every field that
/// decides about money. A payer's words with `&orderCode=` in them would be such a field too.
fn is_read_one_way(signed: &Signed) -> bool {
    let decisive = ["amount", "code", "currency", "orderCode", "paymentLinkId", "reference", "transactionDateTime"];
    let mut seen = decisive.map(|_| 0);
    for (name, value) in signed.text.split('&').filter_map(|piece| piece.split_once('=')) {
        let Some(place) = decisive.iter().position(|field| *field == name) else { continue };
        seen[place] += 1;
        let same = signed
            .text(name)
            .map_or_else(|| signed.whole(name).is_some_and(|n| n.to_string() == value), |t| t == value);
        if !same {
            return false;
        }
    }
    seen.iter().all(|times| *times == 1)
}

/// Reads the input as the answer to a request to create, and as the data of a signed one.
pub fn payos_created(data: &[u8]) {
    check_answer(data, payos::read_created, |signed, read: Option<&Created>| {
        let has_all = ["paymentLinkId", "qrCode"].iter().all(|field| signed.filled(field))
            && ["bin", "accountNumber", "status"].iter().all(|field| signed.text(field).is_some())
            && ["accountName", "description", "checkoutUrl"].iter().all(|field| signed.may_be_text(field))
            && signed.may_be_text("currency")
            && signed.text("currency").is_none_or(|currency| currency == "VND")
            && signed.order().is_some()
            && signed.whole("amount").is_some();
        assert_eq!(read.is_some(), has_all, "{}", signed.raw);
        let Some(created) = read else { return };
        assert_eq!(Some(created.order), signed.order());
        assert_eq!(Some(created.amount.value()), signed.whole("amount"));
        for (field, text) in [
            ("paymentLinkId", created.provider_id.as_str()),
            ("bin", &created.bin),
            ("accountNumber", &created.account_number),
            ("accountName", &created.account_name),
            ("description", &created.description),
            ("qrCode", &created.code),
            ("checkoutUrl", &created.checkout_url),
        ] {
            assert_eq!(text, signed.text(field).unwrap_or_default(), "{field}");
        }
        check_status(created.status.as_str(), signed);
    });
}

/// Reads the input as the answer to a question, and as the data of a signed one.
pub fn payos_link(data: &[u8]) {
    check_answer(data, payos::read_link, |signed, read: Option<&Link>| {
        let has_all = signed.filled("id")
            && signed.text("status").is_some()
            && signed.order().is_some()
            && ["amount", "amountPaid"].iter().all(|field| signed.whole(field).is_some())
            && signed.may_be_text("createdAt")
            && lists_transfers(signed.data.get("transactions"));
        assert_eq!(read.is_some(), has_all, "{}", signed.raw);
        let Some(link) = read else { return };
        assert_eq!(Some(link.provider_id.as_str()), signed.text("id"));
        assert_eq!(Some(link.order), signed.order());
        assert_eq!(Some(link.amount.value()), signed.whole("amount"));
        assert_eq!(Some(link.amount_paid.value()), signed.whole("amountPaid"));
        assert_eq!(link.created_at, signed.text("createdAt").and_then(UnixTime::parse_payos));
        check_status(link.status.as_str(), signed);
        let listed = signed.data.get("transactions").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
        assert_eq!(link.transfers.len(), listed.len());
        for (transfer, listed) in link.transfers.iter().zip(listed) {
            assert_eq!(Some(transfer.amount.value()), listed.get("amount").and_then(Value::as_u64));
            assert_eq!(transfer.reference, listed.get("reference").and_then(Value::as_str).unwrap_or_default());
        }
    });
}

/// Whether these are transfers, or none.
fn lists_transfers(listed: Option<&Value>) -> bool {
    let may_be_text = |value: Option<&Value>| value.is_none_or(|value| value.is_null() || value.is_string());
    let Some(listed) = listed.filter(|listed| !listed.is_null()) else { return true };
    listed.as_array().is_some_and(|listed| {
        listed.iter().all(|transfer| {
            transfer.get("amount").and_then(Value::as_u64).is_some_and(|amount| amount < 1 << 53)
                && may_be_text(transfer.get("reference"))
                && may_be_text(transfer.get("transactionDateTime"))
        })
    })
}

/// A status is payOS's word, or the beginning of a word that nobody knows, on one line.
fn check_status(status: &str, signed: &Signed) {
    let said = signed.text("status").unwrap_or_default();
    let said: String = said.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let cut = status.strip_suffix('…').unwrap_or(status);
    assert!(said.starts_with(cut) && status.chars().count() <= 41, "{status:?} is not {said:?}");
}

/// What holds for every answer of payOS, whichever it is; `check` is given the data and what was read of it.
fn check_answer<T: std::fmt::Debug + PartialEq>(
    data: &[u8],
    read: fn(&[u8], &[u8]) -> Result<T, AnswerError>,
    check: impl FnOnce(&Signed, Option<&T>),
) {
    let text = std::str::from_utf8(data).ok();
    match read(data, KEY) {
        Ok(_) => assert!(text.is_some_and(is_signed), "believed without a signature: {text:?}"),
        Err(AnswerError::Refused { ref code, .. }) if code == "00" => unreachable!("a refusal that says success"),
        Err(error) => check_error(&error, data, &[KEY]),
    }
    let Some(signed) = text.and_then(Signed::new) else { return };
    let body = signed.body();
    let told = read(body.as_bytes(), KEY);
    if let Err(error) = &told {
        check_error(error, body.as_bytes(), &[KEY]);
        assert!(matches!(error, AnswerError::Malformed { .. }), "{error}: {body}");
    }
    check(&signed, told.as_ref().ok());
    check_judging(&signed, body.as_bytes());
    assert_eq!(read(body.as_bytes(), OTHER_KEY), Err(AnswerError::WrongSignature));
    let unsigned = format!(r#"{{"code":"00","data":{}}}"#, signed.raw);
    assert_eq!(read(unsigned.as_bytes(), KEY), Err(AnswerError::NotSigned));
    let refused = read(signed.around(signed.raw, "231").as_bytes(), KEY);
    let Err(AnswerError::Refused { meaning: Meaning::Duplicate, .. }) = refused else {
        unreachable!("a code that is not 00 was taken for success: {refused:?}");
    };
    if let Some(changed) = with_one_byte_changed(signed.raw) {
        let changed = read(signed.around(&changed, "00").as_bytes(), KEY);
        assert!(changed.is_err() || changed == told, "{changed:?}: {body}");
    }
}

/// Judges a signed answer through the interface of all providers, as one about the order that it names.
fn check_judging(signed: &Signed, body: &[u8]) {
    let (Some(order), Some(amount)) = (signed.order(), signed.whole("amount")) else { return };
    let provider_id = signed.text("id").map(|id| ProviderId(id.to_owned()));
    let known = KnownOrder { order, provider_id, amount: Amount::vnd(amount) };
    check_replies(&*PAYOS, &known, &Requests::about(&known, &*PAYOS), &BTreeMap::new(), body, &[KEY]);
}
