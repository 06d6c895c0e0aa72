//! How sales end without their money, and what may be done while one is in progress. It must not know how answers break.

use std::time::Duration;

use demo::payos::{CallKind, Fault, Lasting, Status};
use serde_json::{Value, json};
use tests::http::{self, Answer};
use tests::shop::Shop;
use tests::till::{id_of, order_of};
use tests::together::together;
use tests::wait::{SOON, wait_for};

fn flags(sale: &Value) -> Vec<&str> {
    let mut flags: Vec<_> = sale["flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    flags.sort_unstable();
    flags
}

/// P6: the API says that a sale has ended only when its code is off the display.
#[track_caller]
fn wait_for_end(shop: &Shop, sale: &Value, state: &str, limit: Duration) -> Value {
    let ended = wait_for(&format!("the sale ends as `{state}`"), limit, || {
        let sale = shop.till.sale(id_of(sale));
        if sale["finished_at"].is_null() { Err(sale.to_string()) } else { Ok(sale) }
    });
    shop.assert_code_is_gone(&ended);
    assert_eq!(ended["state"], state, "{ended}");
    ended
}

#[track_caller]
fn wait_at_payos(shop: &Shop, sale: &Value, status: Status, limit: Duration) {
    wait_for(&format!("the order is {status:?} at payOS"), limit, || {
        let now = shop.payos.order(order_of(sale)).map(|order| order.status);
        if now == Some(status) { Ok(()) } else { Err(format!("{now:?}")) }
    });
}

#[test]
fn p6_a_cancelled_sale_takes_its_code_away_before_it_says_so() {
    let shop = Shop::open();
    for _ in 0..3 {
        let sale = shop.till.sell_and_show(50_000);
        shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
        let answer = shop.till.cancel(id_of(&sale));
        assert_eq!(answer.status, 202, "{}", answer.text());
        let cancelled = wait_for_end(&shop, &sale, "cancelled", SOON);
        assert_eq!((&cancelled["failure"], flags(&cancelled)), (&Value::Null, vec![]), "{cancelled}");
        wait_at_payos(&shop, &sale, Status::Cancelled, SOON);
        assert_eq!(shop.till.cancel(id_of(&sale)).problem(), (409, "already-ended".to_owned()));
    }
    shop.assert_sells(10_000);
}

#[test]
fn p5_a_sale_cancelled_before_its_code_came_never_shows_it_and_its_order_is_cancelled() {
    let shop = Shop::open();
    shop.payos.plan(CallKind::Create, Fault::Delay(Duration::from_secs(2)), Lasting::Calls(1));
    let sale = shop.till.sell(50_000);
    wait_for("the request is on its way", SOON, || {
        if shop.payos.requests().is_empty() { Err("nothing was asked".to_owned()) } else { Ok(()) }
    });
    let answer = shop.till.cancel(id_of(&sale));
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202, "a second cancel changes nothing");
    let cancelled = wait_for_end(&shop, &sale, "cancelled", SOON);
    assert_eq!(cancelled["qr"], Value::Null, "{cancelled}");
    wait_at_payos(&shop, &sale, Status::Cancelled, Duration::from_secs(30));
    shop.till.assert_no_code();
    shop.assert_sells(10_000);
}

#[test]
fn another_sale_is_refused_while_one_is_in_progress_and_nothing_else_is() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let refused = shop.till.post("/v1/sales", r#"{"amount":1000}"#);
    assert_eq!(refused.problem(), (409, "busy".to_owned()), "{}", refused.text());
    let early = shop.till.post(&format!("/v1/sales/{}/acknowledge", id_of(&sale)), "{}");
    assert_eq!(early.problem(), (409, "not-ended".to_owned()), "{}", early.text());
    shop.pay(&sale, 50_000);
    let paid = wait_for_end(&shop, &sale, "paid", SOON);
    let seen = shop.till.post(&format!("/v1/sales/{}/acknowledge", id_of(&sale)), "{}");
    assert_eq!(seen.status, 200, "{}", seen.text());
    assert_eq!(shop.till.cancel(id_of(&paid)).problem(), (409, "already-ended".to_owned()));
    for path in ["/v1/sales/0001017-000000001", "/v1/sales/nonsense"] {
        assert_eq!(shop.till.get(path).problem(), (404, "not-found".to_owned()));
        assert_eq!(shop.till.post(&format!("{path}/cancel"), "").problem(), (404, "not-found".to_owned()));
    }
    shop.assert_sells(20_000);
}

