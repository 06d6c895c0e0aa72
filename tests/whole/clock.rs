//! The clock on the wall is wrong, and jumps: it expires, confirms and loses nothing (P10). It must not know brokers' faults.

use std::time::{Duration, Instant};

use serde_json::Value;
use tests::authority::Authority;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::shop::{Shop, TERMINAL, sandbox};
use tests::till::{TillPlan, id_of, order_of};
use tests::together::together;
use tests::wait::{SOON, holds_for, wait_for};
use tests::wrong_clock::WrongClock;

const IN_1970: &str = "@1970-01-02 00:00:00";
const RIGHT: &str = "+0";

/// P10: with a clock that cannot be right no certificate is judged; the till says why, and goes on by itself.
#[test]
fn p10_p13_without_the_time_no_certificate_is_judged_and_with_it_all_goes_on() {
    let folder = Folder::make();
    let payos = sandbox();
    let authority = Authority::make(&folder, "ours");
    let server = authority.issue(&folder, "broker");
    let port = free_port();
    let broker = Mosquitto::start_with(&folder, server.listener(port, &authority));
    let clock = WrongClock::showing(&folder, RIGHT);
    let mut plan = TillPlan::new(TERMINAL, &format!("mqtts://127.0.0.1:{port}"), &payos);
    plan.mqtt = authority.issue(&folder, "0001017").settings(&authority);
    plan.launcher = clock.launcher();
    plan.tables = "[offline]\nmode = \"wait\"\nwait_s = 3\n".to_owned();
    // A second account at a provider whose certificate would have to be judged.
    plan.channels = channel_over_tls(&folder);
    let mut till = plan.start(&folder);
    till.wait_for_broker();
    // The store has drawn a number, so it needs no clock for the next one.
    let first = till.sell_and_show(10_000);
    assert_eq!(till.cancel(id_of(&first)).status, 202);
    till.wait_sale("the first sale ends", id_of(&first), SOON * 2, |sale| sale["finished_at"].is_string());
    assert!(till.terminate().success());

    let calls = broker.printed().matches("New connection").count();
    clock.set(IN_1970);
    till.start_again();
    let reason = wait_for("the link says why it is down", SOON, || {
        let link = till.status()["links"]["broker"].clone();
        let reason = link["reason"].as_str().unwrap_or_default().to_owned();
        if reason.contains("the clock is not set") { Ok(reason) } else { Err(link.to_string()) }
    });
    assert_eq!(till.status()["clock"]["synchronised"], false, "{reason}");
    let sale = till.post("/v1/sales", r#"{"amount":50000,"channel":"secure"}"#).json();
    let waiting = till.sale(id_of(&sale));
    assert_eq!(waiting["waiting_for"], "network", "{waiting}");
    let failed = till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(failed["failure"]["code"], "clock_not_set", "{failed}");
    assert_eq!(broker.printed().matches("New connection").count(), calls, "nobody has called the broker");

    clock.set(RIGHT);
    till.wait_for_broker();
    assert_eq!(till.status()["clock"]["synchronised"], true);
}

fn channel_over_tls(folder: &Folder) -> String {
    let secret = folder.write("another-secret", "secret\n");
    format!(
        "[[channel]]\nid = \"secure\"\nprovider = \"payos\"\nbase_url = \"https://127.0.0.1:{}\"\n\
         client_id = {{ file = {secret:?} }}\napi_key = {{ file = {secret:?} }}\nchecksum_key = {{ file = {secret:?} }}\n\
         return_url = \"https://shop.example/ok\"\ncancel_url = \"https://shop.example/cancel\"\n",
        free_port()
    )
}

/// One sale is paid after a jump; another has its whole time, whatever the wall says, and no more.
fn jump(by: &str) {
    let own = Folder::make();
    let clock = WrongClock::showing(&own, RIGHT);
    let launcher = clock.launcher();
    let shop = Shop::open_with(|plan| {
        plan.launcher = launcher;
        plan.expire_s = 15;
    });
    let sale = shop.till.sell_and_show(50_000);
    clock.set(by);
    shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(
        (&paid["paid_amount"], paid["flags"].clone()),
        (&Value::from(50_000), Value::from(Vec::<Value>::new())),
        "{by}"
    );
    clock.set(RIGHT);
    let sale = shop.till.sell_and_show(20_000);
    let shown = Instant::now();
    clock.set(by);
    holds_for(&format!("{by}: the code stays"), Duration::from_secs(10), || {
        let sale = shop.till.sale(id_of(&sale));
        if sale["state"] == "showing" { Ok(()) } else { Err(sale.to_string()) }
    });
    let ended = shop
        .till
        .wait_sale("the sale ends in its time", id_of(&sale), SOON * 2, |sale| sale["finished_at"].is_string());
    assert_eq!(ended["state"], "expired", "{by}: {ended}");
    // The code is shown for fifteen seconds; the test may have seen it a little later than it was.
    assert!(shown.elapsed() > Duration::from_secs(12), "{by}: it had only {:?}", shown.elapsed());
    shop.assert_code_is_gone(&ended);
    let known = shop.payos.order(order_of(&sale).value()).map(|order| order.status);
    assert_eq!(known, Some(demo::payos::Status::Cancelled), "{by}: what nobody paid is cancelled at payOS");
}

#[test]
fn p10_a_clock_that_jumps_in_the_middle_of_a_sale_neither_expires_nor_loses_it() {
    together(&[
        ("a year on", &|| jump("+365d")),
        ("a year back", &|| jump("-365d")),
        ("an hour on", &|| jump("+3600")),
        ("an hour back", &|| jump("-3600")),
    ]);
}
