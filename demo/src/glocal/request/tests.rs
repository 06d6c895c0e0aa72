//! Bodies that are taken and bodies that are not.

use serde_json::{Value, json};

use super::{read_create, read_order, read_session_id, read_start};
use crate::glocal::session::SessionId;

/// The request of the documentation's page on e-wallets in Vietnam.
fn example() -> Value {
    json!({
        "session_id": "ps_5666",
        "payment_details": {
            "type": "internet_banking",
            "internet_banking": { "type": "country_ewallet", "country_ewallet": { "country_iso2": "VN" } },
        },
        "amount_details": { "amount": 100_000, "currency": "VND" },
        "customer": { "reference": "qwiqwi", "contacts": [{ "email": "email@example.com" }] },
        "participant_details": { "sender": { "full_name": "Name Surname", "document": "12333315123" } },
        "payment_options": { "return_url": "https://smart-glocal.com/", "recurrent": false },
    })
}

#[test]
fn the_example_of_the_documentation_is_taken() {
    let (id, said) = read_start(example().to_string().as_bytes()).expect("the example is sound");
    assert_eq!(Some(id), SessionId::from_text("ps_5666"));
    let order = read_order(said, 1).expect("the example is sound");
    assert_eq!((order.reference.as_str(), order.amount, order.currency.as_str()), ("qwiqwi", 100_000, "VND"));
    let mut said: Vec<_> = order.said.keys().map(String::as_str).collect();
    said.sort_unstable();
    assert_eq!(said, ["customer", "participant_details", "payment_details", "payment_options"]);
}

#[test]
fn everything_that_an_e_wallet_needs_must_be_said() {
    let wrong = [
        ("/payment_details", json!(null)),
        ("/payment_details/type", json!("card")),
        ("/payment_details/internet_banking/type", json!("bank")),
        ("/payment_details/internet_banking/country_ewallet/country_iso2", json!("BR")),
        ("/amount_details", json!(null)),
        ("/amount_details/amount", json!("100000")),
        ("/amount_details/amount", json!(100_000.5)),
        ("/amount_details/amount", json!(0)),
        ("/amount_details/amount", json!(-1)),
        ("/amount_details/currency", json!("usd")),
        ("/amount_details/currency", json!(null)),
        ("/customer/reference", json!("")),
        ("/customer/reference", json!(12)),
        ("/customer/contacts", json!([])),
        ("/customer/contacts/0/email", json!("nobody")),
        ("/participant_details/sender/full_name", json!(" ")),
        ("/participant_details/sender/document", json!(null)),
    ];
    for (place, value) in wrong {
        let mut body = example();
        *body.pointer_mut(place).expect("the example has that place") = value.clone();
        let (_, said) = read_start(body.to_string().as_bytes()).expect("the body is an object");
        let refusal = read_order(said, 1).expect_err(&format!("{place} = {value}"));
        assert_eq!(refusal.code, "invalid_request");
    }
}

#[test]
fn a_currency_has_letters_of_either_case_and_an_amount_whole_dong() {
    let mut body = example();
    body["amount_details"] = json!({ "amount": 100_050, "currency": "vnd" });
    let said = || read_create(body.to_string().as_bytes()).expect("the body is an object");
    assert!(read_order(said(), 1).is_ok());
    assert!(read_order(said(), 100).is_err());
}

#[test]
fn a_body_is_an_object_that_names_its_session() {
    assert_eq!(read_session_id(br#"{"session_id":"ps_7"}"#).ok(), SessionId::from_text("ps_7"));
    for (body, code) in [
        ("", "invalid_request"),
        ("[]", "invalid_request"),
        (r#"{"session_id":"ps_7""#, "invalid_request"),
        ("{}", "invalid_request"),
        (r#"{"session_id":7}"#, "invalid_request"),
        (r#"{"session_id":"7"}"#, "session_not_found"),
    ] {
        assert_eq!(read_session_id(body.as_bytes()).map_err(|refusal| refusal.code), Err(code.to_owned()), "{body}");
    }
    assert_eq!(read_create(b"{\"x\":1,\"metadata\":\"good\"}").map(|said| said.len()), Ok(1));
    assert!(read_create(b"x").is_err());
}
