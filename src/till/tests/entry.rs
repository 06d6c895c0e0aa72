//! What the cashier types: digits, sums and multiples, corrections, and what starts, cancels and clears a sale.

use proptest::prelude::*;

use super::endings::shown;
use super::{World, check, check_only, check_scene};
use crate::till::{Event, Key, ReplyTo, View};

/// Presses keys and compares what the display then shows.
#[track_caller]
fn check_typed(keys: &str, want: &str) {
    check_scene(&format!("0 up\n 0 keys {keys}"), want);
}

#[test]
fn digits_become_a_number() {
    check_typed("5", "typed 5");
    check_typed("50 000", "typed 50.000");
    check_typed("1 00 000", "typed 100.000");
    check_typed("100000000", "typed 100.000.000");
}

#[test]
fn leading_zeros_make_no_number() {
    for keys in ["0", "00", "000", "0 0 0", "0 back", "0 enter", "0 +", "0 × 0"] {
        check_typed(keys, "idle");
    }
    check_typed("0 5", "typed 5");
    check_typed("000 50", "typed 50");
    check_typed("5 + 000", "typed 5 + = 5");
}

#[test]
fn items_add_up_and_multiply() {
    check_typed("25000 × 3 + 8000", "typed 25.000 × 3 + 8.000 = 83000");
    check_typed("8000 + 25000 × 3", "typed 8.000 + 25.000 × 3 = 83000");
    check_typed("2 × 3 × 4", "typed 2 × 3 × 4 = 24");
    check_typed("25000 +", "typed 25.000 + = 25000");
    check_typed("25000 ×", "typed 25.000 × = 25000");
}

#[test]
fn the_last_sign_counts_and_none_comes_first() {
    check_typed("25000 + ×", "typed 25.000 × = 25000");
    check_typed("25000 × × + + 5", "typed 25.000 + 5 = 25005");
    check_typed("+ 5", "typed 5");
    check_typed("× + ×", "idle");
}

#[test]
fn keys_cannot_sell_where_the_customer_must_be_named() {
    let script = "customer needed\n0 keys 50 000 enter";
    check(script, "");
    check_scene(script, "typed 50.000 but needs_customer");
    check_only("reply", script, "0 reply keyed typed 50.000 but needs_customer");
    check_scene("customer needed\n0 keys 5 enter 0", "typed 50");
    check_scene("customer needed\n0 keys 999999999 enter", "typed 999.999.999 but too_large");
    check("customer needed\n0 sell 50000", "#1 requesting 0/50000 waiting for provider");
}

#[test]
fn back_takes_back_one_thing_at_a_time() {
    check_typed("50 000 back", "typed 5.000");
    check_typed("5 back", "idle");
    check_typed("5 back back back 6", "typed 6");
    check_typed("25 × 3 back", "typed 25 × = 25");
    check_typed("25 × 3 back back", "typed 25");
    check_typed("25 × 3 back back 1", "typed 251");
    check_typed("25 + × back", "typed 25");
}

#[test]
fn escape_clears_all_of_it() {
    check_typed("25 × 3 esc", "idle");
    check_typed("25 × 3 esc 4", "typed 4");
    check_typed("esc esc", "idle");
}

#[test]
fn too_large_is_said_and_nothing_is_lost() {
    check_typed("100000001", "typed 100.000.001 but too_large");
    check_typed("100000001 enter", "typed 100.000.001 but too_large");
    check_typed("100000001 enter back", "typed 10.000.000");
    check_typed("50000 × 2001", "typed 50.000 × 2.001 = 100050000 but too_large");
    check_typed("999999999999 × 999999999999", "typed 999.999.999.999 × 999.999.999.999 = too much but too_large");
    check_typed("999999999999 + 999999999999 back", "typed 999.999.999.999 + 99.999.999.999 = too much but too_large");
    check_typed("100000001 back enter", "10000000 waiting for provider");
}

#[test]
fn a_key_too_many_is_not_taken_nor_is_what_follows_it() {
    check_typed("123456789012 3", "typed 123.456.789.012 but too_long");
    check_typed("12345678901 00", "typed 12.345.678.901 but too_long");
    check_typed("1234567890 000 5 + enter", "typed 1.234.567.890 but too_long");
    check_typed("123456789012 3 back", "typed 123.456.789.012 but too_large");
    check_typed("123456789012 3 back back", "typed 12.345.678.901 but too_large");
    check_typed("123456789012 3 esc", "idle");
    let twenty = format!("1 {}\n 0 keys {}", "+ 1 ".repeat(10), "+ 1 ".repeat(9));
    let sum = format!("1{} = 20", " + 1".repeat(19));
    check_typed(&twenty, &format!("typed {sum}"));
    check_typed(&format!("{twenty} + 5"), &format!("typed {sum} but too_long"));
    check_typed(&format!("{twenty} + back enter"), "20 waiting for provider");
}

