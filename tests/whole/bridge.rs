//! The bridge goes away, comes back, is killed between two steps. It must not know the display.

use serde_json::{Value, json};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

/// P3, P8: the sale is settled by asking, payOS's later webhook changes nothing.
#[test]
fn p8_p3_a_sale_is_settled_though_the_bridge_is_away_and_the_late_webhook_counts_nothing() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    assert!(shop.bridge.terminate().success());
    let reference = shop.pay(&sale, 50_000);
    // The first question comes 10 s after the code.
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid}");
    shop.bridge.start_again();
    // payOS tries again, at the latest 10 s after its last try.
    shop.wait_for_delivery(&reference, Some(200), SOON);
    shop.ear.wait("the webhook is relayed", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    let next = shop.assert_sells(10_000);
    assert_eq!(shop.till.sales(), [next, paid]);
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}

/// payOS tries again until the bridge is back, and then the webhook is faster than the till's question.
#[test]
fn a_bridge_that_comes_back_soon_delivers_what_payos_sends_again() {
    let mut shop = Shop::open();
    shop.bridge.kill();
    let sale = shop.till.sell_and_show(50_000);
    let reference = shop.pay(&sale, 50_000);
    shop.wait_for_delivery(&reference, None, SOON);
    shop.bridge.start_again();
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "webhook", "{paid}");
}

/// P2: what was answered with 200 survives the bridge's death, though nobody had been told.
#[test]
fn p2_a_webhook_taken_just_before_the_bridge_died_arrives_after_its_restart() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let reference = shop.pay_silently(&sale, 50_000);
    let body = shop.payos.webhook_body(&reference).expect("the transfer is known");
    // Without a broker the 200 stands on the journal alone.
    shop.broker.stop();
    let answer = shop.bridge.post(&body);
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("success")), "{}", answer.text());
    shop.bridge.kill();
    shop.broker.start_again();
    shop.bridge.start_again();
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["paid_amount"], 50_000, "{paid}");
    let envelope = shop.ear.wait("the webhook is relayed", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    assert_eq!(envelope.json()["body"].as_str(), Some(body.as_str()), "byte for byte");
}

/// P3: double deliveries, side by side and one after the other, are one payment.
#[test]
fn p3_a_webhook_delivered_many_times_is_counted_once() {
    let shop = Shop::open();
    shop.payos.set_webhook_copies(5);
    let sale = shop.till.sell_and_show(50_000);
    let reference = shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    shop.payos.send_webhook_again(&reference);
    wait_for("all ten deliveries are answered 200", SOON, || {
        let taken = shop.payos.deliveries().iter().filter(|d| d.status == Some(200)).count();
        if taken == 10 { Ok(()) } else { Err(taken.to_string()) }
    });
    let next = shop.assert_sells(10_000);
    assert_eq!(shop.till.sales(), [next, paid]);
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}

/// The envelope is the contract's: nothing of the body is changed on its way.
#[test]
fn an_envelope_is_what_the_contract_says() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let reference = shop.pay(&sale, 50_000);
    let body = shop.payos.webhook_body(&reference).expect("the transfer is known");
    let message = shop.ear.wait("the webhook is relayed", "down/webhook", |envelope| envelope["v"] == 1);
    assert_eq!(message.topic, "till/v1/0001017/down/webhook");
    let mut envelope = message.json();
    assert!(envelope["received_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{envelope}");
    let id = envelope["id"].as_str().unwrap_or_default().to_owned();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()), "{id}");
    let fields = envelope.as_object_mut().expect("an envelope is an object");
    fields.remove("received_at");
    fields.remove("id");
    let want = json!({
        "v": 1, "channel": "payos", "provider": "payos", "method": "POST", "path": "/hooks/payos",
        "headers": {}, "body": body,
    });
    assert_eq!(envelope, want);
}

/// P4: an order of a web shop on the same channel is nobody's here, and no till hears of it.
#[test]
fn p4_a_foreign_order_is_answered_200_and_goes_to_nobodys_topic() {
    let shop = Shop::open();
    // A web shop numbers its orders by the clock: as an order of ours that is far in the future.
    let foreign = 1_795_143_845_123_u64;
    shop.payos.add_foreign_order(foreign, 70_000);
    let reference = shop.payos.pay(foreign, 70_000).expect("the web shop's customer pays");
    shop.wait_for_delivery(&reference, Some(200), SOON);
    let message = shop.ear.wait("the envelope goes to nobody", "till/v1/unrouted/payos", |e| e["v"] == 1);
    assert_eq!(message.json()["body"].as_str().map(str::to_owned), shop.payos.webhook_body(&reference));
    let ping = shop.bridge.post(shop.payos.ping_body());
    assert_eq!(ping.status, 200, "{}", ping.text());
    shop.assert_sells(10_000);
    assert!(shop.ear.seen_on("down/webhook").len() == 1, "the till heard of its own sale alone");
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}

#[test]
fn the_bridge_says_how_it_is() {
    let mut shop = Shop::open();
    assert_eq!(shop.bridge.admin("/healthz").status, 200);
    assert_eq!(shop.bridge.admin("/readyz").status, 200);
    shop.assert_sells(10_000);
    assert!(shop.bridge.admin("/metrics").text().contains("# TYPE"), "Prometheus text");
    // Webhooks can be taken without a broker.
    shop.broker.stop();
    assert_eq!(shop.bridge.admin("/readyz").status, 200);
    assert!(shop.bridge.terminate().success(), "a bridge that is asked to end exits 0");
}
