//! Reported money of a large sale: the code is off the display while the provider is asked (contract §3, promise P6).

use super::endings::shown;
use super::{World, check, check_only, check_scene};

const LARGE: &str = "double 50000\n";

fn large(rest: &str) -> String {
    format!("{LARGE}{}", shown(rest))
}

const CODE: &str = "code of #1 0/50000 until 300 of 300 s";
const CHECKING: &str = "checking #1 50000";

#[test]
fn p6_the_code_of_a_large_sale_is_off_while_reported_money_is_checked() {
    check_scene(&large("5 webhook T1 50000"), CHECKING);
    check(&large("5 webhook T1 50000"), "#1 showing 0/50000");
    check_scene(&large("5 webhook T1 50000\n 6 status paid T1:50000"), "paid 50000/50000");
    check_scene(&shown("5 webhook T1 50000"), "paid 50000/50000");
    check_scene(&format!("double 50001\n{}", shown("5 webhook T1 50000")), "paid 50000/50000");
}

#[test]
fn p6_the_code_comes_back_when_the_provider_does_not_agree_or_not_answer() {
    for answer in
        ["status open", "status notfound", "status refused", "status invalid", "status unreached", "status later"]
    {
        check_scene(&large(&format!("5 webhook T1 50000\n 6 {answer}")), CODE);
    }
    check_scene(&large("5 webhook T1 50000\n 24.9 wait"), CHECKING);
    check_scene(&large("5 webhook T1 50000\n 25 wait"), CODE);
    check_scene(&large("5 webhook T1 50000\n 6 status open T1:20000"), "code of #1 20000/50000 until 300 of 300 s");
}

#[test]
fn p6_only_an_answer_to_the_newest_report_brings_the_code_back_and_reports_do_not_keep_it_away() {
    // The script answers the newest question; the one before is answered by hand.
    let two = large("5 webhook T1 20000\n 6 webhook T2 30000");
    let mut world = World::run(&two);
    let (order, ask) = world.asks.last_key_value().map(|(order, ask)| (*order, *ask)).expect("a question");
    world.asks.insert(order, crate::till::AskId(ask.0 - 1));
    world.act(&["status", "open"]);
    assert_eq!(world.scene(), CHECKING);
    check_scene(&format!("{two}\n 7 status open"), CODE);
    check_scene(&format!("{two}\n 24 webhook T3 1\n 25 wait"), CODE);
}

#[test]
fn p6_a_code_that_goes_and_comes_back_has_pictures_of_its_own() {
    let generation = |script: &str| World::run(script).till.scene().generation.0;
    let base = generation(&large(""));
    assert_eq!(generation(&large("5 webhook T1 50000")), base + 1);
    assert_eq!(generation(&large("5 webhook T1 20000\n 6 webhook T2 30000")), base + 1);
    assert_eq!(generation(&large("5 webhook T1 50000\n 6 status open")), base + 2);
    assert_eq!(generation(&large("5 webhook T1 50000\n 25 wait")), base + 2);
    assert_eq!(generation(&large("5 webhook T1 50000\n 6 status paid T1:50000")), base + 2);
    assert_eq!(generation(&large("5 webhook T1 50000\n 6 cancel")), base + 2);
}

#[test]
fn p6_a_sale_that_is_cancelled_or_over_is_no_longer_checked() {
    check_scene(&large("5 webhook T1 50000\n 6 cancel"), "50000 waiting for cancellation");
    check_scene(&large("5 webhook T1 50000\n 6 cancel\n 7 status open"), "50000 waiting for cancellation");
    check_scene(&large("290 webhook T1 50000\n 300 wait"), "50000 waiting for last answer");
    check_scene(&large("290 webhook T1 50000\n 300 status open\n 301 wait"), "expired 0/50000");
    check_scene(&large("5 webhook T1 50000\n 6 restart"), CODE);
}

#[test]
fn the_provider_is_asked_at_once_and_no_more_than_before() {
    check_only("ask", &large("5 webhook T1 50000\n 6 status open\n 30 wait"), "5 ask #1");
}
