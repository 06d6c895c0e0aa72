//! What is kept for a client that is away. It must not restart the broker.

use std::net::SocketAddr;

use tests::plain_client::PeerPlan;
use tests::wait::{SOON, wait_for};

use super::Measured;

/// The texts of so many messages.
fn texts(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{{\"n\":{n}}}")).collect()
}

/// What was sent with QoS 1 while a client with a session was away arrives when it is back, in order and once.
pub(super) fn a_session_is_resumed(broker: SocketAddr) {
    let topic = "till/v1/0000002/down/webhook";
    let plan = PeerPlan::new("0000002", broker, &["till/v1/0000002/down/#"]);
    plan.connect().die();
    let bridge = PeerPlan::new("bridge-2", broker, &[]).connect();
    for text in texts(20) {
        bridge.publish(topic, text, false);
    }
    let back = plan.connect();
    wait_for("all arrive", SOON, || {
        let bodies = back.bodies(topic);
        if bodies == texts(20) { Ok(()) } else { Err(format!("{bodies:?}")) }
    });
    assert_eq!(back.sessions(), [true], "the broker says that it has the session");
    // A broker may take up a new connection before it has read the last acknowledgements of the old one. What is published
    // behind them is acknowledged after them: the first time the client has sent the last of them, the second time the
    // broker has read it.
    for _ in 0..2 {
        back.publish("till/v1/0000002/up/state", "still here", false);
    }
    back.leave();
    let again = plan.connect();
    bridge.publish(topic, "last", false);
    wait_for("nothing comes twice", SOON, || {
        let bodies = again.bodies(topic);
        if bodies == ["last"] { Ok(()) } else { Err(format!("{bodies:?}")) }
    });
}

/// A PUBACK says nothing about a client without a session: what is for it is acknowledged and dropped. The bridge's
/// journal has it, and the till asks for it.
pub(super) fn what_nobody_waits_for_is_dropped(broker: SocketAddr) {
    let topic = "till/v1/0000003/down/webhook";
    let bridge = PeerPlan::new("bridge-2", broker, &[]).connect();
    bridge.publish(topic, "early", false);
    let till = PeerPlan::new("0000003", broker, &["till/v1/0000003/down/#"]).connect();
    bridge.publish(topic, "late", false);
    wait_for("only the second comes", SOON, || {
        let bodies = till.bodies(topic);
        if bodies == ["late"] { Ok(()) } else { Err(format!("{bodies:?}")) }
    });
    assert_eq!(till.sessions(), [false], "the broker says that it has no session");
}

/// Everything is acknowledged to the sender; how much of it is kept is the broker's own.
pub(super) fn a_queue_has_this_end(broker: SocketAddr, measured: Measured) {
    let topic = "till/v1/0000004/down/webhook";
    let plan = PeerPlan::new("0000004", broker, &["till/v1/0000004/down/#"]);
    plan.connect().leave();
    let bridge = PeerPlan::new("bridge-2", broker, &[]).connect();
    for text in texts(1500) {
        bridge.send(topic, text, false);
    }
    bridge.wait_taken(1500);
    let back = plan.connect();
    wait_for("as many come as are kept", SOON, || {
        let count = back.bodies(topic).len();
        if count >= measured.queue { Ok(()) } else { Err(count.to_string()) }
    });
    // The first ones are kept, and after them comes what is sent now.
    bridge.publish(topic, "now", false);
    let mut want = texts(measured.queue);
    want.push("now".to_owned());
    wait_for("what is sent now comes after them", SOON, || {
        let bodies = back.bodies(topic);
        if bodies == want { Ok(()) } else { Err(format!("{} came, the last {:?}", bodies.len(), bodies.last())) }
    });
}
