//! Getting a code: retries, lost answers, orders that were there before, webhooks that come first (promises P5, P7).

use super::{check, check_calls, check_only};

#[test]
fn an_answer_that_is_due_later_is_asked_for_again_with_growing_pauses() {
    let script =
        "0 sell 50000\n 0 create later\n 1 create later\n 3 create later\n 7 create later\n 15 create later\n 23 wait";
    check_calls(
        script,
        "0 create #1 50000
         1 create #1 50000
         3 create #1 50000
         7 create #1 50000
         15 create #1 50000
         23 create #1 50000",
    );
    check_calls("0 sell 50000\n 0 create later after=20\n 25 wait", "0 create #1 50000\n20 create #1 50000");
}

#[test]
fn a_lost_answer_is_asked_about_before_the_same_reference_is_used_again() {
    let script = "0 sell 50000\n 0 create lost\n 1 status notfound\n 2 created\n";
    check_calls(script, "0 create #1 50000\n1 ask #1\n2 create #1 50000");
    check(script, "#1 showing 0/50000");
}

#[test]
fn a_lost_order_that_is_found_is_cancelled_and_the_sale_goes_on_under_another_reference() {
    let script =
        "0 up\n 0 sell 50000\n 0 create lost\n 1 status open\n 1 created #2\n 2 cancelled cancelled #1\n 10 wait";
    check_calls(
        script,
        "0 create #1 50000
         1 ask #1
         1 cancel #1 Abandoned
         1 create #2 50000",
    );
    check(script, "#1 showing 0/50000 as #2");
}

#[test]
fn a_duplicate_after_a_lost_answer_is_ours() {
    let script = "0 sell 50000\n 0 create lost\n 1 status notfound\n 2 create duplicate\n 2 status open\n 2.1 created";
    check_calls(
        script,
        "0 create #1 50000\n1 ask #1\n2 create #1 50000\n2 ask #1\n2 cancel #1 Abandoned\n2 create #2 50000",
    );
    // Money on it counts: it is an attempt of this sale.
    check(&format!("{script}\n 3 webhook T1 50000 #1"), "#1 paid 50000/50000 as #2");
}

#[test]
fn p4_a_duplicate_at_the_first_try_is_somebody_elses() {
    let script = "0 sell 50000\n 1 create duplicate\n 2 created";
    check_calls(script, "0 create #1 50000\n1 create #2 50000");
    check(&format!("{script}\n 3 webhook T1 50000 #1"), "#1 showing 0/50000 as #2\nreceipt P1 T1 50000 attention");
    check(&format!("{script}\n 3 webhook T1 50000 #2"), "#1 paid 50000/50000 as #2");
    check(&format!("{script}\n 3 status paid T1:50000 #1"), "#1 showing 0/50000 as #2");
}

#[test]
fn a_duplicate_after_requests_that_were_certainly_not_processed_is_somebody_elses() {
    let script = "0 sell 50000\n 0 create later\n 1 create unreached\n 3 create duplicate\n 3.5 created";
    check_calls(script, "0 create #1 50000\n1 create #1 50000\n3 create #1 50000\n3 create #2 50000");
    check(&format!("{script}\n4 webhook T1 50000 #1"), "#1 showing 0/50000 as #2\nreceipt P1 T1 50000 attention");
}

#[test]
fn five_new_references_are_tried_and_no_more() {
    let script = "0 sell 50000\n 1 create duplicate\n 2 create duplicate\n 3 create duplicate\n 4 create duplicate\n 5 create duplicate\n";
    check(script, "#1 requesting 0/50000 waiting for provider as #6");
    check(&format!("{script} 6 created"), "#1 showing 0/50000 as #6");
    check(&format!("{script} 6 create duplicate"), "#1 failed 0/50000 because provider_refused as #6");
}

#[test]
fn a_lost_order_of_another_amount_is_somebody_elses() {
    let script = "0 sell 50000\n 0 create lost\n 1 status paid T1:70000 amount=70000\n 2 created";
    check(script, "#1 showing 0/50000 as #2");
    check_calls(script, "0 create #1 50000\n1 ask #1\n1 create #2 50000");
}

#[test]
fn p4_an_ended_sales_order_of_another_amount_is_left_alone_and_its_money_is_a_receipt() {
    let script = "0 sell 50000\n 0 create lost\n 0.5 cancel\n 1 webhook T1 70000 id=X\n 2 status open T1:70000 amount=70000 id=X\n";
    check(&format!("{script} 40 wait"), "#1 cancelled 0/50000\nreceipt X T1 70000 attention");
    check_calls(&format!("{script} 3000 wait"), "0 create #1 50000\n0.5 cancel #1 ByCashier\n1 ask #1");
}

#[test]
fn money_that_a_lost_order_got_pays_the_sale() {
    check("0 sell 50000\n 0 create lost\n 1 status paid T1:50000", "#1 paid 50000/50000");
}

#[test]
fn a_late_code_after_a_cancel_is_cancelled_at_the_provider() {
    let script = "0 sell 50000\n 1 cancel\n 2 created\n 2.5 cancelled cancelled\n 50 wait";
    check_calls(script, "0 create #1 50000\n2 cancel #1 ByCashier");
    check(script, "#1 cancelled 0/50000");
}

