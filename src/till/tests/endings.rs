//! Every row of the contract's table of endings, and that each sale ends (promise P7).

use super::{check, check_calls, check_only};

/// A sale of 50 000 whose code is on the display at second 0.
pub(super) const SHOWN: &str = "0 up\n0 sell 50000\n0 created\n";

pub(super) fn shown(rest: &str) -> String {
    format!("{SHOWN}{rest}")
}

#[test]
fn p1_a_signed_webhook_pays_the_sale() {
    check(&shown("5 webhook T1 50000"), "#1 paid 50000/50000");
}

#[test]
fn p8_a_status_answer_pays_the_sale() {
    check(&shown("10 status paid T1:50000"), "#1 paid 50000/50000");
}

#[test]
fn a_cancel_before_any_request_ends_the_sale_at_once() {
    let script = "0 sell 50000\n 0.1 create unreached\n 0.2 cancel";
    check(script, "#1 cancelled 0/50000");
    check_calls(script, "0 create #1 50000");
    check_only(
        "reply",
        script,
        "0 reply created #1 requesting 0/50000 waiting for provider\n0.2 reply cancelling #1 cancelled 0/50000",
    );
}

#[test]
fn a_cancelled_sale_ends_when_the_provider_says_cancelled() {
    check(&shown("5 cancel"), "#1 cancelling 0/50000");
    let script = shown("5 cancel\n 5.5 cancelled cancelled");
    check(&script, "#1 cancelled 0/50000");
    check_calls(&script, "0 create #1 50000\n5 cancel #1 ByCashier");
}

#[test]
fn a_cancelled_sale_is_paid_when_the_provider_says_paid() {
    check(&shown("5 cancel\n 5.5 cancelled paid T1:50000"), "#1 paid 50000/50000");
    check(&shown("5 cancel\n 5.5 webhook T1 50000"), "#1 paid 50000/50000");
    check(&shown("5 cancel\n 5.5 cancelled refused\n 5.7 status paid T1:50000"), "#1 paid 50000/50000");
}

#[test]
fn a_cancelled_sale_without_an_answer_ends_after_thirty_seconds_and_the_cancel_stays_owed() {
    check(&shown("5 cancel\n 34.9 wait"), "#1 cancelling 0/50000");
    let script = shown("5 cancel\n 35 wait\n 100 cancelled cancelled");
    check(&shown("5 cancel\n 35 wait"), "#1 cancelled 0/50000");
    check_calls(
        &script,
        "0 create #1 50000\n5 cancel #1 ByCashier\n25 cancel #1 ByCashier\n45 cancel #1 ByCashier\n65 cancel #1 ByCashier\n95 ask #1",
    );
}

#[test]
fn a_second_cancel_changes_nothing() {
    let script = shown("5 cancel\n 6 cancel");
    check_only(
        "reply",
        &script,
        "0 reply created #1 requesting 0/50000 waiting for provider
         5 reply cancelling #1 cancelling 0/50000
         6 reply cancelling #1 cancelling 0/50000",
    );
    check_calls(&script, "0 create #1 50000\n5 cancel #1 ByCashier");
}

#[test]
fn a_cancel_of_an_ended_sale_is_refused() {
    let script = shown("5 webhook T1 50000\n 6 cancel");
    check_only(
        "reply",
        &script,
        "0 reply created #1 requesting 0/50000 waiting for provider\n6 reply already ended #1 paid 50000/50000",
    );
    check_only("reply", "0 cancel #7", "0 reply not found");
}

#[test]
fn an_acknowledge_of_a_sale_that_has_not_ended_is_refused() {
    let replies = "0 reply created #1 requesting 0/50000 waiting for provider\n";
    check_only(
        "reply",
        "0 sell 50000\n 1 acknowledge",
        &format!("{replies}1 reply not ended #1 requesting 0/50000 waiting for provider"),
    );
    check_only("reply", &shown("1 acknowledge"), &format!("{replies}1 reply not ended #1 showing 0/50000"));
    check_only(
        "reply",
        &shown("1 cancel\n 2 acknowledge"),
        &format!(
            "{replies}1 reply cancelling #1 cancelling 0/50000
             2 reply not ended #1 cancelling 0/50000"
        ),
    );
}

#[test]
fn an_expired_code_is_asked_about_one_last_time_and_its_order_is_cancelled() {
    check(&shown("300 wait"), "#1 showing 0/50000");
    let script = shown("300 status open\n 301 wait\n 302 cancelled cancelled\n 420 wait");
    check(&script, "#1 expired 0/50000");
    let calls: Vec<String> = (0..10).map(|turn| format!("{} ask #1", 3 + 20 * turn)).collect();
    assert_eq!(calls.len(), 10);
    check_only("cancel", &script, "300 cancel #1 Expired");
    check_only(
        "ask",
        &shown("299 status open\n 300 status open\n 301 cancelled cancelled\n 420 wait")
            .replace("0 created", "0 created\n20 status open"),
        "10 ask #1\n40 ask #1\n70 ask #1\n100 ask #1\n130 ask #1\n160 ask #1\n190 ask #1\n220 ask #1\n250 ask #1\n280 ask #1\n300 ask #1\n360 ask #1",
    );
}

