//! Who pays and what is bought: it reaches payOS, and is bounded.

use serde_json::{Value, json};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::SOON;

fn sell(till: &tests::till::Till, body: &Value) -> tests::http::Answer {
    till.post("/v1/sales", body.to_string())
}

/// The body of the request by which an order was made.
fn created(bodies: impl Iterator<Item = (String, String)>, path: &str) -> Value {
    let made = bodies.filter(|(at, _)| at == path).last();
    let (_, body) = made.expect("the order was made by this call");
    serde_json::from_str(&body).expect("the request is JSON")
}

#[test]
fn customer_and_items_reach_payos() {
    let shop = Shop::open();
    let body = json!({
        "amount": 80_000,
        "customer": {
            "name": "Nguyễn Thị Lan", "phone": "0933450210", "email": "lan@shop.example", "address": "15 Lê Duẩn",
            "tax_code": "0312345678", "company": "Công ty A", "document": "",
        },
        "items": [
            {"name": "Phở", "quantity": 2, "price": 35_000, "unit": "tô", "tax": 10},
            {"name": "Trà đá", "quantity": 2, "price": 5_000},
        ],
    });
    let sale = sell(&shop.till, &body);
    assert_eq!(sale.status, 201, "{}", sale.text());
    shop.till.wait_state(id_of(&sale.json()), "showing", SOON);
    let calls = shop.payos.requests().into_iter().map(|call| (call.path, call.body));
    let heard = created(calls, "/v2/payment-requests");
    for (field, text) in [
        ("buyerName", "Nguyễn Thị Lan"),
        ("buyerPhone", "0933450210"),
        ("buyerEmail", "lan@shop.example"),
        ("buyerAddress", "15 Lê Duẩn"),
        ("buyerTaxCode", "0312345678"),
        ("buyerCompanyName", "Công ty A"),
    ] {
        assert_eq!(heard[field], text, "{heard}");
    }
    let items = heard["items"].as_array().cloned().unwrap_or_default();
    let lines: Vec<_> = items.iter().map(|item| (&item["name"], &item["quantity"], &item["price"])).collect();
    let want = [(json!("Phở"), json!(2), json!(35_000)), (json!("Trà đá"), json!(2), json!(5_000))];
    assert_eq!(
        lines,
        want.iter().map(|(name, quantity, price)| (name, quantity, price)).collect::<Vec<_>>(),
        "{heard}"
    );
}

/// P9, P2: a sale at the bound is really stored, and survives; one beyond it is refused before anything is.
#[test]
fn p9_the_fullest_sale_is_stored() {
    let mut shop = Shop::open();
    let items = |bytes: usize| -> Vec<Value> {
        let length = |at: usize| bytes / 100 + usize::from(at < bytes % 100);
        (0..100).map(|at| json!({"name": "\"".repeat(length(at)), "quantity": 1, "price": 500})).collect()
    };
    let full = json!({"amount": 50_000, "items": items(16 * 1024)});
    let more = json!({"amount": 50_000, "items": items(16 * 1024 + 1)});
    let refused = sell(&shop.till, &more);
    assert_eq!((refused.problem(), &refused.json()["field"]), ((422, "invalid".to_owned()), &json!("items")));
    assert_eq!(shop.till.sales(), Vec::<Value>::new());
    let sale = sell(&shop.till, &full);
    assert_eq!(sale.status, 201, "{}", sale.text());
    let sale = shop.till.wait_state(id_of(&sale.json()), "showing", SOON);
    shop.till.kill();
    shop.till.start_again();
    shop.pay(&sale, 50_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
}
