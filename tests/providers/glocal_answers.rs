//! Every bad answer of Smart Glocal at each step, and signatures that are missing or wrong.

use std::time::Duration;

use demo::glocal::{CallKind, Fault, Lasting, Signature, Stage};
use tests::providers::{GlocalShop, PAYER};
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

/// After some trouble with a call the sale goes on, is confirmed at most once and paid.
#[track_caller]
fn goes_on(shop: &GlocalShop, kind: CallKind, fault: Fault) {
    let what = format!("{kind:?} {fault:?}");
    shop.glocal.plan(kind, fault, Lasting::Calls(1));
    let sale = shop.shop.till.sell(50_000);
    let sale = shop.shop.till.wait_state(id_of(&sale), "showing", SOON * 2);
    shop.pay(&sale);
    shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(shop.session(&sale).confirm_calls, 1, "{what}");
    let started: Vec<_> = shop.glocal.sessions().into_iter().filter(|session| session.payment.is_some()).collect();
    let open = started.iter().filter(|session| !matches!(session.stage, Stage::Succeeded | Stage::Cancelled(_)));
    assert_eq!(open.count(), 0, "{what}: {started:?}");
    shop.glocal.reset_faults();
}

/// A lost create leaves a session without a payment.
#[test]
fn p5_a_lost_create_is_made_again() {
    let shop = GlocalShop::open();
    for fault in [
        Fault::CloseBeforeProcessing,
        Fault::CloseBeforeAnswer,
        Fault::HalfBody,
        Fault::HttpStatus { status: 500, retry_after_s: None },
        Fault::HttpStatusAfter(502),
        Fault::HttpStatus { status: 429, retry_after_s: Some(1) },
    ] {
        goes_on(&shop, CallKind::Create, fault);
    }
}

/// A lost start is settled by the status.
#[test]
fn p5_a_lost_start_is_settled_by_the_status() {
    let shop = GlocalShop::open();
    for fault in [
        Fault::CloseBeforeProcessing,
        Fault::CloseBeforeAnswer,
        Fault::HalfBody,
        Fault::HttpStatus { status: 503, retry_after_s: None },
        Fault::HttpStatusAfter(504),
        Fault::HttpStatus { status: 429, retry_after_s: Some(1) },
    ] {
        goes_on(&shop, CallKind::Start, fault);
    }
}

/// A lost confirmation that was heard goes on by the next webhook; it is never given twice.
#[test]
fn p5_a_lost_confirmation_is_never_given_twice() {
    let shop = GlocalShop::open();
    for fault in [
        Fault::CloseBeforeAnswer,
        Fault::HalfBody,
        Fault::HttpStatusAfter(502),
        Fault::HttpStatus { status: 429, retry_after_s: Some(1) },
    ] {
        shop.glocal.plan(CallKind::Confirm, fault.clone(), Lasting::Calls(1));
        let sale = shop.shop.till.sell(50_000);
        let sale = shop.shop.till.wait_state(id_of(&sale), "showing", SOON * 2);
        shop.pay(&sale);
        shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
        let heard = shop.session(&sale).confirm_calls;
        assert_eq!(heard, 1, "{fault:?}");
        shop.glocal.reset_faults();
    }
}

#[test]
fn p7_a_confirmation_that_is_lost_unheard_ends_the_sale() {
    let shop = GlocalShop::open_with(PAYER, |plan| plan.request_s = 5);
    shop.glocal.plan(CallKind::Confirm, Fault::CloseBeforeProcessing, Lasting::Calls(1));
    let sale = shop.shop.till.sell(50_000);
    let failed = shop.shop.till.wait_state(id_of(&sale), "failed", Duration::from_secs(25));
    assert_eq!(failed["failure"]["code"], "provider_unreachable", "{failed}");
    wait_for("the session is cancelled", SOON, || {
        let stage = shop.session(&sale).stage;
        if matches!(stage, Stage::Cancelled(_)) { Ok(()) } else { Err(format!("{stage:?}")) }
    });
}

#[test]
fn p11_a_refusal_fails_the_sale_with_smart_glocal_s_words() {
    let shop = GlocalShop::open();
    for kind in [CallKind::Create, CallKind::Start] {
        shop.glocal.plan(kind, Fault::Refuse("not_allowed".to_owned()), Lasting::Calls(1));
        let sale = shop.shop.till.sell(50_000);
        let failed = shop.shop.till.wait_state(id_of(&sale), "failed", SOON);
        assert_eq!(failed["failure"]["code"], "provider_refused", "{failed}");
        assert!(failed["failure"]["message"].as_str().is_some_and(|text| text.contains("not_allowed")), "{failed}");
        shop.glocal.reset_faults();
    }
    shop.assert_sells(20_000);
}

/// P1: answers are verified when they are signed, and must be signed where the configuration says so.
#[test]
fn p1_answers_with_a_wrong_signature_are_not_believed() {
    for signature in [Signature::OtherKey, Signature::OtherBody] {
        let shop = GlocalShop::open();
        shop.glocal.change_habits(|habits| habits.answer_signature = signature);
        let sale = shop.shop.till.sell(50_000);
        let failed = shop.shop.till.wait_state(id_of(&sale), "failed", SOON);
        assert_eq!(failed["failure"]["code"], "provider_invalid", "{failed}");
    }
    let shop = GlocalShop::open();
    shop.glocal.change_habits(|habits| habits.answer_signature = Signature::Absent);
    shop.assert_sells(50_000);
    let shop = GlocalShop::open_with(&format!("require_signed_answers = true\n{PAYER}"), |_| {});
    shop.assert_sells(50_000);
    shop.glocal.change_habits(|habits| habits.answer_signature = Signature::Absent);
    let sale = shop.shop.till.sell(50_000);
    let failed = shop.shop.till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(failed["failure"]["code"], "provider_invalid", "{failed}");
}

/// P1, P12: webhooks that Smart Glocal did not sign are refused, and the status settles the sale all the same.
#[test]
fn p1_webhooks_with_a_wrong_signature_do_nothing() {
    let shop = GlocalShop::open();
    let sale = shop.shop.till.sell_and_show(50_000);
    shop.glocal.change_habits(|habits| habits.webhook_signature = Signature::OtherKey);
    let delivered = shop.glocal.deliveries().len();
    shop.pay(&sale);
    wait_for("the bridge refuses it", SOON, || {
        let statuses: Vec<_> = shop.glocal.deliveries().split_off(delivered).iter().map(|one| one.status).collect();
        if statuses.contains(&Some(401)) { Ok(()) } else { Err(format!("{statuses:?}")) }
    });
    let metrics = shop.shop.till.get("/metrics").text();
    let paid = shop.shop.till.wait_state(id_of(&sale), "paid", SOON * 3);
    assert_eq!(paid["payments"][0]["via"], "poll", "{paid} {metrics}");
}
