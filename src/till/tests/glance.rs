//! What a key asks to see for a moment: the last result, the day's takings. Neither changes a sale or hides one.

use super::endings::{SHOWN, shown};
use super::{World, check_only, check_scene};

/// Sells one sale for 50 000 and has it paid.
fn paid() -> String {
    shown("1 webhook T1 50000")
}

#[test]
fn the_last_result_comes_back_and_goes_again() {
    check_scene(&format!("{}\n 2 keys esc", paid()), "idle");
    check_scene(&format!("{}\n 2 keys esc\n 3 keys last", paid()), "last 50000/50000 paid");
    check_scene(&format!("{}\n 2 keys esc\n 3 keys last\n 12 wait", paid()), "idle");
    check_scene(&format!("{}\n 2 keys last", paid()), "last 50000/50000 paid");
    check_scene(&format!("{}\n 2 keys last\n 3 keys esc", paid()), "idle");
    check_scene(&format!("{}\n 2 keys last 7", paid()), "typed 7");
}

#[test]
fn nothing_is_shown_again_where_nothing_has_ended_or_something_goes_on() {
    check_scene("0 up\n 0 keys last", "idle");
    check_scene("0 up\n 0 keys 5 last", "typed 5");
    let before = World::run(SHOWN).scene();
    check_scene(&shown("2 keys last"), &before);
    check_scene(&shown("2 keys report"), &before);
    check_only("reckon", &shown("2 keys report"), "");
    check_only(
        "reply",
        &shown("2 keys last"),
        "0 reply created #1 requesting 0/50000 waiting for provider\n2 reply busy #1",
    );
}

#[test]
fn a_paid_sale_is_looked_up_after_a_restart() {
    check_scene(&format!("{}\n 2 published?\n 3 restart\n 4 keys last", paid()), "last 50000/50000 paid");
}

#[test]
fn a_paid_sale_is_looked_up_behind_a_newer_one_without_a_result() {
    let sold = format!("offline vietqr\n{}\n 2 published?\n 3 sell 20000\n 3 create unreached", paid());
    check_scene(&format!("{sold}\n 310 restart\n 311 keys last"), "last 50000/50000 paid");
}

#[test]
fn the_days_takings_are_asked_for_and_shown_for_a_while() {
    check_only("reckon", "0 up\n 1 keys report", "1 reckon");
    let day = "day 37 paid 1250000 and 1 open and 2 unconfirmed";
    check_scene("0 up\n 1 keys report\n 2 day 37 1250000", day);
    check_scene("0 up\n 1 keys report\n 2 day 37 1250000\n 30 wait", "idle");
    // The answer comes late: a sale or an amount is worth more.
    check_scene("0 up\n 1 keys report 7\n 2 day 37 1250000", "typed 7");
    check_scene(&shown("2 day 37 1250000"), &World::run(SHOWN).scene());
}
