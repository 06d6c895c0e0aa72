//! The broker ends and comes back: with its memory, after a kill, and without its memory. Every time the same: a webhook
//! that was answered 200 reaches its till, by the broker's memory or by the bridge's journal.

use tests::broker::Broker;
use tests::plain_client::{Peer, PeerPlan};
use tests::shop::Shop;
use tests::wait::{SOON, wait_for};

use super::{Measured, Memory, sales};

/// A till that is away, with a session, a message in it, and a last word. Each restart has one of its own, since a broker
/// may come back with an older memory.
struct Away {
    plan: PeerPlan,
    topic: String,
    state: String,
}

fn leave_something<B: Broker>(shop: &Shop<B>, number: u32) -> Away {
    let (at, till) = (shop.broker.address(), format!("till/v1/{number:07}"));
    let plan = PeerPlan::new(&format!("{number:07}"), at, &[&format!("{till}/down/#")]);
    plan.connect().die();
    let away = Away { plan, topic: format!("{till}/down/webhook"), state: format!("{till}/up/state") };
    let bridge = PeerPlan::new("bridge-2", at, &[]).connect();
    bridge.publish(&away.topic, "waiting", false);
    bridge.publish(&away.state, "ready", true);
    away
}

/// Says whether the session with its message is there, and whether the last word is.
fn what_is_there<B: Broker>(shop: &Shop<B>, away: &Away) -> Memory {
    let Away { plan, topic, state } = away;
    let back = plan.connect();
    let bridge = PeerPlan::new("bridge-2", shop.broker.address(), &[]).connect();
    bridge.publish(topic, "now", false);
    let heard = wait_for("what is sent now arrives", SOON, || {
        let bodies = back.bodies(topic);
        if bodies.iter().any(|body| body == "now") { Ok(bodies) } else { Err(format!("{bodies:?}")) }
    });
    let session = back.sessions() == [true];
    let want: &[&str] = if session { &["waiting", "now"] } else { &["now"] };
    assert_eq!(heard, want, "the broker says that it has the session: {session}");
    Memory { session, last_word: last_words(shop, state, &back) == ["ready"] }
}

/// What who comes now is told of the till's state.
fn last_words<B: Broker>(shop: &Shop<B>, state: &str, other: &Peer) -> Vec<String> {
    let newcomer = PeerPlan::new("newcomer", shop.broker.address(), &[state, "marker"]).clean().connect();
    newcomer.publish("marker", "here", false);
    wait_for("the newcomer hears itself", SOON, || {
        if newcomer.bodies("marker").is_empty() { Err("not yet".to_owned()) } else { Ok(()) }
    });
    assert!(other.is_up(), "{:?}", other.ends());
    newcomer.bodies(state)
}

/// The till is down and a webhook for it is with the broker; then the broker ends, comes back, and the till comes back.
fn assert_the_webhook_arrives<B: Broker>(shop: &mut Shop<B>, number: u32, restart: impl FnOnce(&mut B)) -> Away {
    let away = leave_something(shop, number);
    let sale = shop.till.sell_and_show(70_000);
    assert!(shop.till.terminate().success());
    shop.ear.forget();
    let reference = shop.pay(&sale, 70_000);
    shop.wait_for_delivery(&reference, Some(200), SOON);
    shop.ear.wait("the webhook is with the broker", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    restart(&mut shop.broker);
    shop.ear.forget();
    sales::come_back_and_be_paid_by_webhook(shop, &sale);
    shop.till.wait_for_broker();
    shop.bridge.wait_for_broker();
    away
}

/// Ended in order and started again: every broker has everything.
pub(super) fn with_its_memory<B: Broker>(shop: &mut Shop<B>) {
    let away = assert_the_webhook_arrives(shop, 8, |broker| {
        broker.stop();
        broker.start_again();
    });
    assert_eq!(what_is_there(shop, &away), Memory { session: true, last_word: true });
    sales::a_sale_is_paid_by_webhook(shop);
}

/// P2: after SIGKILL it depends on the broker, and the till is paid all the same.
pub(super) fn after_a_kill<B: Broker>(shop: &mut Shop<B>, measured: Measured) {
    let away = assert_the_webhook_arrives(shop, 9, |broker| {
        broker.kill();
        broker.start_again();
    });
    assert_eq!(what_is_there(shop, &away), measured.after_kill, "what a killed broker knows");
    sales::a_sale_is_paid_by_webhook(shop);
}

/// P2: a broker that was replaced by an empty one is filled again from the bridge's journal, because the till asks.
pub(super) fn without_its_memory<B: Broker>(shop: &mut Shop<B>) {
    let away = assert_the_webhook_arrives(shop, 10, |broker| {
        broker.stop();
        broker.forget();
        broker.start_again();
    });
    assert_eq!(what_is_there(shop, &away), Memory { session: false, last_word: false });
    shop.ear.wait_subscribed();
    sales::a_sale_is_paid_by_webhook(shop);
}