#[test]
fn a_missing_quantity_starts_nothing() {
    check_typed("25000 × enter", "typed 25.000 × = 25000 but unfinished");
    check_typed("25000 × enter 3", "typed 25.000 × 3 = 75000");
    check_typed("25000 × 000 enter", "typed 25.000 × = 25000 but unfinished");
    check_typed("25000 + enter", "25000 waiting for provider");
}

#[test]
fn enter_starts_a_sale_as_the_api_would() {
    check("0 keys 25000 × 3 + 8000 enter", "#1 requesting 0/83000 waiting for provider");
    check_only(
        "reply",
        "0 keys 50 000\n 1 keys enter",
        "0 reply keyed typed 50.000\n1 reply keyed nothing typed and #1 requesting 0/50000 waiting for provider",
    );
    check_only("create", "0 keys 50 000 enter", "0 create #1 50000");
    check_scene("0 up\n 0 keys 50 000 enter\n 1 created", "code of #1 0/50000 until 301 of 300 s");
}

#[test]
fn enter_on_nothing_does_nothing() {
    check("0 keys enter\n 1 keys 0 enter", "");
    check_only("reply", "0 keys enter", "0 reply keyed nothing typed");
}

#[test]
fn what_cannot_be_sold_yet_stays_typed() {
    let new = "store new 29727000\n 0 wall -1795143600\n 1 keys 50 000 enter\n";
    check_only("reply", new, "1 reply clock not set");
    check_scene(new, "typed 50.000 but clock_not_set");
    check(&format!("{new} 2 wall 1795143600\n 3 keys enter"), "#2 requesting 0/50000 waiting for provider");
    check_only("reply", "sequence 999999999\n 0 keys 5 enter", "0 reply numbers used up");
}

#[test]
fn an_open_sale_takes_only_escape() {
    let busy = "0 reply created #1 requesting 0/50000 waiting for provider\n";
    check_only("reply", &shown("1 keys 5"), &format!("{busy}1 reply busy #1"));
    check_only("reply", &shown("1 keys enter"), &format!("{busy}1 reply busy #1"));
    check_scene(&shown("1 keys 5 + back enter"), "code of #1 0/50000 until 300 of 300 s");
    check_scene(&shown("1 keys esc"), "50000 waiting for cancellation");
    check_only("reply", &shown("1 keys esc"), &format!("{busy}1 reply keyed nothing typed and #1 cancelling 0/50000"));
    check_only("cancel", &shown("1 keys esc"), "1 cancel #1 ByCashier");
    check("0 sell 50000\n 0 create unreached\n 1 keys esc", "#1 cancelled 0/50000");
    // Keys after the one that starts a sale are refused, and it is said which sale is in the way.
    check_only("reply", "0 keys 5 enter 7", "0 reply busy #1");
}

/// Everything stands as if the key had not been pressed, whatever goes on.
#[test]
fn what_was_announced_is_repeated_at_any_time_and_nothing_else_happens() {
    check_only("repeat", "0 keys repeat", "0 repeat");
    check_only("repeat", "0 keys 5 repeat repeat 0", "0 repeat");
    check_scene("0 up\n 0 keys 5 repeat 0", "typed 50");
    check_scene("0 up\n 0 keys 5\n 59 keys repeat\n 60 wait", "idle");
    check_only("repeat", &shown("1 keys repeat"), "1 repeat");
    check_scene(&shown("1 keys repeat"), "code of #1 0/50000 until 300 of 300 s");
    let busy = "0 reply created #1 requesting 0/50000 waiting for provider\n";
    let keyed = "1 reply keyed nothing typed and #1 showing 0/50000";
    check_only("reply", &shown("1 keys repeat"), &format!("{busy}{keyed}"));
    let paid = shown("5 webhook T1 50000\n");
    check_scene(&format!("{paid} 6 keys repeat"), "paid 50000/50000");
    check_scene(&format!("{paid} 6 keys repeat\n 13 wait"), "idle");
}

#[test]
fn the_next_amount_is_typed_while_a_sale_is_being_cancelled() {
    let next = shown("1 keys esc\n 2 keys 7");
    check_scene(&next, "typed 7");
    check_scene(&format!("{next}\n 3 keys enter"), "7 waiting for provider");
    check_scene(&shown("1 keys esc\n 2 keys esc enter back +"), "50000 waiting for cancellation");
    check_scene(&format!("{next}\n 3 cancelled paid T1:50000\n 4 keys esc"), "money 50000");
}

