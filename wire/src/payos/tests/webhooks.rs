//! Webhooks: believed, forged, regrouped, broken. They know the tests' own signing key and nothing of sales.

use std::collections::BTreeMap;

use super::*;
use crate::description::Description;
use crate::provider::{Delivered, Key, KnownOrder, Next, Provider, Question, Reply, Said, Verdict, Webhooks};

fn data() -> Value {
    json!({
        "orderCode": 1_017_029_727_122_u64, "amount": 50_000, "description": "CS62 029727122", "accountNumber": "12345678",
        "reference": "TF230204212323", "transactionDateTime": "2023-02-04 18:25:00", "currency": "VND",
        "paymentLinkId": "124c33", "code": "00", "desc": "Thành công", "counterAccountName": null,
    })
}

fn webhook() -> Webhook {
    Webhook {
        order_code: 1_017_029_727_122,
        order: Some(order()),
        provider_id: "124c33".to_owned(),
        reference: "TF230204212323".to_owned(),
        amount: 50_000,
        currency: "VND".to_owned(),
        code: "00".to_owned(),
        desc: "Thành công".to_owned(),
        description: "CS62 029727122".to_owned(),
        transacted_at: Some(UnixTime::from_secs(1_675_509_900)),
        ambiguous: None,
    }
}

#[test]
fn a_signed_webhook_is_read_under_any_of_the_keys() {
    let body = bytes(&signed(&data()));
    assert_eq!(read_webhook(&body, &[KEY]), Ok(webhook()));
    assert_eq!(read_webhook(&body, &[b"old", KEY]), Ok(webhook()));
    let refused = Err(WebhookError::WrongSignature);
    assert_eq!(read_webhook(&body, &[]), refused);
    assert_eq!(read_webhook(&body, &[b"old", b"new", b""]), refused);
}

#[test]
fn what_stands_outside_of_the_data_decides_nothing() {
    let body = bytes(&json!({"code": "99", "success": false, "signature": signature(&data()), "data": data()}));
    assert_eq!(read_webhook(&body, &[KEY]), Ok(webhook()));
    let refused = with(&data(), "code", json!("99"));
    let want = Webhook { code: "99".to_owned(), ..webhook() };
    assert_eq!(read_webhook(&refused, &[KEY]), Ok(want));
}

#[test]
fn the_documentation_s_sample_is_the_registration_ping() {
    let vectors = include_str!("../../../../tests/vectors/payos_signatures.json");
    let vectors = json::parse(vectors).expect("a file of vectors is JSON");
    let list = vectors["vectors"].as_array().expect("vectors");
    let docs = list.iter().find(|vector| vector["id"] == "docs-webhook");
    let docs = docs.expect("the documentation's sample");
    let body = bytes(&json!({"data": docs["payload"], "signature": docs["signature"]}));
    let key = docs["key"].as_str().expect("a key").as_bytes();
    let ping = read_webhook(&body, &[key]).expect("the sample verifies");
    assert!(ping.is_registration_ping());
    assert_eq!((ping.order_code, ping.order), (123, None));

    assert!(!webhook().is_registration_ping());
    let of = |order_code, description: &str| Webhook { order_code, description: description.to_owned(), ..webhook() };
    assert!(of(123, "Ma giao dich thu nghiem").is_registration_ping());
    assert!(!of(124, "VQRIO123").is_registration_ping());
    assert!(!of(123, "VQRIO124").is_registration_ping());
}

#[test]
fn p1_an_unsigned_or_forged_webhook_is_told_apart() {
    for signature in [Value::Null, json!(7), json!({})] {
        let body = bytes(&json!({"data": data(), "signature": signature}));
        assert_eq!(read_webhook(&body, &[KEY]), Err(WebhookError::NotSigned));
    }
    let body = bytes(&json!({ "data": data() }));
    assert_eq!(read_webhook(&body, &[KEY]), Err(WebhookError::NotSigned));
    let upper = signature(&data()).to_uppercase();
    for signature in ["", "00", &upper] {
        // The signature is judged before the fields: a forger learns nothing about them.
        for data in [data(), json!({}), json!({"o": {}})] {
            let body = bytes(&json!({"data": data, "signature": signature}));
            assert_eq!(read_webhook(&body, &[KEY]), Err(WebhookError::WrongSignature));
        }
    }
}

