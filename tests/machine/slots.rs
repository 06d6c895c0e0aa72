//! A terminal whose system is there twice, as RAUC has it: an update goes to the slot that does not run. It must not know how
//! any of it works.

use tests::listener::Listener;
use tests::machine::emulator::Card;
use tests::machine::shop::{Counter, MachineShop, System};
use tests::machine::slots::SHARED;
use tests::till::id_of;

use crate::my_turn;
use crate::sells::{settle, type_in};
use crate::updates::{end_of, order, serve};

/// One that the program of every slot here says it is; and one that none does, so that it is never well.
const WELL: &str = concat!(env!("CARGO_PKG_VERSION"), "+next");
const SICK: &str = "99.0.0";

/// P2, P12: a bundle is written to the other slot, and a sale goes on there; one that does not come up, and one that is not well,
/// end with the system from before.
#[test]
#[ignore = "minutes in an emulator: tests/run has it beside the others, tests/machine/run alone"]
fn a_bundle_goes_to_the_other_slot_and_the_old_one_comes_back() {
    let _turn = my_turn();
    let mut shop = MachineShop::open(&Counter {
        driver: "fbdev",
        card: Card::Bochs,
        pixels: (800, 480),
        system: System::Slots,
        has_loudspeaker: false,
        has_finger: false,
    });
    shop.wait_until_it_sells();
    assert_eq!(shop.slot(), "A");
    let operator = Listener::connect(&shop.broker);
    operator.wait_subscribed();
    let update = |shop: &mut MachineShop, id: &str, bundle: &str, version: &str| {
        serve(shop, &format!("{SHARED}/bundles"));
        order(shop, &operator, id, &format!("{SHARED}/bundles/{bundle}.raucb"), version);
        shop.starts_again();
        if version == SICK {
            shop.starts_again();
        }
        let told = end_of(&operator, id);
        shop.wait_until_it_sells();
        told
    };

    let told = update(&mut shop, "u-well", "next", WELL);
    assert_eq!((&told["status"], &told["result"]["version"]), (&"succeeded".into(), &WELL.into()), "{told}");
    assert_eq!(shop.slot(), "B");
    assert_eq!(shop.shell().succeed("cat /data/boot/order /data/boot/B"), "B A\n3", "it stays");
    let sale = type_in(&mut shop, &["esc", "kp_5", "kp_0", "kp_0", "kp_0", "kp_0", "kp_enter"], 50_000);
    settle(&mut shop, &sale, 50_000);

    let told = update(&mut shop, "u-broken", "broken", WELL);
    assert_eq!(told["status"], "failed", "{told}");
    let why = told["reason"].as_str().unwrap_or_default();
    assert!(why.contains("does not come up: the boot loader went back"), "{why}");
    assert_eq!(shop.slot(), "B");

    shop.shell().succeed("echo SECONDS_LONG=30 >/data/patience");
    let told = update(&mut shop, "u-sick", "next", SICK);
    assert_eq!(told["status"], "failed", "{told}");
    let why = told["reason"].as_str().unwrap_or_default();
    assert!(why.contains("has not said that it is well with 99.0.0; the old system is back"), "{why}");
    assert_eq!(shop.slot(), "B");
    assert_eq!(shop.till.sale(id_of(&sale))["state"], "paid", "both systems have one store");
    shop.shell().succeed("test ! -e /var/lib/tilld-update/installing.json && ! ls /var/lib/tilld-update/private/new*");
}
