//! Smart Glocal's steps out of order: webhooks of strangers, of payouts, with other data, late, twice, held back.

use std::time::Duration;

use demo::glocal::{Action, Otherwise, Pace, Pages, Stage, Version, WebhookKind, Webhooks};
use serde_json::json;
use tests::providers::{GlocalShop, PAYER};
use tests::till::id_of;
use tests::wait::{SOON, holds_for, wait_for};

fn held() -> GlocalShop {
    let shop = GlocalShop::open();
    shop.glocal.change_habits(|habits| {
        habits.ready = Pace::Held;
        habits.action = Pace::Held;
    });
    shop
}

#[track_caller]
fn wait_stage(shop: &GlocalShop, sale: &serde_json::Value, what: &str, fits: impl Fn(Stage) -> bool) {
    wait_for(what, SOON, || {
        let stage = shop.session(sale).stage;
        if fits(stage) { Ok(()) } else { Err(format!("{stage:?}")) }
    });
}

/// P3: whatever comes again, a session is confirmed once; only `type` says what a webhook is.
#[test]
fn a_session_is_confirmed_once_and_strangers_are_left_alone() {
    let shop = held();
    let sale = shop.shop.till.sell(50_000);
    let id = id_of(&sale);
    shop.shop.till.wait_sale("it waits for confirmation", id, SOON, |sale| sale["waiting_for"] == "confirmation");
    let session = shop.session(&sale).id;
    for version in [Version::V1, Version::V2] {
        shop.glocal.send_payout(version, None);
        shop.glocal.send_payout(version, Some(session));
    }
    shop.glocal.send_webhook_of_stranger(&WebhookKind::ReadyToConfirm);
    shop.glocal.send_webhook(&WebhookKind::Other("something_new".to_owned()), session).expect("a session");
    wait_for("the bridge has answered them all", SOON, || {
        let delivered = shop.glocal.deliveries().iter().filter(|delivery| delivery.status == Some(200)).count();
        if delivered >= 6 { Ok(()) } else { Err(delivered.to_string()) }
    });
    assert_eq!(shop.session(&sale).confirm_calls, 0);
    shop.glocal.release_ready(session).expect("it has been started");
    wait_stage(&shop, &sale, "it is confirmed", |stage| stage == Stage::Confirmed);
    // The same webhook again, and later ones that also carry `actions.confirm`.
    shop.glocal.send_webhook(&WebhookKind::ReadyToConfirm, session).expect("a session");
    shop.glocal.release_action(session).expect("it is confirmed");
    let sale = shop.shop.till.wait_state(id, "showing", SOON);
    shop.glocal.send_webhook(&WebhookKind::ReadyToConfirm, session).expect("a session");
    shop.pay(&sale);
    let paid = shop.shop.till.wait_state(id, "paid", SOON);
    let session = shop.session(&paid);
    assert_eq!((session.confirm_calls, session.cancel_calls), (1, 0), "{session:?}");
    assert!(shop.glocal.requests().iter().all(|call| !call.body.contains("po_")), "payouts are nobody's affair");
}

/// P4: another amount or currency than ours is cancelled and never confirmed.
#[test]
fn p4_a_confirmation_with_other_data_is_cancelled() {
    for (what, otherwise) in [
        ("amount", Otherwise { amount: Some(50_001), ..Otherwise::default() }),
        ("currency", Otherwise { currency: Some("USD".to_owned()), ..Otherwise::default() }),
    ] {
        let shop = GlocalShop::open();
        shop.glocal.change_habits(|habits| habits.ready_says = otherwise);
        let sale = shop.shop.till.sell(50_000);
        let failed = shop.shop.till.wait_state(id_of(&sale), "failed", SOON);
        assert_eq!(failed["failure"]["code"], "provider_invalid", "{what}: {failed}");
        wait_stage(&shop, &sale, "the session is cancelled", |stage| matches!(stage, Stage::Cancelled(_)));
        assert_eq!(shop.session(&sale).confirm_calls, 0, "{what}");
        shop.shop.till.assert_no_code();
    }
}

/// A reference that is not ours leads to no terminal: such a webhook is nobody's, and the sale is given up in time.
#[test]
fn p4_a_confirmation_under_a_foreign_reference_is_nobody_s() {
    let shop = GlocalShop::open_with(PAYER, |plan| plan.request_s = 5);
    shop.glocal.change_habits(|habits| {
        habits.ready_says = Otherwise { reference: Some("somebody".to_owned()), ..Otherwise::default() };
    });
    let sale = shop.shop.till.sell(50_000);
    let failed = shop.shop.till.wait_state(id_of(&sale), "failed", Duration::from_secs(20));
    assert_eq!(failed["failure"]["code"], "provider_unreachable", "{failed}");
    wait_stage(&shop, &sale, "the session is cancelled", |stage| matches!(stage, Stage::Cancelled(_)));
    assert_eq!(shop.session(&sale).confirm_calls, 0);
}

