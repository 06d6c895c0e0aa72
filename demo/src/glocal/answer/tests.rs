//! Compares with the examples of the documentation, in their own words.

use serde_json::{Value, json};

use super::{Manner, PaymentId, WebhookKind, payout, session_of, success, success_with_extra_field, webhook};
use crate::clock::Moment;
use crate::glocal::habits::{CurrencyCase, Habits, Names, Otherwise, Pages, Spelling};
use crate::glocal::interaction::{Action, Interaction};
use crate::glocal::payment::{Order, Refunding};
use crate::glocal::session::{Failure, Session, SessionId, Version};

const CREATED: &str = "2025-12-04T19:28:58.000000Z";
const STARTED: &str = "2025-12-04T19:29:23.000000Z";
const READY: &str = "2025-12-04T19:29:24.000000Z";
const CONFIRMED: &str = "2025-12-04T19:29:25.000000Z";
const REQUIRED: &str = "2025-12-04T19:29:26.000000Z";
const FINISHED: &str = "2025-12-04T19:30:00.000000Z";

fn at(text: &str) -> Moment {
    let at: jiff::Timestamp = text.parse().expect("a time of the examples");
    Moment::from_secs(at.as_second())
}

/// What the shop said in the example.
fn said() -> Value {
    json!({
        "customer": { "reference": "qwiqwi", "contacts": [{ "email": "email@example.com" }] },
        "payment_details": {
            "type": "internet_banking",
            "internet_banking": { "type": "country_ewallet", "country_ewallet": { "country_iso2": "VN" } },
        },
        "participant_details": { "sender": { "full_name": "Name Surname", "document": "12333315123" } },
        "payment_options": { "return_url": "https://smart-glocal.com/", "recurrent": false },
        "metadata": { "key": "value" },
    })
}

fn started() -> Session {
    let mut session = Session::new(SessionId::new(5666), Version::V1, None, at(CREATED));
    let Value::Object(said) = said() else { unreachable!("the example is an object") };
    let order = Order { reference: "qwiqwi".into(), amount: 100_000, currency: "VND".into(), said };
    session.start(order, ["pm_12354".into(), "pm_566184419".into()], at(STARTED)).expect("it is new");
    session
}

fn ready() -> Session {
    let mut session = started();
    assert!(session.make_ready(at(READY)));
    session
}

fn acting(action: Action) -> Session {
    let mut session = ready();
    session.confirm(at(CONFIRMED)).expect("it is ready");
    assert!(session.require_action(at(REQUIRED)));
    session.payment.as_mut().expect("it was started").interaction = Some(Interaction::new(action));
    session
}

fn paid() -> Session {
    let mut session = acting(Action::Redirect);
    assert!(session.pay(at(FINISHED)));
    session
}

/// The example's payment with other fields beside what the shop said.
fn payment(more: Value) -> Value {
    let mut payment = said();
    payment["amount_details"] = json!({ "amount": 100_000, "currency": "VND" });
    payment["created_at"] = STARTED.into();
    let Value::Object(more) = more else { unreachable!("only objects are merged here") };
    more.into_iter().for_each(|(name, value)| payment[name] = value);
    payment
}

fn told(kind: &WebhookKind, session: &Session, habits: &Habits) -> Value {
    serde_json::from_str(&webhook(kind, session, habits)).expect("a webhook is JSON")
}

fn answered(session: &Session, habits: &Habits, id: PaymentId) -> Value {
    let says = Otherwise::default();
    let manner = Manner { habits, version: Version::V1, id, says: &says };
    serde_json::from_str(&success(session, manner)).expect("an answer is JSON")
}

#[test]
fn a_session_without_a_payment_has_nothing_but_itself() {
    let session = Session::new(SessionId::new(5666), Version::V1, None, at(CREATED));
    let whole = json!({ "id": "ps_5666", "status": "created", "created_at": CREATED, "updated_at": CREATED });
    let want = json!({ "status": "ok", "session": whole });
    assert_eq!(answered(&session, &Habits::default(), PaymentId::Lasting), want);
}

#[test]
fn the_answer_to_a_start_is_that_of_the_documentation() {
    let payment = payment(json!({ "id": "pm_566184419", "status": "in_progress" }));
    let want = json!({ "status": "ok", "session": {
        "id": "ps_5666", "status": "in_progress", "created_at": CREATED, "updated_at": STARTED,
        "acquiring_payments": [payment],
    }});
    assert_eq!(answered(&started(), &Habits::default(), PaymentId::OfTheStart), want);
}

