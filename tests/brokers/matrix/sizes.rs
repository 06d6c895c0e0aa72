//! The contract's bound of 64 KiB, and what happens beyond the broker's own. It must not restart the broker.

use std::net::SocketAddr;
use std::time::Duration;

use tests::plain_client::PeerPlan;
use tests::wait::{SOON, holds_for, wait_for};

use super::{Beyond, Measured};

/// No message of the contract is larger.
const LARGEST: usize = 65_536;

/// More than any broker here is told to take.
const FAR_LARGER: usize = 2_000_000;

/// The largest message of the contract comes through as it is, also out of a session's queue.
pub(super) fn the_largest_message_passes(broker: SocketAddr) {
    let topic = "till/v1/0000007/down/webhook";
    let plan = PeerPlan::new("0000007", broker, &["till/v1/0000007/down/#"]);
    plan.connect().die();
    let bridge = PeerPlan::new("bridge-2", broker, &[]).connect();
    let body: Vec<u8> = (0..LARGEST).map(|n| (n % 251) as u8).collect();
    bridge.publish(topic, body.clone(), false);
    let back = plan.connect();
    wait_for("the message arrives", SOON, || {
        let seen: Vec<_> = back.seen().into_iter().map(|message| message.body).collect();
        if seen == [body.clone()] { Ok(()) } else { Err(format!("{} messages", seen.len())) }
    });
}

/// P9: a message beyond the broker's own limit is not delivered, who listens notices nothing, and its sender can come
/// back. A broker that knows no limit hands it on.
pub(super) fn a_far_larger_one_has_this_end(broker: SocketAddr, measured: Measured) {
    // Nobody of the fleet listens there.
    let topic = "large/1";
    let listens = PeerPlan::new("listens", broker, &["large/#"]).connect();
    let plan = PeerPlan::new("bridge-2", broker, &[]);
    let sender = plan.connect();
    sender.send(topic, vec![b'x'; FAR_LARGER], false);
    match measured.beyond {
        Beyond::Delivered => sender.wait_taken(1),
        Beyond::Ended => wait_for("the sender's connection ends", SOON, || {
            let ends = sender.ends().len();
            if ends > 0 { Ok(()) } else { Err(format!("{} taken", sender.taken())) }
        }),
        Beyond::Unanswered => {
            // The connection stays, and nothing that is said over it is answered any more.
            sender.send(topic, "unheard", false);
            holds_for("no answer, and no end", Duration::from_secs(1), || {
                let (taken, ends) = (sender.taken(), sender.ends());
                if taken == 0 && ends.is_empty() { Ok(()) } else { Err(format!("{taken} taken, ends {ends:?}")) }
            });
        }
    }
    sender.die();
    plan.connect().publish(topic, "small", false);
    let want = if measured.beyond == Beyond::Delivered { vec![FAR_LARGER, "small".len()] } else { vec!["small".len()] };
    wait_for("the small one comes, and the large one if there is no limit", SOON, || {
        let sizes: Vec<_> = listens.bodies(topic).iter().map(String::len).collect();
        if sizes == want { Ok(()) } else { Err(format!("sizes {sizes:?}")) }
    });
    assert_eq!(listens.ends(), Vec::<String>::new(), "who listens has noticed nothing");
}