#[test]
fn a_late_code_after_a_failure_is_cancelled_at_the_provider() {
    let script = "0 sell 50000\n 45 cancelled notfound\n 48 created\n 48.5 cancelled cancelled\n 60 wait";
    check_calls(script, "0 create #1 50000\n45 cancel #1 Abandoned\n48 cancel #1 Abandoned");
    check(script, "#1 failed 0/50000 because provider_unreachable");
}

#[test]
fn a_late_answer_that_nothing_was_made_settles_a_cancel() {
    for answer in ["refused", "unreached", "later", "duplicate"] {
        let script = format!("0 sell 50000\n 1 cancel\n 2 create {answer}\n 100 wait");
        check(&script, "#1 cancelled 0/50000");
        check_calls(&script, "0 create #1 50000");
    }
}

#[test]
fn a_refusal_after_a_lost_answer_leaves_an_order_to_cancel() {
    let script = "0 sell 50000\n 0 create lost\n 1 status notfound\n 2 create refused\n 3 cancelled notfound\n 10 wait";
    check_calls(script, "0 create #1 50000\n1 ask #1\n2 create #1 50000\n2 cancel #1 Abandoned");
}

#[test]
fn a_webhook_before_the_providers_id_is_known_only_asks() {
    let first = "0 sell 50000\n 1 webhook T1 50000\n";
    check(first, "#1 requesting 0/50000 waiting for provider");
    check_calls(first, "0 create #1 50000\n1 ask #1");
    check_only("acknowledge", first, "1 acknowledge 2");
    check(&format!("{first} 2 status paid T1:50000\n 3 created"), "#1 paid 50000/50000");
    check(&format!("{first} 3 created"), "#1 paid 50000/50000");
    check(&format!("{first} 3 create lost\n 4 status paid T1:50000"), "#1 paid 50000/50000");
}

#[test]
fn p4_a_webhook_for_another_order_under_our_reference_becomes_a_receipt() {
    let first = "0 sell 50000\n 1 webhook T1 50000 id=X\n";
    check(&format!("{first} 3 created"), "#1 showing 0/50000\nreceipt X T1 50000 attention");
    check(&format!("{first} 3 create duplicate\n 4 created"), "#1 showing 0/50000 as #2\nreceipt X T1 50000 attention");
}

#[test]
fn p4_money_that_waited_for_an_order_that_never_was_ours_becomes_a_receipt() {
    let first = "0 sell 50000\n 1 webhook T1 50000 id=X\n 2 cancel\n";
    for answer in ["duplicate", "refused", "unreached", "later"] {
        check(&format!("{first} 3 create {answer}\n 4 wait"), "#1 cancelled 0/50000\nreceipt X T1 50000 attention");
    }
}

#[test]
fn p4_money_for_an_order_that_was_never_sent_becomes_a_receipt() {
    let script = "0 sell 50000\n 0.5 create unreached\n 1 cancel\n 2 webhook T1 50000";
    check(script, "#1 cancelled 0/50000\nreceipt P1 T1 50000 attention");
    let script = "0 sell 50000\n 0.5 create unreached\n 1 webhook T1 50000\n 1 cancel\n 2 wait";
    check(script, "#1 cancelled 0/50000\nreceipt P1 T1 50000 attention");
}

#[test]
fn p3_more_webhooks_than_can_wait_become_receipts_and_are_not_counted_again() {
    let mut script = "0 sell 50000\n".to_owned();
    for turn in 1..=9 {
        script += &format!("{turn} webhook T{turn} 1000\n");
    }
    let mut want = "#1 requesting 0/50000 waiting for provider as #2\n".to_owned();
    for turn in 1..=9 {
        want += &format!("receipt P1 T{turn} 1000 attention\n");
    }
    check(&format!("{script} 10 wait"), &want);
    let late = "10 created #1\n 11 status paid T1:1000 T2:1000 T9:1000 #1\n 12 webhook T9 1000 #1";
    check(&format!("{script} {late}"), &want);
}

#[test]
fn p3_money_whose_order_the_provider_never_named_becomes_a_receipt_once() {
    let script = "0 sell 50000\n 0 create lost\n 1 webhook T1 50000\n 2 cancel\n 90000 wait\n";
    let given_up = "#1 cancelled 0/50000\nreceipt P1 T1 50000 attention";
    check(script, given_up);
    check(&format!("{script} 90000 status paid T1:50000"), given_up);
    check(&format!("{script} 90000 webhook T1 50000"), given_up);
}

#[test]
fn a_cancel_that_overtakes_its_order_is_sent_again() {
    // The provider does not know the order yet when it is cancelled; the request is still on its way.
    let script = "0 sell 50000\n 1 cancel\n 6 cancelled notfound\n 30 wait";
    check_calls(script, "0 create #1 50000\n6 cancel #1 ByCashier\n11 cancel #1 ByCashier");
}

#[test]
fn p5_an_ended_sales_order_that_is_found_open_is_cancelled() {
    let script = "0 sell 50000\n 0 create lost\n 0.5 cancel\n 2 cancelled notfound\n 62 status open";
    check_calls(script, "0 create #1 50000\n0.5 cancel #1 ByCashier\n62 ask #1\n62 cancel #1 Abandoned");
}
