//! Money without a sale at Finan: the code of the account on the idle display, and transfers that nobody asked for.

use serde_json::{Value, json};
use tests::providers::FinanShop;
use tests::screen;
use tests::wait::{SOON, wait_for};

use crate::flags;

#[test]
fn p4_money_on_the_open_code_is_a_receipt_shown_listed_and_published() {
    let shop = FinanShop::open_with("", |plan| {
        plan.display = "static_qr = { channel = \"finan\" }".to_owned();
    });
    let code =
        wait_for("the idle display shows the account's code", SOON, || screen::one_code(&shop.shop.till.picture));
    assert_eq!(code, shop.finan.static_code());
    shop.finan.pay_account("cam on", 35_000).expect("the account takes money");
    let receipt = wait_for("the receipt is listed", SOON, || {
        let receipts = shop.shop.till.receipts();
        receipts.first().cloned().ok_or_else(|| "no receipt".to_owned())
    });
    assert_eq!((&receipt["amount"], &receipt["sale"], flags(&receipt)), (&json!(35_000), &Value::Null, vec![]));
    let key = receipt["key"].as_str().unwrap_or_default().to_owned();
    shop.shop.ear.wait("the receipt is published", &format!("/up/receipt/{key}"), |body| body["amount"] == 35_000);
    // The code is away while the money is shown, and comes back.
    wait_for("the code comes back", SOON, || match screen::one_code(&shop.shop.till.picture) {
        Ok(seen) if seen == code => Ok(()),
        Ok(seen) => Err(seen),
        Err(seen) => Err(seen),
    });
    assert_eq!(shop.shop.till.receipts().len(), 1, "it is recorded once");
}

/// P4: an order reference always wins over a purpose; a purpose of a sale that was not made offline is no order.
#[test]
fn p4_a_purpose_that_names_no_offline_sale_is_a_receipt() {
    let shop = FinanShop::open();
    let sale = shop.shop.till.sell_and_show(50_000);
    let digits: String = sale["order"].as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    shop.finan.pay_account(&format!("TL{digits}"), 50_000).expect("the account takes money");
    wait_for("the receipt is listed", SOON, || {
        let receipts = shop.shop.till.receipts();
        if receipts.len() == 1 { Ok(()) } else { Err(format!("{receipts:?}")) }
    });
    assert_eq!(shop.shop.till.sale(tests::till::id_of(&sale))["paid_amount"], 0);
}
