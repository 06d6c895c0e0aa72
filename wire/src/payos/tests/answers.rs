//! Answers to the till's own requests. They know the tests' own signing key and nothing of sales.

use super::*;

fn created_data() -> Value {
    json!({
        "bin": "970422", "accountNumber": "113366668888", "accountName": "QUY VAC XIN", "amount": 50_000,
        "description": "CS62H9BJD45 029727122", "orderCode": 1_017_029_727_122_u64, "currency": "VND",
        "paymentLinkId": "124c33", "status": "PENDING", "expiredAt": null, "checkoutUrl": "https://pay.payos.vn/web/124c33",
        "qrCode": "000201",
    })
}

fn created() -> Created {
    Created {
        order: order(),
        provider_id: "124c33".to_owned(),
        amount: Amount::vnd(50_000),
        bin: "970422".to_owned(),
        account_number: "113366668888".to_owned(),
        account_name: "QUY VAC XIN".to_owned(),
        description: "CS62H9BJD45 029727122".to_owned(),
        status: LinkStatus::Pending,
        code: "000201".to_owned(),
        checkout_url: "https://pay.payos.vn/web/124c33".to_owned(),
    }
}

fn link_data() -> Value {
    json!({
        "id": "124c33", "orderCode": 1_017_029_727_122_u64, "amount": 50_000, "amountPaid": 20_000,
        "amountRemaining": 30_000, "status": "UNDERPAID", "createdAt": "2025-12-12T09:00:00+07:00",
        "transactions": [
            {"reference": "FT1", "amount": 15_000, "transactionDateTime": "2025-12-12 09:00:01", "virtualAccountName": null},
            {"reference": "", "amount": 5_000, "transactionDateTime": "soon"},
        ],
        "canceledAt": null, "cancellationReason": null,
    })
}

fn link() -> Link {
    let transfer = |reference: &str, amount, transacted_at| Transfer {
        reference: reference.to_owned(),
        amount: Amount::vnd(amount),
        transacted_at,
    };
    let made = UnixTime::from_secs(1_765_504_800);
    let first = UnixTime::from_secs(1_765_504_801);
    Link {
        provider_id: "124c33".to_owned(),
        order: order(),
        amount: Amount::vnd(50_000),
        amount_paid: Amount::vnd(20_000),
        status: LinkStatus::Underpaid,
        created_at: Some(made),
        transfers: vec![transfer("FT1", 15_000, Some(first)), transfer("", 5000, None)],
    }
}

#[test]
fn a_signed_answer_is_read() {
    let body = bytes(&signed(&created_data()));
    assert_eq!(read_created(&body, KEY), Ok(created()));
    let body = bytes(&signed(&link_data()));
    assert_eq!(read_link(&body, KEY), Ok(link()));
}

#[test]
fn what_payos_adds_or_leaves_out_is_tolerated() {
    let more = with(&created_data(), "later", json!([{"a": 1}]));
    assert_eq!(read_created(&more, KEY), Ok(created()));
    let less = without(&created_data(), "checkoutUrl");
    let want = Created { checkout_url: String::new(), ..created() };
    assert_eq!(read_created(&less, KEY), Ok(want));
    for (body, status) in [
        (without(&link_data(), "transactions"), link().status),
        (with(&link_data(), "transactions", Value::Null), link().status),
        (with(&link_data(), "transactions", json!([])), link().status),
    ] {
        let want = Link { transfers: vec![], status, ..link() };
        assert_eq!(read_link(&body, KEY), Ok(want));
    }
}

