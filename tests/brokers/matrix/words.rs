//! What is kept for those who come later: retained messages and last wills. It must not restart the broker.

use std::net::SocketAddr;

use tests::listener::Message;
use tests::plain_client::{Peer, PeerPlan};
use tests::wait::{SOON, wait_for};

use super::Measured;

/// Waits until a client has heard these words on a topic.
fn hears(peer: &Peer, topic: &str, words: &[&str]) {
    wait_for(&format!("{words:?} on {topic}"), SOON, || {
        let bodies = peer.bodies(topic);
        if bodies == words { Ok(()) } else { Err(format!("{bodies:?}")) }
    });
}

/// Returns what a new client with this filter is told at once: everything before a message that is sent afterwards.
fn told_to_a_newcomer(broker: SocketAddr, filter: &str) -> Vec<Message> {
    let id = format!("newcomer-{:08x}", fastrand::u32(..));
    let marker = format!("marker/{id}");
    let newcomer = PeerPlan::new(&id, broker, &[filter, &marker]).clean().connect();
    newcomer.publish(&marker, "here", false);
    hears(&newcomer, &marker, &["here"]);
    newcomer.seen().into_iter().filter(|message| message.topic != marker).collect()
}

fn told(topic: &str, body: &str) -> Vec<Message> {
    vec![Message { topic: topic.to_owned(), body: body.as_bytes().to_vec(), retained: true }]
}

/// The newest retained message is told to who comes later, until it is cleared by an empty one.
pub(super) fn what_is_retained_is_told_to_who_comes_later(broker: SocketAddr, measured: Measured) {
    let (topic, wildcard) = ("till/v1/0000005/up/health", "till/v1/+/up/health");
    let till = PeerPlan::new("0000005", broker, &[]).connect();
    till.publish(topic, "old", true);
    till.publish(topic, "new", true);
    wait_for("who asks for the topic is told", SOON, || {
        let seen = told_to_a_newcomer(broker, topic);
        if seen == told(topic, "new") { Ok(()) } else { Err(format!("{seen:?}")) }
    });
    let by_wildcard = told_to_a_newcomer(broker, wildcard).into_iter().any(|message| message.topic == topic);
    assert_eq!(by_wildcard, measured.retained_by_wildcard, "told to who asks with a wildcard");
    till.publish(topic, "", true);
    wait_for("an empty one clears it", SOON, || {
        let seen = told_to_a_newcomer(broker, topic);
        if seen.is_empty() { Ok(()) } else { Err(format!("{seen:?}")) }
    });
}

/// The will of a client whose line is cut is told to who listens, and to who comes later if it is retained; a client
/// that says goodbye has none.
pub(super) fn a_last_will_is_told(broker: SocketAddr, measured: Measured) {
    let topic = "till/v1/0000006/up/state";
    let plan = PeerPlan::new("0000006", broker, &[]).will(topic, "lost");
    let ear = PeerPlan::new("ear", broker, &["till/v1/0000006/up/#"]).connect();
    let till = plan.connect();
    till.publish(topic, "ready", true);
    till.leave();
    let till = plan.connect();
    till.publish(topic, "ready again", true);
    hears(&ear, topic, &["ready", "ready again"]);
    till.die();
    hears(&ear, topic, &["ready", "ready again", "lost"]);
    let last = if measured.will_is_retained { "lost" } else { "ready again" };
    wait_for("the last word is kept", SOON, || {
        let seen = told_to_a_newcomer(broker, topic);
        if seen == told(topic, last) { Ok(()) } else { Err(format!("{seen:?}")) }
    });
}