#[test]
fn webhooks_of_an_e_wallet_are_those_of_its_page() {
    let habits = Habits::default();
    let waiting = payment(json!({ "id": "pm_12354", "status": "in_progress" }));
    let want = json!({ "type": "ready_to_confirm", "status": "ok", "session": {
        "id": "ps_5666", "status": "in_progress", "created_at": CREATED, "updated_at": READY,
        "acquiring_payments": [waiting], "actions": { "confirm": READY },
    }});
    assert_eq!(told(&WebhookKind::ReadyToConfirm, &ready(), &habits), want);

    let session = acting(Action::Redirect);
    let url = session.payment.as_ref().and_then(|p| p.interaction.as_ref()).and_then(Interaction::address);
    let redirect = json!({ "url": url, "base_url": url, "method": "GET", "params": {} });
    let interaction = json!({ "type": "redirect", "redirect": redirect });
    let pending = payment(json!({ "id": "pm_12354", "status": "pending", "customer_interaction": interaction }));
    let want = json!({ "type": "action_required", "status": "ok", "session": {
        "id": "ps_5666", "status": "in_progress", "created_at": CREATED, "updated_at": REQUIRED,
        "acquiring_payments": [pending], "actions": { "confirm": CONFIRMED },
    }});
    assert_eq!(told(&WebhookKind::ActionRequired, &session, &habits), want);

    let done = payment(json!({ "id": "pm_12354", "status": "succeeded", "finished_at": FINISHED }));
    let want = json!({ "type": "payment_finished", "status": "ok", "session": {
        "id": "ps_5666", "status": "accepted", "created_at": CREATED, "updated_at": FINISHED,
        "acquiring_payments": [done], "actions": { "confirm": CONFIRMED, "capture": FINISHED },
    }});
    assert_eq!(told(&WebhookKind::PaymentFinished, &paid(), &habits), want);
}

#[test]
fn webhooks_of_the_reference_say_the_next_step_in_a_word() {
    for (version, list) in [(Version::V1, "acquiring_payments"), (Version::V2, "payment_list")] {
        let habits = Habits { pages: Pages::Reference, names: Names::Always(version), ..Habits::default() };
        let waiting = payment(json!({ "id": "pm_12354", "status": "pending" }));
        let mut session = json!({
            "id": "ps_5666", "status": "in_progress", "created_at": CREATED, "updated_at": READY,
            "next_action": "confirm",
        });
        session[list] = json!([waiting]);
        let want = json!({ "type": "ready_to_confirm", "session": session });
        assert_eq!(told(&WebhookKind::ReadyToConfirm, &ready(), &habits), want);
        let later = told(&WebhookKind::ActionRequired, &acting(Action::PostRedirect), &habits);
        assert_eq!(later["session"].get("next_action"), None);
        assert_eq!(later["session"][list][0]["customer_interaction"]["redirect"]["method"], "POST");
    }
}

#[test]
fn a_refund_is_told_with_its_payment_and_a_chargeback_says_so() {
    let mut session = paid();
    let back = "2025-12-05T10:00:00.000000Z";
    assert!(session.refund("rf_203".into(), 40_000, Refunding::Refund, at(back)));
    assert!(session.refund("rf_204".into(), 60_000, Refunding::Chargeback, at(back)));
    let body = told(&WebhookKind::PaymentRefunded, &session, &Habits::default());
    let refund = |id: &str, amount: u64| {
        let amount = json!({ "amount": amount, "currency": "VND" });
        json!({ "id": id, "status": "accepted", "created_at": back, "finished_at": back, "amount_details": amount })
    };
    let mut chargeback = refund("rf_204", 60_000);
    chargeback["is_chargeback"] = true.into();
    let payment = &body["session"]["acquiring_payments"][0];
    assert_eq!(payment["refunds"], json!([refund("rf_203", 40_000), chargeback]));
    assert_eq!((&body["type"], &body["session"]["status"]), (&json!("payment_refunded"), &json!("accepted")));
    assert_eq!((&payment["status"], &payment["amount_details"]["amount"]), (&json!("succeeded"), &json!(100_000)));
}

