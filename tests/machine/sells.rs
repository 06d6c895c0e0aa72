//! A cashier and a customer at a booted counter: keys, code, money, PAID, and a power cut in between. It must not know
//! how the till works.

use serde_json::Value;
use tests::machine::emulator::Card;
use tests::machine::shop::{Counter, MachineShop, System};
use tests::machine::{PATIENCE, wait_for};
use tests::till::{id_of, order_of};

use crate::{my_turn, sounds};

/// The colour that only PAID has, and fills the screen with (display/src/theme.rs).
const PAID_GREEN: [u8; 3] = [0x06, 0x70, 0x3A];

#[test]
#[ignore = "minutes in an emulator: tests/run has it beside the others, tests/machine/run alone"]
fn a_small_framebuffer_sells_through_a_power_cut() {
    sells_through_a_power_cut("fbdev", Card::Bochs, (800, 480));
}

#[test]
#[ignore = "minutes in an emulator: tests/run has it beside the others, tests/machine/run alone"]
fn a_large_framebuffer_sells_through_a_power_cut() {
    sells_through_a_power_cut("fbdev", Card::Bochs, (1280, 800));
}

#[test]
#[ignore = "minutes in an emulator: tests/run has it beside the others, tests/machine/run alone"]
fn a_small_graphics_card_sells_through_a_power_cut() {
    sells_through_a_power_cut("drm", Card::Virtio, (800, 480));
}

#[test]
#[ignore = "minutes in an emulator: tests/run has it beside the others, tests/machine/run alone"]
fn a_large_graphics_card_sells_through_a_power_cut() {
    sells_through_a_power_cut("drm", Card::Bochs, (1280, 800));
}

/// P1, P2, P5, P6 on a machine of its own: what is typed becomes a code on the screen, the customer's phone reads it, his
/// money makes the screen PAID and is heard; a code that is showing when the power is cut shows again afterwards, without a
/// sound, and is paid.
#[track_caller]
fn sells_through_a_power_cut(driver: &'static str, card: Card, pixels: (u32, u32)) {
    let _turn = my_turn();
    let mut shop = MachineShop::open(&Counter {
        driver,
        card,
        pixels,
        system: System::Small,
        has_loudspeaker: true,
        has_finger: false,
    });
    let display = shop.till.status()["display"].clone();
    let size = format!("{}x{}", pixels.0, pixels.1);
    assert_eq!((&display["driver"], &display["size"], &display["ok"]), (&driver.into(), &size.into(), &true.into()));
    shop.wait_for_exact_picture();
    shop.assert_no_code();

    // Escape takes the result of a sale off the screen; here there is none, and it does nothing.
    let first = type_in(&mut shop, &["esc", "kp_5", "kp_0", "kp_0", "kp_0", "kp_0", "kp_enter"], 50_000);
    shop.wait_for_exact_picture();
    pay(&mut shop, &first, 50_000);
    if shop.has_loudspeaker() {
        sounds::have_it_repeated(&mut shop, 50_000);
    }

    let second = type_in(&mut shop, &["esc", "2", "5", "0", "0", "0", "ret"], 25_000);
    assert_ne!(id_of(&first), id_of(&second));
    shop.cut();
    shop.switch_on();
    let code = shop.wait_for_code();
    let after = shop.till.sale(id_of(&second));
    assert_eq!((&after["qr"], &second["qr"]), (&code.as_str().into(), &code.as_str().into()), "{after}");
    assert_eq!(after["state"], "showing", "{after}");
    shop.wait_for_exact_picture();
    pay(&mut shop, &after, 25_000);

    let states: Vec<_> =
        shop.till.sales().into_iter().map(|sale| (sale["amount"].clone(), sale["state"].clone())).collect();
    assert_eq!(states, [(25_000.into(), "paid".into()), (50_000.into(), "paid".into())]);
    assert_eq!(shop.payos.orders().len(), 2, "payOS heard of two orders");
}

/// Types an amount on the emulated keyboard and returns the sale whose code is on the screen then.
#[track_caller]
pub(crate) fn type_in(shop: &mut MachineShop, keys: &[&str], amount: u64) -> Value {
    shop.press(keys);
    code_of(shop, amount)
}

/// Waits until the newest sale has this amount and its code is on the screen, and returns it.
#[track_caller]
pub(crate) fn code_of(shop: &mut MachineShop, amount: u64) -> Value {
    let sale = wait_for("the typed amount is a sale with a code", PATIENCE, || match shop.newest_sale() {
        Some(sale) if sale["amount"] == amount && sale["state"] == "showing" => Ok(sale),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(sale["qr"], shop.wait_for_code(), "{sale}");
    sale
}

/// How much of the screen has the colour of PAID, from 0 to 1.
#[track_caller]
pub(crate) fn green_of(shop: &mut MachineShop) -> f64 {
    shop.photograph_pixels().share_of(PAID_GREEN)
}

/// The customer pays what the code on the screen asks; then the screen is PAID, the code is gone, and a counter with
/// a loudspeaker is heard for the first time since it has power.
#[track_caller]
pub(crate) fn pay(shop: &mut MachineShop, sale: &Value, amount: u64) {
    let code = shop.wait_for_code();
    let bill = shop.payos.read_code(&code).unwrap_or_else(|error| panic!("the customer's bank: {error}"));
    assert_eq!((bill.order, bill.amount), (order_of(sale), amount));
    if shop.has_loudspeaker() {
        sounds::assert_silent(shop);
    }
    settle(shop, sale, amount);
    if shop.has_loudspeaker() {
        sounds::wait_for_chime_and_words(shop, amount);
    }
}

/// The customer pays, and the screen is PAID and the code gone.
#[track_caller]
pub(crate) fn settle(shop: &mut MachineShop, sale: &Value, amount: u64) {
    shop.payos.pay(order_of(sale), amount).unwrap_or_else(|error| panic!("the customer cannot pay: {error}"));
    let paid = shop.till.wait_state(id_of(sale), "paid", PATIENCE);
    assert_eq!(paid["paid_amount"], amount, "{paid}");
    // Who asks the till may know it before the screen is drawn.
    wait_for("a sale that is paid fills the screen with green", PATIENCE, || {
        let green = green_of(shop);
        if green > 0.4 { Ok(()) } else { Err(format!("only {green} of it")) }
    });
    shop.assert_no_code();
}
