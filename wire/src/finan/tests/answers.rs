//! Answers to a create: usable, refused, about something else, broken.

use super::*;
use crate::provider::{CodeText, Made, Payee};

fn created() -> Value {
    json!({
        "message": {"content": "Tạo thành công"}, "code": 102_001, "request_id": "d0a4",
        "data": {
            "payment_request_id": ID, "payment_request_code": "PRJXH9KU", "payment_url": "",
            "bank_transfer_detail": {
                "qr_code": "000201", "bank_name": "MB", "account_name": "TRAN TU THIEN", "account_number": "0933450210",
                "remark": "TTVD7ZZS",
            },
        },
    })
}

fn judged(reply: &Reply) -> Result<Made, Trouble> {
    let request = sent(finan().make(&making(), NOW));
    finan().made(&making(), &request, reply, NOW).map(|next| match next {
        Next::Done(made) => made,
        Next::Send(request) => panic!("nothing is to be sent: {request:?}"),
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Result<Made, Trouble> {
    let mut answer = created();
    change(&mut answer);
    judged(&yes(&answer))
}

fn payable(code: Option<CodeText>) -> Made {
    let payee = Payee { bin: None, account: Some("0933450210".to_owned()), name: Some("TRAN TU THIEN".to_owned()) };
    Made::Payable { provider_id: ProviderId(ID.to_owned()), code, payee }
}

fn invalid(reason: &str) -> Result<Made, Trouble> {
    Err(Trouble::Invalid { reason: reason.to_owned() })
}

#[test]
fn the_code_is_the_transfer_s_or_else_the_page_s_address() {
    let code = CodeText::VietQr("000201".to_owned());
    assert_eq!(judged(&yes(&created())), Ok(payable(Some(code.clone()))));
    let both = with(|answer| answer["data"]["payment_url"] = json!("https://pay.finan.one/x"));
    assert_eq!(both, Ok(payable(Some(code))));
    let page = CodeText::Url("https://pay.finan.one/x".to_owned());
    for qr_code in [json!(""), Value::Null] {
        let address = with(|answer| {
            answer["data"]["payment_url"] = json!("https://pay.finan.one/x");
            answer["data"]["bank_transfer_detail"]["qr_code"] = qr_code.clone();
        });
        assert_eq!(address, Ok(payable(Some(page.clone()))));
        let neither = with(|answer| answer["data"]["bank_transfer_detail"]["qr_code"] = qr_code.clone());
        assert_eq!(neither, Ok(payable(None)));
    }
    let nobody = Made::Payable { provider_id: ProviderId(ID.to_owned()), code: Some(page), payee: Payee::default() };
    let card = with(|answer| {
        answer["data"] = json!({ "payment_request_id": ID, "payment_url": "https://pay.finan.one/x" });
    });
    assert_eq!(card, Ok(nobody.clone()));
    let card = with(|answer| {
        answer["data"]["payment_url"] = json!("https://pay.finan.one/x");
        answer["data"]["bank_transfer_detail"] = Value::Null;
    });
    assert_eq!(card, Ok(nobody));
}

#[test]
fn p3_the_id_leaves_without_its_prefix() {
    let code = Some(CodeText::VietQr("000201".to_owned()));
    let prefixed = with(|answer| answer["data"]["payment_request_id"] = json!(format!("PR-{ID}")));
    assert_eq!(prefixed, Ok(payable(code)));
    let empty = with(|answer| answer["data"]["payment_request_id"] = json!("PR-"));
    assert_eq!(empty, invalid("cannot read Finan's answer: the field `payment_request_id` has nothing after `PR-`"));
}

#[test]
fn a_bank_that_is_named_by_its_number_is_the_payee_s() {
    let made = with(|answer| answer["data"]["bank_transfer_detail"]["bank_name"] = json!("970422"));
    let Ok(Made::Payable { payee, .. }) = made else { unreachable!("it is payable: {made:?}") };
    assert_eq!(payee.bin.as_deref(), Some("970422"));
}

#[test]
fn any_other_code_is_a_refusal_in_finan_s_words() {
    let refused = |code: u64, words: &str| {
        let reason = format!("Finan refused with code {code}: `{words}`");
        Err(no_for(RefusalCause::Unsaid, Some(&code.to_string()), &reason))
    };
    assert_eq!(with(|answer| answer["code"] = json!(102_000)), refused(102_000, "Tạo thành công"));
    assert_eq!(judged(&yes(&refused_with(json!({"content": "Lý\u{7} do"})))), refused(400_001, "Lý\u{fffd} do"));
    assert_eq!(judged(&yes(&refused_with(json!("in one word")))), refused(400_001, "in one word"));
    assert_eq!(judged(&yes(&refused_with(json!(["x"])))), refused(400_001, ""));
    let long = "đ".repeat(300);
    let cut = format!("{}…", "đ".repeat(200));
    assert_eq!(judged(&yes(&refused_with(json!({ "content": long })))), refused(400_001, &cut));
}

fn no_for(cause: RefusalCause, code: Option<&str>, reason: &str) -> Trouble {
    Trouble::Refused(Refusal { cause, code: code.map(str::to_owned), reason: reason.to_owned() })
}

fn refused_with(message: Value) -> Value {
    json!({"message": message, "code": 400_001})
}

#[test]
fn a_no_of_http_stays_one_whatever_the_body_says() {
    use RefusalCause::{Access, Unsaid};
    let with_words = |reason: &str| format!("{reason}: code 102001: `Tạo thành công`");
    let success = created().to_string();
    let forbidden = Verdict::Forbidden { reason: "HTTP 401".to_owned() };
    let cases = [
        (reply(forbidden.clone(), success.clone()), no_for(Access, Some("102001"), &with_words("HTTP 401"))),
        (no(400, success.clone()), no_for(Unsaid, Some("102001"), &with_words("HTTP 400"))),
        (no(404, success.clone()), Trouble::NotFound { reason: with_words("HTTP 404") }),
        (no(409, success), Trouble::Duplicate { reason: with_words("HTTP 409") }),
        (no(422, ""), no_for(Unsaid, None, "HTTP 422")),
        (no(422, "<html>"), no_for(Unsaid, None, "HTTP 422")),
        (no(422, "{}"), no_for(Unsaid, None, "HTTP 422")),
        (no(422, r#"{"code":5}"#), no_for(Unsaid, Some("5"), "HTTP 422: code 5")),
        (no(422, r#"{"message":"no"}"#), no_for(Unsaid, None, "HTTP 422: `no`")),
        (reply(forbidden, r#"{"code":"x"}"#), no_for(Access, None, "HTTP 401")),
    ];
    for (reply, trouble) in cases {
        assert_eq!(judged(&reply), Err(trouble));
    }
}

#[test]
fn p4_an_answer_that_repeats_another_reference_is_not_ours() {
    let other = with(|answer| answer["data"]["reference_id"] = json!("0001017-029727123"));
    let reason = "Finan answered about another order (`0001017-029727123`) than the one asked for (0001017-029727122)";
    assert_eq!(other, invalid(reason));
    for reference in [json!(ORDER), json!(""), Value::Null] {
        assert!(with(|answer| answer["data"]["reference_id"] = reference).is_ok());
    }
}

#[test]
fn p11_every_type_is_checked() {
    let text = "is not a text";
    for (pointer, value, reason) in [
        ("/code", json!("102001"), "the field `code` is not a whole number from 0 to 9007199254740991"),
        ("/code", json!(102_001.5), "the field `code` is not a whole number from 0 to 9007199254740991"),
        ("/code", Value::Null, "the field `code` is missing"),
        ("/data", Value::Null, "the field `data` is not an object"),
        ("/data", json!([]), "the field `data` is not an object"),
        ("/data/payment_request_id", Value::Null, "the field `payment_request_id` is missing"),
        ("/data/payment_request_id", json!(7), &format!("the field `payment_request_id` {text}")),
        ("/data/payment_request_id", json!(""), "the field `payment_request_id` is not a text that is not empty"),
        ("/data/payment_url", json!(7), &format!("the field `payment_url` {text}")),
        ("/data/bank_transfer_detail", json!("x"), "the field `bank_transfer_detail` is not an object"),
        ("/data/bank_transfer_detail/qr_code", json!({}), &format!("the field `qr_code` {text}")),
        ("/data/bank_transfer_detail/account_number", json!(933), &format!("the field `account_number` {text}")),
        ("/data/bank_transfer_detail/account_name", json!([]), &format!("the field `account_name` {text}")),
        ("/data/bank_transfer_detail/bank_name", json!(true), &format!("the field `bank_name` {text}")),
    ] {
        let answer = with(|answer| *answer.pointer_mut(pointer).expect(pointer) = value);
        assert_eq!(answer, invalid(&format!("cannot read Finan's answer: {reason}")));
    }
    let body = |bytes: &[u8]| judged(&reply(Verdict::Yes, bytes));
    assert_eq!(body(b"\xff"), invalid("cannot read Finan's answer: it is not UTF-8"));
    assert_eq!(body(b"[]"), invalid("cannot read Finan's answer: it is not a JSON object"));
    assert!(matches!(body(b"<html>"), Err(Trouble::Invalid { .. })));
    assert!(matches!(body(br#"{"code":102001,"code":102001}"#), Err(Trouble::Invalid { .. })));
}
