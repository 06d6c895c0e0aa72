//! The way of a webhook to its till, with a real mosquitto and the real program.

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use support::bridge::{BridgeProcess, Wishes};
use support::broker::{Broker, Listener};
use support::eventually;
use support::http::get;
use support::payments::{UNDELIVERED, WEBHOOK_TOPIC, names, post_payments, references, take};
use support::payos::{self, ORDER};

#[tokio::test]
async fn a_webhook_reaches_its_till_in_an_envelope() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let body = payos::webhook(&payos::payment(ORDER, "TF1"));

    let reply = support::http::post(bridge.hooks(), "/hooks/payos?a=b", body.as_bytes()).await;
    assert_eq!(reply.status, 200);
    let answer: Value = serde_json::from_str(&reply.body).expect("a JSON answer");
    assert_eq!(answer.get("status"), Some(&json!("success")));
    assert!(answer.get("message").is_some() && answer.get("timestamp").is_some());

    let message = listener.next().await;
    assert_eq!(message.topic, WEBHOOK_TOPIC);
    let mut envelope: Value = serde_json::from_str(&message.body).expect("a JSON envelope");
    let object = envelope.as_object_mut().expect("an object");
    let id = object.remove("id").expect("an id");
    assert_eq!(id.as_str().map(str::len), Some(32));
    object.remove("received_at").expect("a time");
    let want = json!({"v": 1, "channel": "payos", "provider": "payos", "method": "POST",
        "path": "/hooks/payos?a=b", "headers": {}, "body": body});
    assert_eq!(envelope, want);
    bridge.wait_for_metric(UNDELIVERED, 0).await;
}

#[tokio::test]
async fn p2_a_webhook_is_taken_at_once_without_a_broker_and_delivered_when_it_is_back() {
    let mut broker = broker_that_knows_the_till().await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let began = Instant::now();
    let names = names("TF", 120);
    post_payments(&bridge, &names[..1]).await;
    assert!(began.elapsed() < Duration::from_secs(2));
    post_payments(&bridge, &names[1..]).await;
    assert_eq!(bridge.metric(UNDELIVERED).await, 120);
    assert_eq!(bridge.metric("till_bridge_broker_up").await, 0);

    broker.start().await;
    bridge.wait_for_metric(UNDELIVERED, 0).await;
    let mut listener = Listener::connect(&broker).await;
    assert_eq!(references(&take(&mut listener, 120).await), names);
}

#[tokio::test]
async fn p2_what_was_taken_survives_a_kill_of_the_bridge_while_the_broker_is_away() {
    let mut broker = broker_that_knows_the_till().await;
    let mut bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let before = names("before", 30);
    post_payments(&bridge, &before).await;
    bridge.kill();
    bridge.start().await;
    let after = names("after", 5);
    post_payments(&bridge, &after).await;
    assert_eq!(bridge.metric(UNDELIVERED).await, 35);

    broker.start().await;
    bridge.wait_for_metric(UNDELIVERED, 0).await;
    let mut listener = Listener::connect(&broker).await;
    assert_eq!(references(&take(&mut listener, 35).await), [before, after].concat());
}

#[tokio::test]
async fn what_was_delivered_is_not_delivered_again_after_an_orderly_restart() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let mut bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    post_payments(&bridge, &names("first", 3)).await;
    assert_eq!(references(&take(&mut listener, 3).await), names("first", 3));
    bridge.terminate();
    assert_eq!(bridge.ended().await.code(), Some(0));

    bridge.start().await;
    assert_eq!(bridge.metric(UNDELIVERED).await, 0);
    assert_eq!(bridge.metric("till_bridge_journal_entries").await, 3);
    post_payments(&bridge, &names("second", 1)).await;
    assert_eq!(references(&take(&mut listener, 1).await), names("second", 1));
}

#[tokio::test]
async fn p3_a_webhook_that_comes_again_is_published_again_and_kept_once() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    for _ in 0..3 {
        post_payments(&bridge, &names("TF", 1)).await;
        bridge.wait_for_metric(UNDELIVERED, 0).await;
        assert_eq!(references(&take(&mut listener, 1).await), names("TF", 1));
    }
    assert_eq!(bridge.metric("till_bridge_journal_entries").await, 1);
}

#[tokio::test]
async fn a_terminate_finishes_what_is_open_and_waits_for_the_broker() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let mut bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    bridge.wait_for_metric("till_bridge_broker_up", 1).await;
    let body = payos::webhook(&payos::payment(ORDER, "TF1"));
    let head = format!("POST /hooks/payos HTTP/1.1\r\nHost: b\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = tokio::net::TcpStream::connect(bridge.hooks()).await.expect("a connection");
    let (first, second) = body.split_at(body.len() / 2);
    stream.write_all(format!("{head}{first}").as_bytes()).await.expect("half a request");
    eventually("half a request is open", async || {
        (bridge.metric("till_bridge_open_connections").await == 1).then_some(())
    })
    .await;
    bridge.terminate();
    eventually("the stop has begun", async || {
        bridge.log().iter().any(|line| line.contains("bridge stopping")).then_some(())
    })
    .await;
    stream.write_all(second.as_bytes()).await.expect("the other half");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(bridge.ended().await.code(), Some(0));
    assert_eq!(references(&take(&mut listener, 1).await), ["TF1"]);
}

