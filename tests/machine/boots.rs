//! The machine boots and shows what it should. It must not know sales.

use serde_json::json;
use tests::machine::emulator::Card;
use tests::machine::shop::{Counter, MachineShop};

use crate::my_turn;

#[test]
fn a_counter_boots_and_its_screen_is_what_the_till_shows() {
    let _turn = my_turn();
    let mut shop = MachineShop::open(&Counter { driver: "fbdev", card: Card::Bochs, pixels: (800, 480) });
    let display = shop.till.status()["display"].clone();
    assert_eq!(display, json!({ "ok": true, "size": "800x480", "driver": "fbdev" }));
    let picture = shop.wait_for_exact_picture();
    assert_eq!((picture.width, picture.height), (800, 480));
    shop.assert_no_code();
}