#[test]
fn p7_a_cancelled_sale_cancels_its_session_and_confirms_nothing_any_more() {
    let shop = held();
    let sale = shop.shop.till.sell(50_000);
    let id = id_of(&sale);
    shop.shop.till.wait_sale("it waits for confirmation", id, SOON, |sale| sale["waiting_for"] == "confirmation");
    shop.glocal.change_habits(|habits| habits.webhooks = Webhooks::Sent);
    assert_eq!(shop.shop.till.cancel(id).status, 202);
    shop.shop.till.wait_state(id, "cancelled", SOON);
    let session = shop.session(&sale);
    assert!(matches!(session.stage, Stage::Cancelled(_)), "{session:?}");
    shop.glocal.send_webhook(&WebhookKind::ReadyToConfirm, session.id).expect("a session");
    holds_for("nothing is confirmed", Duration::from_secs(2), || {
        let session = shop.session(&sale);
        if session.confirm_calls == 0 { Ok(()) } else { Err(format!("{session:?}")) }
    });
}

#[test]
fn p6_what_no_code_can_bring_about_is_given_up_and_cancelled() {
    for action in [Action::PostRedirect, Action::ThreeDSecure, Action::RedirectWithoutTls] {
        let shop = GlocalShop::open();
        shop.glocal.change_habits(|habits| habits.required = action);
        let sale = shop.shop.till.sell(50_000);
        let failed = shop.shop.till.wait_state(id_of(&sale), "failed", SOON);
        assert_eq!(failed["failure"]["code"], "unsupported_action", "{action:?}: {failed}");
        wait_stage(&shop, &sale, "the session is cancelled", |stage| matches!(stage, Stage::Cancelled(_)));
        shop.shop.till.assert_no_code();
    }
}

#[test]
fn an_address_carries_its_parameters_whether_they_come_apart_or_not() {
    for action in [Action::Redirect, Action::RedirectWithParams, Action::RedirectParamsApart] {
        let shop = GlocalShop::open();
        shop.glocal.change_habits(|habits| habits.required = action);
        shop.assert_sells(50_000);
    }
}

/// P8: without webhooks the sale is settled by asking: ready, what the customer is to do, and the money.
#[test]
fn p8_without_any_webhook_the_status_settles_the_sale() {
    let shop = GlocalShop::open_with(PAYER, |plan| plan.request_s = 60);
    shop.glocal.change_habits(|habits| {
        habits.webhooks = Webhooks::Off;
        habits.pages = Pages::Reference;
    });
    let sale = shop.shop.till.sell(50_000);
    let sale = shop.shop.till.wait_state(id_of(&sale), "showing", Duration::from_secs(40));
    shop.pay(&sale);
    let paid = shop.shop.till.wait_state(id_of(&sale), "paid", Duration::from_secs(40));
    assert_eq!((&paid["payments"][0]["via"], shop.session(&paid).confirm_calls), (&json!("poll"), 1), "{paid}");
}

#[test]
fn p7_a_session_that_never_gets_ready_is_given_up_and_cancelled() {
    let shop = GlocalShop::open_with(PAYER, |plan| plan.request_s = 5);
    shop.glocal.change_habits(|habits| habits.ready = Pace::Held);
    let sale = shop.shop.till.sell(50_000);
    let failed = shop.shop.till.wait_state(id_of(&sale), "failed", Duration::from_secs(20));
    assert_eq!(failed["failure"]["code"], "provider_unreachable", "{failed}");
    wait_stage(&shop, &sale, "the session is cancelled", |stage| matches!(stage, Stage::Cancelled(_)));
}

/// A webhook may come before the answer to the request that caused it.
#[test]
fn webhooks_that_overtake_answers_are_heeded() {
    let shop = GlocalShop::open();
    shop.glocal.change_habits(|habits| habits.answers_after = Duration::from_millis(1500));
    shop.assert_sells(50_000);
}

/// P2: the power fails between the steps; the same session goes on.
#[test]
fn p2_a_till_that_dies_between_the_steps_goes_on_with_the_same_session() {
    let mut shop = held();
    let sale = shop.shop.till.sell(50_000);
    let id = id_of(&sale).to_owned();
    shop.shop.till.wait_sale("it waits for confirmation", &id, SOON, |sale| sale["waiting_for"] == "confirmation");
    let session = shop.session(&sale).id;
    shop.shop.till.kill();
    shop.glocal.release_ready(session).expect("it has been started");
    shop.shop.till.start_again();
    wait_stage(&shop, &sale, "it is confirmed", |stage| stage == Stage::Confirmed);
    shop.shop.till.kill();
    shop.glocal.release_action(session).expect("it is confirmed");
    shop.shop.till.start_again();
    let sale = shop.shop.till.wait_state(&id, "showing", SOON * 2);
    shop.pay(&sale);
    shop.shop.till.wait_state(&id, "paid", SOON);
    assert_eq!((shop.glocal.sessions().len(), shop.session(&sale).confirm_calls), (1, 1));
}
