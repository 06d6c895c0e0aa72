//! The task that polls the MQTT library, and the few things that it reports. Awaits the network and
//! its reader, who never waits for it; knows nothing of the journal.

use rumqttc::{Event, EventLoop, Outgoing, Packet, Publish, SubscribeReasonCode};
use tokio::sync::mpsc;

/// What happened on the connection.
#[derive(Debug)]
pub(super) enum Signal {
    Connected,
    /// Our subscription was answered.
    Subscribed(Subscription),
    /// The oldest publish that had no packet id has got this one.
    Sent(u16),
    /// The broker has taken our publish with this packet id.
    Taken(u16),
    /// A message came in.
    Arrived(Publish),
    /// The connection is over; the text says why.
    Closed(String),
}

/// The broker's answer to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subscription {
    Granted,
    Refused,
}

/// Polls until the connection is over or nobody listens.
pub(super) async fn poll(mut connection: EventLoop, signals: mpsc::Sender<Signal>) {
    loop {
        let signal = match connection.poll().await {
            Ok(event) => signal(event),
            Err(error) => {
                // Whoever has gone away does not care why the connection did.
                let _gone = signals.send(Signal::Closed(error.to_string())).await;
                return;
            }
        };
        if let Some(signal) = signal {
            if signals.send(signal).await.is_err() {
                return;
            }
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "MQTT has more packets than we take part in")]
fn signal(event: Event) -> Option<Signal> {
    match event {
        Event::Incoming(Packet::ConnAck(_)) => Some(Signal::Connected),
        Event::Incoming(Packet::PubAck(ack)) => Some(Signal::Taken(ack.pkid)),
        Event::Incoming(Packet::Publish(publish)) => Some(Signal::Arrived(publish)),
        Event::Incoming(Packet::SubAck(ack)) => {
            let refused = ack.return_codes.contains(&SubscribeReasonCode::Failure);
            let answer = if refused { Subscription::Refused } else { Subscription::Granted };
            Some(Signal::Subscribed(answer))
        }
        Event::Outgoing(Outgoing::Publish(packet)) => Some(Signal::Sent(packet)),
        _ => None,
    }
}
