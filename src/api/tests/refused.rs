//! Requests that are refused, each with the type and the field that it deserves, and none of them reaches the driver
//! (promise P11).

use super::raw::{Reply, call, get, post, post_with_key};
use crate::api::fake::{Terminal, rules};

#[tokio::test]
async fn a_body_that_asks_for_too_much_or_the_wrong_thing_is_refused_by_field() {
    let terminal = Terminal::start(rules(), None).await;
    let digits = format!(r#"{{"amount":1{}}}"#, "0".repeat(400));
    let long = format!(r#"{{"amount":1,"note":"{}"}}"#, "ă".repeat(201));
    let cases = [
        (r#"{}"#, "amount"),
        (r#"{"amount":null}"#, "amount"),
        (r#"{"amount":0}"#, "amount"),
        (r#"{"amount":-5}"#, "amount"),
        (r#"{"amount":10000001}"#, "amount"),
        (r#"{"amount":50000.0}"#, "amount"),
        (r#"{"amount":5e4}"#, "amount"),
        (r#"{"amount":"50000"}"#, "amount"),
        (r#"{"amount":true}"#, "amount"),
        (r#"{"amount":[50000]}"#, "amount"),
        (r#"{"amount":1000000000000000000000000000000}"#, "amount"),
        (digits.as_str(), "amount"),
        (r#"{"amount":50000,"amount":50000}"#, "amount"),
        (r#"{"amount":1,"tip":1}"#, "tip"),
        (r#"{"amount":1,"currency":"USD"}"#, "currency"),
        (r#"{"amount":1,"currency":"vnd"}"#, "currency"),
        (r#"{"amount":1,"currency":704}"#, "currency"),
        (r#"{"amount":1,"channel":"finan"}"#, "channel"),
        (r#"{"amount":1,"channel":"PAYOS"}"#, "channel"),
        (r#"{"amount":1,"channel":5}"#, "channel"),
        (r#"{"amount":1,"expire_s":14}"#, "expire_s"),
        (r#"{"amount":1,"expire_s":3601}"#, "expire_s"),
        (r#"{"amount":1,"expire_s":"60"}"#, "expire_s"),
        (r#"{"amount":1,"note":"a\nb"}"#, "note"),
        (long.as_str(), "note"),
        (r#"{"amount":1,"reference":77}"#, "reference"),
        (r#"{"amount":1,"customer":"Lan"}"#, "customer"),
        (r#"{"amount":1,"customer":{"nick":"Lan"}}"#, "customer.nick"),
        (r#"{"amount":1,"customer":{"name":1}}"#, "customer.name"),
        (r#"{"amount":1,"customer":{"name":"a","name":"b"}}"#, "customer.name"),
        (r#"{"amount":1,"items":[]}"#, "items"),
        (r#"{"amount":1,"items":[1]}"#, "items[0]"),
        (r#"{"amount":1,"items":[{"quantity":1,"price":1}]}"#, "items[0].name"),
        (r#"{"amount":1,"items":[{"name":"a","quantity":0,"price":1}]}"#, "items[0].quantity"),
        (r#"{"amount":1,"items":[{"name":"a","quantity":1,"price":-1}]}"#, "items[0].price"),
        (r#"{"amount":1,"items":[{"name":"a","quantity":1,"price":1,"tax":7}]}"#, "items[0].tax"),
        (r#"{"amount":1,"items":[{"name":"a","quantity":1,"price":1,"sum":1}]}"#, "items[0].sum"),
        (r#"{"amount":3,"items":[{"name":"a","quantity":1,"price":1}]}"#, "items"),
        (r#"[]"#, "body"),
        (r#""amount""#, "body"),
    ];
    for (body, field) in cases {
        let reply = post(&terminal, "/v1/sales", body).await;
        assert_eq!(reply.problem(), (422, "invalid".into(), Some(field.into())), "{body}");
        assert!(detail(&reply).contains(&format!("`{field}`")), "{}", detail(&reply));
    }
    assert_eq!(terminal.memory().requests, []);
}

fn detail(reply: &Reply) -> String {
    reply.json()["detail"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_body_that_is_not_json_is_malformed() {
    let terminal = Terminal::start(rules(), None).await;
    let deep = "[".repeat(60_000);
    for body in ["", "{", "amount=50000", r#"{"amount":50000}x"#, "{'amount':1}", deep.as_str()] {
        let reply = post(&terminal, "/v1/sales", body).await;
        assert_eq!(reply.problem(), (400, "malformed".into(), None), "{body}");
    }
    let json = [("Content-Type", "application/json")];
    let latin = call(terminal.address, "POST /v1/sales", &json, b"{\"amount\":1,\"note\":\"\xe9\"}").await;
    assert_eq!(latin.problem(), (400, "malformed".into(), None));
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_too_large_whatever_it_holds() {
    let terminal = Terminal::start(rules(), None).await;
    let filled = |length: usize| {
        let start = r#"{"amount":50000}"#;
        format!("{start}{}", " ".repeat(length - start.len()))
    };
    assert_eq!(post(&terminal, "/v1/sales", &filled(65_536)).await.status, 201);
    for length in [65_537, 3_000_000] {
        let reply = post(&terminal, "/v1/sales", &filled(length)).await;
        assert_eq!(reply.problem(), (413, "too-large".into(), None), "{length}");
    }
}

#[tokio::test]
async fn an_idempotency_key_is_short_and_visible() {
    let terminal = Terminal::start(rules(), None).await;
    let long = "k".repeat(201);
    for key in ["", "a b", "é", long.as_str()] {
        let reply = post_with_key(&terminal, key, r#"{"amount":50000}"#).await;
        assert_eq!(reply.problem(), (422, "invalid".into(), Some("Idempotency-Key".into())), "{key}");
    }
    assert_eq!(post_with_key(&terminal, &"k".repeat(200), r#"{"amount":50000}"#).await.status, 201);
}

#[tokio::test]
async fn a_query_is_as_strict_as_a_body() {
    let terminal = Terminal::start(rules(), None).await;
    for (query, field) in [
        ("/v1/sales?status=paid", "status"),
        ("/v1/sales?state=PAID", "state"),
        ("/v1/sales?state=", "state"),
        ("/v1/sales?since=yesterday", "since"),
        ("/v1/sales?limit=0", "limit"),
        ("/v1/sales?limit=201", "limit"),
        ("/v1/sales?limit=%2B5", "limit"),
        ("/v1/sales?limit=5&limit=5", "limit"),
        ("/v1/sales?cursor=5", "cursor"),
        ("/v1/receipts?matched=yes", "matched"),
        ("/v1/receipts?since=2026-11-20T03:04:05Z", "since"),
    ] {
        let reply = get(&terminal, query).await;
        assert_eq!(reply.problem(), (422, "invalid".into(), Some(field.into())), "{query}");
    }
}

#[tokio::test]
async fn unknown_calls_and_methods_are_problems_too() {
    let terminal = Terminal::start(rules(), None).await;
    for path in ["/", "/v1", "/v1/sales/", "/v1/queues", "/v1/sales/0001017-000000001/refund"] {
        assert_eq!(get(&terminal, path).await.problem(), (404, "not-found".into(), None), "{path}");
    }
    for call in ["/v1/sales/%ff", "/v1/sales/%20", "/v1/sales/%2e%2e%2f"] {
        assert_eq!(get(&terminal, call).await.problem(), (404, "not-found".into(), None), "{call}");
        let cancel = post(&terminal, &format!("{call}/cancel"), "").await;
        assert_eq!(cancel.problem(), (404, "not-found".into(), None), "{call}");
    }
    let reply = call(terminal.address, "DELETE /v1/sales", &[("Content-Type", "application/json")], b"").await;
    assert_eq!(reply.problem(), (405, "method-not-allowed".into(), None));
    let allowed = reply.header("allow").unwrap_or_default();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    assert_eq!(get(&terminal, "/v1/replay").await.problem(), (405, "method-not-allowed".into(), None));
}
