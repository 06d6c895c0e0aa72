//! Every fault does what it says, under every kind of call.

use serde_json::{Value, json};

use super::{Shop, named, order, payment, read};
use crate::glocal::{CallKind, Fault, Lasting, Pace, Signature, Stage, Subject};
use crate::http::{Answer, HttpError};

/// Starts a payment while the fault is there.
async fn start_with(fault: Fault) -> (Shop, Result<Answer, HttpError>) {
    let shop = Shop::open();
    let id = shop.create().await;
    let mut body = order("0001");
    body["session_id"] = id.to_string().into();
    shop.sandbox.plan(CallKind::Start, fault, Lasting::Calls(1));
    let answer = shop.call("v1/session/start/payment", &body).await;
    (shop, answer)
}

/// Whether the payment was started all the same.
fn was_started(shop: &Shop) -> bool {
    shop.sandbox.session_of("0001").is_some()
}

fn is_lost(answer: &Result<Answer, HttpError>) -> bool {
    matches!(answer, Err(HttpError::Malformed { .. } | HttpError::Broken { .. }))
}

#[tokio::test]
async fn an_answer_can_be_lost_after_its_call_was_carried_out() {
    for fault in [Fault::CloseBeforeAnswer, Fault::HalfBody] {
        let (shop, answer) = start_with(fault).await;
        assert!(is_lost(&answer), "{answer:?}");
        assert!(was_started(&shop));
    }
    let (shop, answer) = start_with(Fault::HttpStatusAfter(502)).await;
    assert_eq!(answer.map(|answer| answer.status).ok(), Some(502));
    assert!(was_started(&shop));
}

#[tokio::test]
async fn a_call_can_be_lost_before_it_was_carried_out() {
    let (shop, answer) = start_with(Fault::CloseBeforeProcessing).await;
    assert!(is_lost(&answer), "{answer:?}");
    assert!(!was_started(&shop));
    let (shop, answer) = start_with(Fault::HttpStatus { status: 429, retry_after_s: Some(3) }).await;
    let answer = answer.expect("the sandbox answers");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3")));
    assert!(!was_started(&shop));
    let (shop, answer) = start_with(Fault::Html).await;
    assert!(serde_json::from_slice::<Value>(&answer.expect("the sandbox answers").body).is_err());
    assert!(!was_started(&shop));
    let (shop, answer) = start_with(Fault::Refuse("limit_exceeded".into())).await;
    let body = read(&answer.expect("the sandbox answers"));
    assert_eq!((&body["status"], &body["error"]["code"]), (&json!("error"), &json!("limit_exceeded")));
    assert!(!was_started(&shop));
}

#[tokio::test]
async fn answers_can_be_signed_wrongly_or_not_at_all() {
    for fault in [Fault::WrongSignature, Fault::NoSignature] {
        let absent = fault == Fault::NoSignature;
        let (shop, answer) = start_with(fault).await;
        let answer = answer.expect("the sandbox answers");
        assert_eq!(answer.header("x-partner-sign").is_none(), absent);
        assert!(!shop.is_signed(&answer) && was_started(&shop));
    }
    let shop = Shop::open();
    let id = shop.acting("0001").await;
    for signature in [Signature::OtherKey, Signature::OtherBody, Signature::Absent] {
        shop.sandbox.change_habits(|habits| habits.answer_signature = signature);
        let answer = shop.call("v1/session/status", &named(id)).await.expect("the sandbox answers");
        assert_eq!((answer.status, shop.is_signed(&answer)), (200, false));
    }
}

#[tokio::test]
async fn an_answer_can_be_about_somebody_elses_session_or_have_new_fields() {
    let (shop, answer) = start_with(Fault::OtherOrder).await;
    let answer = answer.expect("the sandbox answers");
    assert!(shop.is_signed(&answer));
    let session = read(&answer)["session"].clone();
    let own = shop.sandbox.session_of("0001").expect("it was started");
    assert_ne!(session["id"], own.id.to_string());
    assert_eq!(payment(&session)["customer"]["reference"], "user123");
    assert_eq!(payment(&session)["amount_details"]["amount"], 50_000);
    let (shop, answer) = start_with(Fault::ExtraField).await;
    let answer = answer.expect("the sandbox answers");
    assert!(shop.is_signed(&answer) && read(&answer)["session"]["ghi_chu_moi"].is_object());
}

#[tokio::test]
async fn every_kind_of_call_has_its_own_faults() {
    let shop = Shop::open();
    shop.sandbox.change_habits(|habits| habits.action = Pace::Held);
    let id = shop.acting("0001").await;
    let kinds = [
        (CallKind::Create, "v1/session/create", json!({})),
        (CallKind::Start, "v2/session/start/payment", named(id)),
        (CallKind::Init, "v2/session/init/payment", order("0002")),
        (CallKind::Confirm, "v1/session/confirm", named(id)),
        (CallKind::Cancel, "v2/session/cancel", named(id)),
        (CallKind::Status, "v1/session/status", named(id)),
    ];
    for (kind, path, body) in &kinds {
        let fault = Fault::HttpStatus { status: 503, retry_after_s: None };
        shop.sandbox.plan(*kind, fault, Lasting::UntilReset);
        for (other, path, body) in kinds.iter().filter(|(other, ..)| other != kind && *other != CallKind::Cancel) {
            let status = shop.call(path, body).await.map(|answer| answer.status);
            assert_eq!(status.ok(), Some(200), "{other:?} is not {kind:?}");
        }
        assert_eq!(shop.call(path, body).await.map(|answer| answer.status).ok(), Some(503), "{kind:?}");
        shop.sandbox.reset_faults();
    }
    assert_eq!(shop.stage(id), Stage::Confirmed);
    let last = shop.sandbox.requests().pop().expect("there were calls");
    assert_eq!((last.path.as_str(), last.order), ("/api/v1/session/status", Some(Subject::Session(id))));
}
