//! Requests as they are sent: bodies, paths and signatures.

use super::*;
use crate::provider::{Method, Question};

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    let found = request.headers.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str()).expect(name)
}

/// Whether a request has the signature that Finan will make of what it receives.
#[track_caller]
fn check_signature(request: &Request, kind: FinanSignature) {
    let timestamp = header(request, "x-timestamp");
    assert_eq!(timestamp, "1795143845");
    let signed = Signed { method: request.method.as_str(), path: &request.path, payload: &request.body, timestamp };
    assert!(kind.verifies(SECRET, &signed, header(request, "x-signature")));
    assert_eq!(request.headers.len(), 2, "{request:?}");
}

#[test]
fn a_create_needs_nothing_but_an_amount() {
    let request = sent(finan().make(&making(), NOW));
    assert_eq!((request.method, request.path.as_str()), (Method::Post, "/api/v1/payments"));
    let body = r#"{"items":[{"name":"Quầy 1","price":50000,"quantity":1,"amount":50000}],"customer":{"name":"Khách lẻ"},"payment_method":"bank_transfer","amount":50000,"reference_id":"0001017-029727122"}"#;
    assert_eq!(std::str::from_utf8(&request.body), Ok(body));
    check_signature(&request, FinanSignature::Sha256Concat);
    assert_eq!(finan().identity(), [("client_id", "x-client-id", b"the-client".as_slice())]);
    assert!(!finan().repeats(&MakeStep::Create));
}

#[test]
fn every_request_is_signed_in_the_way_that_is_configured() {
    for kind in [FinanSignature::Sha256Concat, FinanSignature::HmacSha256] {
        let finan = Finan::new(FinanAccount { signature: kind, ..account() });
        check_signature(&sent(finan.make(&making(), NOW)), kind);
        check_signature(&sent(finan.ask(&known(Some(ID)), Question::Status, NOW)), kind);
        check_signature(&sent(finan.ask(&known(None), Question::Status, NOW)), kind);
        check_signature(&sent(finan.ask_open_code(NOW)), kind);
    }
}

#[test]
fn the_caller_s_customer_and_items_are_told() {
    let wallet = Finan::new(FinanAccount { method: FinanMethod::EwalletMomo, ..account() });
    let sale = Making {
        customer: Customer {
            phone: Some("0933450210".to_owned()),
            tax_code: Some("0312".to_owned()),
            ..Customer::default()
        },
        items: vec![
            Item { name: "Phở".to_owned(), quantity: 2, price: 20_000, unit: Some("tô".to_owned()), tax: Some(10) },
            Item { name: "Trà".to_owned(), quantity: 1, price: 10_000, unit: None, tax: None },
        ],
        ..making()
    };
    let body: Value = serde_json::from_slice(&sent(wallet.make(&sale, NOW)).body).expect("JSON");
    let items = json!([
        { "name": "Phở", "price": 20_000, "quantity": 2, "amount": 40_000 },
        { "name": "Trà", "price": 10_000, "quantity": 1, "amount": 10_000 },
    ]);
    assert_eq!(body["items"], items);
    assert_eq!(body["customer"], json!({ "name": "Khách lẻ", "phone": "0933450210" }));
    assert_eq!(body["payment_method"], "ewallet_momo");
}

#[test]
fn the_description_is_filled_in_per_order() {
    let description = Description::new("{label} {sequence}", "Quầy 1", 30).expect("a description");
    let finan = Finan::new(FinanAccount { description: Some(description), ..account() });
    let body: Value = serde_json::from_slice(&sent(finan.make(&making(), NOW)).body).expect("JSON");
    assert_eq!(body["description"], "Quay 1 029727122");
}

#[test]
fn a_question_is_asked_by_the_id_when_it_is_known() {
    let path = |id| sent(finan().ask(&known(id), Question::Status, NOW)).path;
    assert_eq!(path(Some(ID)), format!("/api/v1/payments/{ID}"));
    assert_eq!(path(Some("PR_7-x")), "/api/v1/payments/PR_7-x");
    assert_eq!(path(None), format!("/api/v1/payments?reference_id={ORDER}"));
}

#[test]
fn p11_an_id_that_could_become_another_path_is_never_part_of_one() {
    let long = "a".repeat(129);
    for id in ["", ".", "..", "../bank-accounts", "a/b", "a?b", "a#b", "a%2e", "a b", "đ", "a\nb", "a.b", &long] {
        let asked = sent(finan().ask(&known(Some(id)), Question::Status, NOW));
        assert_eq!(asked.path, format!("/api/v1/payments?reference_id={ORDER}"), "{id}");
    }
}

#[test]
fn the_kind_of_reference_is_part_of_the_list_s_path_whatever_is_in_it() {
    let path = |kind: &str| {
        let finan = Finan::new(FinanAccount { reference_type: Some(kind.to_owned()), ..account() });
        let request = sent(finan.ask(&known(None), Question::Status, NOW));
        check_signature(&request, FinanSignature::Sha256Concat);
        request.path.rsplit_once("&reference_type=").map(|(_, kind)| kind.to_owned())
    };
    assert_eq!(path("invoice").as_deref(), Some("invoice"));
    assert_eq!(path("a&b=c#'\"%~.").as_deref(), Some("a%26b%3Dc%23%27%22%25~."));
}

#[test]
fn a_clock_before_1970_still_tells_a_number() {
    let request = sent(finan().make(&making(), UnixTime::from_secs(-5)));
    assert_eq!(header(&request, "x-timestamp"), "0");
}