#[test]
fn endings_without_money_have_their_words() {
    let mut failed = acting(Action::Redirect);
    let mut troubled = failed.clone();
    let mut cancelled = failed.clone();
    let mut late = failed.clone();
    assert!(failed.fail(Failure::Final, at(FINISHED)) && troubled.fail(Failure::Uncertain, at(FINISHED)));
    cancelled.cancel(at(FINISHED)).expect("it has not ended");
    late.grow_older(at("2025-12-04T20:29:26Z"));
    for (session, double, single, code) in [
        (&failed, "cancelled", "canceled", "declined"),
        (&troubled, "error", "error", "unexpected_error"),
        (&cancelled, "cancelled", "canceled", "cancelled"),
        (&late, "cancelled", "canceled", "timeout"),
    ] {
        for (spelling, word) in [(Spelling::Double, double), (Spelling::Single, single)] {
            let habits = Habits { spelling, ..Habits::default() };
            let body = told(&WebhookKind::PaymentFinished, session, &habits);
            let payment = &body["session"]["acquiring_payments"][0];
            let seen = (&body["session"]["status"], &payment["status"], &payment["error"]["code"]);
            assert_eq!(seen, (&json!(word), &json!("failed"), &json!(code)));
            assert_eq!(payment.get("customer_interaction"), None);
        }
    }
}

#[test]
fn each_telling_can_say_something_else_and_write_currencies_its_own_way() {
    let other = || Otherwise { amount: Some(1), currency: Some("usd".into()), reference: Some("other".into()) };
    let amounts = |body: &Value| {
        let payment = &body["session"]["acquiring_payments"][0];
        (payment["amount_details"].clone(), payment["customer"]["reference"].clone())
    };
    let wrong = (json!({ "amount": 1, "currency": "usd" }), json!("other"));
    let right = (json!({ "amount": 100_000, "currency": "VND" }), json!("qwiqwi"));
    let habits = Habits { ready_says: other(), ..Habits::default() };
    assert_eq!(amounts(&told(&WebhookKind::ReadyToConfirm, &ready(), &habits)), wrong);
    assert_eq!(amounts(&told(&WebhookKind::PaymentFinished, &ready(), &habits)), right);
    let habits = Habits { finished_says: other(), ..Habits::default() };
    assert_eq!(amounts(&told(&WebhookKind::ReadyToConfirm, &ready(), &habits)), right);
    assert_eq!(amounts(&told(&WebhookKind::PaymentFinished, &ready(), &habits)), wrong);
    for (currency, word) in [(CurrencyCase::Upper, "VND"), (CurrencyCase::Lower, "vnd")] {
        let habits = Habits { currency, ..Habits::default() };
        let body = told(&WebhookKind::ReadyToConfirm, &ready(), &habits);
        assert_eq!(body["session"]["acquiring_payments"][0]["amount_details"]["currency"], word);
    }
}

#[test]
fn a_payout_is_that_of_the_reference() {
    for (version, list, details) in
        [(Version::V1, "payments", "payment_method"), (Version::V2, "payout_list", "payout_details")]
    {
        let body = payout("ps_3230", "po_1313", version, at(CREATED));
        assert_eq!(session_of(&body), Some(SessionId::new(3230)));
        let mut one = json!({
            "id": "po_1313", "status": "pending", "created_at": CREATED,
            "customer": { "reference": "user123", "contacts": [{ "email": "user@gmail.com" }] },
            "amount_details": { "amount": 10_000, "currency": "usd" }, "metadata": "good",
        });
        one[details] = json!({ "type": "card", "card": { "last4": "4242", "brand": "visa" } });
        let mut session = json!({
            "id": "ps_3230", "status": "in_progress", "created_at": CREATED, "updated_at": CREATED,
            "next_action": "confirm",
        });
        session[list] = json!([one]);
        let want = json!({ "type": "ready_to_confirm", "session": session });
        assert_eq!(serde_json::from_str::<Value>(&body).ok(), Some(want));
    }
}

#[test]
fn new_fields_stand_beside_the_known_ones() {
    let (habits, says) = (Habits::default(), Otherwise::default());
    let manner = Manner { habits: &habits, version: Version::V1, id: PaymentId::Lasting, says: &says };
    let mut body: Value = serde_json::from_str(&success_with_extra_field(&paid(), manner)).expect("JSON");
    assert!(body["session"]["ghi_chu_moi"].is_object());
    let whole = body.as_object_mut().expect("an object");
    assert_eq!(whole.remove("ghi_chu_moi"), Some(Value::Null));
    whole["session"].as_object_mut().expect("an object").remove("ghi_chu_moi");
    assert_eq!(body, answered(&paid(), &habits, PaymentId::Lasting));
}
