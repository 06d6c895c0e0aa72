//! `customer` and `items` of a sale, and what its channel wants of them.

use std::time::Duration;

use serde_json::{Value, json};
use till_wire::ChannelId;

use super::raw::{Reply, post, post_with_key};
use crate::api::fake::{Terminal, rules};
use crate::api::{ApiRules, ChannelLimits};
use crate::till::{Customer, Item};

fn channel(id: &str) -> ChannelId {
    ChannelId::new(id).expect("it is a channel's name")
}

/// The usual rules, and two channels that want more of a sale.
fn demanding() -> ApiRules {
    let mut rules = rules();
    let hour = Duration::from_secs(3600);
    let needs = &["name", "document", "email"];
    rules.channels.insert(channel("glocal"), ChannelLimits { longest: hour, customer_needs: needs });
    let longest = Duration::from_secs(1740);
    rules.channels.insert(channel("finan"), ChannelLimits { longest, customer_needs: &[] });
    rules
}

async fn sell(terminal: &Terminal, body: Value) -> Reply {
    let reply = post(terminal, "/v1/sales", &body.to_string()).await;
    terminal.memory().sales.clear();
    reply
}

#[tokio::test]
async fn who_pays_and_what_is_bought_go_with_the_sale() {
    let terminal = Terminal::start(rules(), None).await;
    let text = |text: &str| Some(text.to_owned());
    let body = json!({
        "amount": 80_000,
        "customer": {
            "name": "Nguyễn Thị Lan", "phone": "0933450210", "email": "lan@shop.example", "address": "15 Lê Duẩn",
            "document": "079123456789", "tax_code": "0312345678", "company": "Công ty A",
        },
        "items": [
            {"name": "Phở", "quantity": 2, "price": 35_000, "unit": "tô", "tax": -2},
            {"name": "Trà đá", "quantity": 2, "price": 5_000},
            {"name": "Khăn", "quantity": 1, "price": 0, "unit": "", "tax": 10},
        ],
    });
    assert_eq!(sell(&terminal, body).await.status, 201);
    let sold = terminal.memory().requests[0].clone();
    let customer = Customer {
        name: text("Nguyễn Thị Lan"),
        phone: text("0933450210"),
        email: text("lan@shop.example"),
        address: text("15 Lê Duẩn"),
        document: text("079123456789"),
        tax_code: text("0312345678"),
        company: text("Công ty A"),
    };
    assert_eq!(sold.customer, customer);
    let item = |name: &str, quantity, price, unit, tax| Item { name: name.to_owned(), quantity, price, unit, tax };
    let items = [
        item("Phở", 2, 35_000, text("tô"), Some(-2)),
        item("Trà đá", 2, 5_000, None, None),
        item("Khăn", 1, 0, None, Some(10)),
    ];
    assert_eq!(sold.items, items);
}

#[tokio::test]
async fn a_blank_text_is_as_good_as_none() {
    let terminal = Terminal::start(demanding(), None).await;
    let blank = json!({"amount": 1, "customer": {"name": "", "phone": "  ", "email": null}});
    assert_eq!(sell(&terminal, blank).await.status, 201);
    assert_eq!(terminal.memory().requests[0].customer, Customer::default());
    let nameless = json!({"amount": 1, "items": [{"name": " ", "quantity": 1, "price": 1}]});
    assert_eq!(sell(&terminal, nameless).await.problem(), (422, "invalid".into(), Some("items[0].name".into())));
    let glocal = json!({"amount": 1, "channel": "glocal", "customer": {"name": " ", "document": "1", "email": "a@b"}});
    assert_eq!(sell(&terminal, glocal).await.problem(), (422, "invalid".into(), Some("customer.name".into())));
}

