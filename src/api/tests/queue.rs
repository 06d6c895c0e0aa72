//! What is owed to others.

use std::time::Duration;

use serde_json::json;

use super::raw::get;
use crate::api::fake::{Terminal, receipt, rules, sale_id};
use crate::till::{Due, Outstanding};
use till_wire::UnixTime;

fn owed(what: Due, age: Option<u64>) -> Outstanding {
    Outstanding { what, age: age.map(Duration::from_secs) }
}

#[tokio::test]
async fn what_is_owed_is_told_by_kind_and_to_whom() {
    let terminal = Terminal::start(rules(), None).await;
    assert_eq!(
        get(&terminal, "/v1/queue").await.json(),
        json!({"count": 0, "bytes": 0, "max_count": 10_000, "max_bytes": 16_777_216, "more": false, "entries": []})
    );
    let (sale, channel, key) = (sale_id(1), rules().channel, receipt("one").key);
    let cancellation = Due::Cancellation { channel: channel.clone(), sale, order: sale_id(2).order(), tries: 3 };
    terminal.memory().owed = vec![
        owed(Due::Sale { sale, revision: 7 }, None),
        owed(cancellation, Some(90)),
        owed(Due::Confirmation { channel, sale, order: sale.order() }, Some(5)),
        owed(Due::Receipt { receipt: key, revision: 1 }, Some(4)),
        owed(Due::Replay { since: UnixTime::from_secs(1_795_143_845) }, Some(1)),
    ];
    let entry = |change: serde_json::Value| {
        let mut entry = json!({
            "kind": "", "destination": "broker", "sale": null, "receipt": null, "order": null, "revision": null,
            "since": null, "age_s": null, "tries": null,
        });
        for (key, value) in change.as_object().expect("an object") {
            entry[key] = value.clone();
        }
        entry
    };
    let (one, two) = ("0001017-000000001", "0001017-000000002");
    let told = get(&terminal, "/v1/queue").await.json();
    assert_eq!(
        told["entries"],
        json!([
            entry(json!({"kind": "sale", "sale": one, "revision": 7})),
            entry(
                json!({"kind": "cancellation", "destination": "payos", "sale": one, "order": two, "age_s": 90, "tries": 3})
            ),
            entry(json!({"kind": "confirmation", "destination": "payos", "sale": one, "order": one, "age_s": 5})),
            entry(json!({"kind": "receipt", "receipt": key.to_string(), "revision": 1, "age_s": 4})),
            entry(json!({"kind": "replay", "since": "2026-11-20T03:04:05Z", "age_s": 1})),
        ])
    );
    assert_eq!((&told["count"], &told["bytes"], &told["more"]), (&json!(5), &json!(4_500), &json!(false)));
}

#[tokio::test]
async fn p9_at_most_a_thousand_are_told() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.memory().owed = vec![owed(Due::Sale { sale: sale_id(1), revision: 1 }, Some(1)); 1_001];
    let told = get(&terminal, "/v1/queue").await.json();
    assert_eq!((&told["count"], &told["more"]), (&json!(1_001), &json!(true)));
    assert_eq!(told["entries"].as_array().map(Vec::len), Some(1_000));
}
