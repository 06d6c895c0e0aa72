//! Checks payOS's documented signatures against this sandbox's own signing.

use serde_json::Value;

use super::{create_text, data_text, sign};
use crate::sandbox::{Fields, Json};

/// Vectors of payOS's documentation and SDKs.
const SIGNATURES: &str = include_str!("../../../../tests/vectors/payos_signatures.json");

#[track_caller]
fn fields(value: &Value) -> Fields {
    let Json::Object(fields) = Json::from(value) else {
        unreachable!("a payload is an object, not {value}");
    };
    fields
}

fn text_of(vector: &Value) -> String {
    let payload = &vector["payload"];
    let field = |name: &str| match payload[name].as_str() {
        Some(text) => text.to_owned(),
        None => payload[name].to_string(),
    };
    match vector["algorithm"].as_str() {
        Some("create-payment-link") => create_text(
            &field("amount"),
            &field("cancelUrl"),
            &field("description"),
            &field("orderCode"),
            &field("returnUrl"),
        ),
        Some("body") => data_text(&fields(payload)),
        other => unreachable!("the vectors have no algorithm {other:?}"),
    }
}

#[test]
fn every_documented_signature_is_reproduced() {
    let file: Value = serde_json::from_str(SIGNATURES).expect("the vectors are JSON");
    let vectors = file["vectors"].as_array().expect("the vectors are a list");
    let got: Vec<_> = vectors
        .iter()
        .map(|v| {
            let text = text_of(v);
            let signature = sign(v["key"].as_str().unwrap_or_default(), &text);
            (v["id"].clone(), Value::from(text), Value::from(signature))
        })
        .collect();
    let want: Vec<_> =
        vectors.iter().map(|v| (v["id"].clone(), v["string_to_sign"].clone(), v["signature"].clone())).collect();
    assert!(want.len() >= 7, "the file has lost vectors");
    assert_eq!(got, want);
}

#[test]
fn odd_values_are_written_as_the_official_sdks_write_them() {
    let data = Fields::new()
        .with("a", 1_u64)
        .with("B", "x/<&>")
        .with("_c", "null")
        .with("C", Json::Null)
        .with("d", Json::Bool(true))
        .with("t", Json::List(vec![Fields::new().with("u", "é/").with("b", Json::Null).into()]));
    assert_eq!(data_text(&data), r#"B=x/<&>&C=&_c=&a=1&d=true&t=[{"b":null,"u":"é/"}]"#);
}
