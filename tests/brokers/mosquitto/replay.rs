//! What mosquitto acknowledges and throws away comes back from the bridge's journal: nothing that a provider was answered
//! 200 for is missing at the till. It must not know how a replay is asked for.

use std::fs;
use std::time::{Duration, Instant};

use tests::listener::Listener;
use tests::till::id_of;
use tests::wait::{SOON, holds_for, wait_for};

use super::counter::Counter;

/// More than `max_queued_bytes` of `tilld.conf`, in webhooks of 30 KB.
const TOO_MANY: u64 = 600;
/// After a longer time without a broker a till does not believe that a session which was kept has everything.
const LONG_AWAY: Duration = Duration::from_secs(6 * 60);

/// The broker has forgotten the session of a till that lives on and is away; what comes is acknowledged and dropped.
#[test]
fn p2_p3_a_till_whose_session_the_broker_does_not_have_gets_all_its_money() {
    let mut counter = Counter::open();
    let sale = counter.till.sell_and_show(50_000);
    counter.receive(3);
    counter.assert_all_money_arrives();
    counter.way.cut();
    counter.till.wait_for_broker_away();
    counter.broker.stop();
    counter.broker.forget();
    counter.broker.start_again();
    counter.pay(&sale);
    counter.receive(20);
    counter.wait_until_the_broker_has_all();
    counter.way.mend();
    let paid = counter.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "webhook", "{paid}");
    counter.assert_all_money_arrives();
}

/// The till has a new store: what the old one knew comes again, as money without a sale, and what it never heard.
#[test]
fn p2_p3_a_till_with_a_new_store_gets_all_its_money() {
    let mut counter = Counter::open();
    let sale = counter.till.sell_and_show(50_000);
    counter.pay(&sale);
    counter.till.wait_state(id_of(&sale), "paid", SOON);
    counter.receive(10);
    counter.assert_all_money_arrives();
    assert!(counter.till.terminate().success());
    fs::remove_dir_all(&counter.till.store).expect("the store can be removed");
    counter.receive(10);
    counter.wait_until_the_broker_has_all();
    counter.till.start_again();
    counter.assert_all_money_arrives();
    assert_eq!(counter.till.sales().len(), 0, "its sales are gone with the store");
}

/// More waits for a till than the broker keeps for it. The till's process ends meanwhile.
#[test]
fn p9_p2_a_till_that_was_off_while_its_queue_overflowed_gets_all_its_money() {
    let mut counter = Counter::open();
    // With this money the till writes down that it has said what its new store made it say.
    counter.receive(3);
    counter.assert_all_money_arrives();
    assert!(counter.till.terminate().success());
    counter.receive_large(TOO_MANY);
    counter.assert_queue_overflowed();
    counter.till.start_again();
    counter.assert_all_money_arrives();
}

/// A till says four times after its start that it wants a replay; the last time comes five minutes after the one before.
fn wait_for_the_last_wish(operator: &Listener) {
    let said = || operator.seen_on("0001017/up/replay").len();
    let mut pause = Duration::ZERO;
    while pause < Duration::from_secs(100) {
        let (before, began) = (said(), Instant::now());
        wait_for("the till wants a replay", 27 * SOON, || if said() > before { Ok(()) } else { Err("no".to_owned()) });
        pause = began.elapsed();
    }
}

/// The same, for a till that lives on and only has no line, long after its start: the broker has kept its session, and it
/// asks all the same, because it was away for more than six minutes.
#[test]
#[ignore = "it takes 12 minutes: tests/run --full"]
fn p9_p2_a_till_that_was_cut_off_while_its_queue_overflowed_gets_all_its_money() {
    let mut counter = Counter::open();
    let operator = counter.operator();
    wait_for_the_last_wish(&operator);
    counter.way.cut();
    counter.till.wait_for_broker_away();
    counter.receive_large(TOO_MANY);
    counter.assert_queue_overflowed();
    holds_for("the till lives and has no broker", LONG_AWAY, || {
        let up = counter.till.status()["links"]["broker"]["up"].clone();
        if up == false { Ok(()) } else { Err(up.to_string()) }
    });
    counter.way.mend();
    counter.assert_all_money_arrives();
}
