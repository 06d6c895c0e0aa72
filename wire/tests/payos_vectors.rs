//! Known answers of payOS's signatures: those that official SDKs reproduce, those that nobody reproduces, and inputs on
//! which the SDKs disagree. It must not know more of the crate than its public API.

use serde_json::{Map, Value};
use till_wire::json;
use till_wire::payos::{canonical, create_signature, sign, verifies};

const SIGNATURES: &str = include_str!("../../tests/vectors/payos_signatures.json");
const BROKEN: &str = include_str!("../../tests/vectors/payos_signatures_that_do_not_reproduce.json");
const EDGES: &str = include_str!("../../tests/vectors/payos_canonical_edge_cases.json");

fn list(text: &str, name: &str) -> Vec<Value> {
    let file = json::parse(text).expect("a file of vectors is JSON");
    let list = file.get(name).and_then(Value::as_array).cloned();
    list.filter(|list| !list.is_empty()).expect("a file of vectors has vectors")
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector.get(field).and_then(Value::as_str).expect(field)
}

fn payload(vector: &Value) -> &Map<String, Value> {
    vector.get("payload").and_then(Value::as_object).expect("payload")
}

fn created(vector: &Value) -> String {
    let payload = vector.get("payload").expect("payload");
    let number = |field| payload.get(field).and_then(Value::as_u64).expect(field);
    create_signature(
        text(vector, "key").as_bytes(),
        number("amount"),
        text(payload, "cancelUrl"),
        text(payload, "description"),
        number("orderCode"),
        text(payload, "returnUrl"),
    )
}

#[test]
fn every_signature_that_sdks_make_is_reproduced() {
    let mut seen = (0, 0);
    for vector in list(SIGNATURES, "vectors") {
        let (id, key) = (text(&vector, "id"), text(&vector, "key").as_bytes());
        let signature = text(&vector, "signature");
        if text(&vector, "algorithm") == "create-payment-link" {
            assert_eq!(created(&vector), signature, "{id}");
            seen.0 += 1;
        } else {
            let signed = canonical(payload(&vector)).expect(id);
            assert_eq!(signed, text(&vector, "string_to_sign"), "{id}");
            assert_eq!(sign(key, &signed), signature, "{id}");
            assert!(verifies(key, &signed, signature), "{id}");
            seen.1 += 1;
        }
    }
    assert_eq!(seen, (1, 6));
}

#[test]
fn p1_every_signature_that_nobody_reproduces_is_refused() {
    for vector in list(BROKEN, "vectors") {
        let (id, key) = (text(&vector, "id"), text(&vector, "key").as_bytes());
        let signed = canonical(payload(&vector)).expect(id);
        assert_eq!(signed, text(&vector, "string_to_sign"), "{id}");
        assert_eq!(sign(key, &signed), text(&vector, "computed"), "{id}");
        assert!(!verifies(key, &signed, text(&vector, "signature")), "{id}");
    }
}

#[test]
fn where_the_sdks_agree_so_do_we_and_where_they_disagree_nothing_verifies() {
    let key = b"test_checksum_key";
    let mut seen = (0, 0);
    for case in list(EDGES, "cases") {
        let name = text(&case, "name");
        let Ok(Value::Object(data)) = json::parse(text(&case, "json")) else {
            unreachable!("the case `{name}` is an object");
        };
        if case.get("agree") == Some(&Value::Bool(true)) {
            let signed = canonical(&data).expect(name);
            assert_eq!(signed, text(&case, "node"), "{name}");
            assert_eq!(sign(key, &signed), text(&case, "node_sig"), "{name}");
            seen.0 += 1;
        } else {
            assert!(canonical(&data).is_err(), "{name}");
            seen.1 += 1;
        }
    }
    assert_eq!(seen, (8, 7));
}

#[test]
fn p1_a_signature_with_one_byte_changed_is_refused() {
    for vector in list(SIGNATURES, "vectors") {
        let (key, signature) = (text(&vector, "key"), text(&vector, "signature"));
        let signed = text(&vector, "string_to_sign");
        assert!(verifies(key.as_bytes(), signed, signature));
        for at in 0..signed.len() {
            let mut bytes = signed.as_bytes().to_vec();
            bytes[at] ^= 1;
            let changed = String::from_utf8_lossy(&bytes);
            assert!(!verifies(key.as_bytes(), &changed, signature), "{at}");
        }
        for at in 0..signature.len() {
            let mut bytes = signature.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8_lossy(&bytes);
            assert!(!verifies(key.as_bytes(), signed, &changed), "{at}");
        }
    }
}

#[test]
fn only_64_lower_case_hex_digits_are_a_signature() {
    let signature = sign(b"key", "text");
    assert!(verifies(b"key", "text", &signature));
    for other in [
        String::new(),
        signature.to_uppercase(),
        format!("{signature} "),
        format!(" {signature}"),
        format!("{signature}00"),
        signature[..62].to_owned(),
        format!("0x{}", &signature[2..]),
        "é".repeat(32),
    ] {
        assert!(!verifies(b"key", "text", &other), "{other}");
    }
    assert!(!verifies(b"", "text", &sign(b"", "text")));
}
