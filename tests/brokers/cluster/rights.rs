//! What a terminal, a bridge and an operator may read and write, and nothing else. Clients of all three nodes meet, so
//! that no right depends on the node.

use tests::plain_client::Peer;
use tests::wait::{SOON, wait_for};

use super::{Place, names, the_nodes_run_with_what_is_shipped};

/// What each is refused, though it asks with a wildcard or for NATS's own subjects.
const NOT_FOR_A_TERMINAL: [&str; 9] = [
    "#",
    "till/#",
    "till/v1/+/down/#",
    "till/v1/0001018/down/#",
    "till/v1/0001018/down/webhook",
    "till/v1/0001018/up/#",
    "till/v1/unrouted/#",
    "$MQTT/#",
    "+/sub/#",
];
const NOT_FOR_A_BRIDGE: [&str; 6] =
    ["#", "till/v1/+/up/#", "till/v1/+/down/#", "till/v1/unrouted/#", "till/v1/0001017/up/sale/+", "$MQTT/sub/#"];

/// Every one of these subscriptions is refused.
fn is_refused(place: &Place, name: &str, filters: &[&str]) {
    let asks = place.client(name, 2, filters).clean().connect();
    assert_eq!(asks.granted(), vec![false; filters.len()], "{name} asks for {filters:?}");
}

/// Says something on each topic, which the broker acknowledges whether it may be said or not (MQTT 3.1.1 has no word for
/// "no"), and waits until somebody has heard those that may be said, and only those.
fn only_these_are_heard(says: &Peer, hears: &Peer, may: &[&str], may_not: &[&str]) {
    let before = hears.seen().len();
    for topic in may_not.iter().chain(may) {
        says.publish(topic, format!("{{\"on\":\"{topic}\"}}"), false);
    }
    wait_for(&format!("{may:?} are heard"), SOON, || {
        let seen = hears.seen();
        let mut topics: Vec<_> = seen.iter().skip(before).map(|message| message.topic.as_str()).collect();
        topics.sort_unstable();
        let mut want = may.to_vec();
        want.sort_unstable();
        if topics == want { Ok(()) } else { Err(format!("{topics:?}")) }
    });
}

/// P12: with its own certificate a terminal reads its own `down` and writes its own `up`; a bridge does its three things;
/// an operator does not speak for tills.
#[test]
fn p12_everybody_reads_and_writes_what_is_theirs() {
    let place = Place::make(&names(&["0001017", "0001018", "bridge-1", "operator-1", "console-1"]));
    the_nodes_run_with_what_is_shipped(&place);
    // Before they are there: who asks with another's client id throws him out.
    is_refused(&place, "0001017", &NOT_FOR_A_TERMINAL);
    is_refused(&place, "bridge-1", &NOT_FOR_A_BRIDGE);
    is_refused(&place, "operator-1", &["#", "till/v1/+/down/#", "$MQTT/sub/#"]);
    is_refused(&place, "console-1", &["#", "till/v1/+/down/#", "$MQTT/sub/#"]);
    let till = place.client("0001017", 0, &["till/v1/0001017/down/#"]).connect();
    let other = place.client("0001018", 1, &["till/v1/0001018/down/#"]).connect();
    let bridge = place.client("bridge-1", 1, &["till/v1/+/up/replay"]).connect();
    let operator = place.client("operator-1", 2, &["till/v1/+/up/#", "till/v1/unrouted/#"]).connect();
    let console = place.client("console-1", 0, &["till/v1/+/up/#", "till/v1/unrouted/#"]).connect();
    for (who, filters) in [(&till, 1), (&other, 1), (&bridge, 1), (&operator, 2), (&console, 2)] {
        assert_eq!(who.granted(), vec![true; filters]);
    }
    only_these_are_heard(
        &till,
        &operator,
        &["till/v1/0001017/up/state", "till/v1/0001017/up/sale/0001017-000000001"],
        &["till/v1/0001018/up/state", "till/v1/0001018/up/sale/0001018-000000001", "till/v1/unrouted/payos"],
    );
    only_these_are_heard(
        &bridge,
        &other,
        &["till/v1/0001018/down/webhook"],
        &["till/v1/0001018/down/command/1", "till/v1/0001018/down/desired"],
    );
    only_these_are_heard(
        &bridge,
        &operator,
        &["till/v1/unrouted/payos"],
        &["till/v1/0001018/up/state", "till/v1/0001018/up/replay"],
    );
    only_these_are_heard(
        &till,
        &bridge,
        &["till/v1/0001017/up/replay"],
        &["till/v1/0001018/up/replay", "till/v1/0001018/down/webhook"],
    );
    only_these_are_heard(
        &operator,
        &other,
        &["till/v1/0001018/down/command/1", "till/v1/0001018/down/desired"],
        &["till/v1/0001018/down/webhook"],
    );
    only_these_are_heard(
        &console,
        &other,
        &["till/v1/0001018/down/command/2"],
        &["till/v1/0001018/down/desired", "till/v1/0001018/down/webhook"],
    );
    only_these_are_heard(
        &till,
        &console,
        &["till/v1/0001017/up/health", "till/v1/0001017/up/command/2"],
        &["till/v1/0001018/up/health", "till/v1/unrouted/payos"],
    );
    // What may not be said is not retained either.
    till.publish("till/v1/0001018/up/state", "forged", true);
    till.publish("till/v1/0001017/up/state", "own", true);
    let late = place.client("operator-1", 0, &["till/v1/+/up/state"]).clean().connect();
    wait_for("what is retained is told", SOON, || {
        let seen: Vec<_> = late.seen().into_iter().map(|message| message.topic).collect();
        if seen == ["till/v1/0001017/up/state"] { Ok(()) } else { Err(format!("{seen:?}")) }
    });
}
