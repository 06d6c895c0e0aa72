//! Webhooks, received by a small server.

use serde_json::{Value, json};

use super::Shop;
use crate::finan::signing::{Signed, sign};
use crate::finan::{Habits, IdForm, Message, Moment, Origin, SignatureKind, Typed, Unasked};
use crate::sandbox::tests::{Heard, Hook, until};

fn header<'a>(heard: &'a Heard, name: &str) -> &'a str {
    heard.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether a webhook is signed over its path, body and time.
fn is_signed(shop: &Shop, heard: &Heard) -> bool {
    let keys = shop.sandbox.credentials();
    let timestamp = header(heard, "x-timestamp");
    let signed = Signed { method: "POST", path: &heard.address, body: &heard.body, timestamp };
    header(heard, "x-client-id") == keys.client_id
        && header(heard, "x-signature") == sign(shop.habits.signature, &keys.secret, signed)
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("a webhook is JSON")
}

#[tokio::test]
async fn every_payment_is_told_with_a_signed_webhook_until_it_is_taken_with_200() {
    let shop = Shop::open();
    let mut body = shop.order("a", 50_000);
    body["reference_type"] = json!("order");
    super::made(shop.create(&body).await);
    let (hook, url) = Hook::open(&[202, 500]).await;
    shop.sandbox.set_webhook_url(Some(url + "?shop=1"));
    let id = shop.sandbox.pay("a", 20_000).expect("the request is known");
    until("the webhook is taken", || shop.sandbox.deliveries().len() == 3).await;
    let statuses: Vec<_> = shop.sandbox.deliveries().into_iter().map(|d| (d.reference, d.status)).collect();
    assert_eq!(statuses, [202, 500, 200].map(|status| (id.clone(), Some(status))));
    let heard = hook.heard();
    assert!(heard.iter().all(|heard| is_signed(&shop, heard) && heard.address == "/hooks/shop?shop=1"));
    let request = shop.sandbox.payment_request("a").expect("the request is known");
    let want = json!({
        "id": id.as_str(), "reference_id": "a", "reference_type": "order", "payment_method": "bank_transfer",
        "payment_request_id": format!("PR-{}", request.id), "amount": 20_000,
        "created_at": request.payments[0].at.in_utc(),
    });
    assert_eq!(read(&heard[0].body), want);
    let rest = shop.sandbox.pay("a", 30_000).expect("the request is known");
    until("the rest is told", || shop.sandbox.deliveries().len() == 4).await;
    assert_eq!(read(&hook.bodies()[3])["id"], rest.as_str());
}

#[tokio::test]
async fn every_attempt_is_signed_with_a_time_of_its_own() {
    let shop = Shop::open();
    shop.make("a", 50_000).await;
    let (hook, url) = Hook::open(&[500; 50]).await;
    shop.sandbox.set_webhook_url(Some(url));
    shop.sandbox.pay("a", 50_000).expect("the request is known");
    until("the webhook is refused once", || !shop.sandbox.deliveries().is_empty()).await;
    let late = Moment::now(100_000).secs();
    shop.sandbox.set_clock_offset_s(100_000);
    let is_late = |heard: &Heard| header(heard, "x-timestamp").parse::<i64>().is_ok_and(|secs| secs >= late);
    until("an attempt has the new time", || hook.heard().iter().any(is_late)).await;
    let heard = hook.heard();
    assert!(!is_late(&heard[0]) && heard.iter().all(|heard| is_signed(&shop, heard)));
    assert!(heard.iter().all(|one| one.body == heard[0].body));
}