#[test]
fn p1_a_signature_that_fits_other_fields_is_not_enough() {
    // Both have the signed text of a genuine webhook, providers.md §1.6.
    let genuine = signature(&data());
    let mut quoted = data();
    quoted["orderCode"] = json!("1017029727122");
    let mut regrouped = data();
    regrouped["orderCode"] = json!("1017029727122&paymentLinkId=124c33");
    regrouped.as_object_mut().expect("an object").remove("paymentLinkId");
    for forged in [quoted, regrouped] {
        assert_eq!(signature(&forged), genuine);
        let body = bytes(&json!({"data": forged, "signature": genuine}));
        let refused =
            WebhookError::WrongType { field: "orderCode", expected: "a whole number from 0 to 9007199254740991" };
        assert_eq!(read_webhook(&body, &[KEY]), Err(refused));
    }
}

#[test]
fn p1_a_payer_s_words_do_not_become_fields() {
    // What the payer wrote is signed; whoever carries the webhook could take it apart as another order's payment.
    let mut paid = data();
    paid["description"] = json!("a&orderCode=1017000000005&paymentLinkId=q&reference=r&transactionDateTime=t&x=");
    let mut moved = data();
    moved["description"] = json!("a");
    moved["orderCode"] = json!(1_017_000_000_005_u64);
    moved["paymentLinkId"] = json!("q");
    moved["reference"] = json!("r");
    moved["transactionDateTime"] = json!("t");
    moved["x"] = json!(
        "&orderCode=1017029727122&paymentLinkId=124c33&reference=TF230204212323&transactionDateTime=2023-02-04 18:25:00"
    );
    assert_eq!(signature(&moved), signature(&paid));
    for body in [paid, moved] {
        let read = read_webhook(&bytes(&signed(&body)), &[KEY]).expect("it is signed");
        assert_eq!(read.ambiguous, Some("orderCode"));
        let hooks = PayOsHooks::new(vec![Key::new(KEY)]);
        let body = bytes(&signed(&body));
        let delivered = Delivered { method: "POST", path: "/hooks/payos", headers: &BTreeMap::new(), body: &body };
        assert_eq!(hooks.read(&delivered).map(|heard| heard.said), Ok(Said::Hint));
    }
    // Any other words are the payer's own affair.
    let body = with(&data(), "description", json!("a&b=c&orderCode"));
    assert_eq!(ambiguous(&body), None);
}

fn ambiguous(body: &[u8]) -> Option<&'static str> {
    read_webhook(body, &[KEY]).expect("it is signed").ambiguous
}

#[test]
fn p1_a_field_that_decides_is_what_the_signed_text_says() {
    // Signed as if nothing stood there, providers.md §1.4.
    for word in ["null", "undefined"] {
        let body = with(&data(), "reference", json!(word));
        assert_eq!(ambiguous(&body), Some("reference"));
    }
    let body = with(&data(), "paymentLinkId", json!("124c33&plan=b"));
    assert_eq!(ambiguous(&body), Some("paymentLinkId"));
    let body = with(&data(), "reference", json!(""));
    assert_eq!(ambiguous(&body), None);
}

#[test]
fn p11_every_mandatory_field_is_demanded_with_its_type() {
    for field in [
        "orderCode",
        "amount",
        "description",
        "accountNumber",
        "reference",
        "transactionDateTime",
        "currency",
        "paymentLinkId",
        "code",
        "desc",
    ] {
        let missing = Err(WebhookError::Missing { field });
        assert_eq!(read_webhook(&without(&data(), field), &[KEY]), missing);
        let body = with(&data(), field, Value::Null);
        assert_eq!(read_webhook(&body, &[KEY]), missing);
        let body = with(&data(), field, json!(true));
        let read = read_webhook(&body, &[KEY]);
        let WebhookError::WrongType { field: named, .. } = read.expect_err("no truth value") else {
            unreachable!("a truth value is a wrong type");
        };
        assert_eq!(named, field);
    }
    let body = with(&data(), "amount", json!(-50_000));
    assert!(read_webhook(&body, &[KEY]).is_err());
    let body = with(&data(), "amount", json!(1.5));
    assert!(read_webhook(&body, &[KEY]).is_err());
}

