//! The cashier's keys, and the code that stands on the idle display. It must not know what a screen looks like.

use demo::vietqr;
use serde_json::{Value, json};
use tests::screen;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

/// Presses keys that are taken.
#[track_caller]
fn press(shop: &Shop, keys: &[&str]) -> Value {
    let answer = shop.till.post("/v1/keypad", json!({ "keys": keys }).to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn an_amount_is_typed_sold_cancelled_and_typed_again() {
    let shop = Shop::open();
    let typed = press(&shop, &["2", "5", "000", "times", "3", "plus", "8", "000"]);
    let entry = json!({"text": "25.000 × 3 + 8.000", "amount": 83_000, "problem": null, "reference": null});
    assert_eq!(typed, json!({"entry": entry, "sale": null}));
    assert_eq!(shop.till.sales().len(), 0, "nothing is sold before Enter");

    let sale = press(&shop, &["enter"])["sale"].clone();
    assert_eq!((&sale["amount"], &sale["channel"]), (&json!(83_000), &json!("payos")), "{sale}");
    let showing = shop.till.wait_state(id_of(&sale), "showing", SOON);
    shop.till.wait_for_code(showing["qr"].as_str().expect("a showing sale has a code"));
    let busy = shop.till.post("/v1/keypad", r#"{"keys":["7"]}"#);
    assert_eq!(busy.problem(), (409, "busy".to_owned()), "{}", busy.text());

    press(&shop, &["escape"]);
    let ended = shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    shop.assert_code_is_gone(&ended);
    assert_eq!(press(&shop, &["7"])["entry"]["text"], "7");
    assert_eq!(press(&shop, &["escape"]), json!({"entry": null, "sale": null}));
}

#[test]
fn the_open_code_stands_on_the_idle_display_and_gives_way_to_a_sale() {
    let account = "[display.static_qr.account]\nbin = \"970422\"\nnumber = \"0933450210\"\nname = \"Quán Lá\"\n";
    let shop = Shop::open_with(|till| till.tables.push_str(account));
    let open = |what: &str| {
        let code = wait_for(what, SOON, || screen::one_code(&shop.till.picture));
        let read = vietqr::scan(&code).expect("the code is a sound VietQR");
        assert_eq!((read.bin.as_str(), read.account.as_str(), read.amount), ("970422", "0933450210", None), "{what}");
    };
    open("the idle display has the open code");
    let sale = shop.till.sell_and_show(50_000);
    shop.till.wait_for_code(sale["qr"].as_str().expect("a showing sale has a code"));
    press(&shop, &["escape"]);
    shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    press(&shop, &["escape"]);
    open("the open code is back after the sale");
}
