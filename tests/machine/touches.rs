//! A cashier's finger on a booted counter: a touch screen of the kernel's is plugged in and pulled out, its keys type
//! an amount, sell and cancel, and nobody else hears it. It must not know how the till works.

use serde_json::json;
use tests::machine::emulator::Card;
use tests::machine::finger::Surface;
use tests::machine::shop::{Counter, MachineShop, System};
use tests::machine::{PATIENCE, wait_for};
use tests::screen::Pixels;
use tests::till::id_of;
use till_display::Key;

use crate::my_turn;
use crate::sells::{code_of, green_of, pay};

/// P5, P6: what a finger types on the display is to be seen as if it came from elsewhere, pixel by pixel; it becomes a
/// code that is paid, and "cancel" below another code takes that off the display. Both kinds of screens are tried, the
/// second plugged in in place of the first; what is touched reaches no other program.
#[test]
#[ignore = "minutes in an emulator: tests/run has it beside the others, tests/machine/run alone"]
fn a_touch_screen_that_is_plugged_in_types_sells_and_cancels() {
    let _turn = my_turn();
    let counter = Counter {
        driver: "drm",
        card: Card::Virtio,
        pixels: (800, 480),
        system: System::Small,
        has_loudspeaker: false,
        has_finger: true,
    };
    let mut shop = MachineShop::open(&counter);
    let idle = shop.wait_for_exact_picture();
    key(&shop, "5");
    let bare = shop.wait_for_another_picture(&idle);

    let device = shop.plug_in_touch(Surface::Slots);
    let five = shop.wait_for_another_picture(&bare);
    shop.shell().succeed(&format!("cat {device} >/run/overheard 2>/dev/null </dev/null &"));
    key(&shop, "0");
    key(&shop, "000");
    let typed = shop.wait_for_another_picture(&five);
    key(&shop, "escape");
    shop.wait_for_another_picture(&typed);

    tap(&mut shop, &[Key::Digit(5)]);
    shows(&mut shop, &five);
    tap(&mut shop, &[Key::Digit(0), Key::TripleZero]);
    shows(&mut shop, &typed);
    tell_times(&mut shop);
    tap(&mut shop, &[Key::Enter]);
    let first = code_of(&mut shop, 50_000);
    pay(&mut shop, &first, 50_000);
    // A touch anywhere clears the result.
    shop.touch("tap", (400, 240));
    wait_for("the result is cleared", PATIENCE, || match green_of(&mut shop) {
        green if green < 0.1 => Ok(()),
        green => Err(format!("{green} of the screen is green")),
    });

    tap(&mut shop, &[Key::Digit(5)]);
    shows(&mut shop, &five);
    shop.pull_out_touch();
    shows(&mut shop, &bare);
    assert_eq!(shop.shell().succeed("wc -c </run/overheard"), "0", "another program hears what is touched");
    shop.plug_in_touch(Surface::One);
    shows(&mut shop, &five);
    tap(&mut shop, &[Key::Escape, Key::Digit(2), Key::Digit(5), Key::TripleZero, Key::Enter]);
    let second = code_of(&mut shop, 25_000);
    let cancel = shop.on_cancel();
    // Who slides off a key has not pressed it.
    shop.touch("down", cancel);
    shop.touch("move", (400, 100));
    shop.lift();
    assert_eq!(shop.till.sale(id_of(&second))["state"], "showing");
    shop.touch("tap", cancel);
    shop.till.wait_state(id_of(&second), "cancelled", PATIENCE);
    shop.assert_no_code();
    assert_eq!(shop.till.sale(id_of(&first))["state"], "paid");
}

/// Presses a key that is no finger's.
#[track_caller]
fn key(shop: &MachineShop, name: &str) {
    let answer = shop.till.post("/v1/keypad", json!({ "keys": [name] }).to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[track_caller]
fn tap(shop: &mut MachineShop, keys: &[Key]) {
    for key in keys {
        let place = shop.on_keypad(*key);
        shop.touch("tap", place);
    }
}

#[track_caller]
fn shows(shop: &mut MachineShop, picture: &Pixels) {
    wait_for("the screen shows that picture", PATIENCE, || shop.photograph_pixels().same_as(picture));
}

/// Says how long it took from each touch until a picture went to the panel, by the machine's own clock. The emulator is
/// many times slower than a board, so it is told and not judged.
fn tell_times(shop: &mut MachineShop) {
    let text = shop.machine().serial.text();
    let at = |line: &str| line.split_once("at_us=")?.1.split_whitespace().next()?.parse::<u64>().ok();
    let times = |words: &str| text.lines().filter(|line| line.contains(words)).filter_map(at).collect::<Vec<_>>();
    let pictures = times("a picture goes to the panel");
    let after = |touched: &u64| pictures.iter().find(|at| *at > touched).map(|at| at - touched);
    let took: Vec<_> = times("finger: down").iter().filter_map(after).collect();
    println!("from a touch to a picture: {took:?} µs of an emulated machine");
}
