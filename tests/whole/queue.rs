//! What is owed to others while the broker is away, and how it is delivered when it is back. `QUEUE_SALES=n` makes n sales
//! instead of a few.

use serde_json::Value;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

fn sales() -> usize {
    std::env::var("QUEUE_SALES").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

/// P2, P9: every sale's end is delivered once, in order, while a new sale is made, shown and paid.
#[test]
fn p2_p9_after_a_time_without_broker_all_is_delivered_in_order_while_the_counter_sells() {
    let mut shop = Shop::open();
    shop.broker.stop();
    shop.till.wait_for_broker_away();
    let count = sales();
    let made: Vec<String> = (0..count)
        .map(|_| {
            let sale = shop.till.sell(10_000);
            assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
            let ended = |sale: &Value| sale["finished_at"].is_string();
            shop.till.wait_sale("the sale ends", id_of(&sale), SOON * 2, ended);
            id_of(&sale).to_owned()
        })
        .collect();
    let owed = shop.till.status()["queue"]["entries"].as_u64().unwrap_or_default();
    assert!(owed >= count as u64, "each sale's newest revision is owed: {owed}");
    shop.broker.start_again();
    shop.till.wait_for_broker();
    shop.ear.wait_subscribed();
    // The queue holds nobody up: the next customer pays before it is empty.
    shop.assert_sells(50_000);
    let left = shop.till.status()["queue"]["entries"].as_u64().unwrap_or_default();
    wait_for("the queue is empty", SOON * u32::try_from(count / 50 + 2).unwrap_or(u32::MAX), || {
        match shop.till.status()["queue"]["entries"].as_u64() {
            Some(0) => Ok(()),
            other => Err(format!("{other:?} entries are left, after {left} when the new sale was paid")),
        }
    });
    let last = made.last().map(String::as_str).unwrap_or_default();
    shop.ear.wait("the last of them is heard", &format!("/up/sale/{last}"), |sale| sale["state"] == "cancelled");
    let heard = shop.ear.seen_on("/up/sale/");
    let ends: Vec<&str> = made
        .iter()
        .map(|id| {
            let of_sale = heard.iter().filter(|message| message.topic.ends_with(id.as_str()));
            let states: Vec<Value> = of_sale.map(|message| message.json()["state"].clone()).collect();
            assert_eq!(states, ["cancelled"], "of {id} only the newest revision is delivered, once");
            id.as_str()
        })
        .collect();
    let in_order: Vec<String> =
        heard.iter().filter_map(|message| message.json()["id"].as_str().map(str::to_owned)).collect();
    let in_order: Vec<&str> = in_order.iter().map(String::as_str).filter(|id| ends.contains(id)).collect();
    assert_eq!(in_order, ends, "the oldest comes first");
}
