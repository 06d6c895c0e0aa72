//! Codes that are made here without network: their limits, how they leave the display, how their money finds them, and
//! what becomes of those that nobody paid.

use super::{World, check, check_calls, check_only, check_scene};

/// A sale of 50 000 ₫ that found no network at second 0, its code shown at once.
fn offered(rest: &str) -> String {
    format!("offline vietqr\n 0 sell 50000\n 0 create unreached\n {rest}")
}

#[test]
fn without_network_the_code_is_made_here_and_says_what_the_bank_passes_on() {
    let world = World::run(&offered("1 wait"));
    let code = world.disk.sales.values().next().and_then(|sale| sale.code.clone()).expect("a code was made");
    let read = till_wire::emv::VietQr::parse(&code.text).expect("it is a VietQR");
    assert_eq!((read.bin.as_str(), read.account.as_str()), ("970422", "0933450210"));
    assert_eq!(read.amount, Some(till_wire::Amount::vnd(50_000)));
    assert_eq!(read.purpose.as_deref(), Some("TL0001017029727122"));
    assert_eq!(code.payee.name.as_deref(), Some("Quán Lá"), "what the customer compares");
    check(&offered("1 wait"), "#1 showing 0/50000 offline");
    check_scene(&offered("1 wait"), "own code of #1 0/50000 until 300 of 300 s");
    check_calls(&offered("400 wait"), "0 create #1 50000");
}

#[test]
fn p6_the_code_counts_as_shown_only_when_the_panel_says_so() {
    let script = "panel manual\n offline vietqr\n 0 sell 50000\n 0 create unreached\n";
    check(&format!("{script} 1 wait"), "#1 requesting 0/50000 waiting for provider");
    check(&format!("{script} 1 shown"), "#1 showing 0/50000 offline");
    check(&format!("{script} 6 wait"), "#1 failed 0/50000 attention because display_unavailable");
}

#[test]
fn p7_a_code_made_here_leaves_the_display_in_time_and_its_sale_is_unconfirmed() {
    check(&offered("299 wait"), "#1 showing 0/50000 offline");
    check(&offered("300 wait"), "#1 unconfirmed 0/50000 offline");
    check_scene(&offered("300 wait"), "idle, cut off");
}

#[test]
fn the_next_sale_or_an_acknowledge_takes_the_code_off_and_the_counter_sells_on() {
    let next = offered("5 sell 20000\n 5 create unreached\n 6 wait");
    check(&next, "#1 unconfirmed 0/50000 offline\n#2 showing 0/20000 offline");
    check_scene(&next, "own code of #2 0/20000 until 305 of 300 s");
    check(&offered("5 acknowledge"), "#1 unconfirmed 0/50000 offline");
    check_scene(&offered("5 acknowledge"), "idle, cut off");
    let again = offered("5 acknowledge\n 6 acknowledge");
    check_only(
        "reply",
        &again,
        "0 reply created #1 requesting 0/50000 waiting for provider\n\
         5 reply acknowledged #1 showing 0/50000 offline\n\
         6 reply acknowledged #1 unconfirmed 0/50000 offline",
    );
}

#[test]
fn p6_unconfirmed_is_said_when_the_code_is_off_and_a_silent_panel_calls_for_a_person() {
    let script = "panel manual\n offline vietqr\n 0 sell 50000\n 0 create unreached\n 1 shown\n 5 acknowledge\n";
    check(&format!("{script} 5.5 wait"), "#1 showing 0/50000 offline");
    check(&format!("{script} 5.5 shown"), "#1 unconfirmed 0/50000 offline");
    check(&format!("{script} 6 wait"), "#1 unconfirmed 0/50000 offline attention");
}

#[test]
fn the_keys_lead_on_to_the_next_customer_and_esc_gives_this_one_up() {
    check(&offered("5 keys enter"), "#1 unconfirmed 0/50000 offline");
    check_scene(&offered("5 keys enter"), "idle, cut off");
    check(&offered("5 keys 2"), "#1 unconfirmed 0/50000 offline");
    check_scene(&offered("5 keys 2"), "typed 2");
    check(&offered("5 keys esc"), "#1 cancelled 0/50000 offline");
    check_scene(&offered("5 keys esc"), "cancelled 0/50000");
}

