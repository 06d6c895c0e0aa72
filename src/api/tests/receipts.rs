//! Listing and matching money without a sale.

use serde_json::{Value, json};

use super::raw::{Reply, get, post};
use crate::api::fake::{Mood, PIN, Terminal, receipt, rules, rules_with_pin, sale, sale_id};
use crate::till::Receipt;

#[tokio::test]
async fn receipts_are_listed_by_whether_they_were_matched() {
    let terminal = Terminal::start(rules(), None).await;
    let mut matched = receipt("two");
    matched.sale = Some(sale_id(1));
    terminal.memory().receipts = vec![matched, receipt("one")];
    let of = |reply: Reply| reply.json()["receipts"].as_array().map(|receipts| receipts.len());
    assert_eq!(of(get(&terminal, "/v1/receipts").await), Some(2));
    let unmatched = get(&terminal, "/v1/receipts?matched=false&limit=10").await;
    assert_eq!(
        unmatched.json(),
        json!({"receipts": [{
            "key": receipt("one").key.to_string(), "revision": 1, "channel": "payos", "provider_id": "link",
            "provider_ref": "one", "amount": 70000, "currency": "VND", "transacted_at": null,
            "received_at": "2026-11-20T03:04:05Z", "note": null, "flags": [], "sale": null,
        }]})
    );
}

/// A terminal with an open sale and money that fits none.
async fn terminal() -> Terminal {
    let terminal = Terminal::start(rules_with_pin(), None).await;
    terminal.keep(sale(1));
    let large = Receipt { amount: till_wire::Amount::vnd(1_000_000), ..receipt("large") };
    terminal.memory().receipts = vec![receipt("one"), large];
    terminal
}

fn path(reference: &str) -> String {
    format!("/v1/receipts/{}/match", receipt(reference).key)
}

fn wish(pin: &str) -> String {
    json!({"sale": sale_id(1).to_string(), "pin": pin}).to_string()
}

#[tokio::test]
async fn money_is_matched_once_with_the_pin() {
    let terminal = terminal().await;
    let matched = post(&terminal, &path("one"), &wish(PIN)).await;
    let sale = matched.json();
    assert_eq!((matched.status, &sale["id"], &sale["state"]), (200, &json!("0001017-000000001"), &json!("paid")));
    let again = post(&terminal, &path("one"), &wish(PIN)).await;
    assert_eq!(again.problem(), (409, "already-matched".into(), None));
    assert_eq!(again.json()["sale"], "0001017-000000001");
    let large = post(&terminal, &path("large"), &wish(PIN)).await;
    assert_eq!(large.problem(), (409, "needs-double-proof".into(), None));
    terminal.feel(Mood::StoreFault);
    assert_eq!(post(&terminal, &path("one"), &wish(PIN)).await.problem(), (503, "store-fault".into(), None));
}

#[tokio::test]
async fn what_is_not_there_is_not_matched() {
    let terminal = terminal().await;
    let other = json!({"sale": "0001017-000000009", "pin": PIN}).to_string();
    let whole = receipt("one").key.to_string();
    let cases = [
        (path("unknown"), wish(PIN), "receipt"),
        (format!("/v1/receipts/{}/match", &whole[..31]), wish(PIN), "receipt"),
        ("/v1/receipts/%ff/match".to_owned(), wish(PIN), "receipt"),
        (path("one"), other, "sale"),
    ];
    for (path, body, what) in cases {
        let reply = post(&terminal, &path, &body).await;
        assert_eq!(reply.problem(), (404, "not-found".into(), None), "{path}");
        assert!(
            reply.json()["detail"].as_str().is_some_and(|detail| detail.starts_with(&format!("there is no {what}")))
        );
    }
}

#[tokio::test]
async fn a_match_without_the_right_words_is_refused_by_field() {
    let terminal = terminal().await;
    for (body, field) in [
        (json!({"pin": PIN}), "sale"),
        (json!({"sale": "1", "pin": PIN}), "sale"),
        (json!({"sale": 1, "pin": PIN}), "sale"),
        (json!({"sale": "0001017-000000001"}), "pin"),
        (json!({"sale": "0001017-000000001", "pin": ""}), "pin"),
        (json!({"sale": "0001017-000000001", "pin": 2468}), "pin"),
        (json!({"sale": "0001017-000000001", "pin": "1".repeat(65)}), "pin"),
        (json!({"sale": "0001017-000000001", "pin": PIN, "amount": 1}), "amount"),
        (json!([]), "body"),
    ] {
        let reply = post(&terminal, &path("one"), &body.to_string()).await;
        assert_eq!(reply.problem(), (422, "invalid".into(), Some(field.into())), "{body}");
    }
    assert_eq!(post(&terminal, &path("one"), "").await.problem(), (400, "malformed".into(), None));
    assert_eq!(get(&terminal, &path("one")).await.problem(), (405, "method-not-allowed".into(), None));
}

#[tokio::test]
async fn a_wrong_pin_matches_nothing_and_five_shut_the_way() {
    let terminal = terminal().await;
    for _ in 0..5 {
        assert_eq!(post(&terminal, &path("one"), &wish("1111")).await.problem(), (403, "wrong-pin".into(), None));
    }
    let shut = post(&terminal, &path("one"), &wish(PIN)).await;
    assert_eq!(shut.problem(), (429, "too-many-pins".into(), None));
    assert!(shut.header("retry-after").is_some(), "{shut:?}");
    let unmatched = get(&terminal, "/v1/receipts?matched=false").await.json();
    assert_eq!(unmatched["receipts"].as_array().map(Vec::len), Some(2));
    assert_eq!(unmatched["receipts"][0]["sale"], Value::Null);
}

#[tokio::test]
async fn without_a_supervisor_nobody_matches() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(sale(1));
    terminal.memory().receipts = vec![receipt("one")];
    assert_eq!(post(&terminal, &path("one"), &wish(PIN)).await.problem(), (403, "forbidden".into(), None));
}
