//! What the broker and strangers cannot do: make a till say PAID. It must not know how a webhook comes about.

use std::time::Duration;

use demo::payos::{CallKind, Fault, Lasting};
use serde_json::{Map, Value, json};
use tests::screen;
use tests::shop::Shop;
use tests::till::{id_of, order_of};
use tests::wait::{SOON, holds_for, wait_for};

const TOPIC: &str = "till/v1/0001017/down/webhook";

/// An envelope around a body, as the bridge makes it.
fn envelope(channel: &str, body: &str) -> Vec<u8> {
    json!({
        "v": 1, "id": "0123456789abcdef0123456789abcdef", "channel": channel, "provider": "payos",
        "received_at": "2026-11-20T03:04:05Z", "method": "POST", "path": "/hooks/payos", "headers": {}, "body": body,
    })
    .to_string()
    .into_bytes()
}

/// A webhook's `data` for a sale, as the provider would tell it.
fn data(sale: &Value, amount: u64, reference: &str) -> Map<String, Value> {
    let data = json!({
        "orderCode": order_of(sale).value(), "amount": amount, "description": "CS1 x",
        "accountNumber": "113366668888", "reference": reference, "transactionDateTime": "2026-11-20 10:04:05",
        "currency": "VND", "paymentLinkId": sale["provider_id"], "code": "00", "desc": "success",
    });
    data.as_object().cloned().unwrap_or_default()
}

/// P1, P11: nothing that somebody at the broker sends makes a sale paid, and nothing of it stops the till.
#[test]
fn p1_p11_nothing_forged_at_the_broker_is_believed_and_nothing_stops_the_till() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let signed = shop.payos.sign_webhook(&data(&sale, 50_000, "FT1"));
    let mut wrong: Value = serde_json::from_str(&signed).expect("a webhook is JSON");
    wrong["data"]["amount"] = json!(50_001);
    let mut unsigned = wrong.clone();
    unsigned.as_object_mut().and_then(|fields| fields.remove("signature"));
    let messages: Vec<Vec<u8>> = vec![
        envelope("payos", &wrong.to_string()),
        envelope("payos", &unsigned.to_string()),
        envelope("payos", "{}"),
        envelope("payos", ""),
        envelope("stranger", &signed),
        envelope("", &signed),
        b"not JSON".to_vec(),
        b"".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"null".to_vec(),
        vec![b'['; 60_000],
        vec![b'x'; 65_537],
        envelope("payos", &"x".repeat(200_000)),
        json!({ "v": 2, "channel": "payos", "body": signed }).to_string().into_bytes(),
    ];
    let sent = messages.len();
    for message in messages {
        shop.ear.publish(TOPIC, message);
    }
    wait_for("the broker passed everything on", SOON, || {
        let seen = shop.ear.seen_on(TOPIC).len();
        if seen >= sent { Ok(()) } else { Err(format!("{seen} of {sent}")) }
    });
    shop.till.wait_for_broker();
    holds_for("the sale shows", Duration::from_millis(500), || {
        let now = shop.till.sale(id_of(&sale));
        if now == sale { Ok(()) } else { Err(now.to_string()) }
    });
    // They were acknowledged and dropped: the true webhook, behind them in the queue, comes through.
    shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "webhook", "{paid}");
    shop.assert_sells(10_000);
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}

/// P4: a genuine webhook about another order pays nothing here: it names its order by itself.
#[test]
fn p4_a_captured_webhook_cannot_be_played_to_another_sale() {
    let shop = Shop::open();
    let paid = shop.assert_sells(50_000);
    let captured = shop.ear.wait("the webhook", TOPIC, |envelope| envelope["v"] == 1);
    let sale = shop.till.sell_and_show(50_000);
    shop.ear.publish(TOPIC, captured.body.clone());
    let body = captured.json()["body"].as_str().unwrap_or_default().to_owned();
    let spliced = body.replace(&order_of(&paid).to_string(), &order_of(&sale).to_string());
    assert_ne!(spliced, body);
    shop.ear.publish(TOPIC, envelope("payos", &spliced));
    assert_eq!(shop.bridge.post(&body).status, 200, "payOS may tell twice");
    assert_eq!(shop.bridge.post(&spliced).status, 401);
    wait_for("all were passed on", SOON, || {
        let seen = shop.ear.seen_on(TOPIC).len();
        if seen >= 4 { Ok(()) } else { Err(seen.to_string()) }
    });
    holds_for("the new sale is not paid", Duration::from_millis(500), || {
        let now = shop.till.sale(id_of(&sale));
        if now["state"] == "showing" && now["paid_amount"] == 0 { Ok(()) } else { Err(now.to_string()) }
    });
    assert_eq!(shop.till.sale(id_of(&paid)), paid);
}

