//! Every fault does what it says at Finan too.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Shop, done, made, refusal};
use crate::finan::{CallKind, Fault, Lasting};
use crate::http::{Answer, HttpError};
use crate::vietqr::{self, ScanError};

/// Creates an order while the fault is there.
async fn create_with(fault: Fault) -> (Shop, Result<Answer, HttpError>) {
    let shop = Shop::open();
    shop.sandbox.plan(CallKind::Create, fault, Lasting::Calls(1));
    let answer = shop.create(&shop.order("a", 50_000)).await;
    (shop, answer)
}

fn requests_made(shop: &Shop) -> usize {
    shop.sandbox.payment_requests().len()
}

#[tokio::test]
async fn an_answer_can_get_lost_before_and_after_the_request_is_made() {
    let lost = |answer: &Result<Answer, HttpError>| {
        matches!(answer, Err(HttpError::Malformed { .. } | HttpError::Broken { .. }))
    };
    for (fault, want) in [(Fault::CloseBeforeProcessing, 0), (Fault::CloseBeforeAnswer, 1), (Fault::HalfBody, 1)] {
        let (shop, answer) = create_with(fault.clone()).await;
        assert!(lost(&answer), "{fault:?}: {answer:?}");
        assert_eq!(requests_made(&shop), want, "{fault:?}");
    }
}

#[tokio::test]
async fn errors_have_their_status_and_their_retry_after() {
    let (shop, answer) = create_with(Fault::HttpStatus { status: 429, retry_after_s: Some(3) }).await;
    assert_eq!(answer.as_ref().ok().and_then(|answer| answer.header("retry-after")), Some("3"));
    assert_eq!((refusal(answer), requests_made(&shop)), ((429, 429_001), 0));
    let (shop, answer) = create_with(Fault::HttpStatusAfter(502)).await;
    assert_eq!((refusal(answer), requests_made(&shop)), ((502, 502_001), 1));
    let (shop, answer) = create_with(Fault::Refuse("103004".into())).await;
    assert_eq!((refusal(answer), requests_made(&shop)), ((200, 103_004), 0));
    let (shop, answer) = create_with(Fault::Html).await;
    let page = answer.expect("the sandbox answers");
    assert!(serde_json::from_slice::<Value>(&page.body).is_err());
    assert_eq!(requests_made(&shop), 0);
}

#[tokio::test]
async fn a_delay_meets_its_kind_of_call_only() {
    let shop = Shop::open();
    let delay = Duration::from_millis(150);
    shop.sandbox.plan(CallKind::List, Fault::Delay(delay), Lasting::UntilReset);
    shop.sandbox.plan(CallKind::Get, Fault::Refuse("1".into()), Lasting::UntilReset);
    let start = Instant::now();
    assert_eq!(done(shop.get("/api/v1/payments").await), json!([]));
    assert!(start.elapsed() >= delay);
    shop.make("a", 1_000).await;
    assert_eq!(refusal(shop.get("/api/v1/payments/a").await), (200, 1));
    shop.sandbox.reset_faults();
    assert_eq!(shop.ask("a").await["status"], "unpaid");
}

#[tokio::test]
async fn codes_can_be_wrong_or_absent() {
    let code = |answer| made(answer)["bank_transfer_detail"]["qr_code"].clone();
    let (_, answer) = create_with(Fault::OtherAmountInQr).await;
    let amount = code(answer).as_str().map(vietqr::scan).and_then(Result::ok).and_then(|scanned| scanned.amount);
    assert_eq!(amount, Some(51_000));
    let (_, answer) = create_with(Fault::BrokenQr).await;
    assert!(matches!(code(answer).as_str().map(vietqr::scan), Some(Err(ScanError::Checksum { .. }))));
    let (_, answer) = create_with(Fault::NoQr).await;
    assert_eq!(made(answer)["bank_transfer_detail"].get("qr_code"), None);
    let (_, answer) = create_with(Fault::OtherQr("xin chào".into())).await;
    assert_eq!(code(answer), "xin chào");
}

#[tokio::test]
async fn pages_can_be_elsewhere_or_absent() {
    let shop = Shop::open();
    for fault in [Fault::OtherQr("http://pay.example/1".into()), Fault::NoQr, Fault::BrokenQr] {
        shop.sandbox.plan(CallKind::Create, fault, Lasting::Calls(1));
    }
    let mut body = shop.order("a", 50_000);
    body["payment_method"] = json!("card");
    assert_eq!(made(shop.create(&body).await)["payment_url"], "http://pay.example/1");
    assert_eq!(made(shop.create(&body).await)["payment_url"], "");
    let url = made(shop.create(&body).await)["payment_url"].clone();
    assert!(url.as_str().is_some_and(|url| shop.sandbox.read_code(url).is_ok()), "a page has no checksum");
}

#[tokio::test]
async fn somebody_elses_request_and_new_fields_can_be_answered() {
    let (shop, answer) = create_with(Fault::OtherOrder).await;
    let own = shop.sandbox.payment_request("a").expect("the request was made");
    let other = made(answer);
    assert_ne!(other["payment_request_id"], own.id.as_str());
    assert_ne!(other["bank_transfer_detail"]["remark"], own.remark);
    for kind in [CallKind::Get, CallKind::List] {
        shop.sandbox.plan(kind, Fault::OtherOrder, Lasting::Calls(1));
        shop.sandbox.plan(kind, Fault::ExtraField, Lasting::Calls(1));
    }
    let seen = shop.ask("a").await;
    assert_eq!((&seen["reference_id"], &seen["amount"]), (&json!("a-x"), &json!(50_000)));
    assert_eq!(shop.ask("a").await["ghi_chu_moi"], "một trường mới");
    assert_eq!(done(shop.get("/api/v1/payments").await)[0]["reference_id"], "a-x");
    assert_eq!(done(shop.get("/api/v1/payments").await)[0]["ghi_chu_moi"], "một trường mới");
    let (_, answer) = create_with(Fault::ExtraField).await;
    assert_eq!(made(answer)["ghi_chu_moi"], "một trường mới");
}

#[tokio::test]
async fn the_date_of_an_answer_is_that_of_the_sandboxs_clock() {
    let shop = Shop::open();
    shop.sandbox.set_clock_offset_s(-3600);
    let answer = shop.get("/api/v1/payments").await.expect("the sandbox answers");
    let date: jiff::Zoned = jiff::fmt::rfc2822::parse(answer.header("date").unwrap_or_default()).expect("a date");
    let behind = crate::finan::Moment::now(0).secs() - date.timestamp().as_second();
    assert!((3600..3660).contains(&behind), "{behind} s behind");
    assert_eq!(answer.status, 401, "a caller with the right time is too early for it");
}
