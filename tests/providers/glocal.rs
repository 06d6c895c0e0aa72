//! Smart Glocal: whole sales over sessions that are opened, started, confirmed and paid in a wallet; refunds.

use demo::glocal::{Confirmation, CurrencyCase, Failure, Names, Pages, Refunding, Spelling, Stage, Version};
use serde_json::{Value, json};
use tests::providers::{GlocalShop, PAYER};
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

use crate::flags;

#[test]
fn p1_a_sale_over_smart_glocal_is_confirmed_once_shown_and_paid() {
    let shop = GlocalShop::open();
    let paid = shop.assert_sells(50_000);
    assert_eq!((&paid["qr_kind"], flags(&paid)), (&json!("url"), vec![]), "{paid}");
    let session = shop.session(&paid);
    assert_eq!((session.stage, session.confirm_calls), (Stage::Succeeded, 1), "{session:?}");
    let payment = &paid["payments"][0];
    assert_eq!((&payment["via"], &payment["amount"]), (&json!("webhook"), &json!(50_000)), "{paid}");
    assert_eq!(payment["provider_id"], session.id.to_string(), "{paid}");
    // The answer to start names another payment than the webhooks: the finished one counts.
    assert!(payment["provider_ref"].as_str().is_some_and(|id| id.starts_with("pm_")), "{paid}");
}

/// Both versions of names, both shapes of the next step, either case of the currency, either spelling of an end.
#[test]
fn every_way_in_which_smart_glocal_writes_is_read() {
    for (api, pages, names) in [
        ("v1", Pages::Vietnam, Names::OfTheSession),
        ("v1", Pages::Reference, Names::OfTheSession),
        ("v2", Pages::Vietnam, Names::OfTheSession),
        ("v2", Pages::Reference, Names::Always(Version::V1)),
    ] {
        let shop = GlocalShop::open_with(&format!("api = \"{api}\"\n{PAYER}"), |_| {});
        shop.glocal.change_habits(|habits| {
            habits.pages = pages;
            habits.names = names;
            habits.currency = CurrencyCase::Lower;
            habits.spelling = Spelling::Single;
        });
        shop.assert_sells(50_000);
        let sale = shop.shop.till.sell_and_show(30_000);
        assert_eq!(shop.shop.till.cancel(id_of(&sale)).status, 202);
        shop.shop.till.wait_state(id_of(&sale), "cancelled", SOON);
        assert!(matches!(shop.session(&sale).stage, Stage::Cancelled(_)), "{:?}", shop.session(&sale));
    }
}

#[test]
fn automatic_confirmation_needs_no_word_of_the_till() {
    let shop = GlocalShop::open();
    shop.glocal.change_habits(|habits| habits.confirmation = Confirmation::Automatic);
    let paid = shop.assert_sells(50_000);
    assert_eq!(shop.session(&paid).confirm_calls, 0);
}

#[test]
fn a_session_that_begins_and_starts_at_once_works_with_its_key() {
    let more = format!("flow = \"init\"\nidempotency_header = \"X-Partner-Idempotency-Key\"\n{PAYER}");
    let shop = GlocalShop::open_with(&more, |_| {});
    shop.glocal.change_habits(|habits| {
        habits.idempotency_header = Some("X-Partner-Idempotency-Key".to_owned());
    });
    shop.assert_sells(50_000);
    let calls = shop.glocal.requests();
    assert!(calls.iter().all(|call| !call.path.ends_with("/session/create")), "{calls:?}");
}

#[test]
fn amounts_in_hundredths_are_told_and_read_as_such() {
    let shop = GlocalShop::open_in_hundredths(PAYER);
    let paid = shop.assert_sells(50_000);
    let started = shop.glocal.requests().into_iter().find(|call| call.path.ends_with("/start/payment"));
    let body: Value = serde_json::from_str(&started.expect("it was started").body).expect("a JSON body");
    assert_eq!(body["amount_details"]["amount"], 5_000_000, "{body}");
    assert_eq!(paid["paid_amount"], 50_000, "{paid}");
}

