//! Making, finding, cancelling and acknowledging sales.

use std::time::Duration;

use serde_json::json;
use till_wire::Amount;

use super::raw::{Reply, get, post, post_with_key};
use crate::api::fake::{Mood, PIN, Terminal, ended, rules, rules_with_pin, sale, sale_id};
use crate::till::{Customer, Ending, NewSale, Pin};

#[tokio::test]
async fn a_sale_is_made_and_answered_in_full() {
    let terminal = Terminal::start(rules(), None).await;
    let body =
        r#"{"amount":50000,"currency":"VND","reference":"ORDER-77","note":"bàn 3","channel":"payos","expire_s":60}"#;
    let reply = post(&terminal, "/v1/sales", body).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.header("location"), Some("/v1/sales/0001017-029727122"));
    assert_eq!(
        reply.json(),
        json!({
            "id": "0001017-029727122", "revision": 1, "state": "requesting", "amount": 50000, "currency": "VND",
            "paid_amount": 0, "refunded_amount": 0, "flags": [], "channel": "payos", "attempt": 1,
            "order": "0001017-029727122", "provider_id": null, "reference": "ORDER-77", "note": "bàn 3", "qr": null,
            "qr_kind": null, "waiting_for": "provider", "created_at": "2026-11-20T03:04:05Z", "expires_at": null,
            "finished_at": null, "failure": null, "payments": [], "refunds": [],
        })
    );
    assert_eq!(
        terminal.memory().requests,
        [NewSale {
            amount: Amount::vnd(50_000),
            channel: rules().channel,
            reference: Some("ORDER-77".into()),
            note: Some("bàn 3".into()),
            expire: Duration::from_secs(60),
            customer: Customer::default(),
            items: Vec::new(),
        }]
    );
}

