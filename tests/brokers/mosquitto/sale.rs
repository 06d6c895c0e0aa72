//! A whole sale over a broker as operators have it, each program with a certificate of its own, and an operator who hears
//! of it. It must not know what goes wrong.

use serde_json::json;
use tests::till::{id_of, order_of};
use tests::wait::SOON;

use super::counter::Counter;

#[test]
fn p1_a_whole_sale_goes_over_the_shipped_configuration_and_its_operator_hears_of_it() {
    let mut counter = Counter::open();
    let operator = counter.operator();
    let ready = operator.wait("the till is ready", "up/state", |state| state["state"] == "ready");
    assert_eq!((ready.topic.as_str(), ready.retained), ("till/v1/0001017/up/state", true));

    let sale = counter.till.sell_and_show(50_000);
    counter.till.wait_for_code(sale["qr"].as_str().expect("a sale that shows has a code"));
    // payOS itself calls the bridge.
    counter.payos.pay(order_of(&sale), 50_000).expect("payOS knows the order");
    let paid = counter.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], &paid["payments"][0]["via"]), (&json!(50_000), &json!("webhook")), "{paid}");
    operator.wait("the sale is published", &format!("0001017/up/sale/{}", id_of(&sale)), |said| *said == paid);

    // Money without a sale, and money that is nobody's.
    counter.receive(1);
    operator.wait("the receipt is published", "0001017/up/receipt/", |receipt| receipt["amount"].is_u64());
    counter.payos.add_foreign_order(1_795_143_845_123_u64, 70_000);
    counter.payos.pay(1_795_143_845_123_u64, 70_000).expect("the web shop's customer pays");
    operator.wait("the operator hears of it", "till/v1/unrouted/payos", |envelope| envelope["v"] == 1);

    counter.way.cut();
    operator.wait("the till is lost", "0001017/up/state", |state| state["state"] == "lost");
    counter.way.mend();
    counter.till.wait_for_broker();
    operator.forget();
    let replay = counter.till.command_line(&["replay"]);
    assert!(replay.status.success(), "{replay:?}");
    operator.wait("the till asks for a replay", "0001017/up/replay", |wish| wish["since"].is_string());
    assert!(counter.till.terminate().success());
    operator.wait("the till says goodbye", "0001017/up/state", |state| state["state"] == "disconnected");
}
