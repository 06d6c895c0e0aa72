//! Money that a supervisor matches by hand: once, for the sale that he names, and marked as his word (promises P1, P3).

use super::endings::shown;
use super::{World, check, check_calls, check_only, check_scene};

/// 50 000 of a stranger's order, received at second 1 while the code of #1 is on the display.
fn received(rest: &str) -> String {
    shown(&format!("1 webhook T1 50000 nobody id=X\n{rest}"))
}

#[test]
fn matched_money_pays_the_sale_and_says_by_whose_word() {
    let script = received("5 match X T1");
    check(&script, "#1 paid 50000/50000 manual\nreceipt X T1 50000 for #1");
    assert_eq!(World::run(&script).payments(), ["X T1 50000 match"]);
    check_only(
        "reply",
        &script,
        "0 reply created #1 requesting 0/50000 waiting for provider\n5 reply matched #1 showing 50000/50000",
    );
    check_only(
        "announce",
        &received("5 match X T1\n 6 restart"),
        "0 announce #1 requesting 0/50000 waiting for provider
        0 announce #1 showing 0/50000
        1 announce receipt X T1 50000
        5 announce receipt X T1 50000 for #1
        5 announce #1 showing 50000/50000
        5 announce #1 paid 50000/50000 manual",
    );
}

#[test]
fn the_matched_receipt_is_published_again() {
    let script = "0 up\n 0 webhook T1 50000 nobody id=X\n 0 published\n 1 sell 50000\n 1 published\n 2 match X T1\n 3 published\n 4 published\n";
    let want = "0 publish receipt r1\n1 publish #1 r1\n2 publish receipt r2\n3 publish #1 r2";
    check_only("publish", script, want);
}

#[test]
fn p6_a_matched_sales_code_is_off_before_it_is_said_to_be_paid() {
    let script = format!("panel manual\n0 sell 50000\n 0 created\n 0 shown\n {}", "1 webhook T1 50000 nobody id=X\n");
    check(&format!("{script} 2 match X T1"), "#1 showing 50000/50000\nreceipt X T1 50000 for #1");
    check_scene(&format!("{script} 2 match X T1"), "paid 50000/50000");
    check(&format!("{script} 2 match X T1\n 2.5 shown"), "#1 paid 50000/50000 manual\nreceipt X T1 50000 for #1");
    let silent = "#1 paid 50000/50000 manual attention\nreceipt X T1 50000 for #1";
    check(&format!("{script} 2 match X T1\n 3 wait"), silent);
}

#[test]
fn p5_the_order_that_was_not_paid_is_cancelled_at_the_provider() {
    check_calls(&received("5 match X T1\n 6 cancelled cancelled"), "0 create #1 50000\n5 cancel #1 Abandoned");
}

#[test]
fn a_sale_in_any_state_can_be_matched() {
    let matched = "receipt X T1 50000 for #1";
    let paid = format!("#1 paid 50000/50000 manual\n{matched}");
    let late = format!("#1 paid 50000/50000 late manual\n{matched}");
    let receive = "0.5 webhook T1 50000 nobody id=X\n";
    for (script, want) in [
        (format!("0 sell 50000\n {receive} 1 match X T1"), &paid),
        (format!("0 sell 50000\n {receive} 1 create unreached\n 2 match X T1"), &paid),
        (format!("0 sell 50000\n 0 opened\n {receive} 1 match X T1"), &paid),
        (received("5 cancel\n 6 match X T1"), &paid),
        (received("299 wait\n 300.5 match X T1"), &paid),
        (received("5 cancel\n 6 cancelled cancelled\n 7 match X T1"), &late),
        (received("300 status open\n 400 match X T1"), &late),
        (received("10 status failed\n 90000 match X T1"), &late),
    ] {
        check(&script, want);
    }
    let paid_before = received("5 webhook T2 50000\n 9 match X T1");
    check(&paid_before, &format!("#1 paid 100000/50000 overpaid late\n{matched}"));
}

