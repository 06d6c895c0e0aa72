//! What a customer can do, and what he has to.

use serde_json::json;

use super::{Shop, payment};
use crate::glocal::{Action, Bill, Failure, Refunding, SessionError, SessionId, Stage};

#[tokio::test]
async fn a_code_leads_to_its_session_when_it_is_a_whole_address() {
    let shop = Shop::open();
    for (action, whole) in [
        (Action::Redirect, true),
        (Action::RedirectWithoutTls, true),
        (Action::RedirectWithParams, true),
        (Action::RedirectParamsApart, false),
    ] {
        shop.sandbox.change_habits(|habits| habits.required = action);
        let id = shop.acting(&format!("{action:?}")).await;
        let session = shop.status(id).await;
        let redirect = &payment(&session)["customer_interaction"]["redirect"];
        let url = redirect["url"].as_str().expect("a redirect has an address");
        assert_eq!(redirect["method"], "GET");
        assert_eq!(shop.sandbox.scan(url).is_ok(), whole, "{url}");
        let address = shop.seen(id).payment.and_then(|p| p.interaction).and_then(|i| i.address());
        let bill = Bill { session: id, amount: 50_000 };
        assert_eq!(shop.sandbox.scan(address.as_deref().unwrap_or_default()), Ok(bill));
    }
    for wrong in ["", "https://pay.smart-glocal.example/vn/0", "https://shop.example/"] {
        assert_eq!(shop.sandbox.scan(wrong), Err(SessionError::Address(wrong.to_owned())));
    }
}

#[tokio::test]
async fn what_no_code_can_say_is_said_in_its_own_form() {
    let shop = Shop::open();
    let mut seen = Vec::new();
    for action in [Action::PostRedirect, Action::ThreeDSecure, Action::Unsaid] {
        shop.sandbox.change_habits(|habits| habits.required = action);
        let id = shop.acting("0001").await;
        let session = shop.status(id).await;
        let interaction = &payment(&session)["customer_interaction"];
        seen.push((interaction["type"].clone(), interaction["redirect"]["method"].clone()));
        shop.sandbox.pay(id).expect("whatever he has to do, the customer does it");
    }
    let null = json!(null);
    let want = [(json!("redirect"), json!("POST")), (json!("three_d_secure"), null.clone()), (null.clone(), null)];
    assert_eq!(seen, want);
}

#[tokio::test]
async fn a_customer_pays_when_it_is_his_turn_and_late_money_is_its_own_call() {
    let shop = Shop::open();
    let id = shop.create().await;
    let wrong = |id| shop.sandbox.session(id).map(|seen| SessionError::Stage { session: id, stage: seen.stage });
    assert_eq!(shop.sandbox.pay(id).err(), wrong(id));
    assert_eq!(shop.sandbox.pay_late(id).err(), wrong(id));
    shop.start(id, "0001").await;
    assert_eq!(shop.sandbox.pay(id).err(), wrong(id));
    shop.cancel(id).await;
    assert_eq!(shop.sandbox.pay(id).err(), wrong(id));
    shop.sandbox.pay_late(id).expect("money can be late");
    assert_eq!(shop.status(id).await["status"], "accepted");
    assert_eq!(shop.sandbox.pay_late(id).err(), wrong(id));
    let unknown = SessionId::from_text("ps_1").expect("a number");
    assert_eq!(shop.sandbox.pay(unknown), Err(SessionError::Unknown(unknown)));
}

#[tokio::test]
async fn a_payment_can_fail_or_stay_uncertain() {
    let shop = Shop::open();
    let id = shop.acting("0001").await;
    shop.sandbox.fail(id, Failure::Final).expect("it has not ended");
    let session = shop.status(id).await;
    assert_eq!((&session["status"], &payment(&session)["status"]), (&json!("cancelled"), &json!("failed")));
    assert!(shop.sandbox.pay(id).is_err() && shop.sandbox.fail(id, Failure::Final).is_err());
    let id = shop.acting("0002").await;
    shop.sandbox.fail(id, Failure::Uncertain).expect("it has not ended");
    let session = shop.status(id).await;
    assert_eq!((&session["status"], &payment(&session)["status"]), (&json!("error"), &json!("failed")));
    shop.sandbox.pay(id).expect("an error is not final");
    assert_eq!(shop.stage(id), Stage::Succeeded);
}

#[tokio::test]
async fn money_is_given_back_in_parts_and_no_more_than_there_is() {
    let shop = Shop::open();
    let id = shop.acting("0001").await;
    let stage = shop.stage(id);
    let refund = |amount, kind| shop.sandbox.refund(id, amount, kind);
    assert_eq!(refund(1, Refunding::Refund), Err(SessionError::Stage { session: id, stage }));
    shop.sandbox.pay(id).expect("the customer can pay");
    assert_eq!(refund(20_000, Refunding::Refund), Ok(()));
    assert_eq!(refund(40_000, Refunding::Refund), Err(SessionError::Amount(40_000)));
    assert_eq!(refund(0, Refunding::Refund), Err(SessionError::Amount(0)));
    assert_eq!(refund(30_000, Refunding::Chargeback), Ok(()));
    let session = shop.status(id).await;
    let refunds = payment(&session)["refunds"].as_array().cloned().unwrap_or_default();
    let seen: Vec<_> = refunds.iter().map(|r| (&r["amount_details"]["amount"], r.get("is_chargeback"))).collect();
    assert_eq!(seen, [(&json!(20_000), None), (&json!(30_000), Some(&json!(true)))]);
    assert_ne!(refunds[0]["id"], refunds[1]["id"]);
}
