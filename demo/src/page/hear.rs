//! Listens to what passes the broker. It must not know what becomes of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, Publish, QoS};
use serde_json::Value;
use tokio::time::sleep;

use super::board::Board;
use super::line::{Party, What};

const LARGEST_PACKET: usize = 72 * 1024;
const PAUSE: Duration = Duration::from_millis(200);

/// Tells every message that passes the broker, for ever.
pub(super) async fn broker(board: Arc<Board>, broker: SocketAddr) {
    let mut options = MqttOptions::new("demo-observer", broker.ip().to_string(), broker.port());
    options.set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET);
    let (client, mut events) = AsyncClient::new(options, 16);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                // The client's queue is empty after a connection, so that this always fits.
                let _ = client.try_subscribe("till/v1/#", QoS::AtMostOnce);
            }
            Ok(Event::Incoming(Packet::Publish(publish))) if !publish.retain => tell_message(&board, &publish),
            Ok(_) => {}
            Err(_) => sleep(PAUSE).await,
        }
    }
}

fn tell_message(board: &Board, publish: &Publish) {
    let body: Value = serde_json::from_slice(&publish.payload).unwrap_or_default();
    let state = || body["state"].as_str().unwrap_or_default().to_owned();
    let is_refunded = || body["flags"].as_array().is_some_and(|flags| flags.iter().any(|flag| flag == "refunded"));
    let parts: Vec<_> = publish.topic.split('/').collect();
    let (from, to, what) = match parts.as_slice() {
        [_, _, _, "down", "webhook"] => (Party::Bridge, Party::Till, What::Envelope),
        [_, _, _, "up", "sale", _] => {
            (Party::Till, Party::Fleet, What::Sale { state: state(), refunded: is_refunded() })
        }
        [_, _, _, "up", "receipt", _] => {
            let amount = body["amount"].as_u64().unwrap_or_default();
            (Party::Till, Party::Fleet, What::Receipt { amount })
        }
        [_, _, _, "up", "state"] => (Party::Till, Party::Fleet, What::State { state: state() }),
        [_, _, _, "up", "replay"] => (Party::Till, Party::Bridge, What::Replay),
        // Health and the like come every minute and tell nothing of a sale.
        _ => return,
    };
    board.tell(from, to, what, format!("{} · {} B", publish.topic, publish.payload.len()));
}
