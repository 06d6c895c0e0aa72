//! What Smart Glocal and Finan want of each sale: a customer with a document, and a code that does not outlive its link.

use std::process::Command;

use serde_json::{Value, json};
use tests::http::Answer;
use tests::process::{program, run};
use tests::providers::{FinanShop, GlocalShop, PAYER};
use tests::till::{Till, id_of};
use tests::wait::SOON;

fn sell(till: &Till, body: &Value) -> Answer {
    till.post("/v1/sales", body.to_string())
}

#[test]
fn a_smart_glocal_channel_without_a_payer_needs_the_customer_of_each_sale() {
    let glocal = GlocalShop::open_with("", |plan| plan.api = "screen = true".to_owned());
    let till = &glocal.shop.till;
    let refused = sell(till, &json!({"amount": 50_000, "customer": {"name": "Lan"}}));
    assert_eq!(refused.problem(), (422, "invalid".to_owned()), "{}", refused.text());
    let problem = refused.json();
    assert_eq!(problem["field"], "customer.document", "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("`customer.email`")), "{problem}");
    let typed = till.post("/v1/keypad", json!({"keys": ["5", "0", "000", "enter"]}).to_string());
    assert_eq!(typed.status, 200, "{}", typed.text());
    assert_eq!(typed.json()["entry"]["problem"], "needs_customer", "{}", typed.text());
    assert_eq!(till.sales(), Vec::<Value>::new());
    assert_eq!(glocal.glocal.requests().len(), 0, "nobody heard of anything");

    let customer = json!({"name": "Nguyễn Thị Lan", "document": "079123456789", "email": "lan@shop.example"});
    let sale = sell(till, &json!({"amount": 50_000, "customer": customer}));
    assert_eq!(sale.status, 201, "{}", sale.text());
    let sale = till.wait_state(id_of(&sale.json()), "showing", SOON);
    let heard: String = glocal.glocal.requests().into_iter().map(|call| call.body).collect();
    for text in ["Nguyễn Thị Lan", "079123456789", "lan@shop.example"] {
        assert!(heard.contains(text), "{heard}");
    }
    glocal.pay(&sale);
    till.wait_state(id_of(&sale), "paid", SOON);

    let check = run(Command::new(program("tilld")).arg("--check").arg("--config").arg(&till.config));
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert_eq!(check.status.code(), Some(0), "{said}");
    assert!(said.contains("note: api.screen: no sale can be made with keys"), "{said}");
}

#[test]
fn a_smart_glocal_channel_with_a_payer_needs_nobody_else() {
    let glocal = GlocalShop::open_with(PAYER, |plan| plan.api = "screen = true".to_owned());
    let typed = glocal.shop.till.post("/v1/keypad", json!({"keys": ["5", "0", "000", "enter"]}).to_string());
    assert_eq!((typed.status, &typed.json()["entry"]), (200, &Value::Null), "{}", typed.text());
}

#[test]
fn a_code_of_finan_is_not_asked_for_longer_than_its_link_lives() {
    // The usual channel allows an hour; a sale over Finan that says nothing gets what Finan allows.
    let finan = FinanShop::open_with("", |plan| {
        plan.sells_over = "payos".to_owned();
        plan.expire_s = 3600;
    });
    let till = &finan.shop.till;
    let long = sell(till, &json!({"amount": 50_000, "channel": "finan", "expire_s": 1741}));
    assert_eq!((long.problem(), &long.json()["field"]), ((422, "invalid".to_owned()), &json!("expire_s")));
    let sale = sell(till, &json!({"amount": 50_000, "channel": "finan"}));
    assert_eq!(sale.status, 201, "{}", sale.text());
    let shown = till.wait_state(id_of(&sale.json()), "showing", SOON);
    let time = |field: &str| -> till_wire::UnixTime {
        shown[field].as_str().and_then(|text| text.parse().ok()).expect("it is a time")
    };
    let lives = time("expires_at").secs() - time("created_at").secs();
    assert!((1740..1800).contains(&lives), "{shown}");
}