#[test]
fn p2_p3_a_key_makes_one_sale_also_over_a_restart() {
    let mut shop = Shop::open();
    let api = shop.till.api();
    let sell = |key: &str, body: &str| -> Answer {
        let headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)];
        http::send(api, "POST", "/v1/sales", &headers, body.as_bytes()).expect("the API answers")
    };
    let made = sell("K-1", r#"{"amount":50000}"#);
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].clone();
    let again = sell("K-1", r#"{"amount":50000}"#);
    assert_eq!((again.status, &again.json()["id"]), (200, &id), "looked at before `busy`: {}", again.text());
    let other = sell("K-1", r#"{"amount":60000}"#);
    assert_eq!(other.problem(), (422, "idempotency-mismatch".to_owned()), "{}", other.text());
    shop.till.kill();
    shop.till.start_again();
    let after = sell("K-1", r#"{"amount":50000}"#);
    assert_eq!((after.status, &after.json()["id"]), (200, &id), "{}", after.text());
    assert_eq!(sell("K-2", r#"{"amount":60000}"#).problem(), (409, "busy".to_owned()));
    assert_eq!(shop.till.sales().len(), 1);
}

/// P2: a sale that was answered with 201 is there after SIGKILL, with its code on the display.
#[test]
fn p2_p6_a_showing_sale_is_on_the_display_again_after_sigkill() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let code = sale["qr"].as_str().unwrap_or_default().to_owned();
    shop.till.wait_for_code(&code);
    shop.till.kill();
    shop.till.start_again();
    let again = shop.till.wait_state(id_of(&sale), "showing", SOON);
    shop.till.wait_for_code(&code);
    assert_eq!((&again["qr"], &again["order"], &again["attempt"]), (&sale["qr"], &sale["order"], &json!(1)));
    shop.pay(&sale, 50_000);
    wait_for_end(&shop, &sale, "paid", SOON);
    assert_eq!(shop.payos.orders().len(), 1, "no second order was made");
}

/// P2: a till that is asked to stop does so at once, and says goodbye.
#[test]
fn a_till_that_is_asked_to_stop_exits_0_and_goes_on_later() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    assert!(shop.till.terminate().success());
    shop.till.start_again();
    shop.till.wait_for_broker();
    shop.pay(&sale, 50_000);
    wait_for_end(&shop, &sale, "paid", SOON);
}

fn nobody_pays() {
    let shop = Shop::open_with(|plan| plan.expire_s = 15);
    let sale = shop.till.sell_and_show(50_000);
    shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
    let expired = wait_for_end(&shop, &sale, "expired", Duration::from_secs(40));
    assert_eq!(flags(&expired), Vec::<&str>::new(), "{expired}");
    assert_eq!(expired["paid_amount"], 0);
    wait_for("the order is closed at payOS", SOON, || {
        let status = shop.payos.order(order_of(&sale)).map(|order| order.status);
        let closed = matches!(status, Some(Status::Cancelled | Status::Expired));
        if closed { Ok(()) } else { Err(format!("{status:?}")) }
    });
    shop.assert_sells(10_000);
}

fn somebody_pays_a_part() {
    let shop = Shop::open_with(|plan| plan.expire_s = 15);
    let sale = shop.till.sell_and_show(50_000);
    shop.pay(&sale, 20_000);
    let expired = wait_for_end(&shop, &sale, "expired", Duration::from_secs(40));
    assert_eq!(
        (&expired["paid_amount"], flags(&expired)),
        (&json!(20_000), vec!["attention", "underpaid"]),
        "{expired}"
    );
    // And then the rest, after all.
    shop.pay(&sale, 30_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert!(flags(&paid).contains(&"late") && !flags(&paid).contains(&"underpaid"), "{paid}");
}

/// P8: the last question hears of money that no webhook told.
fn the_last_question_finds_the_money() {
    let shop = Shop::open_with(|plan| plan.expire_s = 15);
    let sale = shop.till.sell_and_show(50_000);
    // The first question, after 10 s, hears nothing; the next would come after the end.
    wait_for("the first question", SOON, || {
        let asked = shop.payos.requests().iter().any(|call| call.method == "GET");
        if asked { Ok(()) } else { Err("not yet".to_owned()) }
    });
    shop.pay_silently(&sale, 50_000);
    let paid = wait_for_end(&shop, &sale, "paid", Duration::from_secs(40));
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid}");
}

/// The cancel stays owed and is sent when it can be.
fn payos_does_not_answer_a_cancel() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    for kind in [CallKind::Cancel, CallKind::Get] {
        shop.payos.plan(kind, Fault::HttpStatus { status: 500, retry_after_s: None }, Lasting::UntilReset);
    }
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
    let cancelling = shop.till.sale(id_of(&sale));
    assert_eq!(cancelling["state"], "cancelling", "{cancelling}");
    wait_for("the code is off the display", Duration::from_secs(5), || tests::screen::no_code(&shop.till.picture));
    // A new sale need not wait for payOS.
    let next = shop.till.sell_and_show(20_000);
    let cancelled = shop.till.wait_state(id_of(&sale), "cancelled", Duration::from_secs(40));
    assert_eq!(cancelled["failure"], Value::Null, "{cancelled}");
    shop.till.wait_for_code(next["qr"].as_str().unwrap_or_default());
    shop.payos.reset_faults();
    wait_at_payos(&shop, &sale, Status::Cancelled, Duration::from_secs(60));
}

/// What payOS says of an order ends the sale: without a broker it is asked every 3 s.
fn payos_ends_the_order() {
    let mut shop = Shop::open();
    shop.broker.stop();
    shop.till.wait_for_broker_away();
    for (status, state) in [(Status::Cancelled, "cancelled"), (Status::Expired, "expired"), (Status::Failed, "failed")]
    {
        let sale = shop.till.sell_and_show(50_000);
        shop.payos.set_status(order_of(&sale), status).expect("the order is known");
        let ended = wait_for_end(&shop, &sale, state, SOON);
        if state == "failed" {
            assert_eq!(ended["failure"]["code"], "provider_refused", "{ended}");
        }
    }
    let sale = shop.till.sell_and_show(50_000);
    shop.payos.set_status(order_of(&sale), Status::Processing).expect("the order is known");
    tests::wait::holds_for("a sale that payOS works on", Duration::from_secs(5), || {
        let now = shop.till.sale(id_of(&sale));
        if now["state"] == "showing" { Ok(()) } else { Err(now.to_string()) }
    });
}

/// The display gives the result back after `result_s`, and a till without a display sells too.
fn a_till_without_a_display_sells_by_its_api() {
    let mut shop = Shop::open();
    assert!(shop.till.terminate().success());
    let config = std::fs::read_to_string(&shop.till.config).expect("the configuration is there");
    let without: Vec<_> =
        config.lines().filter(|line| !line.starts_with("device") && !line.starts_with("size")).collect();
    let without = without.join("\n").replace("driver = \"png\"", "driver = \"none\"");
    std::fs::write(&shop.till.config, without).expect("the configuration can be changed");
    shop.till.start_again();
    shop.till.wait_for_broker();
    let sale = shop.till.sell_and_show(50_000);
    assert!(sale["qr"].as_str().is_some_and(|code| code.starts_with("000201")), "{sale}");
    shop.pay(&sale, 50_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(shop.till.get("/v1/screen.png").status, 404);
}

/// P7: every sale ends. P8: not before one last question.
#[test]
fn p7_p8_every_sale_ends_by_its_clock_or_by_payos() {
    together(&[
        ("nobody pays", &nobody_pays),
        ("somebody pays a part", &somebody_pays_a_part),
        ("the last question finds the money", &the_last_question_finds_the_money),
        ("payOS does not answer a cancel", &payos_does_not_answer_a_cancel),
        ("payOS ends the order", &payos_ends_the_order),
        ("a till without a display sells by its API", &a_till_without_a_display_sells_by_its_api),
    ]);
}
