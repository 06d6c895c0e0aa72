//! Finan: sales, parts, too much, the same twice, late money, and cancellations that Finan does not know.

use demo::finan::{Habits, IdForm, Method, SignatureKind};
use serde_json::{Value, json};
use tests::providers::{FinanShop, order};
use tests::till::id_of;
use tests::together::together;
use tests::wait::{SOON, holds_for, wait_for};

use crate::flags;

#[test]
fn p1_a_sale_over_finan_is_paid_by_a_signed_webhook() {
    let shop = FinanShop::open();
    let paid = shop.assert_sells(50_000);
    assert_eq!((&paid["qr_kind"], &paid["channel"], flags(&paid)), (&json!("vietqr"), &json!("finan"), vec![]));
    let payment = &paid["payments"][0];
    assert_eq!((&payment["via"], &payment["amount"]), (&json!("webhook"), &json!(50_000)), "{paid}");
    // The create answer's bare id, and `PR-…` in webhooks and status answers, are one.
    assert_eq!(payment["provider_id"], paid["provider_id"], "{paid}");
    assert!(!paid["provider_id"].as_str().unwrap_or("PR-").starts_with("PR-"), "{paid}");
    let request = shop.finan.payment_request(order(&paid)).expect("Finan has the request");
    assert_eq!((request.amount, request.method), (50_000, Method::BankTransfer));
}

#[test]
fn p3_parts_add_up_and_a_payment_that_is_told_twice_counts_once() {
    let shop = FinanShop::open();
    shop.finan.set_webhook_copies(3);
    let sale = shop.shop.till.sell_and_show(50_000);
    let id = id_of(&sale);
    shop.pay(&sale, 20_000);
    let part = shop.shop.till.wait_sale("the first part is counted", id, SOON, |sale| sale["paid_amount"] == 20_000);
    assert_eq!((&part["state"], flags(&part)), (&json!("showing"), vec!["underpaid"]), "{part}");
    shop.shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
    shop.pay(&sale, 30_000);
    let paid = shop.shop.till.wait_state(id, "paid", SOON);
    assert_eq!((&paid["paid_amount"], flags(&paid)), (&json!(50_000), vec![]), "{paid}");
    assert_eq!(paid["payments"].as_array().map(Vec::len), Some(2), "{paid}");
    holds_for("nothing is counted twice", SOON / 10, || {
        let sale = shop.shop.till.sale(id);
        if sale["paid_amount"] == 50_000 { Ok(()) } else { Err(sale.to_string()) }
    });
}

#[test]
fn p4_too_much_and_late_money_are_recorded_on_their_sale() {
    let shop = FinanShop::open();
    let sale = shop.shop.till.sell_and_show(50_000);
    shop.pay(&sale, 70_000);
    let paid = shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], flags(&paid)), (&json!(70_000), vec!["overpaid"]), "{paid}");

    let sale = shop.shop.till.sell_and_show(40_000);
    assert_eq!(shop.shop.till.cancel(id_of(&sale)).status, 202);
    shop.shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    shop.pay(&sale, 40_000);
    let late = shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(flags(&late), ["late"], "{late}");
}

/// P7: Finan has no cancel: one status answer that shows no money ends the sale.
#[test]
fn p7_a_cancelled_sale_ends_after_one_look_at_finan() {
    let shop = FinanShop::open();
    let sale = shop.shop.till.sell_and_show(50_000);
    assert_eq!(shop.shop.till.cancel(id_of(&sale)).status, 202);
    let cancelled = shop.shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    assert_eq!((&cancelled["failure"], flags(&cancelled)), (&Value::Null, vec![]), "{cancelled}");
    let asked = shop.finan.requests().into_iter().filter(|call| call.method == "GET").count();
    assert_eq!(asked, 1, "{:?}", shop.finan.requests());
    assert!(shop.finan.requests().iter().all(|call| !call.path.contains("cancel")));
}

/// P8: money that came just before the cancellation, and whose webhook is lost, pays the sale.
#[test]
fn p8_a_cancellation_finds_the_money_that_is_there() {
    let shop = FinanShop::open();
    let sale = shop.shop.till.sell_and_show(50_000);
    shop.pay_silently(&sale, 50_000);
    assert_eq!(shop.shop.till.cancel(id_of(&sale)).status, 202);
    let paid = shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid}");
}

#[test]
fn p8_without_the_broker_finan_is_asked_and_its_webhook_counts_no_second_time() {
    let mut shop = FinanShop::open();
    shop.shop.broker.stop();
    shop.shop.till.wait_for_broker_away();
    let sale = shop.shop.till.sell_and_show(50_000);
    shop.pay(&sale, 50_000);
    let paid = shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid}");
    shop.shop.broker.start_again();
    shop.shop.till.wait_for_broker();
    let proven = || shop.shop.till.get("/metrics").text();
    wait_for("the webhook reaches the till", SOON * 2, || {
        let text = proven();
        let proven = text.lines().find_map(|line| line.strip_prefix("tilld_webhooks_proven_total "));
        // The bridges say it again when the till comes back, perhaps more than once.
        let arrived = proven.and_then(|count| count.parse::<u64>().ok()).is_some_and(|count| count > 0);
        if arrived { Ok(()) } else { Err(text) }
    });
    let after = shop.shop.till.sale(id_of(&sale));
    assert_eq!((&after["paid_amount"], flags(&after)), (&json!(50_000), vec![]), "{after}");
}

