//! What the sandbox refuses to make.

use serde_json::{Value, json};

use super::{Shop, made, refusal};
use crate::finan::{Habits, Refusals};

/// Sets the value at a path such as `customer/name`.
fn with(mut body: Value, path: &str, value: Value) -> Value {
    let mut place = &mut body;
    for part in path.split('/') {
        place = match part.parse::<usize>() {
            Ok(index) => &mut place[index],
            Err(_) => &mut place[part],
        };
    }
    *place = value;
    body
}

#[tokio::test]
async fn bad_requests_are_refused_and_leave_nothing() {
    let shop = Shop::open();
    let cases = [
        ("amount", json!(0)),
        ("amount", json!("1000")),
        ("amount", json!(1_000.5)),
        ("amount", json!(1_001)),
        ("amount", Value::Null),
        ("reference_id", Value::Null),
        ("reference_id", json!("")),
        ("reference_id", json!(7)),
        ("payment_method", Value::Null),
        ("payment_method", json!("cash")),
        ("description", json!("a".repeat(31))),
        ("customer", Value::Null),
        ("customer", json!("Khách lẻ")),
        ("customer/name", json!("")),
        ("items", Value::Null),
        ("items", json!([])),
        ("items/0", json!("x")),
        ("items/0/name", Value::Null),
        ("items/0/price", json!(999)),
        ("items/0/quantity", json!(0)),
        ("items/0/quantity", json!(2)),
        ("items/0/amount", json!(999)),
        ("merchant", json!([])),
        ("success_redirect_url", json!("shop.example")),
    ];
    for (path, value) in cases {
        let body = with(shop.order("a", 1_000), path, value.clone());
        assert_eq!(refusal(shop.create(&body).await), (400, 400_001), "{path} = {value}");
    }
    assert_eq!(refusal(shop.create(&json!([1])).await), (400, 400_001));
    assert_eq!(refusal(shop.create(&shop.order("a", 500_000_000)).await), (400, 400_001));
    assert_eq!(shop.sandbox.payment_requests(), []);
}

#[tokio::test]
async fn everything_that_is_allowed_is_taken() {
    let shop = Shop::open();
    let body = json!({
        "merchant": {"name": "Finan pte", "phone": "02833223243"},
        "items": [
            {"name": "Cà phê", "price": 20_000, "quantity": 2, "amount": 40_000},
            {"name": "Nước", "price": 0, "quantity": 1, "amount": 0},
            {"name": "Bánh", "price": 10_000, "quantity": 1, "amount": 10_000},
        ],
        "customer": {"name": "Nguyễn Văn A", "email": "a@shop.example"}, "payment_method": "bank_transfer",
        "account_id": null, "amount": 50_000, "description": "ố".repeat(30), "reference_id": "a",
        "reference_type": "order", "success_redirect_url": "https://shop.example/ok", "note": "một trường lạ",
    });
    made(shop.create(&body).await);
    let seen = shop.ask("a").await;
    assert_eq!((&seen["merchant"], &seen["customer"]), (&body["merchant"], &body["customer"]));
    assert_eq!((&seen["reference_type"], &seen["description"]), (&body["reference_type"], &body["description"]));
    shop.make("b", 499_999_999).await;
}

#[tokio::test]
async fn a_refusal_can_hide_behind_http_200() {
    let shop = Shop::open_with(Habits { refusals: Refusals::Ok, ..Habits::default() });
    assert_eq!(refusal(shop.create(&shop.order("a", 0)).await), (200, 400_001));
    assert_eq!(refusal(shop.get("/api/v1/payments/nobody").await), (200, 404_001));
    shop.sandbox.set_clock_offset_s(60);
    assert_eq!(refusal(shop.get("/api/v1/payments").await), (401, 401_001));
}
