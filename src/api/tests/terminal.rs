//! The calls about the terminal itself.

use std::collections::BTreeSet;

use serde_json::json;

use super::raw::{get, post};
use crate::api::fake::{Mood, Terminal, rules, status};

#[tokio::test]
async fn the_status_leaves_out_what_is_not_known() {
    let terminal = Terminal::start(rules(), None).await;
    let reply = get(&terminal, "/v1/status").await;
    assert_eq!(
        (reply.status, reply.json()),
        (
            200,
            json!({
                "terminal": {"number": 1017, "label": "Quầy 1", "version": "0.1.0", "uptime_s": 5},
                "links": {"broker": {"up": true}}, "store": {"bytes": 70_000, "sales": 1}, "attention": 0,
            })
        )
    );
    assert_eq!(serde_json::from_slice::<till_wire::Status>(&reply.body).ok(), Some(status()));
}

#[tokio::test]
async fn a_replay_says_since_when() {
    let terminal = Terminal::start(rules(), None).await;
    let reply = post(&terminal, "/v1/replay", "").await;
    assert_eq!((reply.status, reply.json()), (202, json!({"since": "2026-11-20T03:04:05Z"})));
}

#[tokio::test]
async fn health_depends_on_the_drivers_answer() {
    let terminal = Terminal::start(rules(), None).await;
    let well = get(&terminal, "/healthz").await;
    assert_eq!((well.status, well.json()), (200, json!({"status": "ok"})));
    for mood in [Mood::Gone, Mood::Stuck] {
        terminal.feel(mood);
        assert_eq!(get(&terminal, "/healthz").await.problem(), (503, "unavailable".into(), None), "{mood:?}");
    }
}

#[tokio::test]
async fn metrics_are_prometheus_text() {
    let terminal = Terminal::start(rules(), None).await;
    get(&terminal, "/nowhere").await;
    let reply = get(&terminal, "/metrics").await;
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4"));
    let text = String::from_utf8(reply.body).expect("metrics are text");
    for line in [
        "# TYPE tilld_uptime_seconds gauge",
        "tilld_uptime_seconds 5",
        "tilld_build_info{version=\"0.1.0\"} 1",
        "tilld_link_up{link=\"broker\"} 1",
        "tilld_api_responses_total{class=\"4xx\"} 1",
        "# TYPE tilld_webhooks_total counter",
        "tilld_webhooks_total{channel=\"payos\"} 3",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
}

#[tokio::test]
async fn the_description_has_every_call_and_its_refusals() {
    let terminal = Terminal::start(rules(), None).await;
    let reply = get(&terminal, "/openapi.json").await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let document = reply.json();
    assert_eq!(described(&document), routed(include_str!("../routes.rs")));
    let answers = &document["paths"]["/v1/sales"]["post"]["responses"];
    let mut statuses: Vec<&str> = answers.as_object().expect("there are answers").keys().map(String::as_str).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["200", "201", "400", "401", "403", "409", "413", "422", "503"]);
    for schema in ["Sale", "Receipt", "Problem", "NewSale", "Match", "Status", "Keys", "Keypad", "Entry"] {
        assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
    }
    let broken: Vec<String> = references(&document)
        .into_iter()
        .filter(|reference| document.pointer(reference.trim_start_matches('#')).is_none())
        .collect();
    assert_eq!(broken, [""; 0]);
}

/// Returns every `$ref` of a document.
fn references(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(text) if key == "$ref" => vec![text.to_owned()],
                Some(_) | None => references(value),
            })
            .collect(),
        serde_json::Value::Array(list) => list.iter().flat_map(references).collect(),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => Vec::new(),
    }
}

/// Returns every method and path of the document.
fn described(document: &serde_json::Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().expect("there are paths");
    let calls = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flat_map(|methods| methods.keys());
        methods.map(move |method| format!("{method} {path}"))
    });
    calls.collect()
}

/// Returns every method and path for which there is a route.
fn routed(text: &str) -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    for route in text.split(".route(").skip(1) {
        let path = route.split('"').nth(1).expect("a route has a path");
        let route = route.split(".fallback(").next().unwrap_or_default();
        for method in ["get", "post", "put", "patch", "delete"] {
            if [" ", "."].iter().any(|before| route.contains(&format!("{before}{method}("))) {
                calls.insert(format!("{method} {path}"));
            }
        }
    }
    calls
}
