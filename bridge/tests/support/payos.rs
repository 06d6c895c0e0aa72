//! Webhooks as payOS sends them, signed by code of the tests' own (providers.md §1.4, §1.7).

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

pub(crate) const KEY: &str = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675";
pub(crate) const NEXT_KEY: &str = "2b54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7676";

/// An order of terminal 1017 whose sequence belongs to November 2026.
pub(crate) const ORDER: u64 = 1_017_029_727_122;

/// The data of a payment for an order.
pub(crate) fn payment(order: u64, reference: &str) -> Map<String, Value> {
    let data = json!({
        "orderCode": order, "amount": 50000, "description": "CS62H9BJD45 029727122",
        "accountNumber": "113366668888", "reference": reference,
        "transactionDateTime": "2026-11-20 10:04:05", "currency": "VND",
        "paymentLinkId": "124c33293c43417ab7879e14c8d9eb18", "code": "00", "desc": "Thành công",
        "counterAccountName": null,
    });
    data.as_object().cloned().expect("an object")
}

/// Says that a map is signed with the key.
pub(crate) fn signature(key: &str, data: &Map<String, Value>) -> String {
    let mut pairs: Vec<(&String, &Value)> = data.iter().collect();
    pairs.sort_by_key(|(key, _)| *key);
    let text: Vec<String> = pairs
        .into_iter()
        .map(|(key, value)| match value {
            Value::String(text) => format!("{key}={text}"),
            Value::Null => format!("{key}="),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => format!("{key}={value}"),
        })
        .collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key length will do");
    mac.update(text.join("&").as_bytes());
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(hex, "{byte:02x}").expect("a String takes it");
    }
    hex
}

/// The body of a webhook, signed with [`KEY`].
pub(crate) fn webhook(data: &Map<String, Value>) -> String {
    webhook_signed(data, &signature(KEY, data))
}

pub(crate) fn webhook_signed(data: &Map<String, Value>, signature: &str) -> String {
    json!({
        "code": "00", "desc": "success", "success": true, "data": data, "signature": signature,
    })
    .to_string()
}