#[test]
fn p3_refunds_are_recorded_once_and_the_sale_stays_paid() {
    let shop = GlocalShop::open();
    shop.glocal.set_webhook_copies(3);
    let paid = shop.assert_sells(50_000);
    let id = id_of(&paid);
    shop.glocal.refund(shop.session(&paid).id, 20_000, Refunding::Refund).expect("so much was paid");
    let back = shop.shop.till.wait_sale("the refund is recorded", id, SOON, |sale| sale["refunded_amount"] == 20_000);
    assert_eq!((&back["state"], flags(&back)), (&json!("paid"), vec!["refunded"]), "{back}");
    assert_eq!(back["refunds"].as_array().map(Vec::len), Some(1), "{back}");
    shop.glocal.refund(shop.session(&paid).id, 30_000, Refunding::Chargeback).expect("so much was paid");
    let back = shop.shop.till.wait_sale("the second one too", id, SOON, |sale| sale["refunded_amount"] == 50_000);
    assert_eq!((&back["paid_amount"], &back["state"]), (&json!(50_000), &json!("paid")), "{back}");
    shop.shop.ear.wait("it is published", "/up/sale/", |sale| sale["refunded_amount"] == 50_000);
}

#[test]
fn p4_late_money_and_a_failed_payment_end_as_they_should() {
    let shop = GlocalShop::open();
    let sale = shop.shop.till.sell_and_show(50_000);
    // `error` is not final: the customer tries again.
    shop.glocal.fail(shop.session(&sale).id, Failure::Uncertain).expect("it is under way");
    shop.pay(&sale);
    shop.shop.till.wait_state(id_of(&sale), "paid", SOON);

    let sale = shop.shop.till.sell_and_show(40_000);
    shop.glocal.fail(shop.session(&sale).id, Failure::Final).expect("it is under way");
    let failed = wait_for("the sale ends", SOON * 2, || {
        let sale = shop.shop.till.sale(id_of(&sale));
        if sale["finished_at"].is_null() { Err(sale.to_string()) } else { Ok(sale) }
    });
    assert_eq!(failed["failure"]["code"], "provider_refused", "{failed}");
    shop.shop.assert_code_is_gone(&failed);

    let sale = shop.shop.till.sell_and_show(30_000);
    let session = shop.session(&sale).id;
    assert_eq!(shop.shop.till.cancel(id_of(&sale)).status, 202);
    shop.shop.till.wait_state(id_of(&sale), "cancelled", SOON);
    shop.glocal.pay_late(session).expect("a wallet may be slow");
    let late = shop.shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(flags(&late), ["late"], "{late}");
}

/// The payer's data are needed: without an agreement each sale brings its own.
#[test]
fn p11_a_sale_without_the_payer_s_data_is_refused_before_anything_is_made() {
    let shop = GlocalShop::open_with("", |_| {});
    let refused = shop.shop.till.post("/v1/sales", r#"{"amount":50000,"customer":{"name":"Nguyen Van A"}}"#);
    assert_eq!(refused.problem(), (422, "invalid".to_owned()), "{}", refused.text());
    for field in ["document", "email"] {
        assert!(refused.text().contains(field), "{}", refused.text());
    }
    let body =
        json!({"amount": 50_000, "customer": {"name": "Tran Thi B", "document": "012345", "email": "b@c.example"}});
    let answer = shop.shop.till.post("/v1/sales", body.to_string());
    assert_eq!(answer.status, 201, "{}", answer.text());
    shop.shop.till.wait_state(id_of(&answer.json()), "showing", SOON);
    let started = shop.glocal.requests().into_iter().find(|call| call.path.ends_with("/start/payment"));
    let body: Value = serde_json::from_str(&started.expect("it was started").body).expect("a JSON body");
    assert_eq!(body["participant_details"]["sender"]["full_name"], "Tran Thi B", "{body}");
    assert_eq!(shop.glocal.sessions().len(), 1, "the refused sale made none");
}
