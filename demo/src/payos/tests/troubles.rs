//! Every fault does what it says, for as long as it was asked to.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Shop, read, refusal};
use crate::http::HttpError;
use crate::payos::{CallKind, Fault, Lasting, Status};
use crate::vietqr::{self, ScanError};

/// Creates order 1 while the fault is there.
async fn create_with(fault: Fault) -> (Shop, Result<crate::http::Answer, HttpError>) {
    let shop = Shop::open();
    shop.sandbox.plan(CallKind::Create, fault, Lasting::Calls(1));
    let answer = shop.create(&shop.order(1, 50_000, "x")).await;
    (shop, answer)
}

fn orders_made(shop: &Shop) -> usize {
    shop.sandbox.orders().len()
}

#[tokio::test]
async fn a_delay_holds_the_answer_back() {
    let shop = Shop::open();
    let delay = Duration::from_millis(150);
    shop.sandbox.plan(CallKind::Get, Fault::Delay(delay), Lasting::Calls(1));
    let start = Instant::now();
    assert_eq!(refusal(shop.get("1").await), "101");
    assert!(start.elapsed() >= delay);
}

#[tokio::test]
async fn a_refusal_leaves_no_order() {
    let (shop, answer) = create_with(Fault::Refuse("214".into())).await;
    assert_eq!(refusal(answer), "214");
    assert_eq!(orders_made(&shop), 0);
}

#[tokio::test]
async fn an_http_error_has_its_status_and_its_retry_after() {
    let (shop, answer) = create_with(Fault::HttpStatus { status: 429, retry_after_s: Some(3) }).await;
    let answer = answer.expect("the sandbox answers");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3")));
    assert_eq!(orders_made(&shop), 0);
    let (_, answer) = create_with(Fault::HttpStatus { status: 500, retry_after_s: None }).await;
    let answer = answer.expect("the sandbox answers");
    assert_eq!((answer.status, answer.header("retry-after")), (500, None));
}

#[tokio::test]
async fn an_http_error_can_hide_an_order_that_was_made() {
    let (shop, answer) = create_with(Fault::HttpStatusAfter(502)).await;
    assert_eq!(answer.map(|answer| answer.status).ok(), Some(502));
    assert_eq!(orders_made(&shop), 1);
}

#[tokio::test]
async fn a_connection_closed_before_the_answer_leaves_an_order() {
    let (shop, answer) = create_with(Fault::CloseBeforeAnswer).await;
    assert!(matches!(answer, Err(HttpError::Malformed { .. } | HttpError::Broken { .. })), "{answer:?}");
    assert_eq!(orders_made(&shop), 1);
    assert_eq!(refusal(shop.create(&shop.order(1, 50_000, "x")).await), "231");
}

#[tokio::test]
async fn a_connection_closed_before_processing_leaves_none() {
    let (shop, answer) = create_with(Fault::CloseBeforeProcessing).await;
    assert!(matches!(answer, Err(HttpError::Malformed { .. } | HttpError::Broken { .. })), "{answer:?}");
    assert_eq!(orders_made(&shop), 0);
    shop.data(shop.create(&shop.order(1, 50_000, "x")).await);
}

#[tokio::test]
async fn a_page_for_people_comes_instead_of_json() {
    let (shop, answer) = create_with(Fault::Html).await;
    let answer = answer.expect("the sandbox answers");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    assert_eq!(orders_made(&shop), 0);
}

#[tokio::test]
async fn half_a_body_is_cut_by_the_connections_end() {
    let (shop, answer) = create_with(Fault::HalfBody).await;
    assert!(matches!(answer, Err(HttpError::Malformed { .. } | HttpError::Broken { .. })), "{answer:?}");
    assert_eq!(orders_made(&shop), 1);
}

#[tokio::test]
async fn signatures_can_be_wrong_or_absent() {
    let (shop, answer) = create_with(Fault::WrongSignature).await;
    let body = read(answer);
    assert!(body["signature"].as_str().is_some_and(|text| text.len() == 64) && !shop.is_signed(&body));
    let (shop, answer) = create_with(Fault::NoSignature).await;
    let body = read(answer);
    assert_eq!((body.get("signature"), orders_made(&shop)), (None, 1));
    shop.sandbox.plan(CallKind::Get, Fault::WrongSignature, Lasting::Calls(1));
    assert!(!shop.is_signed(&read(shop.get("1").await)));
    assert!(shop.is_signed(&read(shop.get("1").await)));
}

#[tokio::test]
async fn somebody_elses_order_is_answered_with_a_right_signature() {
    let (shop, answer) = create_with(Fault::OtherOrder).await;
    let data = shop.data(answer);
    let own = shop.sandbox.order(1).expect("the order was made");
    assert_eq!((&data["orderCode"], &data["amount"]), (&json!(2), &json!(50_000)));
    assert_ne!(data["paymentLinkId"], own.link_id);
    assert_eq!(orders_made(&shop), 1);
    shop.sandbox.plan(CallKind::Cancel, Fault::OtherOrder, Lasting::Calls(1));
    let data = shop.data(shop.cancel("1").await);
    assert_eq!((&data["orderCode"], &data["status"]), (&json!(2), &json!("CANCELLED")));
    assert_eq!(shop.sandbox.order(1).map(|order| order.status), Some(Status::Cancelled));
}

#[tokio::test]
async fn codes_can_be_wrong_in_a_signed_answer() {
    let (shop, answer) = create_with(Fault::OtherAmountInQr).await;
    let data = shop.data(answer);
    let amount = data["qrCode"].as_str().map(vietqr::scan).and_then(Result::ok).and_then(|scanned| scanned.amount);
    assert_eq!((amount, &data["amount"]), (Some(51_000), &json!(50_000)));
    let (shop, answer) = create_with(Fault::BrokenQr).await;
    let data = shop.data(answer);
    assert!(matches!(data["qrCode"].as_str().map(vietqr::scan), Some(Err(ScanError::Checksum { .. }))));
    let (shop, answer) = create_with(Fault::NoQr).await;
    assert_eq!(shop.data(answer).get("qrCode"), None);
    let (shop, answer) = create_with(Fault::OtherQr("xin chào".into())).await;
    assert_eq!(shop.data(answer)["qrCode"], "xin chào");
}

#[tokio::test]
async fn a_new_field_is_signed_with_the_others() {
    let (shop, answer) = create_with(Fault::ExtraField).await;
    assert_eq!(shop.data(answer)["ghiChuMoi"], "một trường mới");
}

#[tokio::test]
async fn a_fault_ends_with_its_calls_or_with_the_reset() {
    let shop = Shop::open();
    shop.sandbox.plan(CallKind::Get, Fault::Refuse("429".into()), Lasting::Calls(2));
    shop.sandbox.plan(CallKind::Get, Fault::Refuse("214".into()), Lasting::UntilReset);
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(refusal(shop.get("1").await));
    }
    assert_eq!(codes, ["429", "429", "214", "214"]);
    assert_eq!(refusal(shop.cancel("1").await), "101", "another kind of call is not met");
    shop.sandbox.reset_faults();
    assert_eq!(refusal(shop.get("1").await), "101");
}

#[tokio::test]
async fn an_order_can_be_put_into_states_that_it_does_not_reach_by_itself() {
    let shop = Shop::open();
    shop.data(shop.create(&shop.order(1, 50_000, "x")).await);
    for status in [Status::Processing, Status::Failed] {
        shop.sandbox.set_status(1, status).expect("the order is known");
        assert_eq!(shop.data(shop.get("1").await)["status"], status.as_str());
    }
}