#[test]
fn p4_money_with_the_purpose_finds_its_sale_wherever_it_stands() {
    let paid = "#1 paid 50000/50000 offline";
    check(&offered("5 webhook T1 50000 purpose channel=bank id=B1"), paid);
    check_scene(&offered("5 webhook T1 50000 purpose channel=bank id=B1"), "paid 50000/50000");
    check(&offered("400 webhook T1 50000 purpose channel=bank id=B1"), paid);
    // It is no longer on the display, so its money is shown like a receipt.
    check_scene(&offered("400 webhook T1 50000 purpose channel=bank id=B1"), "money 50000");
    check(&offered("400 restart\n 401 webhook T1 50000 purpose channel=bank id=B1"), paid);
    check(&offered("400 boot\n 401 webhook T1 50000 purpose channel=bank id=B1"), paid);
}

#[test]
fn p3_money_with_the_purpose_counts_once_and_adds_up() {
    let twice = "400 webhook T1 20000 purpose channel=bank id=B1\n 401 webhook T1 20000 purpose channel=bank id=B1\n";
    check(&offered(twice), "#1 unconfirmed 20000/50000 offline underpaid");
    let rest = format!(
        "{twice} 402 webhook T2 30000 purpose channel=bank id=B2\n 403 webhook T2 30000 purpose channel=bank id=B2"
    );
    check(&offered(&rest), "#1 paid 50000/50000 offline");
}

#[test]
fn p4_a_purpose_is_believed_of_the_offline_channel_alone_and_for_offline_sales_alone() {
    let other = offered("5 webhook T1 50000 purpose id=B1");
    check(&other, "#1 showing 0/50000 offline\nreceipt B1 T1 50000");
    let online = "offline vietqr\n 0 sell 50000\n 0 created\n 1 webhook T1 50000 purpose channel=bank id=B1";
    check(online, "#1 showing 0/50000\nreceipt B1 T1 50000");
    let nobody = offered("5 webhook T1 50000 purpose #9 channel=bank id=B1");
    check(&nobody, "#1 showing 0/50000 offline\nreceipt B1 T1 50000");
}

#[test]
fn p1_an_order_that_somebody_made_under_our_number_pays_no_code_made_here() {
    let script = offered("5 webhook T1 50000 id=X");
    check(&script, "#1 showing 0/50000 offline\nreceipt X T1 50000 attention");
}

#[test]
fn p1_what_is_too_large_for_a_webhook_alone_is_not_paid_by_a_purpose() {
    let script = "double 40000\n offline vietqr\n 0 sell 50000\n 0 create unreached\n 5 webhook T1 50000 purpose channel=bank id=B1";
    check(script, "#1 showing 0/50000 offline\nreceipt B1 T1 50000 attention");
}

#[test]
fn p9_each_limit_refuses_one_more_and_says_so() {
    let refused = |limit: &str, before: &str| {
        format!("offline vietqr {limit}\n {before} 10 sell 50000\n 10 create unreached\n 11 wait")
    };
    let first = "0 sell 50000\n 0 create unreached\n";
    let limit = "failed 0/50000 because offline_limit";
    check(&refused("most=49999", ""), &format!("#1 {limit}"));
    check(&refused("most=50000", ""), "#1 showing 0/50000 offline");
    check(&refused("count=1", first), &format!("#1 unconfirmed 0/50000 offline\n#2 {limit}"));
    check(&refused("count=2", first), "#1 unconfirmed 0/50000 offline\n#2 showing 0/50000 offline");
    check(&refused("total=99999", first), &format!("#1 unconfirmed 0/50000 offline\n#2 {limit}"));
    check(&refused("total=100000", first), "#1 unconfirmed 0/50000 offline\n#2 showing 0/50000 offline");
    // What is settled leaves room again.
    let settled = format!("{first} 5 webhook T1 50000 purpose channel=bank id=B1\n");
    check(&refused("count=1", &settled), "#1 paid 50000/50000 offline\n#2 showing 0/50000 offline");
    // The limits hold over a restart.
    let restarted = format!("{first} 5 restart\n");
    check(&refused("count=1", &restarted), &format!("#1 unconfirmed 0/50000 offline\n#2 {limit}"));
}