#[tokio::test]
async fn money_that_nobody_asked_for_is_told_with_what_the_payer_typed() {
    let shop = Shop::open();
    let (hook, url) = Hook::open(&[]).await;
    shop.sandbox.set_webhook_url(Some(url.clone()));
    let id = shop.sandbox.pay_account("tiền cà phê", 7_000).expect("money is money");
    until("it is told", || hook.heard().len() == 1).await;
    assert!(is_signed(&shop, &hook.heard()[0]));
    let payment = shop.sandbox.payment(&id).expect("the payment is known");
    assert_eq!(payment.origin, Origin::Nobody("tiền cà phê".into()));
    let want = json!({
        "id": id.as_str(), "reference_id": "tiền cà phê", "payment_method": "bank_transfer", "payment_request_id": "",
        "amount": 7_000, "created_at": payment.at.in_utc(),
    });
    assert_eq!(read(&hook.bodies()[0]), want);
    let body = |unasked, typed| {
        shop.sandbox.set_habits(Habits { unasked, typed, ..Habits::default() });
        read(&shop.sandbox.webhook(&id, &url).expect("the payment is known").body)
    };
    let other = body(Unasked::Absent, Typed::Description);
    assert_eq!(other.get("payment_request_id"), None);
    assert_eq!((&other["reference_id"], &other["description"]), (&json!(""), &json!("tiền cà phê")));
    let other = body(Unasked::Null, Typed::Remark);
    assert_eq!(other.get("payment_request_id"), Some(&Value::Null));
    assert_eq!((&other["reference_id"], &other["remark"]), (&json!(""), &json!("tiền cà phê")));
}

#[tokio::test]
async fn a_silent_payment_is_told_only_when_asked_and_copies_are_counted() {
    let shop = Shop::open();
    shop.make("a", 50_000).await;
    let (hook, url) = Hook::open(&[]).await;
    shop.sandbox.set_webhook_url(Some(url));
    let id = shop.sandbox.pay_silently("a", 50_000).expect("the request is known");
    let unasked = shop.sandbox.pay_account_silently("x", 1).expect("money is money");
    assert_eq!(shop.sandbox.deliveries(), []);
    shop.sandbox.set_webhook_copies(3);
    shop.sandbox.send_webhook_again(&id);
    until("three copies arrive", || shop.sandbox.deliveries().len() == 3).await;
    shop.sandbox.set_webhook_copies(1);
    shop.sandbox.send_webhook_again(&unasked);
    until("the other one arrives", || shop.sandbox.deliveries().len() == 4).await;
    assert_eq!(hook.heard().len(), 4);
}

#[tokio::test]
async fn a_webhook_of_any_body_and_time_can_be_signed_in_both_readings() {
    let hmac = Habits { signature: SignatureKind::HmacSha256, ids: IdForm::Bare, ..Habits::default() };
    let shop = Shop::open_with(hmac);
    let body = r#"{"id": "PAY-1", "amount": 1}"#;
    let (hook, url) = Hook::open(&[]).await;
    let old = shop.sandbox.sign_webhook_at(&url, body, Moment::from_secs(1_699_999_999));
    let new = shop.sandbox.sign_webhook(&url, body);
    for message in [&old, &new] {
        crate::sandbox::post(&url, Message::clone(message)).await.expect("the hook answers");
    }
    let heard = hook.heard();
    assert!(heard.iter().all(|heard| heard.body == body && is_signed(&shop, heard)));
    assert_eq!(header(&heard[0], "x-timestamp"), "1699999999");
    shop.make("a", 1_000).await;
    let id = shop.sandbox.pay_silently("a", 1_000).expect("the request is known");
    let request = shop.sandbox.payment_request("a").expect("the request is known");
    let told = shop.sandbox.webhook(&id, &url).expect("the payment is known");
    assert_eq!(read(&told.body)["payment_request_id"], request.id.as_str());
}

#[tokio::test]
async fn the_clock_of_a_webhook_is_the_sandboxs() {
    let shop = Shop::open();
    shop.sandbox.set_clock_offset_s(-1_000_000);
    let message = shop.sandbox.sign_webhook("http://127.0.0.1/x", "{}");
    let stamp = message.headers.iter().find(|(name, _)| *name == "x-timestamp").map(|(_, value)| value.clone());
    let secs: i64 = stamp.and_then(|value| value.parse().ok()).expect("seconds");
    assert!((Moment::now(0).secs() - 1_000_000 - secs).abs() < 60);
}
