//! Money without a sale, from the webhook to the supervisor who knows which sale it is for. It must not know how a receipt
//! is kept.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tests::http::Answer;
use tests::shop::Shop;
use tests::till::{TillPlan, id_of, order_of};
use tests::wait::{SOON, holds_for, wait_for};

const PIN: &str = "2468";

/// A shop with a supervisor.
fn shop(more: &str) -> Shop {
    let hash = tilld::pin::hash(PIN).expect("the system hashes");
    Shop::open_with(|plan: &mut TillPlan| plan.sale = format!("supervisor_pin = \"{hash}\"\n{more}"))
}

/// Somebody pays an order that this terminal's store does not know, as one of a wiped store; returns the receipt.
#[track_caller]
fn receive(shop: &Shop, near: &Value, offset: u64, amount: u64) -> Value {
    let order = order_of(near).value() - offset;
    shop.payos.add_foreign_order(order, amount);
    let reference = shop.payos.pay(order, amount).expect("the order is there");
    wait_receipt(shop, reference.as_str())
}

#[track_caller]
fn wait_receipt(shop: &Shop, reference: &str) -> Value {
    wait_for(&format!("the receipt of {reference}"), SOON, || {
        let receipts = shop.till.receipts();
        let found = receipts.iter().find(|receipt| receipt["provider_ref"] == reference);
        found.cloned().ok_or_else(|| format!("{receipts:?}"))
    })
}

fn text<'v>(json: &'v Value, field: &str) -> &'v str {
    json[field].as_str().unwrap_or_default()
}

/// The supervisor says which sale the money is for.
#[track_caller]
fn match_it(shop: &Shop, receipt: &Value, sale: &str, pin: &str) -> Answer {
    let body = json!({ "sale": sale, "pin": pin }).to_string();
    shop.till.post(&format!("/v1/receipts/{}/match", text(receipt, "key")), body)
}

