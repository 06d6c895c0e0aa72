//! Money is counted once, by whichever road it comes (promise P3), and only on proof (promise P1).

use super::endings::shown;
use super::{World, check, check_calls, check_only};

/// Runs the script and compares the newest sale's payments.
#[track_caller]
fn check_payments(script: &str, want: &[&str]) {
    assert_eq!(World::run(script).payments(), want, "script:\n{script}");
}

#[test]
fn p3_a_payment_reported_by_both_roads_is_counted_once() {
    let want = &["P1 T1 20000 webhook"];
    check_payments(&shown("5 webhook T1 20000\n 10 status open T1:20000\n 11 webhook T1 20000"), want);
    check_payments(&shown("10 status open T1:20000\n 11 webhook T1 20000"), &["P1 T1 20000 poll"]);
}

#[test]
fn p3_a_payment_reported_twice_is_counted_once_and_acknowledged_twice() {
    let script = shown("5 webhook T1 20000\n 6 webhook T1 20000");
    check(&script, "#1 showing 20000/50000 underpaid");
    check_only("acknowledge", &script, "5 acknowledge 4\n6 acknowledge 5");
}

#[test]
fn p3_a_total_without_its_transfers_is_one_provisional_payment() {
    check_payments(&shown("10 status open total=20000"), &["P1 total:P1 20000 poll"]);
    check_payments(&shown("10 status open T1:5000 total=20000"), &["P1 T1 5000 poll", "P1 total:P1 15000 poll"]);
    check_payments(&shown("10 status open total=20000\n 12 status open total=20000"), &["P1 total:P1 20000 poll"]);
    check_payments(&shown("10 status open total=20000\n 12 status open total=30000"), &["P1 total:P1 30000 poll"]);
    check_payments(&shown("10 status open total=20000\n 12 status open total=0"), &["P1 total:P1 20000 poll"]);
}

#[test]
fn p3_listed_transfers_replace_the_provisional_payment_by_either_road() {
    let total = "10 status open total=20000\n";
    check_payments(&shown(&format!("{total} 11 webhook T1 20000")), &["P1 T1 20000 webhook"]);
    check_payments(&shown(&format!("{total} 12 status open T1:20000")), &["P1 T1 20000 poll"]);
    check_payments(&shown(&format!("{total} 11 webhook T1 5000")), &["P1 total:P1 15000 poll", "P1 T1 5000 webhook"]);
    check_payments(
        &shown(&format!("{total} 11 webhook T1 5000\n 12 status open T1:5000 T2:15000")),
        &["P1 T1 5000 webhook", "P1 T2 15000 poll"],
    );
    check_payments(&shown(&format!("{total} 11 webhook T1 30000")), &["P1 T1 30000 webhook"]);
    check(&shown("10 status paid total=50000\n 11 webhook T1 50000"), "#1 paid 50000/50000");
}

#[test]
fn a_transfer_without_a_reference_is_part_of_the_total_only() {
    check_payments(&shown("10 status open :20000"), &["P1 total:P1 20000 poll"]);
}

#[test]
fn p3_equal_references_of_different_orders_are_different_payments() {
    let lost = "0 up\n 0 sell 50000\n 0 create lost\n 1 status open\n 1 created #2\n";
    check_payments(
        &format!("{lost} 2 webhook T1 20000 #1\n 3 webhook T1 20000 #2"),
        &["P1 T1 20000 webhook", "P2 T1 20000 webhook"],
    );
}

#[test]
fn p4_a_webhook_with_another_id_of_the_provider_is_a_receipt() {
    check(&shown("5 webhook T1 50000 id=X"), "#1 showing 0/50000\nreceipt X T1 50000 attention");
}

#[test]
fn a_webhook_that_is_no_payment_costs_attention_and_asks() {
    check(&shown("5 webhook bad"), "#1 showing 0/50000 attention");
    check_calls(&shown("5 webhook bad\n 6 wait"), "0 create #1 50000\n5 ask #1");
    check_only("acknowledge", &shown("5 webhook bad nobody"), "5 acknowledge 4");
    check(&shown("5 webhook bad nobody"), "#1 showing 0/50000");
}

#[test]
fn p1_above_the_limit_a_webhook_alone_is_no_proof() {
    let limit = format!("double 50000\n{}", shown("5 webhook T1 50000\n"));
    check(&limit, "#1 showing 0/50000");
    check_calls(&limit, "0 create #1 50000\n5 ask #1");
    check_only("acknowledge", &limit, "5 acknowledge 4");
    check(&format!("{limit} 6 status paid T1:50000"), "#1 paid 50000/50000");
    check(&format!("{limit} 6 status open"), "#1 showing 0/50000");
    check(&format!("double 50001\n{}", shown("5 webhook T1 50000")), "#1 paid 50000/50000");
}

#[test]
fn p1_above_the_limit_a_webhook_before_the_id_is_known_is_no_proof() {
    let early = "double 50000\n 0 up\n 0 sell 50000\n 1 webhook T1 50000\n 2 created\n";
    check(early, "#1 showing 0/50000");
    check_calls(early, "0 create #1 50000\n1 ask #1\n2 ask #1");
    check(&format!("{early} 3 status paid T1:50000"), "#1 paid 50000/50000");
}

#[test]
fn p8_above_the_limit_a_late_webhook_has_the_provider_asked_for_a_day() {
    let paid = "double 50000\n 0 up\n 0 sell 50000\n 0 created\n 10 status paid T1:50000\n";
    let late = format!("{paid} 100 webhook T2 50000\n 161 wait");
    check(&late, "#1 paid 50000/50000");
    check_calls(&late, "0 create #1 50000\n10 ask #1\n100 ask #1\n160 ask #1");
    check(&format!("{late}\n 161 status paid T1:50000 T2:50000"), "#1 paid 100000/50000 overpaid late");
}

#[test]
fn p1_above_the_limit_money_that_the_provider_never_confirms_is_not_even_a_receipt() {
    let script = "double 50000\n 0 sell 50000\n 0 create lost\n 1 webhook T1 50000\n 2 cancel\n 90000 wait";
    check(script, "#1 cancelled 0/50000 attention");
    let told =
        World::run(script).log.iter().filter(|line| line.ends_with("announce #1 cancelled 0/50000 attention")).count();
    assert_eq!(told, 1, "others hear that a person must look");
}