#[test]
fn an_order_that_is_made_after_the_match_is_cancelled_and_not_shown() {
    let script = "0 sell 50000\n 0.5 webhook T1 50000 nobody id=X\n 1 match X T1\n 2 created\n 3 wait";
    check(script, "#1 paid 50000/50000 manual\nreceipt X T1 50000 for #1");
    check_calls(script, "0 create #1 50000\n1 cancel #1 Abandoned\n2 cancel #1 Abandoned");
}

#[test]
fn matched_money_in_part_leaves_the_sale_open() {
    let part = shown("1 webhook T1 20000 nobody id=X\n 5 match X T1\n");
    check(&part, "#1 showing 20000/50000 underpaid\nreceipt X T1 20000 for #1");
    check(&format!("{part} 6 webhook T2 30000"), "#1 paid 50000/50000 manual\nreceipt X T1 20000 for #1");
    check(&format!("{part} 6 webhook T2 50000"), "#1 paid 70000/50000 overpaid\nreceipt X T1 20000 for #1");
    let ended = "#1 expired 20000/50000 underpaid attention\nreceipt X T1 20000 for #1";
    check(&format!("{part} 300 status open"), ended);
    let late = "#1 expired 20000/50000 underpaid late attention\nreceipt X T1 20000 for #1";
    check(&shown("1 webhook T1 20000 nobody id=X\n 300 status open\n 400 match X T1"), late);
}

#[test]
fn the_mark_goes_when_proven_money_reaches_the_amount() {
    let matched = received("5 match X T1\n");
    let proven = "#1 paid 100000/50000 overpaid late\nreceipt X T1 50000 for #1";
    check(&format!("{matched} 6 webhook T2 50000"), proven);
    check(&format!("{matched} 65 status paid T2:50000"), proven);
    let part = "#1 paid 90000/50000 overpaid late manual\nreceipt X T1 50000 for #1";
    check(&format!("{matched} 6 webhook T2 40000"), part);
}

#[test]
fn attention_goes_with_the_match() {
    let foreign = shown("1 webhook T1 50000 id=X\n");
    check(&foreign, "#1 showing 0/50000\nreceipt X T1 50000 attention");
    check(&format!("{foreign} 2 match X T1"), "#1 paid 50000/50000 manual\nreceipt X T1 50000 for #1");
}

#[test]
fn p3_a_receipt_is_matched_once() {
    let twice = received("5 match X T1\n 20 sell 50000\n 21 match X T1 #2\n 22 match X T1 #1");
    let want = "#1 paid 50000/50000 manual\n#2 requesting 0/50000 waiting for provider\nreceipt X T1 50000 for #1";
    check(&twice, want);
    let replies = "21 reply already matched #1\n22 reply already matched #1";
    let said: Vec<String> = World::run(&twice).log.into_iter().filter(|line| line.contains("already")).collect();
    assert_eq!(said.join("\n"), replies);
    check(&twice.replace("20 sell", "19 restart\n 20 sell"), want);
}

#[test]
fn p3_matched_money_is_not_counted_when_it_is_reported_again() {
    let want = "#1 paid 50000/50000 manual\nreceipt X T1 50000 for #1";
    for again in [
        "6 webhook T1 50000 nobody id=X",
        "6 webhook T1 50000 id=X",
        "6 restart\n 7 webhook T1 50000 nobody id=X",
        "6 boot\n 7 webhook T1 50000 id=X",
    ] {
        check(&received(&format!("5 match X T1\n {again}")), want);
    }
}

#[test]
fn p3_what_the_provider_has_counted_is_not_matched() {
    // The webhook names our order's id without its reference; the provider's own answer has counted it, alone or in a sum.
    for status in ["10 status open T1:20000", "10 status open total=20000"] {
        let script = shown(&format!("1 webhook T1 20000 nobody id=P1\n {status}\n 11 match P1 T1"));
        check(&script, "#1 showing 20000/50000 underpaid\nreceipt P1 T1 20000");
        let said = World::run(&script).log.into_iter().filter(|line| line.contains("already matched #1")).count();
        assert_eq!(said, 1, "{script}");
    }
}

