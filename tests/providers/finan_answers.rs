//! Every bad answer of Finan: lost before and after it was processed, half of it, faults, pauses, refusals.

use std::collections::BTreeSet;
use std::time::Duration;

use demo::finan::{CallKind, Fault, Habits, Lasting, Refusals};
use tests::providers::FinanShop;
use tests::till::id_of;
use tests::wait::SOON;

const CREATE: CallKind = CallKind::Create;

/// After some trouble the sale goes on: its code is shown, it is paid, and one code only was ever shown for it.
#[track_caller]
fn goes_on(shop: &FinanShop, what: &str, fault: Fault, further_order: bool) {
    let before = shop.finan.payment_requests().len();
    shop.finan.plan(CREATE, fault, Lasting::Calls(1));
    let sale = shop.shop.till.sell(50_000);
    let sale = shop.shop.till.wait_state(id_of(&sale), "showing", SOON * 2);
    assert_eq!(sale["attempt"] != 1, further_order, "{what}: {sale}");
    shop.shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
    let made = shop.finan.payment_requests().split_off(before);
    let references: BTreeSet<String> = made.iter().map(|request| request.reference.to_string()).collect();
    assert_eq!(references.len(), made.len(), "{what}: no reference is used twice: {made:?}");
    shop.pay(&sale, 50_000);
    shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
}

/// P5: what may have been processed is looked for under its reference before anything else is made.
#[test]
fn p5_lost_answers_are_looked_for_and_never_shown_twice() {
    let shop = FinanShop::open();
    goes_on(&shop, "lost before it was processed", Fault::CloseBeforeProcessing, false);
    goes_on(&shop, "lost after it was processed", Fault::CloseBeforeAnswer, true);
    goes_on(&shop, "half an answer", Fault::HalfBody, true);
    goes_on(&shop, "500 before", Fault::HttpStatus { status: 500, retry_after_s: None }, false);
    goes_on(&shop, "502 after", Fault::HttpStatusAfter(502), true);
    goes_on(&shop, "too many requests", Fault::HttpStatus { status: 429, retry_after_s: Some(1) }, false);
}

#[test]
fn p11_answers_that_do_not_match_fail_the_sale_and_draw_nothing() {
    let shop = FinanShop::open();
    for (fault, want) in [
        (Fault::Html, "provider_invalid"),
        (Fault::NoQr, "provider_invalid"),
        (Fault::OtherAmountInQr, "qr_mismatch"),
        (Fault::BrokenQr, "qr_mismatch"),
        (Fault::OtherQr("http://pay.example/1".to_owned()), "qr_mismatch"),
        (Fault::Refuse("400001".to_owned()), "provider_refused"),
        (Fault::HttpStatus { status: 403, retry_after_s: None }, "provider_refused"),
    ] {
        let what = format!("{fault:?}");
        shop.finan.plan(CREATE, fault, Lasting::Calls(1));
        let sale = shop.shop.till.sell(50_000);
        let failed = shop.shop.till.wait_state(id_of(&sale), "failed", SOON);
        shop.shop.till.assert_no_code();
        assert_eq!(failed["failure"]["code"], want, "{what}: {failed}");
        shop.finan.reset_faults();
    }
    shop.assert_sells(20_000);
}

#[test]
fn p11_a_field_that_nobody_has_heard_of_is_no_reason_to_fail() {
    let shop = FinanShop::open();
    shop.finan.plan(CREATE, Fault::ExtraField, Lasting::Calls(1));
    shop.assert_sells(20_000);
}

#[test]
fn p7_a_finan_that_never_answers_is_given_up() {
    let shop = FinanShop::open_with("", |plan| plan.request_s = 5);
    shop.finan.plan(CREATE, Fault::HttpStatus { status: 503, retry_after_s: None }, Lasting::UntilReset);
    let sale = shop.shop.till.sell(50_000);
    let failed = shop.shop.till.wait_state(id_of(&sale), "failed", Duration::from_secs(20));
    assert_eq!(failed["failure"]["code"], "provider_unreachable", "{failed}");
    shop.finan.reset_faults();
    shop.assert_sells(20_000);
}

/// P8: a status answer that is lost is asked for again, and one that is wrapped otherwise is read all the same.
#[test]
fn p8_status_answers_are_lost_broken_and_wrapped_in_lists() {
    let mut shop = FinanShop::open();
    let habits = Habits { single: demo::finan::Single::List, refusals: Refusals::Ok, ..Habits::default() };
    shop.finan.set_habits(habits);
    shop.shop.broker.stop();
    shop.shop.till.wait_for_broker_away();
    let sale = shop.shop.till.sell_and_show(50_000);
    for fault in [Fault::CloseBeforeAnswer, Fault::HalfBody, Fault::Html] {
        shop.finan.plan(CallKind::Get, fault, Lasting::Calls(1));
    }
    shop.pay_silently(&sale, 50_000);
    let paid = shop.shop.till.wait_state(id_of(&sale), "paid", SOON * 3);
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid}");
}