#[test]
fn p7_p10_nobody_waits_for_ever_and_only_time_that_passed_counts() {
    check(&offered("86399 wait"), "#1 unconfirmed 0/50000 offline");
    check(&offered("86400 wait"), "#1 expired 0/50000 offline attention");
    check(&offered("10 wall 31536000\n 11 wait"), "#1 showing 0/50000 offline");
    // Half of the time before the machine was off, half after it; what remains is written down every hour.
    check(&offered("43500 boot\n 86399 wait"), "#1 unconfirmed 0/50000 offline");
    check(&offered("43500 boot\n 90000 wait"), "#1 expired 0/50000 offline attention");
    let late = offered("86400 wait\n 90000 webhook T1 50000 purpose channel=bank id=B1");
    check(&late, "#1 paid 50000/50000 offline late attention");
}

#[test]
fn p8_a_cancelled_code_is_off_at_once_and_money_that_comes_all_the_same_is_late() {
    check(&offered("5 cancel"), "#1 cancelled 0/50000 offline");
    check(&offered("400 cancel"), "#1 cancelled 0/50000 offline");
    let late = offered("5 cancel\n 600 webhook T1 50000 purpose channel=bank id=B1");
    check(&late, "#1 paid 50000/50000 offline late");
    check_calls(&offered("5 cancel\n 100000 wait"), "0 create #1 50000");
}

#[test]
fn p5_a_lost_request_before_the_network_went_is_cancelled_and_its_money_counts() {
    let lost = "offline vietqr\n 0 up\n 0 sell 50000\n 0 create lost\n 1 status unreached\n";
    check(&format!("{lost} 2 wait"), "#1 showing 0/50000 offline");
    check_calls(&format!("{lost} 2 wait"), "0 create #1 50000\n1 ask #1\n1 cancel #1 Abandoned");
    check(&format!("{lost} 2 cancelled cancelled"), "#1 showing 0/50000 offline");
    check(&format!("{lost} 2 cancelled paid T1:50000"), "#1 paid 50000/50000 offline");
}

#[test]
fn a_code_that_was_on_the_display_is_there_again_after_a_restart() {
    check_scene(&offered("5 restart\n 6 wait"), "own code of #1 0/50000 until 300 of 300 s");
    check_scene(&offered("5 acknowledge\n 5 restart\n 6 wait"), "idle, cut off");
}

#[test]
fn p1_a_supervisor_settles_by_hand_what_he_saw_and_it_never_counts_as_proven() {
    check(&offered("400 confirm"), "#1 paid 0/50000 offline manual");
    check(&offered("5 confirm"), "#1 paid 0/50000 offline manual");
    check(&offered("86400 wait\n 90000 confirm"), "#1 paid 0/50000 offline manual");
    check(&offered("5 cancel\n 9 confirm"), "#1 paid 0/50000 offline manual");
    let proven = offered("400 confirm\n 500 webhook T1 50000 purpose channel=bank id=B1");
    check(&proven, "#1 paid 50000/50000 offline late");
    let part = offered("400 confirm\n 500 webhook T1 20000 purpose channel=bank id=B1");
    check(&part, "#1 paid 20000/50000 offline underpaid late manual");
}

#[test]
fn only_what_has_a_code_and_is_not_paid_can_be_settled_by_hand() {
    let replies = |script: &str, want: &str| check_only("reply", script, want);
    let made = "0 reply created #1 requesting 0/50000 waiting for provider";
    replies(
        "0 sell 50000\n 1 confirm",
        &format!("{made}\n1 reply not ended #1 requesting 0/50000 waiting for provider"),
    );
    replies(
        "0 sell 50000\n 0 created\n 1 webhook T1 50000\n 2 confirm",
        &format!("{made}\n2 reply already ended #1 paid 50000/50000"),
    );
    replies("0 sell 50000\n 1 confirm #7", &format!("{made}\n1 reply not found"));
    let shown = "0 sell 50000\n 0 created\n 1 confirm\n 2 wait";
    check(shown, "#1 paid 0/50000 manual");
    check_calls(shown, "0 create #1 50000\n1 cancel #1 Abandoned");
}
