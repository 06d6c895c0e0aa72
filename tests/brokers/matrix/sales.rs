//! Whole sales with the real programs over any broker. It must not know how the broker is run.

use demo::payos::{CallKind, Fault, Lasting};
use serde_json::{Value, json};
use tests::broker::Broker;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::SOON;

/// The way of a sale by push: bridge, broker, till.
pub(super) fn a_sale_is_paid_by_webhook<B: Broker>(shop: &Shop<B>) -> Value {
    let paid = shop.assert_sells(50_000);
    assert_eq!(paid["payments"][0]["via"], "webhook", "{paid}");
    let topic = format!("up/sale/{}", id_of(&paid));
    shop.ear.wait("the fleet hears of it", &topic, |sale| *sale == paid);
    paid
}

/// P2: a till that is killed is `lost`, its session waits, and the webhook that came meanwhile settles the sale.
pub(super) fn a_killed_till_is_lost_and_its_webhook_waits<B: Broker>(shop: &mut Shop<B>) {
    let sale = shop.till.sell_and_show(60_000);
    shop.till.kill();
    shop.ear.wait("the till is lost", "0001017/up/state", |state| state["state"] == "lost");
    shop.ear.forget();
    let reference = shop.pay(&sale, 60_000);
    shop.wait_for_delivery(&reference, Some(200), SOON);
    shop.ear.wait("the webhook is with the broker", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    come_back_and_be_paid_by_webhook(shop, &sale);
}

/// Starts the till while payOS tells it nothing, and sees the sale settled all the same.
pub(super) fn come_back_and_be_paid_by_webhook<B: Broker>(shop: &mut Shop<B>, sale: &Value) {
    shop.payos.plan(CallKind::Get, Fault::Html, Lasting::UntilReset);
    shop.till.start_again();
    let paid = shop.till.wait_state(id_of(sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], &paid["payments"][0]["via"]), (&sale["amount"], &json!("webhook")), "{paid}");
    shop.payos.reset_faults();
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}
