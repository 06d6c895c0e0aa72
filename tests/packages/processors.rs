//! The till on the processors of terminals, under an emulator where this machine has another: P1, P2 for the same source
//! with other words, other alignment and other assembler. The packages for them take ten minutes each, and are tried with
//! `ARCHITECTURES`.

use tests::process::{launched, run};
use tests::processor::{launcher, tilld_for};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::SOON;

#[test]
fn a_till_of_64_bits_sells_on_arm() {
    sells_on("arm64");
}

#[test]
fn a_till_of_32_bits_sells_on_arm() {
    sells_on("armhf");
}

/// It says its version, takes its configuration, sells, and has what was sold after it was killed.
#[track_caller]
fn sells_on(architecture: &str) {
    let (launcher, program) = (launcher(architecture), tilld_for(architecture));
    let told = run(launched(&launcher, &program).arg("--version"));
    assert_eq!(String::from_utf8_lossy(&told.stdout), format!("tilld {}\n", env!("CARGO_PKG_VERSION")), "{told:?}");
    let mut shop: Shop = Shop::open_with(|plan| {
        plan.launcher.clone_from(&launcher);
        plan.program.clone_from(&program);
    });
    let told = run(launched(&launcher, &program).arg("--check").arg("--config").arg(&shop.till.config));
    assert_eq!(told.status.code(), Some(0), "{told:?}");

    let sold = id_of(&shop.assert_sells(50_000)).to_owned();
    let open = shop.till.sell_and_show(25_000);
    shop.till.kill();
    shop.till.start_again();
    assert_eq!(shop.till.sale(&sold)["state"], "paid");
    shop.till.wait_for_broker();
    shop.pay(&open, 25_000);
    shop.till.wait_state(id_of(&open), "paid", SOON);
}