#[test]
fn p11_what_is_no_webhook_is_refused_for_its_reason() {
    let read = |body: &[u8]| read_webhook(body, &[KEY]);
    assert_eq!(read(b"\xff{}"), Err(WebhookError::NotUtf8));
    let object = |field| Err(WebhookError::WrongType { field, expected: "an object" });
    assert_eq!(read(b"[]"), object("body"));
    assert_eq!(read(br#"{"data":[],"signature":""}"#), object("data"));
    let missing = Err(WebhookError::Missing { field: "data" });
    assert_eq!(read(b"{}"), missing);
    assert_eq!(read(br#"{"data":null}"#), missing);
    let deep = format!(r#"{{"data":{}"#, r#"{"a":"#.repeat(10_000));
    for body in ["", "payos", "{\"data\":{\"a\":1,\"a\":1}}", &deep] {
        let read = read(body.as_bytes());
        assert!(matches!(read, Err(WebhookError::NotJson { .. })), "{read:?}");
    }
}

#[test]
fn p1_a_webhook_with_one_byte_of_its_data_changed_is_refused() {
    let body = bytes(&signed(&data()));
    let text = String::from_utf8_lossy(&body).into_owned();
    let from = text.find("{\"orderCode").expect("data");
    assert_eq!(read_webhook(&body, &[KEY]), Ok(webhook()));
    for at in from..body.len() - 1 {
        let mut changed = body.clone();
        changed[at] ^= 1;
        let read = read_webhook(&changed, &[KEY]);
        assert!(read.is_err(), "{}", String::from_utf8_lossy(&changed));
    }
}

#[test]
fn p1_while_keys_are_changed_webhooks_and_answers_are_believed_under_both() {
    let body = bytes(&signed(&data()));
    let headers = BTreeMap::new();
    let delivered = Delivered { method: "POST", path: "/hooks/payos", headers: &headers, body: &body };
    let answer = json!({
        "id": "124c33", "orderCode": 1_017_029_727_122_u64, "amount": 50_000, "amountPaid": 0, "amountRemaining": 50_000,
        "status": "PENDING", "createdAt": "2025-12-12T09:00:00+07:00", "transactions": [],
    });
    let body = bytes(&signed(&answer));
    let reply = Reply { verdict: Verdict::Yes, headers: BTreeMap::new(), body, after: None };
    let known = KnownOrder { order: order(), provider_id: None, amount: Amount::vnd(50_000) };
    let believed = |first: &[u8], next: Option<&[u8]>| {
        let payos = PayOs::new(PayOsAccount {
            client_id: Key::new(b"client"),
            api_key: Key::new(b"api"),
            checksum_key: Key::new(first),
            partner_code: None,
            description: Description::new("{sequence}", "counter", 25).expect("a description"),
            return_url: String::new(),
            cancel_url: String::new(),
        })
        .believing(next.map(Key::new));
        let question = Question::Status;
        let Ok(Next::Send(request)) = payos.ask(&known, question, UnixTime::from_secs(0)) else {
            unreachable!("there is a question to be sent")
        };
        let told = payos.told(&known, question, &request, &reply, UnixTime::from_secs(0));
        (payos.read(&delivered).is_ok(), told.is_ok())
    };
    assert_eq!(believed(KEY, None), (true, true));
    assert_eq!(believed(b"old", Some(KEY)), (true, true));
    assert_eq!(believed(KEY, Some(b"new")), (true, true));
    assert_eq!(believed(b"old", None), (false, false));
    assert_eq!(believed(b"old", Some(b"new")), (false, false));
}
