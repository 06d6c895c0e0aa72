//! payOS's messages: requests as sent, answers and webhooks believed or refused, each for its reason.

mod answers;
mod canonical_text;
mod requests;
mod webhooks;

use serde_json::{Value, json};

use super::*;
use crate::ids::OrderRef;
use crate::json;
use crate::money::Amount;
use crate::provider::{Customer, Item, WebhookError};
use crate::time::UnixTime;

const KEY: &[u8] = b"test_checksum_key";

fn order() -> OrderRef {
    "0001017-029727122".parse().expect("an order")
}

fn signature(data: &Value) -> String {
    let data = data.as_object().expect("signed data is an object");
    sign(KEY, &canonical(data).expect("signed data has a signed form"))
}

/// A body whose data is signed as payOS signs it.
fn signed(data: &Value) -> Value {
    json!({"code": "00", "desc": "success", "data": data, "signature": signature(data)})
}

fn bytes(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}

/// The body after one change to its data, signed again.
fn with(data: &Value, field: &str, value: Value) -> Vec<u8> {
    let mut data = data.clone();
    data[field] = value;
    bytes(&signed(&data))
}

/// The body after the loss of one field of its data, signed again.
fn without(data: &Value, field: &str) -> Vec<u8> {
    let mut data = data.clone();
    data.as_object_mut().expect("an object").remove(field);
    bytes(&signed(&data))
}