/// P4: signed money under the sale's number but for another payment link is a receipt that a person must look at.
#[test]
fn p4_signed_money_for_another_link_is_a_receipt_and_not_this_sales() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let mut other = data(&sale, 50_000, "FT77");
    other.insert("paymentLinkId".to_owned(), json!("ffffffffffffffffffffffffffffffff"));
    assert_eq!(shop.bridge.post(shop.payos.sign_webhook(&other)).status, 200);
    let receipt = wait_for("the receipt", SOON, || {
        let receipts = shop.till.receipts();
        receipts.first().cloned().ok_or_else(|| "none".to_owned())
    });
    assert_eq!(
        (&receipt["amount"], &receipt["provider_ref"], &receipt["flags"], &receipt["sale"]),
        (&json!(50_000), &json!("FT77"), &json!(["attention"]), &Value::Null),
        "{receipt}"
    );
    assert_eq!(shop.till.sale(id_of(&sale))["state"], "showing");
    let key = receipt["key"].as_str().unwrap_or_default();
    let told = shop.ear.wait("the receipt is published", &format!("up/receipt/{key}"), |body| !body.is_null());
    assert_eq!(told.json(), receipt);
}

/// P1: signed webhooks that report no money, another currency or no transfer pay nothing.
#[test]
fn p1_signed_webhooks_that_are_no_payment_pay_nothing() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let with = |field: &str, value: Value| {
        let mut changed = data(&sale, 50_000, "FT9");
        changed.insert(field.to_owned(), value);
        shop.payos.sign_webhook(&changed)
    };
    for (field, value) in [("code", json!("01")), ("currency", json!("USD")), ("reference", json!(""))] {
        let answer = shop.bridge.post(with(field, value));
        assert!(answer.status == 200 || answer.status == 400, "{field}: {}", answer.status);
    }
    holds_for("the sale is not paid", Duration::from_millis(700), || {
        let now = shop.till.sale(id_of(&sale));
        if now["state"] == "showing" && now["paid_amount"] == 0 { Ok(()) } else { Err(now.to_string()) }
    });
}

/// P1: from `double_proof_over` on, a webhook alone is not enough.
#[test]
fn p1_a_large_sale_is_paid_only_when_the_provider_agrees() {
    let shop = Shop::open_with(|plan| {
        plan.sale = "double_proof_over = 5000000".to_owned();
        plan.tables = "[offline]\nmax_amount = 1000000".to_owned();
    });
    let sale = shop.till.sell_and_show(5_000_000);
    // Signed with the true key, as a thief of a terminal could, and payOS knows nothing of it.
    assert_eq!(shop.bridge.post(shop.payos.sign_webhook(&data(&sale, 5_000_000, "FT5"))).status, 200);
    shop.ear.wait("the webhook is relayed", TOPIC, |envelope| envelope["v"] == 1);
    wait_for("the till asks payOS at once", SOON, || {
        let asked = shop.payos.requests().iter().filter(|call| call.method == "GET").count();
        if asked > 0 { Ok(()) } else { Err("it has not asked".to_owned()) }
    });
    holds_for("the sale is not paid", Duration::from_millis(500), || {
        let now = shop.till.sale(id_of(&sale));
        if now["state"] == "showing" && now["paid_amount"] == 0 { Ok(()) } else { Err(now.to_string()) }
    });
    shop.pay(&sale, 5_000_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["paid_amount"], 5_000_000, "{paid}");
    // One below the limit needs no question.
    shop.payos.plan(CallKind::Get, Fault::Html, Lasting::UntilReset);
    shop.assert_sells(4_999_999);
}

/// P6: whoever has paid does not scan again, and a report that payOS does not confirm costs nobody the code.
#[test]
fn p6_the_code_of_a_large_sale_is_away_while_reported_money_is_checked() {
    let shop = Shop::open_with(|plan| {
        plan.sale = "double_proof_over = 5000000".to_owned();
        plan.tables = "[offline]\nmax_amount = 1000000".to_owned();
    });
    let sale = shop.till.sell_and_show(5_000_000);
    let code = sale["qr"].as_str().expect("the sale has a code");
    shop.till.wait_for_code(code);
    shop.payos.plan(CallKind::Get, Fault::Delay(Duration::from_secs(3)), Lasting::Calls(1));
    assert_eq!(shop.bridge.post(shop.payos.sign_webhook(&data(&sale, 5_000_000, "FT6"))).status, 200);
    wait_for("the code leaves the display", SOON, || screen::no_code(&shop.till.picture));
    let checked = shop.till.sale(id_of(&sale));
    assert_eq!((&checked["state"], &checked["paid_amount"]), (&json!("showing"), &json!(0)), "{checked}");
    // payOS answers and knows of no money: the customer can still pay.
    shop.till.wait_for_code(code);
    shop.pay(&sale, 5_000_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
}