#[test]
fn any_key_clears_a_result_and_a_digit_begins_the_next_amount() {
    let paid = shown("5 webhook T1 50000\n");
    for key in ["esc", "enter", "back", "+", "×", "0"] {
        check_scene(&format!("{paid} 6 keys {key}"), "idle");
    }
    check_scene(&format!("{paid} 6 keys 7"), "typed 7");
    check_scene(&format!("{paid} 6 keys 7 enter"), "7 waiting for provider");
    let part = shown("5 webhook T1 20000\n 6 cancel\n 7 cancelled cancelled\n 8 keys 7");
    check(&part, "#1 cancelled 20000/50000 underpaid attention");
}

#[test]
fn an_entry_is_forgotten_a_minute_after_its_last_key() {
    check_scene("0 up\n 0 keys 5\n 59.9 wait", "typed 5");
    check_scene("0 up\n 0 keys 5\n 60 wait", "idle");
    check_scene("0 up\n 0 keys 5\n 50 keys 6\n 109.9 wait", "typed 56");
    check_scene("0 up\n 0 keys 5\n 50 keys 6\n 110 wait", "idle");
    check_scene("0 up\n 0 keys 5\n 50 keys enter\n 59 wait", "5 waiting for provider");
    // The machine slept: the key does not go on where somebody else stopped.
    check_scene("0 up\n 0 keys 5\n 1 asleep\n 100 keys 6", "typed 6");
}

#[test]
fn a_restart_forgets_an_entry() {
    check_scene("0 keys 5\n 1 restart", "idle, cut off");
}

#[test]
fn another_sale_takes_the_place_of_an_entry_for_good() {
    check_scene("0 up\n 0 keys 5\n 1 sell 20000", "20000 waiting for provider");
    check_scene("0 up\n 0 keys 5\n 1 sell 20000\n 2 create refused\n 3 keys 7", "typed 7");
    check_scene("0 up\n 0 keys 5\n 1 sell 20000\n 2 create refused\n 10 wait", "idle");
}

#[test]
fn typing_goes_before_money_which_is_shown_again_in_full() {
    let script = "0 up\n 0 webhook R1 7000 nobody id=X\n 2 keys 5\n";
    check_scene(script, "typed 5");
    check_scene(&format!("{script} 20 keys esc"), "money 7000");
    check_scene(&format!("{script} 20 keys esc\n 27.9 wait"), "money 7000");
    check_scene(&format!("{script} 20 keys esc\n 28 wait"), "idle");
    check_scene("0 up\n 0 keys 5\n 2 webhook R1 7000 nobody id=X", "typed 5");
    check_scene("0 up\n 0 keys 5\n 2 webhook R1 7000 nobody id=X\n 67.9 wait", "money 7000");
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        8 => (0..=255u8).prop_map(|digit| Key::Digit(if digit < 250 { digit % 10 } else { digit })),
        1 => Just(Key::DoubleZero),
        2 => Just(Key::TripleZero),
        2 => Just(Key::Back),
        1 => Just(Key::Escape),
        1 => Just(Key::Enter),
        3 => Just(Key::Plus),
        2 => Just(Key::Times),
        1 => Just(Key::Repeat),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_make_the_till_panic_spin_or_sell_more_than_it_may(presses in prop::collection::vec((prop::collection::vec(key(), 0..40), 0..70_000i64), 0..12)) {
        let mut world = World::run("0 up");
        for (keys, later) in presses {
            world.wait_until(world.at + later);
            world.happen(Event::KeysPressed { keys, reply: ReplyTo(1) });
            if let View::Typing { typed } = world.till.scene().view {
                let numbers: Vec<&str> = typed.text.split([' ', '+', '×']).filter(|number| !number.is_empty()).collect();
                prop_assert!((1..=20).contains(&numbers.len()), "{}", typed.text);
                for number in numbers {
                    let digits = number.replace('.', "");
                    prop_assert!(digits.len() <= 12 && !digits.starts_with('0'), "{}", typed.text);
                }
                let good = typed.sum.is_some_and(|sum| sum.value() <= 100_000_000);
                prop_assert!(good || typed.problem.is_some(), "{typed:?}");
            }
        }
        for sale in world.disk.sales.values() {
            prop_assert!((1..=100_000_000).contains(&sale.amount.value()), "{}", sale.amount);
        }
        let late = world.till.wake_at().map(|tick| tick.0);
        let limit = world.now().tick.0 + 2 * 86_400_000;
        prop_assert!(late.is_none_or(|late| late <= limit));
    }
}
