//! Webhooks, received by a small server.

use std::time::Duration;

use serde_json::Value;

use super::{Shop, named, payment};
use crate::glocal::signing::Lens;
use crate::glocal::{
    Cancellations, Confirmation, Failure, Names, Otherwise, Pace, Refunding, SessionError, SessionId, Signature,
    Version, WebhookKind, Webhooks, keys,
};
use crate::sandbox::tests::{Heard, Hook, LIMIT, until};

/// A shop whose server hears the webhooks.
async fn shop_with_hook(answers: &[u16]) -> (Shop, Hook) {
    let shop = Shop::open();
    let (hook, url) = Hook::open(answers).await;
    shop.sandbox.set_webhook_url(Some(url));
    (shop, hook)
}

fn body(heard: &Heard) -> Value {
    serde_json::from_str(&heard.body).expect("a webhook is JSON")
}

fn is_signed(heard: &Heard) -> bool {
    let lens = Lens::new(keys::SMART_GLOCAL_PUBLIC).expect("the key is sound");
    let signature = heard.headers.get("x-partner-sign").and_then(|value| value.to_str().ok());
    signature.is_some_and(|signature| lens.is_right(heard.body.as_bytes(), signature))
}

/// Waits for so many webhooks, and tells their types in the order of arrival.
async fn types(shop: &Shop, hook: &Hook, count: usize) -> Vec<String> {
    until("the webhooks are taken", || shop.sandbox.deliveries().len() >= count).await;
    hook.heard().iter().map(|heard| body(heard)["type"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn every_step_is_told_with_a_signed_webhook() {
    let (shop, hook) = shop_with_hook(&[]).await;
    let id = shop.create().await;
    shop.start(id, "0001").await;
    assert_eq!(types(&shop, &hook, 1).await, ["ready_to_confirm"]);
    shop.confirm(id).await;
    assert_eq!(types(&shop, &hook, 2).await[1], "action_required");
    shop.sandbox.pay(id).expect("the customer can pay");
    assert_eq!(types(&shop, &hook, 3).await[2], "payment_finished");
    shop.sandbox.refund(id, 50_000, Refunding::Chargeback).expect("it is paid");
    assert_eq!(types(&shop, &hook, 4).await[3], "payment_refunded");
    let lasting = shop.seen(id).payment.expect("it was started").id;
    for heard in hook.heard() {
        assert!(is_signed(&heard), "{}", heard.body);
        assert_eq!(body(&heard)["session"]["id"], id.to_string());
        assert_eq!(payment(&body(&heard)["session"])["id"], lasting);
    }
    let told: Vec<_> = shop.sandbox.deliveries().into_iter().map(|d| (d.reference, d.status)).collect();
    let written: Vec<_> = shop.sandbox.webhooks().into_iter().map(|webhook| (webhook, Some(200))).collect();
    assert_eq!(told, written);
    assert_eq!(written[0].0.kind, Some(WebhookKind::ReadyToConfirm));
}

#[tokio::test]
async fn a_webhook_is_repeated_with_the_same_bytes_until_it_is_taken() {
    let (shop, hook) = shop_with_hook(&[500, 404]).await;
    let id = shop.create().await;
    shop.start(id, "0001").await;
    until("it is refused once", || !shop.sandbox.deliveries().is_empty()).await;
    shop.sandbox.change_habits(|habits| habits.action = Pace::Held);
    shop.confirm(id).await;
    until("it is taken", || shop.sandbox.deliveries().len() == 3).await;
    let bodies = hook.bodies();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the session went on, its webhook did not");
    let statuses: Vec<_> = shop.sandbox.deliveries().into_iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [Some(500), Some(404), Some(200)]);
}

#[tokio::test]
async fn webhooks_can_be_signed_wrongly_or_not_at_all() {
    let (shop, hook) = shop_with_hook(&[]).await;
    let id = shop.create().await;
    let mut seen = Vec::new();
    for (count, signature) in
        [Signature::OtherKey, Signature::OtherBody, Signature::Absent, Signature::Right].into_iter().enumerate()
    {
        shop.sandbox.change_habits(|habits| habits.webhook_signature = signature);
        shop.sandbox.send_webhook(&WebhookKind::ReadyToConfirm, id).expect("it is known");
        types(&shop, &hook, count + 1).await;
        let heard = hook.heard().pop().expect("it arrived");
        seen.push((heard.headers.contains_key("x-partner-sign"), is_signed(&heard)));
    }
    assert_eq!(seen, [(true, false), (true, false), (false, false), (true, true)]);
}

#[tokio::test]
async fn a_wrong_signature_becomes_right_with_a_later_attempt() {
    let (shop, hook) = shop_with_hook(&[401, 401]).await;
    let id = shop.create().await;
    shop.sandbox.change_habits(|habits| habits.webhook_signature = Signature::OtherKey);
    shop.sandbox.send_webhook(&WebhookKind::ReadyToConfirm, id).expect("it is known");
    until("it is refused", || !shop.sandbox.deliveries().is_empty()).await;
    shop.sandbox.change_habits(|habits| habits.webhook_signature = Signature::Right);
    until("it is taken", || shop.sandbox.deliveries().len() == 3).await;
    let signed: Vec<_> = hook.heard().iter().map(is_signed).collect();
    assert_eq!((signed.first(), signed.last()), (Some(&false), Some(&true)));
}

#[tokio::test]
async fn a_webhook_can_overtake_the_answer() {
    let (shop, hook) = shop_with_hook(&[]).await;
    let id = shop.create().await;
    shop.sandbox.change_habits(|habits| habits.answers_after = 2 * LIMIT);
    tokio::select! {
        session = shop.start(id, "0001") => unreachable!("the answer came first: {session}"),
        first = types(&shop, &hook, 1) => assert_eq!(first, ["ready_to_confirm"]),
    }
    shop.sandbox.change_habits(|habits| habits.answers_after = Duration::ZERO);
    assert_eq!(shop.status(id).await["status"], "in_progress");
}

#[tokio::test]
async fn webhooks_can_be_off_and_copies_can_be_many() {
    let (shop, hook) = shop_with_hook(&[]).await;
    shop.sandbox.change_habits(|habits| habits.webhooks = Webhooks::Off);
    let id = shop.acting("0001").await;
    assert_eq!(shop.sandbox.webhooks(), []);
    shop.sandbox.set_webhook_copies(3);
    let webhook = shop.sandbox.send_webhook(&WebhookKind::ActionRequired, id).expect("it is known");
    until("three copies arrive", || shop.sandbox.deliveries().len() == 3).await;
    assert!(shop.sandbox.deliveries().iter().all(|delivery| delivery.reference == webhook));
    assert_eq!(types(&shop, &hook, 3).await, ["action_required"; 3]);
    shop.sandbox.change_habits(|habits| habits.webhooks = Webhooks::Sent);
    shop.sandbox.pay(id).expect("the customer can pay");
    assert_eq!(types(&shop, &hook, 6).await[3..], ["payment_finished", "payment_finished", "payment_finished"]);
}

#[tokio::test]
async fn a_webhook_waits_for_a_place_to_go_to() {
    let shop = Shop::open();
    let id = shop.create().await;
    shop.start(id, "0001").await;
    let (hook, url) = Hook::open(&[]).await;
    shop.sandbox.set_webhook_url(Some(url));
    assert_eq!(types(&shop, &hook, 1).await, ["ready_to_confirm"]);
}

#[tokio::test]
async fn a_session_that_confirms_itself_is_never_told_to_be_ready() {
    let (shop, hook) = shop_with_hook(&[]).await;
    shop.sandbox.change_habits(|habits| {
        habits.confirmation = Confirmation::Automatic;
        habits.ready = Pace::Held;
        habits.action = Pace::Held;
    });
    let id = shop.create().await;
    shop.start(id, "0001").await;
    assert!(shop.sandbox.release_action(id).is_err());
    shop.sandbox.release_ready(id).expect("it has started");
    shop.sandbox.release_action(id).expect("it has confirmed itself");
    assert_eq!(types(&shop, &hook, 1).await, ["action_required"]);
    assert!(shop.sandbox.release_ready(id).is_err());
    let unknown = SessionId::from_text("ps_1").expect("a number");
    assert_eq!(shop.sandbox.release_ready(unknown), Err(SessionError::Unknown(unknown)));
    assert_eq!(shop.sandbox.webhooks().len(), 1);
}

#[tokio::test]
async fn endings_without_money_are_told_when_they_are() {
    let (shop, hook) = shop_with_hook(&[]).await;
    shop.sandbox.change_habits(|habits| habits.ready = Pace::Held);
    let id = shop.create().await;
    shop.start(id, "0001").await;
    shop.cancel(id).await;
    shop.sandbox.change_habits(|habits| habits.cancellations = Cancellations::Told);
    let told = shop.create().await;
    shop.start(told, "0002").await;
    shop.cancel(told).await;
    assert_eq!(types(&shop, &hook, 1).await, ["payment_finished"]);
    let failed = shop.create().await;
    shop.start(failed, "0003").await;
    shop.sandbox.fail(failed, Failure::Final).expect("it has not ended");
    assert_eq!(types(&shop, &hook, 2).await[1], "payment_finished");
    let sessions: Vec<_> = shop.sandbox.webhooks().into_iter().map(|webhook| webhook.session).collect();
    assert_eq!(sessions, [Some(told), Some(failed)]);
    assert_eq!(payment(&body(&hook.heard()[1])["session"])["status"], "failed");
}

#[tokio::test]
async fn webhooks_that_are_not_the_shops_business_can_be_sent() {
    let (shop, hook) = shop_with_hook(&[]).await;
    let id = shop.acting("0001").await;
    types(&shop, &hook, 2).await;
    let stranger = shop.sandbox.send_webhook_of_stranger(&WebhookKind::PaymentFinished);
    assert_eq!(types(&shop, &hook, 3).await[2], "payment_finished");
    assert_eq!(stranger.session.and_then(|id| shop.sandbox.session(id)), None);
    let told = body(&hook.heard()[2]);
    assert_eq!(
        (told["session"]["status"].as_str(), payment(&told["session"])["customer"]["reference"].as_str()),
        (Some("accepted"), Some("user123"))
    );
    shop.sandbox.send_payout(Version::V2, Some(id));
    assert_eq!(types(&shop, &hook, 4).await[3], "ready_to_confirm");
    assert_eq!(body(&hook.heard()[3])["session"]["id"], id.to_string());
    assert!(body(&hook.heard()[3])["session"]["payout_list"].is_array());
    assert_ne!(shop.sandbox.send_payout(Version::V1, None).session, Some(id));
    assert_eq!(types(&shop, &hook, 5).await[4], "ready_to_confirm");
    let kind = WebhookKind::Other("ready_to_capture".into());
    shop.sandbox.send_webhook(&kind, id).expect("it is known");
    assert_eq!(types(&shop, &hook, 6).await[5], "ready_to_capture");
    shop.sandbox.send_body("not even JSON");
    until("everything arrives", || hook.heard().len() == 7).await;
    assert_eq!(hook.heard()[6].body, "not even JSON");
    assert!(hook.heard().iter().all(is_signed));
}

#[tokio::test]
async fn what_is_told_can_differ_from_what_is_and_in_its_names() {
    let (shop, hook) = shop_with_hook(&[]).await;
    shop.sandbox.change_habits(|habits| {
        habits.names = Names::Always(Version::V2);
        habits.ready_says = Otherwise { reference: Some("9999".into()), ..Otherwise::default() };
    });
    let id = shop.create().await;
    assert!(shop.start(id, "0001").await["acquiring_payments"].is_array());
    types(&shop, &hook, 1).await;
    let told = body(&hook.heard()[0]);
    assert_eq!(told["session"]["payment_list"][0]["customer"]["reference"], "9999");
    assert_eq!(payment(&shop.status(id).await)["customer"]["reference"], "0001");
    assert!(shop.call("v1/session/confirm", &named(id)).await.is_ok());
}

#[tokio::test]
async fn a_test_can_bring_a_webhook_itself() {
    let shop = Shop::open();
    shop.sandbox.change_habits(|habits| habits.webhooks = Webhooks::Off);
    let id = shop.acting("0001").await;
    let text = shop.sandbox.webhook_body(&WebhookKind::ActionRequired, id).expect("it is known");
    let message = shop.sandbox.sign(&text);
    let lens = Lens::new(&shop.sandbox.credentials().webhook_public_key).expect("the key is sound");
    let [(name, signature)] = message.headers.as_slice() else { unreachable!("not one header: {message:?}") };
    assert_eq!((*name, &message.body), ("X-PARTNER-SIGN", &text));
    assert!(lens.is_right(text.as_bytes(), signature));
    let sent = shop.sandbox.send_body(&text);
    assert_eq!((sent.session, shop.sandbox.message(&sent)), (Some(id), Some(message)));
}