#[test]
fn both_readings_of_the_signature_and_both_forms_of_ids_work() {
    together(&[
        ("a real HMAC", &|| {
            let shop = FinanShop::open_hmac();
            shop.finan.set_habits(Habits { signature: SignatureKind::HmacSha256, ..Habits::default() });
            shop.assert_sells(50_000);
        }),
        ("bare ids", &|| {
            let shop = FinanShop::open();
            shop.finan.set_habits(Habits { ids: IdForm::Bare, ..Habits::default() });
            shop.assert_sells(50_000);
        }),
    ]);
}

#[test]
fn a_card_or_wallet_payment_is_the_address_of_its_page() {
    for method in ["card", "ewallet_momo"] {
        let shop = FinanShop::open_with(&format!("payment_method = \"{method}\""), |_| {});
        let paid = shop.assert_sells(50_000);
        assert_eq!(paid["qr_kind"], "url", "{paid}");
        assert!(paid["qr"].as_str().is_some_and(|qr| qr.starts_with("https://")), "{paid}");
    }
}

#[test]
fn what_the_caller_says_of_customer_and_items_reaches_finan() {
    let shop = FinanShop::open();
    let body = json!({
        "amount": 50_000,
        "customer": {"name": "Trần Thị B", "phone": "0933450210"},
        "items": [{"name": "Cà phê", "quantity": 2, "price": 20_000}, {"name": "Bánh mì", "quantity": 1, "price": 10_000}],
    });
    let answer = shop.shop.till.post("/v1/sales", body.to_string());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let sale = shop.shop.till.wait_state(id_of(&answer.json()), "showing", SOON);
    let created = shop.finan.requests().into_iter().find(|call| call.method == "POST").expect("Finan was asked");
    let asked: Value = serde_json::from_str(&created.body).expect("a JSON body");
    assert_eq!(asked["customer"]["name"], "Trần Thị B", "{asked}");
    assert_eq!(asked["items"][0]["amount"], 40_000, "{asked}");
    assert_eq!(asked["reference_id"], sale["order"], "{asked}");
}

/// P12, P1: what Finan did not sign, or signed for another path, does nothing.
#[test]
fn p1_forged_webhooks_are_refused_and_pay_nothing() {
    let shop = FinanShop::open();
    let sale = shop.shop.till.sell_and_show(50_000);
    let payment = shop.pay_silently(&sale, 50_000);
    let url = shop.shop.bridge.hook_url_of("finan");
    let good = shop.finan.webhook(&payment, &url).expect("there is a webhook");
    let headers = |replace: &'static str, value: Option<&str>| {
        let kept = good.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(replace));
        let mut headers: Vec<(&'static str, String)> = kept.cloned().collect();
        headers.extend(value.map(|value| (replace, value.to_owned())));
        headers
    };
    let other = shop.finan.webhook(&payment, "http://127.0.0.1/hooks/other").expect("there is a webhook");
    for (what, headers, body) in [
        ("no signature", headers("x-signature", None), good.body.clone()),
        ("a wrong signature", headers("x-signature", Some(&"0".repeat(64))), good.body.clone()),
        ("another time", headers("x-timestamp", Some("1")), good.body.clone()),
        ("a time that is no number", headers("x-timestamp", Some("1_2")), good.body.clone()),
        ("another body", good.headers.clone(), good.body.replace("50000", "50001")),
        ("another path", other.headers.clone(), other.body.clone()),
    ] {
        let named: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = tests::http::send(shop.shop.bridge.hooks(), "POST", "/hooks/finan", &named, body.as_bytes());
        let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    }
    assert_eq!(shop.shop.till.sale(id_of(&sale))["state"], "showing");
    shop.finan.send_webhook_again(&payment);
    shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
}

#[test]
fn finan_s_links_live_thirty_minutes_and_no_code_is_shown_longer() {
    let shop = FinanShop::open();
    let refused = shop.shop.till.post("/v1/sales", r#"{"amount":50000,"expire_s":1741}"#);
    assert_eq!(refused.problem(), (422, "invalid".to_owned()), "{}", refused.text());
    assert!(refused.text().contains("expire_s"), "{}", refused.text());
    let taken = shop.shop.till.post("/v1/sales", r#"{"amount":50000,"expire_s":1740}"#);
    assert_eq!(taken.status, 201, "{}", taken.text());
}
