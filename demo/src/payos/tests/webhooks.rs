//! Webhooks and the registration's ping, received by a small server.

use serde_json::{Value, json};

use super::{Shop, read};
use crate::http::{Answer, Request};
use crate::sandbox::tests::{Hook, until};

async fn register(shop: &Shop, url: &str) -> Answer {
    let body = json!({ "webhookUrl": url }).to_string();
    shop.send(Request::post_json(shop.url("/confirm-webhook"), body)).await.expect("the sandbox answers")
}

#[tokio::test]
async fn a_payment_is_told_with_a_signed_webhook_until_it_is_taken() {
    let shop = Shop::open();
    shop.data(shop.create(&shop.order(1, 50_000, "x")).await);
    let (hook, url) = Hook::open(&[500, 302]).await;
    shop.sandbox.set_webhook_url(Some(url));
    let reference = shop.sandbox.pay(1, 20_000).expect("the order is known");
    until("the webhook is taken", || shop.sandbox.deliveries().len() == 3).await;
    let statuses: Vec<_> = shop.sandbox.deliveries().into_iter().map(|d| (d.reference, d.status)).collect();
    let told = |status| (reference.clone(), Some(status));
    assert_eq!(statuses, [told(500), told(302), told(200)]);
    let sent = shop.sandbox.webhook_body(&reference).expect("the transfer is known");
    assert_eq!(hook.bodies(), [sent.clone(), sent.clone(), sent.clone()]);
    let body: Value = serde_json::from_str(&sent).expect("a webhook is JSON");
    assert!(shop.is_signed(&body));
    let order = shop.sandbox.order(1).expect("the order is known");
    let want = json!({
        "orderCode": 1, "amount": 20_000, "description": order.bank_description, "accountNumber": "113366668888",
        "reference": reference.as_str(), "transactionDateTime": order.transfers[0].at.in_webhook(), "currency": "VND",
        "paymentLinkId": order.link_id, "code": "00", "desc": "Thành công", "counterAccountBankId": "970436",
        "counterAccountBankName": null, "counterAccountName": "KHACH HANG", "counterAccountNumber": "0071000888888",
        "virtualAccountName": null, "virtualAccountNumber": "",
    });
    assert_eq!(body["data"], want);
}

#[tokio::test]
async fn a_webhook_waits_for_a_place_to_go_to() {
    let shop = Shop::open();
    shop.data(shop.create(&shop.order(1, 50_000, "x")).await);
    shop.sandbox.pay(1, 50_000).expect("the order is known");
    let (hook, url) = Hook::open(&[]).await;
    shop.sandbox.set_webhook_url(Some(url));
    until("the webhook arrives", || hook.bodies().len() == 1).await;
}

#[tokio::test]
async fn a_silent_payment_is_told_only_when_asked_and_copies_are_counted() {
    let shop = Shop::open();
    shop.data(shop.create(&shop.order(1, 50_000, "x")).await);
    let (hook, url) = Hook::open(&[]).await;
    shop.sandbox.set_webhook_url(Some(url));
    let reference = shop.sandbox.pay_silently(1, 50_000).expect("the order is known");
    assert_eq!(shop.sandbox.deliveries(), []);
    shop.sandbox.set_webhook_copies(3);
    shop.sandbox.send_webhook_again(&reference);
    until("three copies arrive", || shop.sandbox.deliveries().len() == 3).await;
    assert_eq!(hook.bodies().len(), 3);
}

#[tokio::test]
async fn a_webhook_of_any_data_can_be_signed() {
    let shop = Shop::open();
    let data = json!({"orderCode": 9, "amount": 1, "reference": "R", "x": [{"b": 1, "a": "á"}]});
    let body = shop.sandbox.sign_webhook(data.as_object().expect("an object"));
    let body: Value = serde_json::from_str(&body).expect("a webhook is JSON");
    assert_eq!(body["data"], data);
    assert!(shop.is_signed(&body));
}

#[tokio::test]
async fn a_registration_pings_the_place_and_keeps_it_only_when_it_answers_2xx() {
    let shop = Shop::open();
    let (hook, url) = Hook::open(&[404, 503, 202]).await;
    assert_eq!(register(&shop, &url).await.status, 400);
    assert_eq!(register(&shop, &url).await.status, 500);
    assert_eq!(shop.sandbox.desk().papers().webhook_url, None);
    let answer = read(Ok(register(&shop, &url).await));
    let want = json!({
        "webhookUrl": url, "accountName": shop.sandbox.account().name, "accountNumber": "113366668888",
        "name": "till-demo", "shortName": "demo",
    });
    assert_eq!((&answer["code"], &answer["data"]), (&json!("00"), &want));
    assert_eq!(shop.sandbox.desk().papers().webhook_url, Some(url));
    assert_eq!(hook.bodies(), vec![shop.sandbox.ping_body(); 3]);
    let ping: Value = serde_json::from_str(&shop.sandbox.ping_body()).expect("a ping is JSON");
    assert!(shop.is_signed(&ping));
    assert_eq!((&ping["data"]["orderCode"], &ping["data"]["description"]), (&json!(123), &json!("VQRIO123")));
    assert_eq!(register(&shop, "not a URL").await.status, 400);
}