#[tokio::test]
async fn a_till_gets_again_what_came_since_it_was_last_sure() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let names = names("TF", 40);
    post_payments(&bridge, &names).await;
    let other = ORDER + 1_000_000_000;
    let reply = bridge.post(&payos::webhook(&payos::payment(other, "other till"))).await;
    assert_eq!(reply.status, 200);
    take(&mut listener, 41).await;

    for body in
        ["{\"since\":\"2020-01-01T00:00:00Z\"}", "{\"since\":1}", "nonsense", "{\"since\":\"2099-01-01T00:00:00Z\"}"]
    {
        listener.publish("till/v1/0001017/up/replay", body).await;
    }
    assert_eq!(references(&take(&mut listener, 40).await), names);
    bridge.wait_for_metric("till_bridge_replays_refused_total", 2).await;
    // Nothing of the other till, and nothing for the time to come.
    listener.publish("till/v1/0001018/up/replay", "{\"since\":\"2020-01-01T00:00:00Z\"}").await;
    assert_eq!(references(&take(&mut listener, 1).await), ["other till"]);
    assert_eq!(bridge.metric("till_bridge_replayed_total").await, 41);
}

#[tokio::test]
async fn a_replay_that_a_bridge_did_not_finish_is_asked_again_of_the_next() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let mut bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let names = names("TF", 100);
    post_payments(&bridge, &names).await;
    take(&mut listener, 100).await;
    listener.publish("till/v1/0001017/up/replay", "{\"since\":\"2020-01-01T00:00:00Z\"}").await;
    take(&mut listener, 3).await;
    bridge.kill();
    bridge.start().await;
    // Before it come the rest of the first try and what the kill left without a mark.
    let mut again = Vec::new();
    while !again.ends_with(&names) {
        again.extend(references(&take(&mut listener, 1).await));
    }
}

#[tokio::test]
async fn the_ping_is_answered_and_goes_nowhere() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    for description in ["VQRIO123", "Ma giao dich thu nghiem"] {
        let mut ping = payos::payment(123, "TF230204212323");
        ping.insert("description".into(), json!(description));
        assert_eq!(bridge.post(&payos::webhook(&ping)).await.status, 200);
    }
    assert_eq!(bridge.metric("till_bridge_webhooks_total{channel=\"payos\",outcome=\"ping\"}").await, 2);
    post_payments(&bridge, &names("TF", 1)).await;
    assert_eq!(references(&[listener.next().await]), names("TF", 1));
}

#[tokio::test]
async fn a_foreign_order_goes_to_the_operator() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    // A web shop's clock in milliseconds, terminal 0, and a terminal beyond the largest.
    for order in [1_795_143_845_999, 500, 9_007_199_000_000_001_u64] {
        assert_eq!(bridge.post(&payos::webhook(&payos::payment(order, "shop"))).await.status, 200);
        let message = listener.next().await;
        assert_eq!(message.topic, "till/v1/unrouted/payos");
        assert_eq!(references(&[message]), ["shop"]);
    }
}

#[tokio::test]
async fn p4_a_purpose_names_the_till_where_no_order_of_ours_does() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let wishes = Wishes { channel: "fallback = 7", ..Wishes::default() };
    let bridge = BridgeProcess::started(broker.port(), &wishes).await;
    for (order, description, want) in [
        (500, "CS62H9BJD45 TL0001018029727122", "till/v1/0001018/down/webhook"),
        (ORDER, "CS62H9BJD45 TL0001018029727122", WEBHOOK_TOPIC),
        (500, "CS62H9BJD45 TL0001018999999999", "till/v1/0000007/down/webhook"),
    ] {
        let mut money = payos::payment(order, "money");
        money.insert("description".into(), json!(description));
        assert_eq!(bridge.post(&payos::webhook(&money)).await.status, 200);
        assert_eq!(listener.next().await.topic, want, "{order} {description}");
    }
}

#[tokio::test]
async fn p4_a_foreign_payment_goes_to_the_fallback_till_if_there_is_one() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let wishes = Wishes { channel: "fallback = 7", ..Wishes::default() };
    let bridge = BridgeProcess::started(broker.port(), &wishes).await;
    assert_eq!(bridge.post(&payos::webhook(&payos::payment(500, "money"))).await.status, 200);
    assert_eq!(listener.next().await.topic, "till/v1/0000007/down/webhook");
    let mut failed = payos::payment(500, "no money");
    failed.insert("code".into(), json!("99"));
    assert_eq!(bridge.post(&payos::webhook(&failed)).await.status, 200);
    assert_eq!(listener.next().await.topic, "till/v1/unrouted/payos");
}

#[tokio::test]
async fn p9_a_journal_full_of_undelivered_entries_takes_no_more_until_the_broker_is_back() {
    let mut broker = Broker::away();
    let wishes = Wishes { journal: "max_bytes = 131072", ..Wishes::default() };
    let bridge = BridgeProcess::started(broker.port(), &wishes).await;
    let body = |number: u32| payos::webhook(&payos::payment(ORDER, &format!("TF{number}")));
    let mut taken = 0;
    let refused = loop {
        let reply = bridge.post(&body(taken)).await;
        if reply.status != 200 || taken > 1000 {
            break reply;
        }
        taken += 1;
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert!(bridge.metric("till_bridge_journal_bytes").await <= 131_072);
    assert_eq!(bridge.metric(UNDELIVERED).await, u64::from(taken));
    assert_eq!(get(bridge.admin(), "/readyz").await.status, 503);
    assert_eq!(get(bridge.admin(), "/healthz").await.status, 200);

    broker.start().await;
    bridge.wait_for_metric(UNDELIVERED, 0).await;
    eventually("it is ready again", async || (get(bridge.admin(), "/readyz").await.status == 200).then_some(())).await;
    assert_eq!(bridge.post(&body(0)).await.status, 200);
}

/// A broker that is away and will keep for the till what comes while the till is away.
async fn broker_that_knows_the_till() -> Broker {
    let mut broker = Broker::running().await;
    Listener::connect(&broker).await.leave().await;
    broker.shut_down().await;
    broker
}
