//! Money after an end, and how long it is looked for (promise P8).

use super::endings::shown;
use super::{World, check, check_scene};

#[test]
fn late_money_in_full_pays_the_sale_whatever_its_end() {
    for end in [
        "300 status open",
        "1 cancel\n 2 cancelled cancelled",
        "10 status expired",
        "10 status failed",
        "10 status cancelled",
    ] {
        let late = shown(&format!("{end}\n 400 webhook T1 50000"));
        check(&late, "#1 paid 50000/50000 late");
        check(&shown(&format!("{end}\n 400 status paid T1:50000")), "#1 paid 50000/50000 late");
    }
}

#[test]
fn late_money_in_part_needs_attention_until_the_rest_comes() {
    let part = shown("1 cancel\n 2 cancelled cancelled\n 400 webhook T1 20000\n");
    check(&part, "#1 cancelled 20000/50000 underpaid late attention");
    check(&format!("{part} 500 webhook T2 30000"), "#1 paid 50000/50000 late attention");
}

#[test]
fn money_after_paid_is_late_and_too_much() {
    check(&shown("5 webhook T1 50000\n 9 webhook T2 50000"), "#1 paid 100000/50000 overpaid late");
}

#[test]
fn listed_transfers_after_paid_are_not_late_when_they_are_the_provisional_payment() {
    check(&shown("10 status paid total=50000\n 20 status paid T1:50000"), "#1 paid 50000/50000");
}

#[test]
fn p8_money_is_looked_for_after_1_5_15_60_minutes_and_then_hourly_for_a_day() {
    let world = World::run(&shown("10 status expired\n 200000 wait"));
    let looks: Vec<u64> = world
        .log
        .iter()
        .filter_map(|line| line.strip_suffix(" ask #1"))
        .filter_map(|text| text.parse().ok())
        .filter(|second| *second > 10)
        .collect();
    let mut want = vec![10 + 60, 10 + 300, 10 + 900];
    want.extend((1..=24).map(|hour| 10 + 3600 * hour));
    assert_eq!(looks, want);
}

#[test]
fn a_paid_sale_is_not_looked_for_but_its_other_orders_are() {
    let asks = |script: &str| World::run(script).log.iter().filter(|line| line.contains(" ask #")).count();
    assert_eq!(asks(&shown("5 webhook T1 50000\n 200000 wait")), 0);
    let lost = "0 up\n 0 sell 50000\n 0 create lost\n 1 status open\n 1 created #2\n 2 cancelled cancelled #1\n";
    let paid = format!("{lost} 3 webhook T2 50000 #2\n 63 wait");
    assert_eq!(asks(&paid), 3, "one to find #1 and one look for each order");
    check(&format!("{paid}\n 64 status paid T1:50000 #1"), "#1 paid 100000/50000 overpaid late as #2");
}

#[test]
fn looks_that_were_slept_through_are_one_look() {
    let world = World::run(&shown("10 status expired\n 15000 asleep\n 15000 wait\n 18011 wait"));
    let asks: Vec<&String> = world.log.iter().filter(|line| line.ends_with(" ask #1")).collect();
    assert_eq!(asks, ["10 ask #1", "15000 ask #1", "18010 ask #1"]);
}

/// Flash wears out. What a look asks and hears changes nothing, but how long the machine was on must be known.
#[test]
fn p9_looks_that_find_nothing_are_written_down_once_an_hour_for_all_sales_together() {
    let two = shown(
        "10 status expired\n 100 sell 50000\n 100 created\n 110 status expired\n 171 wait\n 172 status open #2\n",
    );
    let answered =
        |second: u32| format!("{second} wait\n {second} status cancelled #1\n {second} status cancelled #2\n");
    let hours: String = (1..=10).map(|hour| answered(hour * 3600 + 120)).collect();
    let world = World::run(&format!("{two}{hours}"));
    let looks = world.log.iter().filter(|line| line.contains(" ask #")).count();
    let second = |line: &&String| line.split(' ').next()?.parse::<f64>().ok();
    let written: Vec<f64> =
        world.log.iter().filter(|line| line.contains(" write #")).filter_map(|line| second(&line)).collect();
    let later: Vec<&f64> = written.iter().filter(|second| **second > 200.0).collect();
    assert!(looks > 20 && (8..=10).contains(&later.len()), "{looks} looks, written at {later:?}: {:?}", world.log);
}

#[test]
fn p10_a_look_out_runs_on_from_the_newest_record_of_any_sale() {
    // Nothing is written of #1 after its end; of #2 three thousand seconds later, and then the power is cut.
    let two = shown("10 status expired\n 3000 sell 50000\n 3000 created\n 3010 status expired\n 3011 boot\n");
    let world = World::run(&format!("{two} 100000 wait"));
    let of_first: Vec<&String> = world.log.iter().filter(|line| line.ends_with(" ask #1")).collect();
    assert_eq!(of_first.last().map(|line| line.as_str()), Some("86411 ask #1"), "{of_first:?}");
    assert_eq!(world.disk.sales.values().filter(|sale| sale.is_alive()).count(), 0);
}

#[test]
fn late_money_is_shown_when_it_is_not_the_current_sales() {
    let late = shown("1 cancel\n 2 cancelled cancelled\n 20 webhook T1 50000");
    check_scene(&late, "money 50000");
    check_scene(&shown("1 cancel\n 2 cancelled cancelled\n 9 webhook T1 50000"), "paid 50000/50000");
}
