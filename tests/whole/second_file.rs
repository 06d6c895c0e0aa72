//! A store that had to be set aside while a sale was open: the second small file brings the sale back, and asking the
//! provider brings its money. It must not know what the files look like.

use std::fs;

use serde_json::{Value, json};
use tests::shop::Shop;
use tests::till::{Till, id_of};
use tests::wait::SOON;

/// Overwrites the store's files with noise.
fn ruin(till: &Till) {
    let db = till.store.join("sled/db");
    let length = fs::metadata(&db).expect("the store has a file").len();
    fs::write(&db, vec![0x5a; usize::try_from(length).expect("it is small")]).expect("it can be written");
}

fn sequence(sale: &Value) -> u32 {
    let digits = id_of(sale).split_once('-').map(|(_, digits)| digits);
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no id: {sale}"))
}

/// P2, P3, P8: with the store gone, a sale that was open is there again, its payment, of which no webhook tells, is found
/// by asking and counted once, a person is told to look, and no number comes twice.
#[test]
fn p2_p8_the_payment_of_an_open_sale_finds_it_after_the_store_was_set_aside() {
    let mut shop = Shop::open();
    shop.assert_sells(10_000);
    let sale = shop.till.sell_and_show(50_000);
    shop.till.kill();
    shop.pay_silently(&sale, 50_000);
    ruin(&shop.till);
    shop.till.start_again();
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["amount"], &paid["paid_amount"]), (&json!(50_000), &json!(50_000)), "{paid}");
    assert_eq!(paid["flags"], json!(["attention"]), "{paid}");
    assert!(paid["revision"].as_u64() > sale["revision"].as_u64(), "{paid}");
    assert!(shop.till.status()["attention"].as_u64() >= Some(1), "{}", shop.till.status());
    assert!(shop.till.printed().contains("the store is damaged"), "{}", shop.till.printed());
    let next = shop.assert_sells(20_000);
    assert!(sequence(&next) > sequence(&sale), "{next} after {sale}");
}

/// P2, P8: the same for a code that is still shown: the customer pays it afterwards.
#[test]
fn p2_p8_a_sale_goes_on_showing_its_code_after_the_store_was_set_aside() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    shop.till.kill();
    ruin(&shop.till);
    shop.till.start_again();
    shop.till.wait_for_code(sale["qr"].as_str().expect("it has a code"));
    shop.till.wait_for_broker();
    shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(paid["payments"].as_array().map(Vec::len), Some(1), "{paid}");
}

/// P11: with the second file gone as well there is a new store, which sells.
#[test]
fn p11_a_store_that_is_damaged_with_its_second_file_is_begun_anew() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    shop.till.kill();
    ruin(&shop.till);
    for name in ["alive.0", "alive.1"] {
        fs::write(shop.till.store.join(name), "noise").expect("it can be written");
    }
    shop.till.start_again();
    assert_eq!(shop.till.get(&format!("/v1/sales/{}", id_of(&sale))).status, 404);
    assert!(shop.till.printed().contains("a second file of the open sales cannot be used"), "{}", shop.till.printed());
    assert_eq!(shop.till.status()["attention"], 1, "a person must look at the store that was set aside");
    shop.till.wait_for_broker();
    shop.assert_sells(20_000);
}
