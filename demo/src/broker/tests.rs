//! Speaks MQTT with the broker as a till and a bridge do.

use std::time::Duration;

use rumqttc::{Client, Connection, Event, MqttOptions, Packet, Publish, QoS};

use super::Broker;

const LIMIT: Duration = Duration::from_secs(20);

fn connect(broker: &Broker, id: &str) -> (Client, Connection) {
    let mut options = MqttOptions::new(id, "127.0.0.1", broker.port());
    options.set_clean_session(false);
    options.set_max_packet_size(super::LARGEST_PACKET, super::LARGEST_PACKET);
    Client::new(options, 10)
}

/// Reads packets until `pick` finds what it looks for.
#[track_caller]
fn wait_for<T>(connection: &mut Connection, mut pick: impl FnMut(Packet) -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + LIMIT;
    loop {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        let event = connection.recv_timeout(left).expect("the packet comes in time").expect("the link holds");
        if let Event::Incoming(packet) = event {
            if let Some(found) = pick(packet) {
                return found;
            }
        }
    }
}

fn publish(packet: Packet) -> Option<Publish> {
    if let Packet::Publish(publish) = packet { Some(publish) } else { None }
}

fn acknowledged(packet: Packet) -> Option<()> {
    matches!(packet, Packet::PubAck(_)).then_some(())
}

fn subscribe(client: &Client, connection: &mut Connection, filter: &str) {
    client.subscribe(filter, QoS::AtLeastOnce).expect("the client takes a subscription");
    wait_for(connection, |packet| matches!(packet, Packet::SubAck(_)).then_some(()));
}

#[test]
fn a_message_of_64_kib_is_delivered_with_qos_1() {
    let broker = Broker::start().expect("the broker starts");
    let (till, mut till_link) = connect(&broker, "0001017");
    subscribe(&till, &mut till_link, "till/v1/0001017/down/#");
    let (bridge, mut bridge_link) = connect(&broker, "bridge-1");
    let body = vec![b'x'; 65_536];
    bridge
        .publish("till/v1/0001017/down/webhook", QoS::AtLeastOnce, false, body.clone())
        .expect("the client takes a message");
    wait_for(&mut bridge_link, acknowledged);
    let got = wait_for(&mut till_link, publish);
    assert_eq!((got.topic.as_str(), got.qos), ("till/v1/0001017/down/webhook", QoS::AtLeastOnce));
    assert_eq!(got.payload, body);
}

#[test]
fn a_retained_message_waits_for_later_subscribers() {
    let broker = Broker::start().expect("the broker starts");
    let (till, mut till_link) = connect(&broker, "0001017");
    till.publish("till/v1/0001017/up/state", QoS::AtLeastOnce, true, "ready").expect("the client takes a message");
    wait_for(&mut till_link, acknowledged);
    let (reader, mut reader_link) = connect(&broker, "reader");
    reader.subscribe("till/v1/+/up/state", QoS::AtLeastOnce).expect("the client takes a subscription");
    let got = wait_for(&mut reader_link, publish);
    assert_eq!((got.retain, &got.payload[..]), (true, &b"ready"[..]));
}

#[test]
fn a_session_keeps_what_came_while_its_client_was_away() {
    let broker = Broker::start().expect("the broker starts");
    {
        let (till, mut till_link) = connect(&broker, "0001017");
        subscribe(&till, &mut till_link, "till/v1/0001017/down/#");
        till.disconnect().expect("the client takes a goodbye");
        while till_link.recv_timeout(LIMIT).is_ok_and(|event| event.is_ok()) {}
    }
    let (bridge, mut bridge_link) = connect(&broker, "bridge-1");
    bridge
        .publish("till/v1/0001017/down/webhook", QoS::AtLeastOnce, false, "kept")
        .expect("the client takes a message");
    wait_for(&mut bridge_link, acknowledged);
    let (_till, mut till_link) = connect(&broker, "0001017");
    assert_eq!(&wait_for(&mut till_link, publish).payload[..], b"kept");
}

#[test]
fn two_brokers_live_side_by_side() {
    let one = Broker::start().expect("the broker starts");
    let two = Broker::start().expect("the broker starts");
    assert_ne!(one.port(), two.port());
    assert_eq!(one.url(), format!("mqtt://127.0.0.1:{}", one.port()));
}