#[test]
fn a_code_that_is_not_00_is_a_refusal_with_its_meaning() {
    for (code, meaning) in [
        ("20", Meaning::Invalid),
        ("101", Meaning::NotFound),
        ("201", Meaning::RequestSignature),
        ("214", Meaning::ChannelClosed),
        ("231", Meaning::Duplicate),
        ("401", Meaning::Unauthorised),
        ("429", Meaning::TooManyRequests),
        ("0", Meaning::Other),
        ("", Meaning::Other),
    ] {
        let desc = "Đơn thanh toán đã tồn tại";
        let body = bytes(&json!({"code": code, "desc": desc, "data": null, "signature": null}));
        let refused = AnswerError::Refused { code: code.to_owned(), desc: desc.to_owned(), meaning };
        assert_eq!(read_created(&body, KEY), Err(refused.clone()));
        assert_eq!(read_link(&body, KEY), Err(refused));
    }
    let said = read_link(br#"{"code":"231","desc":"x"}"#, KEY).map_err(|e| e.to_string());
    let want = "payOS has an order of this number already (code `231`: `x`)";
    assert_eq!(said, Err(want.to_owned()));
}

#[test]
fn p1_success_without_a_right_signature_is_no_success() {
    for signature in [Value::Null, json!(1), json!(["a"])] {
        let mut body = signed(&link_data());
        body["signature"] = signature;
        assert_eq!(read_link(&bytes(&body), KEY), Err(AnswerError::NotSigned));
    }
    let body = bytes(&json!({"code": "00", "data": null}));
    assert_eq!(read_created(&body, KEY), Err(AnswerError::NotSigned));

    let mut body = signed(&link_data());
    body["data"]["amountPaid"] = json!(50_000);
    assert_eq!(read_link(&bytes(&body), KEY), Err(AnswerError::WrongSignature));
    let body = bytes(&signed(&link_data()));
    assert_eq!(read_link(&body, b"another key"), Err(AnswerError::WrongSignature));
}

fn reason_of_created(body: &[u8]) -> String {
    match read_created(body, KEY) {
        Err(AnswerError::Malformed { reason }) => reason,
        other => format!("not malformed: {other:?}"),
    }
}

#[test]
fn p11_what_is_not_the_answer_is_malformed() {
    let reason = reason_of_created;
    let half = bytes(&signed(&created_data()));
    let half = half.get(..half.len() / 2).expect("half a body");
    assert!(reason(half).starts_with("EOF while parsing"));
    assert_eq!(reason(b"<html>502</html>"), "expected value at line 1 column 1");
    assert_eq!(reason(b"\xff"), "it is not UTF-8");
    assert_eq!(reason(b"[]"), "it is not a JSON object");
    assert_eq!(reason(b"{}"), "the field `code` is missing");
    assert_eq!(reason(br#"{"code":"00","signature":"","data":[]}"#), "the field `data` is not an object");
    assert_eq!(
        reason(br#"{"code":"00","signature":"","data":{"a":{}}}"#),
        "`a` is an object outside of an array, which has no agreed signed form"
    );
    assert_eq!(
        reason(br#"{"code":"00","signature":"","data":{"transactions":{}}}"#),
        "`transactions` is an object outside of an array, which has no agreed signed form"
    );
}

#[test]
fn p11_every_field_is_demanded_with_its_type() {
    let reason = reason_of_created;
    let data = created_data();
    for field in ["bin", "accountNumber", "amount", "orderCode", "paymentLinkId", "status", "qrCode"] {
        let want = format!("the field `{field}` is missing");
        assert_eq!(reason(&without(&data, field)), want);
    }
    let whole = "is not a whole number from 0 to 9007199254740991";
    for (field, value, want) in [
        ("amount", json!("50000"), format!("the field `amount` {whole}")),
        ("amount", json!(-1), format!("the field `amount` {whole}")),
        ("amount", json!(1.5), format!("the field `amount` {whole}")),
        ("orderCode", json!(123), "the order code `123` names no terminal".to_owned()),
        ("orderCode", json!("1"), format!("the field `orderCode` {whole}")),
        ("currency", json!("USD"), "the field `currency` is not `VND`".to_owned()),
        ("qrCode", json!(""), "the field `qrCode` is not a text that is not empty".to_owned()),
        ("status", json!(1), "the field `status` is not a text".to_owned()),
    ] {
        assert_eq!(reason(&with(&data, field, value)), want);
    }
}

#[test]
fn p11_transfers_that_are_no_transfers_are_malformed() {
    for transactions in [
        json!("none"),
        json!(7),
        json!([{"reference": "FT1"}]),
        json!([{"reference": "FT1", "amount": "1"}]),
        json!([{"reference": "FT1", "amount": -1}]),
        json!([{"reference": 1, "amount": 1}]),
    ] {
        let body = with(&link_data(), "transactions", transactions);
        let read = read_link(&body, KEY);
        assert!(matches!(read, Err(AnswerError::Malformed { .. })), "{read:?}");
    }
}

#[test]
fn every_status_keeps_its_word() {
    for word in ["PENDING", "PROCESSING", "PAID", "UNDERPAID", "CANCELLED", "EXPIRED", "FAILED"] {
        let status = LinkStatus::of(word);
        assert!(!matches!(status, LinkStatus::Unknown(_)), "{word}");
        assert_eq!(status.as_str(), word);
    }
    let other = LinkStatus::Unknown("paid".to_owned());
    assert_eq!(LinkStatus::of("paid"), other);
}
