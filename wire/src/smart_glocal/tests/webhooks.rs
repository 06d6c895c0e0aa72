//! Webhooks: believed, forged, of every type, and those that concern no till.

use super::*;

fn delivered(body: &[u8], signature: Option<&str>) -> Result<Heard, WebhookError> {
    let headers = signature.map(|signature| ("x-partner-sign".to_owned(), signature.to_owned()));
    let headers = headers.into_iter().collect();
    let delivered = Delivered { method: "POST", path: "/hooks/glocal", headers: &headers, body };
    SmartGlocalHooks::new(vec![glocal_public()], MinorUnits::Dong).read(&delivered)
}

fn in_progress(payment: Value) -> Value {
    session("in_progress", &[payment])
}

/// A session of ours with this amount and currency.
fn of(status: &str, amount: Value, currency: &str) -> Value {
    in_progress(with(status, "amount_details", json!({ "amount": amount, "currency": currency })))
}

#[test]
fn p1_only_smart_glocal_s_own_signature_over_exactly_these_bytes_is_believed() {
    let body = json!({ "type": "payment_finished", "session": in_progress(succeeded()) }).to_string();
    let signature = sign(GLOCAL, body.as_bytes());
    let heard = delivered(body.as_bytes(), Some(&signature)).expect("it is signed");
    assert_eq!(heard.said, Said::Transfer(transfer()));
    for unsigned in [None, Some("")] {
        assert_eq!(delivered(body.as_bytes(), unsigned), Err(WebhookError::NotSigned));
    }
    let wrong = Err(WebhookError::WrongSignature);
    assert_eq!(delivered(body.as_bytes(), Some(&sign(MERCHANT, body.as_bytes()))), wrong);
    assert_eq!(delivered(body.as_bytes(), Some("signature")), wrong);
    assert_eq!(delivered(body.replace("100000", "100001").as_bytes(), Some(&signature)), wrong);
    assert_eq!(delivered(format!("{body} ").as_bytes(), Some(&signature)), wrong);
    // A forger learns nothing of what else is wrong.
    for broken in [b"\xff".as_slice(), b"", b"{", b"[]"] {
        assert_eq!(delivered(broken, Some(&signature)), wrong);
    }
    let keyless = SmartGlocalHooks::new(Vec::new(), MinorUnits::Dong);
    let headers = BTreeMap::from([("x-partner-sign".to_owned(), signature.clone())]);
    let delivered = Delivered { method: "POST", path: "/", headers: &headers, body: body.as_bytes() };
    assert_eq!(keyless.read(&delivered), wrong);
    let merchant = VerifyingKey::from_pem(MERCHANT_PUBLIC.as_bytes()).expect("a key");
    let changing = SmartGlocalHooks::new(vec![merchant, glocal_public()], MinorUnits::Dong);
    assert!(changing.read(&delivered).is_ok(), "any of the keys will do");
    assert_eq!(changing.signed_headers(), ["x-partner-sign"]);
    assert_eq!(provider().read(&delivered), Ok(heard.clone()));
    let merchant = || VerifyingKey::from_pem(MERCHANT_PUBLIC.as_bytes()).expect("a key");
    let old = || SmartGlocal::new(SmartGlocalAccount { webhook_key: merchant(), ..account() });
    assert_eq!(old().read(&delivered), wrong);
    assert_eq!(old().believing(Some(glocal_public())).read(&delivered), Ok(heard));
}

