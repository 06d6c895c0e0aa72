//! What the counter asks for: one sale at a time, idempotency keys, the sequence, and the clock of a new store.

use super::endings::shown;
use super::{check, check_calls, check_only};

const CREATED: &str = "0 reply created #1 requesting 0/50000 waiting for provider\n";

#[track_caller]
fn check_replies(script: &str, want: &str) {
    check_only("reply", script, want);
}

#[test]
fn an_order_is_on_disk_before_anyone_hears_of_it() {
    // Promise P5: the harness logs a step's writes before its effects, as the driver does them.
    check_only(
        "write",
        "0 sell 50000",
        "0 write sequence 1\n0 write #1 requesting 0/50000 waiting for provider\n0 write owe #1 r1\n0 write #1 requesting 0/50000 waiting for provider",
    );
    check_calls("0 sell 50000", "0 create #1 50000");
}

#[test]
fn another_sale_is_refused_while_one_is_requesting_or_showing() {
    check_replies("0 sell 50000\n 1 sell 20000", &format!("{CREATED}1 reply busy #1"));
    check_replies(&shown("1 sell 20000"), &format!("{CREATED}1 reply busy #1"));
    check_replies(&shown("301 sell 20000"), &format!("{CREATED}301 reply busy #1"));
}

#[test]
fn a_cancelling_or_ended_sale_gives_way() {
    let second = "6 reply created #2 requesting 0/20000 waiting for provider";
    let cancelling = "5 reply cancelling #1 cancelling 0/50000\n";
    check_replies(&shown("5 cancel\n 6 sell 20000"), &format!("{CREATED}{cancelling}{second}"));
    check_replies(&shown("5 webhook T1 50000\n 6 sell 20000"), &format!("{CREATED}{second}"));
}

#[test]
fn the_same_key_and_body_get_the_same_sale() {
    let repeated = "1 reply repeated #1 requesting 0/50000 waiting for provider";
    check_replies("0 sell 50000 key=K\n 1 sell 50000 key=K", &format!("{CREATED}{repeated}"));
    check("0 sell 50000 key=K\n 1 sell 50000 key=K", "#1 requesting 0/50000 waiting for provider");
}

#[test]
fn a_key_is_looked_at_before_another_sale_is_refused() {
    let script = "0 up\n 0 sell 50000 key=K\n 0 created\n 1 webhook T1 50000\n 2 sell 20000 key=L\n 3 sell 50000 key=K\n 4 sell 20000";
    let rest = "2 reply created #2 requesting 0/20000 waiting for provider
        3 reply repeated #1 paid 50000/50000
        4 reply busy #2";
    check_replies(script, &format!("{CREATED}{rest}"));
}

#[test]
fn the_same_key_with_another_body_is_refused() {
    check_replies("0 sell 50000 key=K\n 1 sell 20000 key=K", &format!("{CREATED}1 reply key mismatch"));
}

#[test]
fn a_key_lives_for_a_day_and_survives_a_restart() {
    let paid = "0 up\n 0 sell 50000 key=K\n 0 created\n 1 webhook T1 50000\n";
    let repeated = "86400 reply repeated #1 paid 50000/50000";
    check_replies(&format!("{paid} 86400 sell 50000 key=K"), &format!("{CREATED}{repeated}"));
    check_replies(&format!("{paid} 9 restart\n 86400 sell 50000 key=K"), &format!("{CREATED}{repeated}"));
    let second = "86401 reply created #2 requesting 0/50000 waiting for provider";
    check_replies(&format!("{paid} 86401 sell 50000 key=K"), &format!("{CREATED}{second}"));
}

#[test]
fn p10_a_key_of_an_open_sale_outlives_a_jump_of_the_wall_clock() {
    let script = "0 up\n 0 sell 50000 key=K\n 0 created\n 1 wall 99999999\n 2 sell 50000 key=K";
    check_replies(script, &format!("{CREATED}2 reply repeated #1 showing 0/50000"));
}

#[test]
fn a_key_whose_sale_was_forgotten_is_looked_up() {
    let mut script = "0 up\n 0 sell 50000 key=K\n 0 created\n 1 webhook T1 50000\n".to_owned();
    for turn in 2..80 {
        script += &format!("{turn} sell 20000\n{turn} created\n{turn}.5 webhook T{turn} 20000\n");
    }
    let world = super::World::run(&format!("{script} 90 sell 50000 key=K"));
    assert_eq!(world.log.last().map(String::as_str), Some("90 reply repeated #1 paid 50000/50000"));
}

#[test]
fn a_new_store_draws_its_first_number_from_the_clock() {
    let tick = (1_795_143_600 - 1_735_689_600) / 2;
    let script = format!("store new {tick}\n 0 sell 50000\n 0.5 cancel\n 1 cancelled notfound\n 2 sell 20000");
    check_only("create", &script, "0 create #1 50000\n2 create #2 20000");
}

#[test]
fn a_new_store_wants_a_plausible_clock() {
    let new = "store new 29727000\n";
    let first = "store new 29727001\n";
    let refused = |script: &str| check_replies(&format!("{new}{script}\n 1 sell 50000"), "1 reply clock not set");
    refused("0 wall -1795143600");
    refused("0 wall -28000000");
    refused("0 wall 320000000");
    refused("0 date 90000");
    refused("0 date -90000");
    let taken = |script: &str| check_calls(&format!("{first}{script}\n 2 sell 50000"), "2 create #1 50000");
    taken("0 date 80000");
    taken("0 date -80000");
    taken("0 wall 280000000\n 0 wall -280000000");
    // The clock was wrong when the provider's time was seen, and has been set since.
    taken("0 wall -1795143600\n 0 date 1795143600\n 1 wall 1795143600");
}

#[test]
fn a_clock_that_jumps_after_the_providers_time_was_seen_is_not_believed() {
    check_replies("store new 29727000\n 0 date 0\n 1 wall 100000000\n 2 sell 50000", "2 reply clock not set");
}

#[test]
fn a_store_that_has_drawn_needs_no_clock() {
    check_calls("sequence 700\n 0 wall -1795143600\n 0 sell 50000", "0 create #1 50000");
}

#[test]
fn the_sequence_is_never_carried_over() {
    check_replies("sequence 999999999\n 0 sell 50000", "0 reply numbers used up");
    check("sequence 999999998\n 0 sell 50000\n 1 create duplicate", "#1 failed 0/50000 because store_fault");
}
