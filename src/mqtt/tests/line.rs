//! One connection without a broker: which acknowledgement belongs to which message, and what counts as given up.

use std::time::Duration;

use rumqttc::{AsyncClient, EventLoop, Publish, QoS};
use till_wire::{Presence, Topic};
use tokio::time::Instant;

use super::heard::{FIRST, options, owed, terminal};
use crate::mqtt::line::{Line, Sent};
use crate::till::{Delivery, Session};

const PATIENCE: Duration = Duration::from_secs(45);

fn line(room: usize) -> (Line, EventLoop) {
    let options = options(1);
    let id = options.terminal.to_string();
    let (client, events) = AsyncClient::new(options.broker.client_options(&id), room);
    let mut line = Line::new(FIRST, Session::Kept, options.clock, client);
    line.open(terminal());
    (line, events)
}

fn after(span: Duration) -> Instant {
    Instant::now() + span
}

#[test]
fn an_acknowledgement_belongs_to_the_message_that_got_its_packet_id() {
    let (mut line, _events) = line(10);
    line.subscribed(terminal(), Presence::Ready);
    let topic = Topic::Replay(terminal());
    line.publish_owed(owed(1), &topic, Vec::new());
    line.put_on_wire(1);
    line.put_on_wire(3);
    line.put_on_wire(4);
    assert_eq!(line.taken(4), Some(Sent::Owed(owed(1))));
    assert_eq!(line.taken(1), Some(Sent::State(Presence::Init)));
    assert_eq!(line.taken(4), None);
    assert_eq!(line.taken(3), Some(Sent::State(Presence::Ready)));
}

#[test]
fn nothing_owed_is_published_before_the_subscription_or_after_the_goodbye() {
    let (mut line, _events) = line(10);
    let topic = Topic::Replay(terminal());
    line.publish_owed(owed(1), &topic, Vec::new());
    line.wish(terminal(), Presence::Ready);
    line.goodbye(terminal(), Presence::Disconnected);
    line.goodbye(terminal(), Presence::Disconnected);
    line.publish_owed(owed(2), &topic, Vec::new());
    line.subscribed(terminal(), Presence::Ready);
    (1..=5).for_each(|packet| line.put_on_wire(packet));
    let taken: Vec<_> = (1..=5).filter_map(|packet| line.taken(packet)).collect();
    let states = [Presence::Init, Presence::Disconnected].map(Sent::State);
    assert_eq!(taken, states);
}

#[test]
fn p7_a_subscription_without_an_answer_is_overdue_after_the_patience() {
    let (mut line, _events) = line(10);
    line.put_on_wire(1);
    line.taken(1);
    assert!(!line.is_overdue(Instant::now(), PATIENCE));
    assert!(line.is_overdue(after(PATIENCE * 2), PATIENCE));
    line.subscribed(terminal(), Presence::Init);
    assert!(!line.is_overdue(after(PATIENCE * 2), PATIENCE));
}

#[test]
fn p7_a_message_that_nobody_takes_is_overdue_queued_or_on_the_wire() {
    let (mut line, _events) = line(10);
    line.subscribed(terminal(), Presence::Init);
    assert!(line.is_overdue(after(PATIENCE * 2), PATIENCE));
    line.put_on_wire(1);
    assert!(line.is_overdue(after(PATIENCE * 2), PATIENCE));
    line.taken(1);
    assert!(!line.is_overdue(after(PATIENCE * 2), PATIENCE));
}

#[test]
fn only_what_this_connection_delivered_is_acknowledged_and_once() {
    // Room for what `open` asks for, and for one acknowledgement.
    let (mut line, _events) = line(3);
    let mut message = Publish::new("till", QoS::AtLeastOnce, Vec::new());
    message.pkid = 7;
    line.delivered(&message);
    let unasked = Publish::new("till", QoS::AtMostOnce, Vec::new());
    line.delivered(&unasked);
    let delivery = |connection, packet| Delivery { connection, packet };
    line.acknowledge(delivery(FIRST + 1, 7));
    line.delivered(&message);
    line.acknowledge(delivery(FIRST, 8));
    line.acknowledge(delivery(FIRST, 0));
    line.acknowledge(delivery(FIRST, 7));
    line.acknowledge(delivery(FIRST, 7));
    assert!(!line.is_choked());
    line.delivered(&message);
    line.acknowledge(delivery(FIRST, 7));
    assert!(line.is_choked(), "the one acknowledgement has taken the room");
}