#[test]
fn matched_money_is_not_shown_a_second_time() {
    // It was shown when it came; the sale that it pays is no longer on the display.
    let script =
        "0 up\n 0 sell 50000\n 0 created\n 1 cancel\n 2 cancelled cancelled\n 20 webhook T1 50000 nobody id=X\n";
    check_scene(&format!("{script} 21 wait"), "money 50000");
    check_scene(&format!("{script} 40 match X T1"), "idle");
    check_scene(&format!("{script} 40 sell 10000\n 41 match X T1 #1"), "10000 waiting for provider");
    check_scene(&format!("{script} 40 match X T1\n 41 webhook T2 50000"), "money 50000");
    // A cancelled sale is settled behind the next one.
    let behind = "0 up\n 0 sell 50000\n 0 created\n 1 webhook T1 50000 nobody id=X\n 2 cancel\n 3 keys 5\n 4 match X T1\n 5 keys esc\n";
    check(behind, "#1 paid 50000/50000 manual\nreceipt X T1 50000 for #1");
    check_scene(&format!("{behind} 6 wait"), "money 50000");
    check_scene(&format!("{behind} 14 wait"), "idle");
}

/// P3: the bridges tell it again after the store was lost, and its receipt was in the store.
#[test]
fn money_that_an_open_sale_counts_by_hand_is_no_receipt_again() {
    let part = shown("1 webhook T1 20000 nobody id=X\n 5 match X T1\n 6 damaged\n");
    let open = "#1 showing 20000/50000 underpaid attention";
    check(&part, open);
    check(&format!("{part} 7 webhook T1 20000 nobody id=X"), open);
    check_only("acknowledge", &format!("{part} 7 webhook T1 20000 nobody id=X"), "1 acknowledge 4\n7 acknowledge 7");
    // Another transfer of the same order is new, and so is the same transfer of another order.
    let other = format!("{part} 7 webhook T2 20000 nobody id=X\n 8 webhook T1 20000 nobody id=Y");
    check(&other, &format!("{open}\nreceipt X T2 20000\nreceipt Y T1 20000"));
}

#[test]
fn what_is_unknown_is_not_matched() {
    check_only("reply", "0 match X T1", "0 reply no receipt");
    check_only("reply", "0 webhook T1 50000 nobody id=X\n 1 match X T1 #7", "1 reply not found");
    check("0 webhook T1 50000 nobody id=X\n 1 match X T1 #7", "receipt X T1 50000");
}

#[test]
fn p1_large_money_is_not_matched_on_a_webhook_alone() {
    let replies = |script: &str| -> Vec<String> {
        let log = World::run(script).log.into_iter();
        log.filter_map(|line| Some(line.split_once(" reply ")?.1.to_owned())).skip(1).collect()
    };
    for (sale, receipt, want) in [
        (50_000, 20_000, "needs double proof"),
        (20_000, 50_000, "needs double proof"),
        (60_000, 60_000, "needs double proof"),
        (49_999, 49_999, "matched #1 paid 49999/49999 manual"),
    ] {
        let script = format!("double 50000\n0 sell {sale}\n 1 webhook T1 {receipt} nobody id=X\n 2 match X T1");
        assert_eq!(replies(&script), [want], "{script}");
    }
    let untouched = "double 50000\n0 sell 20000\n 1 webhook T1 50000 nobody id=X\n 2 match X T1";
    check(untouched, "#1 requesting 0/20000 waiting for provider\nreceipt X T1 50000");
}

#[test]
fn p2_a_sale_of_long_ago_is_looked_up() {
    let mut script = "0 webhook T1 1000 nobody id=X\n".to_owned();
    for turn in 1..=80 {
        let at = turn * 100;
        script += &format!("{at} sell 1000\n {at} create refused\n");
    }
    let world = World::run(&format!("{script} 90000 match X T1 #1"));
    assert_eq!(world.seen().first().map(String::as_str), Some("#1 paid 1000/1000 late manual"));
}
