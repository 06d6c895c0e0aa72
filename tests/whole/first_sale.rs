//! One whole sale, seen from every side. It must not know how sales go wrong.

use demo::vietqr;
use serde_json::{Value, json};
use tests::events::Events;
use tests::shop::Shop;
use tests::till::{id_of, order_of};
use tests::wait::SOON;

/// P6: what the display shows is the sale's own code. P1, P3: paid, once, by the webhook.
#[test]
fn p6_a_typed_amount_becomes_a_code_that_phones_read_and_then_paid() {
    let shop = Shop::open();
    let events = Events::open(shop.till.api(), None);
    let made = shop.till.sell(50_000);
    assert_eq!(
        (&made["state"], &made["amount"], &made["currency"], &made["channel"], &made["attempt"]),
        (&json!("requesting"), &json!(50_000), &json!("VND"), &json!("payos"), &json!(1)),
        "{made}"
    );
    assert_eq!(made["order"], made["id"], "the first attempt uses the sale's own id");
    let id = id_of(&made).to_owned();
    assert!(id.starts_with("0001017-") && id.len() == 17, "{id}");

    let sale = shop.till.wait_state(&id, "showing", SOON);
    let code = sale["qr"].as_str().expect("a sale that is showing has a code");
    assert_eq!(sale["qr_kind"], "vietqr");
    assert!(sale["expires_at"].is_string() && sale["finished_at"].is_null(), "{sale}");
    shop.till.wait_for_code(code);
    let scanned = vietqr::scan(code).expect("the code is a sound VietQR");
    let account = shop.payos.account();
    assert_eq!((scanned.bin, scanned.account, scanned.amount), (account.bin, account.number, Some(50_000)));

    let bill = shop.payos.read_code(code).expect("the customer's bank finds the order");
    assert_eq!((bill.order, bill.amount), (order_of(&sale), 50_000));
    let reference = shop.payos.pay(bill.order, bill.amount).expect("the customer pays");
    let paid = shop.till.wait_state(&id, "paid", SOON);
    shop.till.assert_no_code();
    let payment = json!({
        "provider_ref": reference.as_str(),
        "provider_id": sale["provider_id"],
        "amount": 50_000,
        "via": "webhook",
    });
    assert_eq!(without_times(&paid["payments"][0]), payment);
    assert_eq!(
        (&paid["paid_amount"], &paid["flags"], &paid["failure"], paid["payments"].as_array().map(Vec::len)),
        (&json!(50_000), &json!([]), &Value::Null, Some(1)),
        "{paid}"
    );
    shop.wait_for_delivery(&reference, Some(200), SOON);

    let last = events.wait("the event that says paid", SOON, |event| event.data["state"] == "paid");
    assert_eq!((last.kind.as_str(), &last.data), ("sale", &paid));
    assert_told_in_order(&events, &id);
    assert_published(&shop, &id, &paid);
    assert_eq!(shop.payos.orders().len(), 1, "payOS heard of one order");
}

fn without_times(payment: &Value) -> Value {
    let mut payment = payment.clone();
    if let Some(fields) = payment.as_object_mut() {
        let times = ["transacted_at", "received_at"].map(|name| fields.remove(name));
        assert!(times.iter().flatten().all(Value::is_string) && times.iter().flatten().count() == 2, "{times:?}");
    }
    payment
}

/// Revisions and event ids grow, and states follow each other as the contract says.
fn assert_told_in_order(events: &Events, id: &str) {
    let own: Vec<_> = events.seen().into_iter().filter(|event| event.data["id"] == id).collect();
    let mut states: Vec<_> = own.iter().filter_map(|event| event.data["state"].as_str()).collect();
    states.dedup();
    assert_eq!(states, ["requesting", "showing", "paid"]);
    let revisions: Vec<_> = own.iter().filter_map(|event| event.data["revision"].as_u64()).collect();
    assert!(revisions.is_sorted_by(|a, b| a < b), "{revisions:?}");
    let ids: Vec<u64> = own.iter().filter_map(|event| event.id.parse().ok()).collect();
    assert!(ids.len() == own.len() && ids.is_sorted_by(|a, b| a < b), "{ids:?}");
}

