//! The broker goes away, comes back, forgets. It must not know payOS's faults.

use std::time::Duration;

use serde_json::{Value, json};
use tests::events::Events;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, holds_for, wait_for};

/// P8: with the broker gone, an open sale is settled by asking. P3: and the webhook, which comes later, counts nothing.
#[test]
fn p8_p3_without_a_broker_a_sale_is_settled_by_asking_and_counted_once() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    shop.broker.stop();
    shop.till.wait_for_broker_away();
    let reference = shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", Duration::from_secs(10));
    shop.assert_code_is_gone(&paid);
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid}");
    // The bridge keeps the webhook though there is no broker.
    shop.wait_for_delivery(&reference, Some(200), SOON);

    shop.broker.start_again();
    shop.till.wait_for_broker();
    shop.ear.wait_subscribed();
    let topic = format!("up/sale/{}", id_of(&sale));
    let told = shop.ear.wait("the sale is published at last", &topic, |sale| sale["state"] == "paid");
    assert_eq!(told.json(), paid);
    shop.ear.wait("the bridge publishes the webhook", "down/webhook", |envelope| envelope["channel"] == "payos");
    let next = shop.assert_sells(20_000);
    assert_eq!(shop.till.sales(), [next, paid], "the webhook counted nothing twice");
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}

/// P2, P3: a broker that lost its memory is told again, by the bridge's journal, and money is not doubled.
#[test]
fn p2_p3_a_broker_that_forgot_is_filled_again_by_the_bridge() {
    let mut shop = Shop::open();
    let first = shop.assert_sells(50_000);
    shop.broker.stop();
    shop.broker.forget();
    shop.ear.forget();
    shop.broker.start_again();
    shop.till.wait_for_broker();
    let replay = shop.ear.wait("the till asks for a replay", "/up/replay", |body| body["since"].is_string());
    assert_eq!(replay.topic, "till/v1/0001017/up/replay");
    shop.ear.wait("the bridge publishes again", "0001017/down/webhook", |envelope| envelope["provider"] == "payos");
    let second = shop.assert_sells(20_000);
    assert_eq!(shop.till.sales(), [second, first]);
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
    let state = shop.ear.wait("the state is said again", "up/state", |state| state["state"] == "ready");
    assert_eq!(state.topic, "till/v1/0001017/up/state");
}

/// P2: what a dead broker had taken from the bridge and lost is in the bridge's journal all the same.
#[test]
fn p2_money_that_only_a_dead_broker_knew_of_reaches_the_till() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    assert!(shop.till.terminate().success());
    let reference = shop.pay(&sale, 50_000);
    shop.wait_for_delivery(&reference, Some(200), SOON);
    shop.ear.wait("the webhook is with the broker", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    // The till has an order at payOS, which could tell it too: here only the webhook may.
    shop.payos.plan(demo::payos::CallKind::Get, demo::payos::Fault::Html, demo::payos::Lasting::UntilReset);
    shop.broker.kill();
    shop.broker.forget();
    shop.broker.start_again();
    shop.till.start_again();
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], &paid["payments"][0]["via"]), (&json!(50_000), &json!("webhook")), "{paid}");
}

/// P2: a webhook that comes while the till is down waits in its session.
#[test]
fn p2_a_webhook_waits_for_a_till_that_is_down() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    shop.till.kill();
    let reference = shop.pay(&sale, 50_000);
    shop.wait_for_delivery(&reference, Some(200), SOON);
    shop.ear.wait("the webhook is with the broker", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    shop.payos.plan(demo::payos::CallKind::Get, demo::payos::Fault::Html, demo::payos::Lasting::UntilReset);
    shop.till.start_again();
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], &paid["payments"][0]["via"]), (&json!(50_000), &json!("webhook")), "{paid}");
}

#[test]
fn the_fleet_sees_a_till_come_go_and_get_lost() {
    let mut shop = Shop::open();
    let said = |shop: &Shop, word: &str, above: u64| {
        let fits = |state: &Value| state["state"] == word && state["session"].as_u64() > Some(above);
        let message = shop.ear.wait(&format!("the till is {word}"), "0001017/up/state", fits);
        message.json()["session"].as_u64().unwrap_or_default()
    };
    let first = said(&shop, "ready", 0);
    assert!(shop.till.terminate().success());
    let gone = said(&shop, "disconnected", first - 1);
    assert_eq!(gone, first, "the goodbye is of the same session");

    shop.till.start_again();
    let second = said(&shop, "ready", first);
    shop.till.kill();
    let lost = said(&shop, "lost", first);
    assert_eq!(lost, second, "the will is of the session that was lost");

    shop.till.start_again();
    let third = said(&shop, "ready", second);
    assert!(third > second);
    // Who comes later reads the last word, because it is retained.
    let late = tests::listener::Listener::connect(&shop.broker);
    let kept = late.wait("the state is retained", "0001017/up/state", |state| !state.is_null());
    assert_eq!(
        (kept.retained, &kept.json()["state"], kept.json()["session"].as_u64()),
        (true, &json!("ready"), Some(third))
    );
}

/// P8: a broker that keeps its connections open and says nothing is noticed, and sales are settled meanwhile.
#[test]
fn p8_a_broker_that_hangs_holds_no_sale_up() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(30_000);
    shop.broker.freeze();
    shop.pay(&sale, 30_000);
    // The first question comes 10 s after the code, whatever the broker does.
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid}");
    let next = shop.till.sell_and_show(31_000);
    shop.broker.thaw();
    shop.pay(&next, 31_000);
    let next = shop.till.wait_state(id_of(&next), "paid", SOON);
    assert_eq!(shop.till.sales(), [next, paid]);
}

/// P3: a till that starts without any broker sells all the same.
#[test]
fn p8_a_till_that_never_saw_a_broker_sells_by_asking() {
    let mut shop = Shop::open();
    assert!(shop.till.terminate().success());
    shop.broker.stop();
    shop.till.start_again();
    let sale = shop.till.sell_and_show(40_000);
    shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
    shop.pay_silently(&sale, 40_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "poll");
    assert_eq!(shop.till.status()["links"]["broker"]["up"], false);
}

/// P3: the same webhook, delivered by the broker again and again, is one payment and no news.
#[test]
fn p3_a_webhook_that_the_broker_repeats_changes_nothing() {
    let shop = Shop::open();
    let paid = shop.assert_sells(50_000);
    let envelope = shop.ear.wait("the webhook", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    let events = Events::open(shop.till.api(), None);
    for _ in 0..20 {
        shop.ear.publish("till/v1/0001017/down/webhook", envelope.body.clone());
    }
    wait_for("the repeated webhooks passed the broker", SOON, || {
        let count = shop.ear.seen_on("0001017/down/webhook").len();
        if count >= 21 { Ok(()) } else { Err(count.to_string()) }
    });
    holds_for("the sale as it is", Duration::from_millis(500), || {
        let now = shop.till.sale(id_of(&paid));
        if now == paid { Ok(()) } else { Err(now.to_string()) }
    });
    assert!(events.seen().iter().all(|event| event.data["id"] != paid["id"]), "{:?}", events.seen());
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}