#[test]
fn p7_a_last_question_without_an_answer_ends_after_ten_seconds() {
    check(&shown("309.9 wait"), "#1 showing 0/50000");
    check(&shown("310 wait"), "#1 expired 0/50000");
    check(&shown("300 status later"), "#1 expired 0/50000");
    check(&shown("300 status unreached"), "#1 expired 0/50000");
}

#[test]
fn p8_money_that_came_meanwhile_is_found_by_the_last_question() {
    check(&shown("300 status paid T1:50000"), "#1 paid 50000/50000");
    check(&shown("305 webhook T1 50000"), "#1 paid 50000/50000");
}

#[test]
fn an_order_that_the_provider_ended_ends_its_sale() {
    check(&shown("10 status cancelled"), "#1 cancelled 0/50000 because provider_refused");
    check(&shown("10 status expired"), "#1 expired 0/50000 because provider_refused");
    check(&shown("10 status failed"), "#1 failed 0/50000 because provider_refused");
    check_only("cancel", &shown("10 status expired\n 100 wait"), "");
}

#[test]
fn a_refused_order_fails_the_sale() {
    check("0 sell 50000\n 1 create refused", "#1 failed 0/50000 because provider_refused");
    check("0 sell 50000\n 1 create invalid", "#1 failed 0/50000 because provider_invalid");
}

#[test]
fn p7_a_provider_that_gives_no_answer_fails_the_sale_after_its_time() {
    check("0 sell 50000\n 44.9 wait", "#1 requesting 0/50000 waiting for provider");
    check("0 sell 50000\n 45 wait", "#1 failed 0/50000 because provider_unreachable");
    check("0 sell 50000\n 1 create later after=100\n 45 wait", "#1 failed 0/50000 because provider_unreachable");
    check("0 sell 50000\n 1 create lost after=100\n 45 wait", "#1 failed 0/50000 because provider_unreachable");
}

#[test]
fn without_network_the_mode_decides() {
    check("offline refuse\n 0 sell 50000\n 1 create unreached", "#1 failed 0/50000 because offline_refused");
    check("0 sell 50000\n 1 create unreached", "#1 requesting 0/50000 waiting for network");
    let waiting = "0 sell 50000\n 1 create unreached\n 3 create unreached\n 100 create unreached";
    check(&format!("{waiting}\n 120.9 wait"), "#1 requesting 0/50000 waiting for network");
    check(&format!("{waiting}\n 121 wait"), "#1 failed 0/50000 because wait_timeout");
    check_calls(waiting, "0 create #1 50000\n3 create #1 50000\n5 create #1 50000");
}

#[test]
fn p7_a_network_that_comes_and_goes_does_not_keep_a_sale_for_ever() {
    let mut script = "0 sell 50000\n".to_owned();
    for turn in 0..2000 {
        let answer = if turn % 2 == 0 { "unreached" } else { "later" };
        script += &format!("{} create {answer}\n", turn * 10 + 9);
    }
    check(&script, "#1 failed 0/50000 because provider_unreachable");
}

#[test]
fn an_unpaid_end_with_money_needs_attention() {
    check(&shown("5 webhook T1 20000\n 300 status open T1:20000"), "#1 expired 20000/50000 underpaid attention");
    check(
        &shown("5 webhook T1 20000\n 6 cancel\n 7 cancelled cancelled T1:20000"),
        "#1 cancelled 20000/50000 underpaid attention",
    );
    check(
        &shown("10 status cancelled T1:20000"),
        "#1 cancelled 20000/50000 underpaid attention because provider_refused",
    );
}

#[test]
fn p6_a_panel_that_does_not_confirm_within_a_second_costs_attention() {
    let manual = "panel manual\n 0 up\n 0 sell 50000\n 0 created\n 0.2 shown\n";
    check(&format!("{manual} 5 webhook T1 50000\n 5.9 wait"), "#1 showing 50000/50000");
    check(&format!("{manual} 5 webhook T1 50000\n 5.9 shown"), "#1 paid 50000/50000");
    check(&format!("{manual} 5 webhook T1 50000\n 6 wait"), "#1 paid 50000/50000 attention");
    check(&format!("{manual} 5 cancel\n 6 cancelled cancelled\n 7 wait"), "#1 cancelled 0/50000 attention");
    check(&format!("{manual} 311.2 wait"), "#1 expired 0/50000 attention");
    check("panel none\n 0 sell 50000\n 0 created\n 5 webhook T1 50000", "#1 paid 50000/50000");
}