/// The fleet hears of the sale, at the latest of its newest revision.
fn assert_published(shop: &Shop, id: &str, paid: &Value) {
    let topic = format!("till/v1/0001017/up/sale/{id}");
    let last = shop.ear.wait("the paid sale is published", &topic, |sale| sale["state"] == "paid");
    assert_eq!(
        (last.topic, last.retained, &serde_json::from_slice(&last.body).unwrap_or(Value::Null)),
        (topic.clone(), false, paid)
    );
    let revisions: Vec<_> = shop.ear.seen_on(&topic).iter().filter_map(|m| m.json()["revision"].as_u64()).collect();
    assert!(revisions.is_sorted(), "{revisions:?}");
}

#[test]
fn a_sale_gives_way_to_the_next_one_and_lists_are_newest_first() {
    let shop = Shop::open();
    let first = shop.assert_sells(12_000);
    let second = shop.assert_sells(23_000);
    let third = shop.assert_sells(34_000);
    let all: Vec<_> = shop.till.sales();
    assert_eq!(all, [third.clone(), second.clone(), first.clone()]);
    let page = shop.till.get("/v1/sales?limit=2").json();
    assert_eq!(page["sales"], json!([third, second]));
    let next = page["next"].as_str().expect("there is a next page");
    let rest = shop.till.get(&format!("/v1/sales?limit=2&cursor={next}")).json();
    assert_eq!(rest, json!({ "sales": [first], "next": null }));
    assert_eq!(shop.till.get("/v1/sales?state=showing").json()["sales"], json!([]));
    assert_eq!(shop.till.get("/v1/sales?state=paid").json()["sales"].as_array().map(Vec::len), Some(3));
}

#[test]
fn events_resume_where_a_reader_stopped_also_after_a_restart() {
    let mut shop = Shop::open();
    let events = Events::open(shop.till.api(), None);
    let first = shop.assert_sells(11_000);
    let seen = events.wait("the first sale is paid", SOON, |event| event.data["state"] == "paid");
    drop(events);
    let second = shop.assert_sells(22_000);
    assert!(shop.till.terminate().success());
    shop.till.start_again();
    shop.till.wait_for_broker();
    let events = Events::open(shop.till.api(), Some(&seen.id));
    // An id of another run is too old or known: either way the reader hears what comes.
    let third = shop.assert_sells(33_000);
    let last = events.wait("the third sale is paid", SOON, |event| event.data == third);
    let (before, after): (u64, u64) = (seen.id.parse().unwrap_or(u64::MAX), last.id.parse().unwrap_or(0));
    assert!(after > before, "ids of events grow over a restart: {before}, {after}");
    assert!(events.seen().iter().all(|event| event.data["id"] != first["id"]), "nothing is told twice");
    let _ = second;
}

#[test]
fn the_api_describes_itself_and_says_how_the_till_is() {
    let shop = Shop::open();
    shop.assert_sells(15_000);
    let status = shop.till.status();
    assert_eq!(status["terminal"]["number"], 1017, "{status}");
    assert_eq!(status["links"]["broker"]["up"], true, "{status}");
    assert_eq!(status["links"]["payos"]["up"], true, "{status}");
    assert_eq!(status["display"]["ok"], true, "{status}");
    assert_eq!(status["display"]["size"], "800x480", "{status}");
    for field in ["label", "version", "boot_id", "uptime_s"] {
        assert!(!status["terminal"][field].is_null(), "terminal.{field}: {status}");
    }
    for table in ["queue", "clock", "store"] {
        assert!(status[table].is_object(), "{table}: {status}");
    }
    assert_eq!(shop.till.get("/healthz").status, 200);
    assert!(shop.till.get("/metrics").text().contains("# TYPE"), "Prometheus text");
    let openapi = shop.till.get("/openapi.json").json();
    for path in ["/v1/sales", "/v1/sales/{id}", "/v1/sales/{id}/cancel", "/v1/events", "/v1/status"] {
        assert!(openapi["paths"][path].is_object(), "{path}");
    }
    let screen = shop.till.get("/v1/screen.png");
    assert_eq!((screen.status, screen.header("content-type")), (200, Some("image/png")));
    let seen = demo::eye::look(&screen.body).expect("the screen is a PNG");
    assert_eq!((seen.width, seen.height), (800, 480));
}
