//! Known payment codes: those of banks and public projects, read in full, and those that must be refused, each for its
//! reason. It must not know more of the crate than its public API.

use serde_json::Value;
use till_wire::{Amount, CodeError, Fields, Initiation, StructureFault, VietQr, crc16, json};

const CODES: &str = include_str!("../../tests/vectors/vietqr.json");
const CHECKSUMS: &str = include_str!("../../tests/vectors/crc16.json");

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector.get(field).and_then(Value::as_str).expect(field)
}

fn codes(kind: &str) -> Vec<Value> {
    let file = json::parse(CODES).expect("a file of vectors is JSON");
    let list = file.get("vectors").and_then(Value::as_array);
    let mut list = list.expect("vectors").clone();
    list.retain(|vector| text(vector, "kind") == kind);
    list
}

/// What a general reader finds under the vectors' names for fields.
fn general(fields: &Fields, name: &str) -> Option<String> {
    let own = |tag| fields.value(tag).map(str::to_owned);
    match name {
        "payload_format" => own(0),
        "init_method" => own(1),
        "mcc" => own(52),
        "currency" => own(53),
        "amount" => own(54),
        "country" => own(58),
        "merchant_name" => own(59),
        "city" => own(60),
        "postal" => own(61),
        "guid" => fields.inner(38, 0),
        "service" => fields.inner(38, 2),
        "purpose" => fields.inner(62, 8),
        "bin" | "account" => {
            let field = if name == "bin" { "00" } else { "01" };
            let inner = fields.inner(38, 1)?;
            let bank = inner.strip_prefix("0006")?;
            let (bin, rest) = bank.split_at_checked(6)?;
            let value = if field == "00" { bin } else { rest.get(4..)? };
            Some(value.to_owned())
        }
        _ => {
            let field = name.strip_prefix("add_")?.parse().ok()?;
            fields.inner(62, field)
        }
    }
}

/// Compares every field that the vector names with what the general reader finds; returns how many.
fn compare(vector: &Value, fields: &Fields) -> usize {
    let expected = vector.get("expected").and_then(Value::as_object);
    let expected = expected.expect("expected");
    for (name, want) in expected {
        let found = general(fields, name).map_or(Value::Null, Value::from);
        assert_eq!(&found, want, "{} {name}", text(vector, "id"));
    }
    expected.len()
}

#[test]
fn every_known_vietqr_is_read_in_full() {
    let (vectors, mut compared) = (codes("positive"), 0);
    for vector in &vectors {
        let (id, code) = (text(vector, "id"), text(vector, "qr"));
        let fields = Fields::parse(code).expect(id);
        compared += compare(vector, &fields);
        let expected = vector.get("expected").expect("expected");
        let optional = |name: &str| expected.get(name).and_then(Value::as_str);
        let digits = |amount: &str| amount.parse().map(Amount::vnd).expect("digits");
        let want = VietQr {
            initiation: match text(expected, "init_method") {
                "11" => Initiation::Static,
                _ => Initiation::Dynamic,
            },
            bin: text(expected, "bin").to_owned(),
            account: text(expected, "account").to_owned(),
            service: optional("service").map(str::to_owned),
            amount: optional("amount").map(digits),
            purpose: optional("purpose").map(str::to_owned),
            name: fields.value(59).map(str::to_owned),
        };
        assert_eq!(VietQr::parse(code), Ok(want), "{id}");
    }
    assert_eq!((vectors.len(), compared), (19, 189));
}

#[test]
fn codes_of_other_schemes_are_read_and_are_no_vietqr() {
    let vectors = codes("positive-other");
    for vector in &vectors {
        let (id, code) = (text(vector, "id"), text(vector, "qr"));
        compare(vector, &Fields::parse(code).expect(id));
        let refused = VietQr::parse(code);
        assert!(matches!(refused, Err(CodeError::NotVietQr { .. })), "{id}: {refused:?}");
    }
    assert_eq!(vectors.len(), 4);
}

#[test]
fn lengths_count_characters_and_the_checksum_bytes() {
    let vectors = codes("positive-other");
    let vietnamese = vectors.iter().find(|v| text(v, "id") == "vnpay-5-utf8");
    let vietnamese = vietnamese.expect("the vector with Vietnamese letters");
    let fields = Fields::parse(text(vietnamese, "qr")).expect("a code");
    assert_eq!(fields.value(8), Some("Lê Anh Tú"));
}

#[test]
fn p6_every_false_code_is_refused_for_its_reason() {
    let structure = |place, fault| CodeError::Structure { place, fault };
    let vectors = codes("negative");
    for vector in &vectors {
        let want = match text(vector, "id") {
            "neg-napas-6.1.1-printed" => structure("tag 38", StructureFault::Tag),
            "neg-bad-crc" => CodeError::Checksum { stated: "BBB5".to_owned(), computed: 0xbbb8 },
            "neg-nested-service" => {
                CodeError::NotVietQr { reason: "the account in tag 38 has fields that NAPAS does not know" }
            }
            "neg-bytes-length" => structure("the code itself", StructureFault::Length(32)),
            id => unreachable!("the vector `{id}` is new"),
        };
        let code = text(vector, "qr");
        assert_eq!(VietQr::parse(code), Err(want), "{}", text(vector, "id"));
    }
    assert_eq!(vectors.len(), 4);
}

#[test]
fn p6_a_code_with_one_byte_changed_is_refused() {
    for vector in codes("positive") {
        let code = text(&vector, "qr");
        let small = code.to_lowercase();
        for at in 0..code.len() {
            let mut bytes = code.as_bytes().to_vec();
            bytes[at] ^= 1;
            let changed = String::from_utf8_lossy(&bytes);
            assert!(VietQr::parse(&changed).is_err(), "{changed}");
        }
        assert!(VietQr::parse(&small).is_err(), "{small}");
    }
}

#[test]
fn every_known_checksum_is_reproduced() {
    let file = json::parse(CHECKSUMS).expect("a file of vectors is JSON");
    let list = file.as_array().expect("vectors");
    for vector in list {
        let computed = format!("{:04X}", crc16(text(vector, "input").as_bytes()));
        assert_eq!(computed, text(vector, "crc"));
    }
    assert_eq!(list.len(), 6);
}
