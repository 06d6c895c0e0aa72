//! A code on the display: when the provider is asked, and what its answers do (promise P8).

use super::endings::shown;
use super::{check, check_calls};

#[test]
fn status_is_asked_after_ten_seconds_and_then_every_thirty() {
    let script = shown("10 status open\n 40 status open\n 70 status open\n 99 wait");
    check_calls(&script, "0 create #1 50000\n10 ask #1\n40 ask #1\n70 ask #1");
}

#[test]
fn p8_status_is_asked_every_three_seconds_while_the_broker_is_gone() {
    let script = "0 sell 50000\n 0 created\n 3 status open\n 6 status open\n 9 status open\n 11 wait";
    check_calls(script, "0 create #1 50000\n3 ask #1\n6 ask #1\n9 ask #1");
    let script = shown("4 down\n 7 status open\n 10 status open\n 11 up\n 13 status open\n 42 wait");
    check_calls(&script, "0 create #1 50000\n7 ask #1\n10 ask #1\n13 ask #1");
}

#[test]
fn a_question_without_an_answer_is_asked_again_after_twenty_seconds() {
    check_calls("0 sell 50000\n 0 created\n 44 wait", "0 create #1 50000\n3 ask #1\n23 ask #1\n43 ask #1");
}

#[test]
fn answers_that_say_nothing_change_nothing() {
    for answer in ["open", "notfound", "refused", "invalid", "unreached", "later"] {
        check(&shown(&format!("10 status {answer}")), "#1 showing 0/50000");
    }
}

#[test]
fn an_answer_about_another_order_of_the_provider_changes_nothing_but_attention() {
    for standing in ["paid T1:50000", "cancelled", "expired", "failed", "open"] {
        check(&shown(&format!("10 status {standing} id=X")), "#1 showing 0/50000 attention");
    }
    check(&shown("300 status cancelled id=X\n 301 wait"), "#1 expired 0/50000 attention");
    check_calls(
        &shown("1 cancel\n 2 cancelled cancelled id=X\n 8 wait"),
        "0 create #1 50000\n1 cancel #1 ByCashier\n7 cancel #1 ByCashier",
    );
}

#[test]
fn a_paid_order_counts_only_what_it_was_paid() {
    check(&shown("10 status paid T1:20000"), "#1 showing 20000/50000 underpaid");
}

#[test]
fn an_underpaid_sale_stays_until_the_rest_comes() {
    check(&shown("5 webhook T1 20000"), "#1 showing 20000/50000 underpaid");
    check(&shown("5 webhook T1 20000\n 9 webhook T2 30000"), "#1 paid 50000/50000");
    check(&shown("5 webhook T1 20000\n 9 webhook T2 40000"), "#1 paid 60000/50000 overpaid");
}