fn listed(shop: &Shop, query: &str) -> Vec<Value> {
    let answer = shop.till.get(&format!("/v1/receipts?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["receipts"].as_array().cloned().unwrap_or_default()
}

fn flags(json: &Value) -> Vec<&str> {
    let mut flags: Vec<_> = json["flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    flags.sort_unstable();
    flags
}

/// P1, P3, P4, P6: the whole way, on a sale whose code is on the display.
#[test]
fn p3_p4_money_without_a_sale_is_matched_once_by_the_supervisor() {
    let mut shop = shop("");
    let sale = shop.till.sell_and_show(50_000);
    let receipt = receive(&shop, &sale, 5, 50_000);
    let key = text(&receipt, "key").to_owned();
    assert_eq!((flags(&receipt), &receipt["sale"]), (vec![], &Value::Null), "{receipt}");
    let topic = format!("0001017/up/receipt/{key}");
    assert_eq!(shop.ear.wait("the fleet hears", &topic, |body| !body.is_null()).json(), receipt);
    assert_eq!(listed(&shop, "matched=false"), std::slice::from_ref(&receipt));
    assert_eq!(listed(&shop, "matched=true"), Vec::<Value>::new());

    let wrong = match_it(&shop, &receipt, id_of(&sale), "1111");
    assert_eq!(wrong.problem(), (403, "wrong-pin".to_owned()));
    let unknown = match_it(&shop, &receipt, "0001017-000000001", PIN);
    assert_eq!(unknown.problem(), (404, "not-found".to_owned()));
    let nothing = match_it(&shop, &json!({ "key": "0".repeat(32) }), id_of(&sale), PIN);
    assert_eq!(nothing.problem(), (404, "not-found".to_owned()));
    assert_eq!((shop.till.sale(id_of(&sale)), shop.till.receipts()), (sale.clone(), vec![receipt.clone()]));

    let matched = match_it(&shop, &receipt, id_of(&sale), PIN);
    assert_eq!(matched.status, 200, "{}", matched.text());
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    shop.assert_code_is_gone(&paid);
    assert_eq!(paid["paid_amount"], 50_000, "{paid}");
    assert!(flags(&paid).contains(&"manual"), "{paid}");
    let payment = json!({
        "provider_ref": receipt["provider_ref"], "provider_id": receipt["provider_id"], "amount": 50_000,
        "transacted_at": receipt["transacted_at"], "received_at": receipt["received_at"], "via": "match",
    });
    assert_eq!(paid["payments"], json!([payment]), "{paid}");
    let told = shop.ear.wait("the fleet hears of the match", &topic, |body| body["sale"] == sale["id"]).json();
    assert_eq!((&told["revision"], &told["flags"]), (&json!(2), &json!([])), "{told}");
    assert_eq!(listed(&shop, "matched=true"), std::slice::from_ref(&told));
    assert_eq!(listed(&shop, "matched=false"), Vec::<Value>::new());

    let again = |shop: &Shop| {
        let next = shop.till.sell(20_000);
        let again = match_it(shop, &receipt, id_of(&next), PIN);
        assert_eq!(again.problem(), (409, "already-matched".to_owned()));
        assert_eq!(again.json()["sale"], sale["id"], "{}", again.text());
        assert_eq!(shop.till.cancel(id_of(&next)).status, 202);
        shop.till.wait_sale("the next sale ends", id_of(&next), SOON, |sale| sale["finished_at"].is_string());
    };
    again(&shop);
    shop.till.kill();
    shop.till.start_again();
    shop.till.wait_for_broker();
    again(&shop);
    // payOS tells once more what everybody knows.
    let told_again = shop.ear.seen_on("0001017/down/webhook").len();
    let mut reference =
        shop.payos.orders().into_iter().flat_map(|order| order.transfers).map(|transfer| transfer.reference);
    let reference = reference.next_back().expect("there was one transfer");
    shop.payos.send_webhook_again(&reference);
    wait_for("the webhook came again", SOON, || {
        let seen = shop.ear.seen_on("0001017/down/webhook").len();
        if seen > told_again { Ok(()) } else { Err(seen.to_string()) }
    });
    holds_for("it is counted once", Duration::from_millis(500), || {
        let (now, receipts) = (shop.till.sale(id_of(&sale)), shop.till.receipts());
        let same = now["payments"] == paid["payments"] && receipts == [told.clone()];
        if same { Ok(()) } else { Err(format!("{now} {receipts:?}")) }
    });
}

#[test]
fn a_sale_that_ended_unpaid_is_settled_by_the_command_line() {
    let shop = shop("");
    let sale = shop.till.sell_and_show(50_000);
    let receipt = receive(&shop, &sale, 5, 50_000);
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
    shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    let (key, digits) = (text(&receipt, "key"), &id_of(&sale)[13..]);
    let file = |name: &str, pin: &str| shop.folder.write(name, format!("{pin}\n")).display().to_string();
    let (right, wrong) = (file("pin", PIN), file("wrong-pin", "1111"));
    let refused = shop.till.command_line(&["match", &key[..12], digits, "--pin-file", &wrong]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let matched = shop.till.command_line(&["match", &key[..12], digits, "--pin-file", &right, "--json"]);
    assert_eq!(matched.status.code(), Some(0), "{matched:?}");
    let paid: Value = serde_json::from_slice(&matched.stdout).expect("the answer is a sale");
    assert_eq!((&paid["state"], flags(&paid)), (&json!("paid"), vec!["late", "manual"]), "{paid}");
    let again = shop.till.command_line(&["match", key, id_of(&sale), "--pin-file", &right]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    let unmatched = shop.till.command_line(&["receipts", "--unmatched"]);
    assert!(!String::from_utf8_lossy(&unmatched.stdout).contains(key), "{unmatched:?}");
    // Proven money for the whole amount takes the supervisor's word away.
    shop.pay(&sale, 50_000);
    let proven = shop.till.wait_sale("all is proven", id_of(&sale), SOON, |sale| sale["paid_amount"] == 100_000);
    assert_eq!(flags(&proven), ["late", "overpaid"], "{proven}");
}

#[test]
fn p1_large_money_is_not_matched_by_hand() {
    let shop = shop("double_proof_over = 3000000\n");
    let small = shop.till.sell_and_show(20_000);
    let large = receive(&shop, &small, 5, 3_000_000);
    let refused = match_it(&shop, &large, id_of(&small), PIN);
    assert_eq!(refused.problem(), (409, "needs-double-proof".to_owned()));
    assert_eq!(shop.till.sale(id_of(&small)), small);
    let fitting = receive(&shop, &small, 6, 2_999_999);
    assert_eq!(match_it(&shop, &fitting, id_of(&small), PIN).status, 200);
    shop.till.wait_state(id_of(&small), "paid", SOON);
}

#[test]
fn five_wrong_pins_shut_the_way() {
    let shop = shop("");
    let sale = shop.till.sell_and_show(50_000);
    let receipt = receive(&shop, &sale, 5, 50_000);
    for _ in 0..5 {
        assert_eq!(match_it(&shop, &receipt, id_of(&sale), "1111").problem(), (403, "wrong-pin".to_owned()));
    }
    let shut = match_it(&shop, &receipt, id_of(&sale), PIN);
    assert_eq!(shut.problem(), (429, "too-many-pins".to_owned()));
    assert!(shut.header("retry-after").is_some(), "{shut:?}");
    assert_eq!(shop.till.receipts(), [receipt]);
}

/// A signed webhook about an order of a store that is gone.
fn webhook(near: &Value, reference: &str, at: &str) -> Map<String, Value> {
    let data = json!({
        "orderCode": order_of(near).value() - 7, "amount": 30_000, "description": "x", "accountNumber": "113366668888",
        "reference": reference, "transactionDateTime": at, "currency": "VND", "paymentLinkId": "f".repeat(32),
        "code": "00", "desc": "success",
    });
    data.as_object().cloned().unwrap_or_default()
}

fn picture(shop: &Shop) -> String {
    shop.till.get("/v1/screen.png").header("etag").unwrap_or_default().to_owned()
}

/// P4: somebody may be playing old webhooks to a wiped store: such money is kept for a person, and not shown.
#[test]
fn p4_old_money_needs_attention_and_is_not_shown() {
    let shop = shop("result_s = 1\n");
    let sale = shop.till.sell_and_show(50_000);
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
    shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    assert_eq!(shop.till.post(&format!("/v1/sales/{}/acknowledge", id_of(&sale)), "{}").status, 200);
    // The clock on the idle display may turn once, but not at each of three receipts.
    let unseen = ["OLD1", "OLD2", "OLD3"].into_iter().any(|reference| {
        let before = picture(&shop);
        let body = shop.payos.sign_webhook(&webhook(&sale, reference, "2024-03-04 10:04:05"));
        assert_eq!(shop.bridge.post(&body).status, 200);
        let receipt = wait_receipt(&shop, reference);
        assert_eq!(flags(&receipt), ["attention"], "{receipt}");
        picture(&shop) == before
    });
    assert!(unseen, "old money is shown");
    let before = picture(&shop);
    let fresh = receive(&shop, &sale, 9, 30_000);
    assert_eq!(flags(&fresh), Vec::<&str>::new(), "{fresh}");
    wait_for("fresh money is shown", SOON, || {
        let now = picture(&shop);
        if now == before { Err(now) } else { Ok(()) }
    });
    // What a person has looked at and matched needs no more attention; a sale that got too little after its end does.
    let attention = shop.till.status()["attention"].clone();
    let old = wait_receipt(&shop, "OLD1");
    assert_eq!(match_it(&shop, &old, id_of(&sale), PIN).status, 200);
    let matched = wait_receipt(&shop, "OLD1");
    assert_eq!((flags(&matched), &matched["sale"]), (vec![], &sale["id"]), "{matched}");
    assert_eq!(flags(&shop.till.sale(id_of(&sale))), ["attention", "late", "underpaid"]);
    assert_eq!(shop.till.status()["attention"], attention);
    assert_eq!(match_it(&shop, &fresh, id_of(&sale), PIN).status, 200);
    let paid = shop.till.sale(id_of(&sale));
    assert_eq!((&paid["state"], &paid["paid_amount"]), (&json!("paid"), &json!(60_000)), "{paid}");
}