#[tokio::test]
async fn what_a_channel_must_know_of_the_customer_is_named_before_anything_is_made() {
    let terminal = Terminal::start(demanding(), None).await;
    for (customer, missing) in [
        (json!(null), &["customer.name", "customer.document", "customer.email"][..]),
        (json!({}), &["customer.name", "customer.document", "customer.email"]),
        (json!({"name": "Lan", "phone": "1"}), &["customer.document", "customer.email"]),
        (json!({"name": "Lan", "document": "1"}), &["customer.email"]),
    ] {
        let reply = sell(&terminal, json!({"amount": 1, "channel": "glocal", "customer": customer})).await;
        assert_eq!(reply.problem(), (422, "invalid".into(), Some(missing[0].into())));
        let detail = reply.json()["detail"].as_str().unwrap_or_default().to_owned();
        let named = |field: &&str| detail.contains(&format!("`{field}`"));
        let all = ["customer.name", "customer.document", "customer.email"];
        assert!(all.iter().all(|field| named(field) == missing.contains(field)), "{detail}");
    }
    assert_eq!(terminal.memory().requests, []);
    let known = json!({"name": "Lan", "document": "079", "email": "lan@shop.example"});
    assert_eq!(sell(&terminal, json!({"amount": 1, "channel": "glocal", "customer": known})).await.status, 201);
}

#[tokio::test]
async fn a_code_is_shown_no_longer_than_its_channel_allows() {
    let mut rules = demanding();
    rules.expire = Duration::from_secs(1800);
    let terminal = Terminal::start(rules, None).await;
    let long = sell(&terminal, json!({"amount": 1, "channel": "finan", "expire_s": 1741})).await;
    assert_eq!(long.problem(), (422, "invalid".into(), Some("expire_s".into())));
    for (body, secs) in [
        (json!({"amount": 1, "channel": "finan", "expire_s": 1740}), 1740),
        (json!({"amount": 1, "channel": "finan"}), 1740),
        (json!({"amount": 1}), 1800),
        (json!({"amount": 1, "expire_s": 3600}), 3600),
    ] {
        assert_eq!(sell(&terminal, body).await.status, 201);
        let sold = terminal.memory().requests.pop().map(|request| request.expire);
        assert_eq!(sold, Some(Duration::from_secs(secs)));
    }
}

/// `count` items whose names have so many bytes together.
fn items(count: usize, bytes: usize) -> Value {
    let length = |at: usize| bytes / count + usize::from(at < bytes % count);
    let item = |at: usize| json!({"name": "\"".repeat(length(at)), "quantity": 1, "price": u64::from(at == 0)});
    (0..count).map(item).collect()
}

#[tokio::test]
async fn p9_the_texts_of_a_sale_are_bounded_together() {
    let terminal = Terminal::start(rules(), None).await;
    let most = 16 * 1024;
    assert_eq!(sell(&terminal, json!({"amount": 1, "items": items(100, most)})).await.status, 201);
    let more = sell(&terminal, json!({"amount": 1, "items": items(100, most + 1)})).await;
    assert_eq!(more.problem(), (422, "invalid".into(), Some("items".into())));
    let customer = json!({"name": "ă"});
    let both = |bytes| json!({"amount": 1, "customer": customer, "items": items(100, bytes)});
    assert_eq!(sell(&terminal, both(most - 2)).await.status, 201);
    assert_eq!(sell(&terminal, both(most - 1)).await.problem(), (422, "invalid".into(), Some("items".into())));
}

#[tokio::test]
async fn the_same_key_with_other_items_is_another_request() {
    let terminal = Terminal::start(rules(), None).await;
    let body = |name: &str| json!({"amount": 1, "items": [{"name": name, "quantity": 1, "price": 1}]}).to_string();
    assert_eq!(post_with_key(&terminal, "k", &body("a")).await.status, 201);
    assert_eq!(post_with_key(&terminal, "k", &body("a")).await.status, 200);
    assert_eq!(post_with_key(&terminal, "k", &body("b")).await.problem(), (422, "idempotency-mismatch".into(), None));
}