#[test]
fn p11_what_is_signed_and_no_webhook_says_what_is_wrong() {
    let read = |body: &str| read_with(MinorUnits::Dong, body.as_bytes()).map(drop);
    assert_eq!(read_with(MinorUnits::Dong, b"\xff").map(drop), Err(WebhookError::NotUtf8));
    assert!(matches!(read("{"), Err(WebhookError::NotJson { .. })));
    assert!(matches!(read(r#"{"type":"a","type":"b"}"#), Err(WebhookError::NotJson { .. })));
    assert_eq!(read("[]"), Err(WebhookError::WrongType { field: "the body", expected: "an object" }));
    assert_eq!(read("{}"), Err(WebhookError::Missing { field: "type" }));
    assert_eq!(read(r#"{"type":7}"#), Err(WebhookError::WrongType { field: "type", expected: "a text" }));
    let finished = |session: &str| read(&format!(r#"{{"type":"payment_finished","session":{session}}}"#));
    assert_eq!(read(r#"{"type":"payment_finished"}"#), Err(WebhookError::Missing { field: "session" }));
    assert_eq!(finished("7"), Err(WebhookError::WrongType { field: "session", expected: "an object" }));
    assert_eq!(finished("{}"), Err(WebhookError::Missing { field: "id" }));
    assert_eq!(finished(r#"{"id":"ps_1"}"#), Err(WebhookError::Missing { field: "status" }));
    let expected = "a list of objects";
    for list in ["acquiring_payments", "payment_list", "payments", "payout_list"] {
        let error = finished(&format!(r#"{{"id":"ps_1","status":"accepted","{list}":{{}}}}"#));
        assert_eq!(error, Err(WebhookError::WrongType { field: list, expected }));
    }
}

#[test]
fn a_webhook_names_session_and_order() {
    let heard = heard("payment_finished", &in_progress(succeeded()));
    assert_eq!((heard.order, heard.provider_id), (Some(order()), session_id()));
    assert_eq!((heard.purpose, heard.note, heard.signed_at), (None, None, None));
    let reference = |reference: Value| {
        let payment = with("succeeded", "customer", json!({ "reference": reference }));
        super::heard("payment_finished", &in_progress(payment)).order
    };
    for foreign in [json!("user123"), json!(7), Value::Null, json!("0001017-29727122"), json!(" 0001017-029727122")] {
        assert_eq!(reference(foreign), None);
    }
    let second = with("succeeded", "customer", json!({ "reference": "0001017-029727123" }));
    let two = session("in_progress", &[succeeded(), second]);
    assert_eq!(super::heard("payment_finished", &two).order, None, "two orders are none");
}

#[test]
fn a_wish_for_a_confirmation_has_the_amount_that_it_is_about() {
    let ready = |session: &Value| said("ready_to_confirm", session);
    for status in ["in_progress", "pending"] {
        assert_eq!(ready(&in_progress(payment(status))), Said::Ready(Some(Amount::vnd(100_000))));
        assert_eq!(ready(&of(status, json!(99_999), "vnd")), Said::Ready(Some(Amount::vnd(99_999))));
    }
    assert_eq!(ready(&of("pending", json!(100_000), "USD")), Said::Ready(None));
    assert_eq!(ready(&of("pending", json!("100000"), "VND")), Said::Ready(None));
    assert_eq!(ready(&of("pending", json!(-1), "VND")), Said::Ready(None));
    assert_eq!(ready(&session("in_progress", &[payment("pending"), payment("pending")])), Said::Ready(None));
    let after_another = session("in_progress", &[payment("failed"), payment("pending")]);
    assert_eq!(ready(&after_another), Said::Ready(Some(Amount::vnd(100_000))));
    // What has ended is not confirmed: the session itself tells more.
    assert_eq!(ready(&in_progress(succeeded())), Said::Hint);
}

#[test]
fn only_the_type_decides() {
    let mut session = in_progress(succeeded());
    session["next_action"] = json!("confirm");
    session["actions"] = json!({ "confirm": "2025-12-04T07:48:28.327146Z", "capture": "2025-12-04T07:49:42.965552Z" });
    for status in [json!("ok"), json!("error"), Value::Null] {
        let body = json!({ "type": "payment_finished", "status": status, "session": session }).to_string();
        let heard = read_with(MinorUnits::Dong, body.as_bytes()).expect("a webhook");
        assert_eq!(heard.said, Said::Transfer(transfer()));
    }
}

#[test]
fn p3_one_succeeded_payment_of_our_currency_is_money() {
    let finished = |session: &Value| said("payment_finished", session);
    assert_eq!(finished(&in_progress(succeeded())), Said::Transfer(transfer()));
    let timeless = Transfer { transacted_at: None, ..transfer() };
    assert_eq!(finished(&in_progress(payment("succeeded"))), Said::Transfer(timeless.clone()));
    assert_eq!(finished(&session("accepted", &[payment("failed"), payment("succeeded")])), Said::Transfer(timeless));
    for no_payment in [
        of("succeeded", json!(100_000), "USD"),
        of("succeeded", json!(0), "VND"),
        of("succeeded", json!("100000"), "VND"),
        of("succeeded", json!(1.5), "VND"),
        in_progress(with("succeeded", "id", json!(""))),
        in_progress(with("succeeded", "amount_details", Value::Null)),
    ] {
        assert_eq!(finished(&no_payment), Said::NoPayment, "{no_payment}");
    }
    for hint in [
        in_progress(payment("failed")),
        in_progress(payment("pending")),
        session("accepted", &[]),
        session("accepted", &[succeeded(), succeeded()]),
    ] {
        assert_eq!(finished(&hint), Said::Hint, "{hint}");
    }
}

#[test]
fn money_in_hundredths_is_whole_or_none() {
    let finished = |amount: u64| {
        let body = json!({ "type": "payment_finished", "session": of("succeeded", json!(amount), "VND") }).to_string();
        read_with(MinorUnits::Hundredths, body.as_bytes()).expect("a webhook").said
    };
    let money = Transfer { amount: Amount::vnd(1000), transacted_at: None, ..transfer() };
    assert_eq!(finished(100_000), Said::Transfer(money));
    assert_eq!(finished(100_050), Said::NoPayment);
}

#[test]
fn an_action_without_a_word_of_what_is_to_be_done_is_a_hint() {
    assert_eq!(said("action_required", &in_progress(payment("pending"))), Said::Hint);
    let there = redirect(json!({ "url": "https://b.example", "method": "GET" }));
    let over = in_progress(with("failed", "customer_interaction", there));
    assert_eq!(said("action_required", &over), Said::Hint);
}

#[test]
fn refunds_are_those_that_have_been_made() {
    // The page on `payment_refunded`, in our currency.
    let listed = json!([{
        "id": "rf_203", "status": "accepted", "created_at": "2024-05-27T02:03:00.000000Z",
        "finished_at": "2024-05-27T02:03:00.000000Z", "is_chargeback": true,
        "amount_details": { "amount": 1000, "currency": "vnd" },
    }]);
    let refunded = in_progress(with("succeeded", "refunds", listed.clone()));
    let want = Refund {
        reference: TransferRef("rf_203".to_owned()),
        amount: Amount::vnd(1000),
        refunded_at: "2024-05-27T02:03:00Z".parse().ok(),
    };
    assert_eq!(said("payment_refunded", &refunded), Said::Refunds(vec![want]));
    let with_status = |status: &str| {
        let mut listed = listed.clone();
        listed[0]["status"] = json!(status);
        said("payment_refunded", &in_progress(with("succeeded", "refunds", listed)))
    };
    for other in ["in_progress", "failed", "a_new_word"] {
        assert_eq!(with_status(other), Said::Hint);
    }
    assert_eq!(said("payment_refunded", &in_progress(succeeded())), Said::Hint);
}

#[test]
fn payouts_and_unknown_types_concern_no_till() {
    for kind in ["ready_to_confirm", "payment_refunded", "payment_finished", "action_required"] {
        for list in ["payments", "payout_list"] {
            let mut payouts = session("in_progress", &[]);
            payouts[list] = json!([{ "id": "po_1313", "status": "pending" }]);
            let heard = heard(kind, &payouts);
            assert_eq!((heard.said, heard.order), (Said::Nothing, None));
            payouts[list] = json!([{ "id": "pm_1313", "status": "pending" }]);
            assert_eq!(said(kind, &payouts), Said::Hint, "what is no payout is asked about");
        }
    }
    let mut both = in_progress(payment("pending"));
    both["payments"] = json!([{ "id": "po_1313" }]);
    assert_eq!(said("ready_to_confirm", &both), Said::Ready(Some(Amount::vnd(100_000))));
    for kind in ["ready_to_capture", "payout_finished", "", "READY_TO_CONFIRM", "payment_finished "] {
        let heard = heard(kind, &in_progress(succeeded()));
        assert_eq!((heard.said, heard.order, heard.provider_id), (Said::Nothing, None, session_id()));
    }
    let bare = read_with(MinorUnits::Dong, br#"{"type":"ping"}"#).expect("a webhook");
    assert_eq!((bare.said, bare.provider_id), (Said::Nothing, ProviderId(String::new())));
}
