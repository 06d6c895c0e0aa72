//! What a webhook survives on its way: kills of the bridge at any moment, and brokers that go away,
//! fall silent or break off.

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use support::bridge::{BridgeProcess, Wishes};
use support::broker::{Broker, Listener};
use support::eventually;
use support::payments::{UNDELIVERED, WEBHOOK_TOPIC, names, post_payments, references, take};
use support::payos::{self, ORDER};
use support::scripted::ScriptedBroker;

#[tokio::test]
async fn p2_nothing_that_was_answered_is_lost_by_kills_at_any_moment() {
    let mut broker = Broker::away();
    let mut bridge = BridgeProcess::new(broker.port(), &Wishes::default());
    let mut answered: BTreeSet<String> = BTreeSet::new();
    for round in 0..12_u64 {
        bridge.start().await;
        let hooks = bridge.hooks();
        let (sender, mut answers) = tokio::sync::mpsc::unbounded_channel();
        for writer in 0..8 {
            let sender = sender.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let name = format!("TF{round}-{writer}-{number}");
                    let body = payos::webhook(&payos::payment(ORDER, &name));
                    let Some(reply) = support::http::try_post(hooks, "/hooks/payos", &body).await else { return };
                    assert_eq!(reply.status, 200, "{}", reply.body);
                    if sender.send(name).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        // Moments that have nothing to do with what the bridge is doing.
        tokio::time::sleep(Duration::from_micros(1_000 + round * round * 700)).await;
        bridge.kill();
        while let Some(name) = answers.recv().await {
            answered.insert(name);
        }
    }
    assert!(answered.len() > 50, "{}", answered.len());
    broker.start().await;
    let mut listener = Listener::connect(&broker).await;
    bridge.start().await;
    while !answered.is_empty() {
        for name in references(&[listener.next().await]) {
            answered.remove(&name);
        }
    }
    bridge.wait_for_metric(UNDELIVERED, 0).await;
    assert_eq!(bridge.metric("till_bridge_journal_damaged_total").await, 0);
}

#[tokio::test]
async fn a_replay_goes_on_when_the_broker_was_lost_in_its_middle() {
    let mut broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    post_payments(&bridge, &names("TF", 60)).await;
    take(&mut listener, 60).await;
    listener.publish("till/v1/0001017/up/replay", "{\"since\":\"2020-01-01T00:00:00Z\"}").await;
    take(&mut listener, 3).await;
    broker.stop();
    broker.start().await;
    eventually("all of it is published", async || {
        (bridge.metric("till_bridge_replayed_total").await >= 60).then_some(())
    })
    .await;
    // And it ends: otherwise it would go on for ever.
    let replayed = bridge.metric("till_bridge_replayed_total").await;
    assert!(replayed < 120, "{replayed}");
}

#[tokio::test]
async fn an_entry_that_the_broker_breaks_off_over_does_not_keep_others_from_their_tills() {
    let mut broker = Broker::away_with("max_packet_size 4000\n");
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let mut large = payos::payment(ORDER, "large");
    large.insert("description".into(), json!("x".repeat(5000)));
    assert_eq!(bridge.post(&payos::webhook(&large)).await.status, 200);
    let names = names("TF", 3);
    post_payments(&bridge, &names).await;
    broker.start().await;
    let mut listener = Listener::connect(&broker).await;
    bridge.wait_for_metric(UNDELIVERED, 1).await;
    let mut seen = BTreeSet::new();
    while seen.len() < 3 {
        seen.extend(references(&take(&mut listener, 1).await));
    }
    assert_eq!(seen, names.into_iter().collect());
    assert!(bridge.log().iter().any(|line| line.contains("set aside")));
}

#[tokio::test]
async fn a_broker_that_stops_acknowledging_is_left_and_everything_is_sent_again() {
    let broker = ScriptedBroker::new().await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let mut first = broker.accept().await;
    post_payments(&bridge, &names("TF", 3)).await;
    // Packet 1 is the subscription.
    for packet in 2..=4 {
        assert_eq!(first.next_publish().await, Some((packet, WEBHOOK_TOPIC.into())));
    }
    // Acknowledged out of order; the third never is.
    first.acknowledge(3).await;
    bridge.wait_for_metric(UNDELIVERED, 2).await;
    first.acknowledge(2).await;
    bridge.wait_for_metric(UNDELIVERED, 1).await;
    assert_eq!(first.next_publish().await, None);

    let mut second = broker.accept().await;
    assert_eq!(second.next_publish().await, Some((2, WEBHOOK_TOPIC.into())));
    second.acknowledge(2).await;
    bridge.wait_for_metric(UNDELIVERED, 0).await;
}

#[tokio::test]
async fn an_acknowledgement_of_nothing_costs_the_connection_and_no_entry() {
    let broker = ScriptedBroker::new().await;
    let bridge = BridgeProcess::started(broker.port(), &Wishes::default()).await;
    let mut first = broker.accept().await;
    post_payments(&bridge, &names("TF", 1)).await;
    assert_eq!(first.next_publish().await, Some((2, WEBHOOK_TOPIC.into())));
    first.acknowledge(9).await;
    let mut second = broker.accept().await;
    assert_eq!(second.next_publish().await, Some((2, WEBHOOK_TOPIC.into())));
    assert_eq!(bridge.metric(UNDELIVERED).await, 1);
    second.acknowledge(2).await;
    bridge.wait_for_metric(UNDELIVERED, 0).await;
}
