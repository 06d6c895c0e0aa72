//! Requests as they are sent, and what is refused before anything is.

use super::*;

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).expect("a JSON body")
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

fn assert_signed(request: &Request) {
    let signature = header(request, "x-partner-sign").expect("a signature");
    let key = VerifyingKey::from_pem(MERCHANT_PUBLIC.as_bytes()).expect("a key");
    assert!(key.verifies(&request.body, signature), "exactly the bytes that are sent are signed");
}

/// What the documentation's page on e-wallets in Vietnam has beside the session, for our order.
fn wanted() -> Value {
    json!({
        "payment_details": {
            "type": "internet_banking",
            "internet_banking": { "type": "country_ewallet", "country_ewallet": { "country_iso2": "VN" } },
        },
        "amount_details": { "amount": 100_000, "currency": "VND" },
        "customer": { "reference": "0001017-029727122", "contacts": [{ "email": "email@example.com" }] },
        "participant_details": { "sender": { "full_name": "Name Surname", "document": "12333315123" } },
        "payment_options": { "recurrent": false },
    })
}

#[test]
fn a_session_is_created_then_started() {
    let provider = provider();
    let request = sent(provider.make(&making(MakeStep::Create), NOW));
    assert_eq!((request.name, request.path.as_str()), ("create", "/api/v1/session/create"));
    assert_eq!(body(&request), json!({ "metadata": "0001017-029727122" }));
    assert_signed(&request);

    let request = sent(provider.make(&making(MakeStep::Start(session_id())), NOW));
    assert_eq!(request.path, "/api/v1/session/start/payment");
    let mut want = wanted();
    want["session_id"] = json!(SESSION);
    assert_eq!(body(&request), want);
    assert_eq!(request.headers.len(), 1);
    assert_signed(&request);
    assert!(provider.repeats(&MakeStep::Create));
    assert!(!provider.repeats(&MakeStep::Start(session_id())));
}

#[test]
fn both_are_one_with_a_key_that_stays_the_same() {
    let provider = with_init();
    let request = sent(provider.make(&making(MakeStep::Create), NOW));
    assert_eq!(request.path, "/api/v1/session/init/payment");
    assert_eq!(body(&request), wanted());
    assert_eq!(header(&request, "X-Idempotency"), Some("0001017-029727122"));
    assert_eq!(sent(provider.make(&making(MakeStep::Create), NOW)), request, "a repetition is the same to the byte");
    assert_signed(&request);
}

#[test]
fn the_settings_of_the_account_are_sent() {
    let provider = SmartGlocal::new(SmartGlocalAccount {
        api: ApiNames::V2,
        submerchant: Some("shop-1".to_owned()),
        minor_units: MinorUnits::Hundredths,
        return_url: Some("https://shop.example/ok".to_owned()),
        ..account()
    });
    let request = sent(provider.make(&making(MakeStep::Start(session_id())), NOW));
    assert_eq!(request.path, "/api/v2/session/start/payment");
    assert_eq!(body(&request)["amount_details"], json!({ "amount": 10_000_000, "currency": "VND" }));
    assert_eq!(
        body(&request)["payment_options"],
        json!({ "return_url": "https://shop.example/ok", "recurrent": false })
    );
    let want: [(&str, &str, &[u8]); 2] =
        [("project", "x-partner-project", b"shop"), ("submerchant", "x-partner-submerchant", b"shop-1")];
    assert_eq!(provider.identity(), want);
}

#[test]
fn the_payer_is_whoever_the_sale_names_as_a_whole_or_else_the_account_s() {
    let text = |text: &str| Some(text.to_owned());
    let customer = Customer {
        name: text("Nguyễn Văn A"),
        document: text("001099000001"),
        email: text("a@shop.example"),
        ..Customer::default()
    };
    let sender_of = |customer: &Customer| {
        let making = Making { customer: customer.clone(), ..making(MakeStep::Start(session_id())) };
        let body = body(&sent(provider().make(&making, NOW)));
        (body["participant_details"]["sender"].clone(), body["customer"]["contacts"].clone())
    };
    let sender = json!({ "full_name": "Nguyễn Văn A", "document": "001099000001" });
    assert_eq!(sender_of(&customer), (sender, json!([{ "email": "a@shop.example" }])));
    let half = Customer { document: None, ..customer };
    let sender = json!({ "full_name": "Name Surname", "document": "12333315123" });
    assert_eq!(sender_of(&half), (sender, json!([{ "email": "email@example.com" }])));

    let nobody = SmartGlocal::new(SmartGlocalAccount { payer: None, ..account() });
    for step in [MakeStep::Create, MakeStep::Start(session_id())] {
        let making = Making { customer: half.clone(), ..making(step) };
        let reason = "Smart Glocal needs the customer's name, document and email";
        assert_eq!(nobody.make(&making, NOW), Err(Trouble::Refused(Refusal::unsaid(reason))));
    }
}

#[test]
fn a_session_is_asked_for_confirmed_and_cancelled_by_its_id() {
    let provider = provider();
    for (question, name) in [
        (Question::Status, "status"),
        (Question::Confirm, "confirm"),
        (Question::Cancel(CancelReason::ByCashier), "cancel"),
        (Question::Cancel(CancelReason::Abandoned), "cancel"),
    ] {
        let request = sent(provider.ask(&known(), question, NOW));
        assert_eq!((request.name, request.path.clone()), (name, format!("/api/v1/session/{name}")));
        assert_eq!(body(&request), json!({ "session_id": SESSION }));
        assert_signed(&request);
        let unknown = KnownOrder { provider_id: None, ..known() };
        assert!(matches!(provider.ask(&unknown, question, NOW), Err(Trouble::NotFound { .. })));
    }
}

#[test]
fn the_confirmation_of_the_documentation_is_ours_to_the_byte() {
    let request = sent(provider().ask(&known(), Question::Confirm, NOW));
    assert_eq!(String::from_utf8(request.body), Ok(r#"{"session_id":"ps_5666"}"#.to_owned()));
}