#[tokio::test]
async fn what_a_caller_leaves_out_comes_from_the_configuration() {
    let terminal = Terminal::start(rules(), None).await;
    assert_eq!(post(&terminal, "/v1/sales", r#"{"amount":10000000,"note":null}"#).await.status, 201);
    assert_eq!(
        terminal.memory().requests,
        [NewSale {
            amount: Amount::vnd(10_000_000),
            channel: rules().channel,
            reference: None,
            note: None,
            expire: Duration::from_secs(300),
            customer: Customer::default(),
            items: Vec::new(),
        }]
    );
}

#[tokio::test]
async fn the_same_key_makes_one_sale_and_comes_before_busy() {
    let terminal = Terminal::start(rules(), None).await;
    let made = post_with_key(&terminal, "k-1", r#"{"amount":50000,"note":"a"}"#).await;
    assert_eq!(made.status, 201);
    let again = post_with_key(&terminal, "k-1", r#"{ "note": "a", "reference": null, "amount": 50000 }"#).await;
    assert_eq!((again.status, again.json()), (200, made.json()));
    let other = post_with_key(&terminal, "k-1", r#"{"amount":50001,"note":"a"}"#).await;
    assert_eq!(other.problem(), (422, "idempotency-mismatch".into(), None));
    let busy = post(&terminal, "/v1/sales", r#"{"amount":50000}"#).await;
    assert_eq!(busy.problem(), (409, "busy".into(), None));
    assert_eq!(busy.json()["sale"], "0001017-029727122");
}

#[tokio::test]
async fn what_the_driver_cannot_do_is_said_by_its_name() {
    let terminal = Terminal::start(rules(), None).await;
    for (mood, problem) in [
        (Mood::StoreFault, "store-fault"),
        (Mood::Gone, "unavailable"),
        (Mood::ClockNotSet, "clock-not-set"),
        (Mood::NumbersUsedUp, "numbers-used-up"),
        (Mood::QueueFull, "queue-full"),
        (Mood::Disabled, "disabled"),
    ] {
        terminal.feel(mood);
        let reply = post(&terminal, "/v1/sales", r#"{"amount":50000}"#).await;
        assert_eq!(reply.problem(), (503, problem.into(), None));
    }
    terminal.feel(Mood::StoreFault);
    for path in ["/v1/sales", "/v1/sales/0001017-000000001", "/v1/receipts", "/v1/events", "/healthz"] {
        assert_eq!(get(&terminal, path).await.problem(), (503, "store-fault".into(), None), "{path}");
    }
    // Whoever looks for the reason is told what is known without the store.
    let status = get(&terminal, "/v1/status").await;
    assert_eq!((status.status, status.json().get("store")), (200, None));
    assert_eq!(get(&terminal, "/metrics").await.status, 200);
}

#[tokio::test]
async fn a_sale_is_found_by_its_whole_id_only() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(sale(7));
    let found = get(&terminal, "/v1/sales/0001017-000000007").await;
    assert_eq!((found.status, found.json()["id"].clone()), (200, json!("0001017-000000007")));
    for id in ["0001017-000000008", "7", "000000007", "0001017-7", "%00", "0001017-000000007%20"] {
        let reply = get(&terminal, &format!("/v1/sales/{id}")).await;
        assert_eq!(reply.problem(), (404, "not-found".into(), None), "{id}");
    }
}

#[tokio::test]
async fn sales_are_listed_in_pages_newest_first() {
    let terminal = Terminal::start(rules(), None).await;
    for sequence in 1..=3 {
        terminal.keep(ended(sequence, Ending::Paid));
    }
    terminal.keep(sale(4));
    let ids = |reply: &Reply| -> Vec<String> {
        let json = reply.json();
        let sales = json["sales"].as_array().expect("a page has sales");
        sales.iter().map(|sale| sale["id"].as_str().unwrap_or_default()[8..].to_owned()).collect()
    };
    let first = get(&terminal, "/v1/sales?limit=2").await;
    assert_eq!(ids(&first), ["000000004", "000000003"]);
    let next = first.json()["next"].as_str().expect("there is more").to_owned();
    let second = get(&terminal, &format!("/v1/sales?limit=2&cursor={next}")).await;
    assert_eq!(
        (ids(&second), second.json()["next"].clone()),
        (vec!["000000002".into(), "000000001".into()], json!(null))
    );
    assert_eq!(ids(&get(&terminal, "/v1/sales?state=requesting").await), ["000000004"]);
    let since = get(&terminal, "/v1/sales?since=2026-11-20T10:04:06+07:00").await;
    assert_eq!(since.json(), json!({"sales": [], "next": null}));
}

#[tokio::test]
async fn cancelling_says_what_became_of_it() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(sale(1));
    terminal.keep(ended(2, Ending::Paid));
    for body in ["", "{}"] {
        let reply = post(&terminal, "/v1/sales/0001017-000000001/cancel", body).await;
        assert_eq!((reply.status, reply.json()["state"].clone()), (202, json!("cancelling")));
    }
    let ended = post(&terminal, "/v1/sales/0001017-000000002/cancel", "").await;
    assert_eq!(ended.problem(), (409, "already-ended".into(), None));
    let unknown = post(&terminal, "/v1/sales/0001017-000000003/cancel", "").await;
    assert_eq!(unknown.problem(), (404, "not-found".into(), None));
    let more = post(&terminal, "/v1/sales/0001017-000000001/cancel", r#"{"why":1}"#).await;
    assert_eq!(more.problem(), (422, "invalid".into(), Some("why".into())));
}

#[tokio::test]
async fn a_result_is_acknowledged_with_or_without_the_pin() {
    let terminal = Terminal::start(rules_with_pin(), None).await;
    terminal.keep(sale(1));
    terminal.keep(ended(2, Ending::Paid));
    let path = "/v1/sales/0001017-000000002/acknowledge";
    assert_eq!(post(&terminal, path, "").await.status, 200);
    assert_eq!(post(&terminal, path, &format!(r#"{{"pin":"{PIN}"}}"#)).await.status, 200);
    let id = sale_id(2);
    assert_eq!(terminal.memory().acknowledged, [(id, Pin::Absent), (id, Pin::Right)]);
    let open = post(&terminal, "/v1/sales/0001017-000000001/acknowledge", "").await;
    assert_eq!(open.problem(), (409, "not-ended".into(), None));
    let number = post(&terminal, path, r#"{"pin":2468}"#).await;
    assert_eq!(number.problem(), (422, "invalid".into(), Some("pin".into())));
}

#[tokio::test]
async fn five_wrong_pins_shut_the_way_for_the_right_one_too() {
    let terminal = Terminal::start(rules_with_pin(), None).await;
    terminal.keep(ended(2, Ending::Paid));
    let path = "/v1/sales/0001017-000000002/acknowledge";
    for _ in 0..5 {
        let wrong = post(&terminal, path, r#"{"pin":"1111"}"#).await;
        assert_eq!(wrong.problem(), (403, "wrong-pin".into(), None));
    }
    let shut = post(&terminal, path, &format!(r#"{{"pin":"{PIN}"}}"#)).await;
    assert_eq!(shut.problem(), (429, "too-many-pins".into(), None));
    let wait: u64 = shut.header("retry-after").and_then(|wait| wait.parse().ok()).expect("it says how long");
    assert!((200..=300).contains(&wait), "{wait}");
    assert_eq!(post(&terminal, path, "").await.status, 200);
    assert_eq!(terminal.memory().acknowledged, [(sale_id(2), Pin::Absent)]);
}

#[tokio::test]
async fn without_a_supervisor_no_pin_is_right() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(ended(2, Ending::Paid));
    let reply = post(&terminal, "/v1/sales/0001017-000000002/acknowledge", r#"{"pin":"2468"}"#).await;
    assert_eq!(reply.problem(), (403, "forbidden".into(), None));
    assert!(reply.json()["detail"].as_str().is_some_and(|detail| detail.contains("sale.supervisor_pin")));
}
