//! Too little, too much, too late, twice: what becomes of money. It must not know broken answers.

use std::str::FromStr as _;

use serde_json::{Value, json};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::SOON;

/// The flags of a sale, sorted.
fn flags(sale: &Value) -> Vec<&str> {
    let mut flags: Vec<_> = sale["flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    flags.sort_unstable();
    flags
}

#[test]
fn a_sale_that_is_paid_in_parts_shows_until_the_rest_has_come() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    shop.pay(&sale, 20_000);
    let partly = shop.till.wait_sale("20.000 came", id_of(&sale), SOON, |sale| sale["paid_amount"] == 20_000);
    assert_eq!((&partly["state"], flags(&partly)), (&json!("showing"), vec!["underpaid"]), "{partly}");
    shop.pay(&sale, 30_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    shop.till.assert_no_code();
    assert_eq!((&paid["paid_amount"], flags(&paid)), (&json!(50_000), vec![]), "{paid}");
    assert_eq!(paid["payments"].as_array().map(Vec::len), Some(2), "{paid}");
}

#[test]
fn a_sale_that_gets_too_much_is_paid_and_says_so() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    shop.pay(&sale, 60_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], flags(&paid)), (&json!(60_000), vec!["overpaid"]), "{paid}");
}

/// Whoever runs the fleet sorts counters by it, and a start is no reason to forget it.
#[test]
fn when_money_last_came_is_known_after_a_start() {
    let mut shop = Shop::open();
    assert_eq!(shop.till.status().get("last_payment_at"), None);
    let sale = shop.assert_sells(50_000);
    let came = shop.till.sale(id_of(&sale))["payments"][0]["received_at"].clone();
    shop.till.sell_and_show(70_000);
    for _ in 0..2 {
        assert_eq!(shop.till.status()["last_payment_at"], came);
        shop.till.kill();
        shop.till.start_again();
    }
}

/// P4: a second transfer after PAID is this sale's money, not the next one's.
#[test]
fn p4_money_that_comes_after_paid_is_recorded_with_its_sale() {
    let shop = Shop::open();
    let first = shop.assert_sells(50_000);
    let second = shop.till.sell_and_show(70_000);
    shop.pay(&first, 50_000);
    let first = shop.till.wait_sale("the second transfer", id_of(&first), SOON, |sale| sale["paid_amount"] == 100_000);
    assert_eq!(first["state"], "paid", "{first}");
    assert!(flags(&first).contains(&"overpaid") && flags(&first).contains(&"late"), "{first}");
    let second = shop.till.sale(id_of(&second));
    assert_eq!((&second["state"], &second["paid_amount"]), (&json!("showing"), &json!(0)), "{second}");
    // The display is the second sale's, whatever came for the first.
    shop.till.wait_for_code(second["qr"].as_str().unwrap_or_default());
}

#[test]
fn p4_money_that_comes_after_a_cancel_makes_the_sale_paid_and_late() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
    let cancelled = shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    shop.assert_code_is_gone(&cancelled);
    // The customer had the code on his phone already.
    shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], flags(&paid)), (&json!(50_000), vec!["late"]), "{paid}");
    let told = shop.ear.wait("the fleet hears", &format!("up/sale/{}", id_of(&sale)), |sale| sale["state"] == "paid");
    assert_eq!(told.json(), paid);
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
}

#[test]
fn some_late_money_leaves_a_cancelled_sale_to_a_person() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
    shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    shop.pay(&sale, 20_000);
    let partly = shop.till.wait_sale("20.000 came", id_of(&sale), SOON, |sale| sale["paid_amount"] == 20_000);
    assert_eq!(partly["state"], "cancelled", "{partly}");
    assert_eq!(flags(&partly), ["attention", "late", "underpaid"], "{partly}");
}

/// P3: what the webhook told and what the answer tells later are the same transfer.
#[test]
fn p3_one_transfer_told_by_both_roads_is_one_payment() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let reference = shop.pay(&sale, 20_000);
    shop.till.wait_sale("20.000 came", id_of(&sale), SOON, |sale| sale["paid_amount"] == 20_000);
    // The next question, 10 s after the code, hears of both transfers; the second has no webhook.
    let other = shop.pay_silently(&sale, 30_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    let told: Vec<_> = paid["payments"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|payment| (payment["provider_ref"].clone(), payment["amount"].clone(), payment["via"].clone()))
        .collect();
    let want = [
        (json!(reference.as_str()), json!(20_000), json!("webhook")),
        (json!(other.as_str()), json!(30_000), json!("poll")),
    ];
    assert_eq!(told, want, "{paid}");
    assert_eq!(flags(&paid), Vec::<&str>::new());
}

/// P4: an order of a store that was wiped is money without a sale: kept, told, listed.
#[test]
fn p4_money_for_a_wiped_store_is_a_receipt() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    assert!(shop.till.terminate().success());
    std::fs::remove_dir_all(&shop.till.store).expect("the store can be removed");
    // A new store begins at the tick, one number every two seconds: the sale's own number must be behind it (contract §2).
    let number = till_wire::SaleId::from_str(id_of(&sale)).expect("a sale's id").order().sequence();
    tests::wait::wait_for("the tick has passed the sale's number", SOON, || {
        let tick = till_wire::first_sequence(tilld::clock::wall()).unwrap_or(0);
        if tick > number { Ok(()) } else { Err(format!("{tick}")) }
    });
    shop.till.start_again();
    shop.till.wait_for_broker();
    let reference = shop.pay(&sale, 50_000);
    let receipt = tests::wait::wait_for("the receipt", SOON, || {
        shop.till.receipts().pop().ok_or_else(|| "there is none".to_owned())
    });
    assert_eq!(
        (&receipt["amount"], &receipt["provider_ref"], &receipt["provider_id"], &receipt["channel"]),
        (&json!(50_000), &json!(reference.as_str()), &sale["provider_id"], &json!("payos")),
        "{receipt}"
    );
    let key = receipt["key"].as_str().unwrap_or_default();
    let told = shop.ear.wait("the fleet hears", &format!("0001017/up/receipt/{key}"), |body| !body.is_null());
    assert_eq!(told.json(), receipt);
    let listed = shop.till.command_line(&["receipts", "--json"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains(key), "{listed:?}");
    // Numbers go on beyond those of the store that was lost.
    let next = shop.assert_sells(20_000);
    assert!(id_of(&next) > id_of(&sale), "{} after {}", id_of(&next), id_of(&sale));
}
