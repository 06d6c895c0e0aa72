//! How a sale came to be what it is.

use serde_json::json;

use super::raw::get;
use crate::api::fake::{Mood, Terminal, ended, journal, rules};
use crate::till::Ending;

#[tokio::test]
async fn p1_a_journal_names_what_proved_the_money() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(ended(1, Ending::Paid));
    terminal.memory().journal = journal();
    let reply = get(&terminal, "/v1/sales/0001017-000000001/journal").await;
    let money = |amount: u64| json!({"provider_id": "link", "provider_ref": "TF1", "amount": amount});
    assert_eq!(
        reply.json(),
        json!({
            "sale": "0001017-000000001", "dropped": 2,
            "entries": [
                {
                    "revision": 2, "at": "2026-11-20T03:04:05Z", "state": "showing", "flags": [], "paid_amount": 0,
                    "cause": {"who": "provider", "kind": "webhook", "said": "transfer", "why": null, "order": "0001017-000000001", "envelope": "3f0c9b6de1a24785906b1f2a3c4d5e6f", "transfer": money(50_000)},
                    "counted": [],
                },
                {
                    "revision": 2, "at": "2026-11-20T03:04:05Z", "state": "showing", "flags": [], "paid_amount": 0,
                    "cause": {"who": "provider", "kind": "status_answer", "said": "later", "why": "the answer of payOS is lost: the connection broke", "order": "0001017-000000001", "envelope": null, "transfer": null},
                    "counted": [],
                },
                {
                    "revision": 3, "at": "2026-11-20T03:04:06Z", "state": "paid", "flags": ["late"], "paid_amount": 50_000,
                    "cause": {"who": "provider", "kind": "status_answer", "said": "paid", "why": null, "order": "0001017-000000001", "envelope": null, "transfer": null},
                    "counted": [{"provider_id": "link", "provider_ref": "TF1", "amount": 50_000, "via": "poll"}],
                },
            ],
        })
    );
}

#[tokio::test]
async fn p11_the_journal_of_no_sale_is_not_found() {
    let terminal = Terminal::start(rules(), None).await;
    for path in ["/v1/sales/0001017-000000009/journal", "/v1/sales/7/journal", "/v1/sales/%FF/journal"] {
        assert_eq!(get(&terminal, path).await.problem(), (404, "not-found".into(), None), "{path}");
    }
    terminal.feel(Mood::StoreFault);
    let refused = get(&terminal, "/v1/sales/0001017-000000009/journal").await;
    assert_eq!(refused.problem(), (503, "store-fault".into(), None));
}
