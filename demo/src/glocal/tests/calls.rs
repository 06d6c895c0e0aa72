//! What the sandbox does when nothing goes wrong, and what it refuses.

use serde_json::{Value, json};

use super::{LIMIT, Shop, id_of, named, order, payment, read};
use crate::glocal::signing::Pen;
use crate::glocal::{
    CancelAnswer, Cancelling, Confirmation, Ending, Otherwise, Pace, Pages, SessionId, Spelling, Stage, Subject,
    Version, keys,
};

#[tokio::test]
async fn a_payment_is_created_started_confirmed_and_paid() {
    let shop = Shop::open();
    shop.sandbox.change_habits(|habits| (habits.ready, habits.action) = (Pace::Held, Pace::Held));
    let session = shop.session("v1/session/create", &json!({})).await;
    assert_eq!((&session["status"], session.get("acquiring_payments")), (&json!("created"), None));
    let id = id_of(&session);
    let session = shop.start(id, "0001").await;
    let seen = shop.seen(id).payment.expect("it was started");
    assert_eq!(
        (&payment(&session)["id"], &payment(&session)["status"]),
        (&json!(seen.id_in_start), &json!("in_progress"))
    );
    assert_ne!(seen.id, seen.id_in_start);
    assert_eq!(payment(&session)["customer"], order("0001")["customer"]);
    assert_eq!(payment(&shop.status(id).await)["id"], json!(seen.id));
    assert_eq!(shop.refusal("v1/session/confirm", &named(id)).await, "not_ready_to_confirm");
    shop.sandbox.release_ready(id).expect("it has started");
    let session = shop.status(id).await;
    assert!(session["actions"]["confirm"].is_string() && session["actions"].get("capture").is_none());
    shop.confirm(id).await;
    assert_eq!(shop.refusal("v1/session/confirm", &named(id)).await, "already_confirmed");
    assert_eq!(payment(&shop.status(id).await).get("customer_interaction"), None);
    shop.sandbox.release_action(id).expect("it is confirmed");
    let session = shop.status(id).await;
    let url = &payment(&session)["customer_interaction"]["redirect"]["url"];
    assert_eq!(payment(&session)["status"], "pending");
    let bill = shop.sandbox.scan(url.as_str().unwrap_or_default()).expect("the address leads to the session");
    assert_eq!((bill.session, bill.amount), (id, 50_000));
    shop.sandbox.pay(id).expect("the customer can pay");
    let session = shop.status(id).await;
    assert_eq!((&session["status"], &payment(&session)["status"]), (&json!("accepted"), &json!("succeeded")));
    assert!(session["actions"]["capture"].is_string() && payment(&session)["finished_at"].is_string());
    assert_eq!((shop.seen(id).confirm_calls, shop.stage(id)), (3, Stage::Succeeded));
}

#[tokio::test]
async fn one_call_can_create_and_start_and_the_creation_can_say_it_all() {
    let shop = Shop::open();
    let session = shop.session("v1/session/init/payment", &order("0001")).await;
    let id = id_of(&session);
    assert_eq!(
        (&session["status"], shop.seen(id).payment.map(|p| p.reference)),
        (&json!("in_progress"), Some("0001".into()))
    );
    let other = id_of(&shop.session("v1/session/init/payment", &order("0001")).await);
    assert_ne!(other, id, "without a key every call makes a session");
    assert_eq!(shop.sandbox.session_of("0001").map(|session| session.id), Some(other));
    let id = id_of(&shop.session("v1/session/create", &order("0002")).await);
    assert_eq!(shop.sandbox.session_of("0002"), None, "a creation is no payment");
    let mut body = named(id);
    body["amount_details"] = json!({ "amount": 60_000, "currency": "VND" });
    shop.session("v1/session/start/payment", &body).await;
    let payment = shop.seen(id).payment.expect("it was started");
    assert_eq!((payment.reference.as_str(), payment.amount), ("0002", 60_000));
    let all: Vec<_> = shop.sandbox.sessions().into_iter().map(|session| session.id).collect();
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted());
}

#[tokio::test]
async fn a_repeated_key_makes_no_second_session() {
    let shop = Shop::open();
    shop.sandbox.change_habits(|habits| habits.idempotency_header = Some("X-Once".into()));
    let init = async |body: &Value, key: &str| {
        let request = shop.request("v1/session/init/payment", &body.to_string()).header("x-once", key);
        read(&request.send(LIMIT).await.expect("the sandbox answers"))
    };
    let first = init(&order("0001"), "a").await;
    let again = init(&order("0001"), "a").await;
    assert_eq!((&again["session"]["id"], &again["status"]), (&first["session"]["id"], &json!("ok")));
    assert_eq!(payment(&again["session"])["id"], payment(&first["session"])["id"]);
    assert_eq!(init(&order("0002"), "a").await["error"]["code"], "idempotency_key_reused");
    assert_ne!(init(&order("0001"), "b").await["session"]["id"], first["session"]["id"]);
    assert_eq!(shop.sandbox.sessions().len(), 2);
    assert_eq!(shop.sandbox.webhooks().len(), 2, "a repeated call makes no webhook");
}

#[tokio::test]
async fn both_versions_have_their_names() {
    let shop = Shop::open();
    let id = id_of(&shop.session("v2/session/create", &json!({})).await);
    let mut body = order("0001");
    body["session_id"] = id.to_string().into();
    let session = shop.session("v2/session/start/payment", &body).await;
    assert!(session["payment_list"].is_array() && session.get("acquiring_payments").is_none());
    assert!(shop.status(id).await["acquiring_payments"].is_array(), "an answer speaks as the call did");
    assert_eq!(shop.seen(id).version, Version::V2);
}

#[tokio::test]
async fn a_cancel_ends_a_session_and_shows_it_as_it_was_or_as_it_is() {
    let shop = Shop::open();
    let id = shop.acting("0001").await;
    assert_eq!(shop.cancel(id).await["status"], "in_progress", "as the example of the documentation");
    assert_eq!(shop.status(id).await["status"], "cancelled");
    assert_eq!(shop.stage(id), Stage::Cancelled(Ending::Shop));
    shop.sandbox.change_habits(|habits| {
        habits.cancel_answer = CancelAnswer::AsItEnds;
        habits.spelling = Spelling::Single;
    });
    let id = shop.acting("0002").await;
    let session = shop.cancel(id).await;
    assert_eq!((&session["status"], &payment(&session)["status"]), (&json!("canceled"), &json!("failed")));
    shop.cancel(id).await;
    assert_eq!((shop.seen(id).cancel_calls, shop.seen(id).confirm_calls), (2, 1));
    assert_eq!(shop.refusal("v1/session/confirm", &named(id)).await, "session_has_ended");
    let paid = shop.acting("0003").await;
    shop.sandbox.pay(paid).expect("the customer can pay");
    assert_eq!(shop.refusal("v1/session/cancel", &named(paid)).await, "session_has_ended");
    let empty = shop.create().await;
    shop.cancel(empty).await;
    assert_eq!(shop.stage(empty), Stage::Cancelled(Ending::Shop));
}

#[tokio::test]
async fn cancelling_can_be_over_with_the_confirmation() {
    let shop = Shop::open();
    shop.sandbox.change_habits(|habits| habits.cancelling = Cancelling::UntilConfirmed);
    let id = shop.acting("0001").await;
    assert_eq!(shop.refusal("v1/session/cancel", &named(id)).await, "cannot_cancel");
    let id = shop.create().await;
    shop.start(id, "0002").await;
    shop.cancel(id).await;
}

#[tokio::test]
async fn sessions_can_confirm_themselves() {
    let shop = Shop::open();
    shop.sandbox.change_habits(|habits| habits.confirmation = Confirmation::Automatic);
    let id = shop.create().await;
    assert_eq!(shop.start(id, "0001").await["status"], "in_progress");
    assert!(matches!(shop.stage(id), Stage::Acting { .. }));
    assert_eq!(shop.refusal("v1/session/confirm", &named(id)).await, "already_confirmed");
}

#[tokio::test]
async fn sessions_end_by_the_sandboxs_own_clock() {
    let shop = Shop::open();
    let waiting = shop.create().await;
    shop.start(waiting, "0001").await;
    let acting = shop.acting("0002").await;
    shop.sandbox.set_clock_offset_s(3_500);
    assert!(matches!(shop.stage(acting), Stage::Acting { .. }));
    shop.sandbox.set_clock_offset_s(3_700);
    assert_eq!(shop.status(acting).await["status"], "cancelled");
    assert_eq!(shop.refusal("v1/session/confirm", &named(acting)).await, "session_has_ended");
    assert!(matches!(shop.stage(waiting), Stage::Ready { .. }));
    shop.sandbox.set_clock_offset_s(14_500);
    assert_eq!(shop.stage(waiting), Stage::Cancelled(Ending::Time));
    let answer = shop.call("v1/session/status", &named(waiting)).await.expect("the sandbox answers");
    let ahead: jiff::Zoned = jiff::fmt::rfc2822::parse(answer.header("date").unwrap_or_default()).expect("a date");
    let created = shop.seen(waiting).created_at.secs();
    assert!(ahead.timestamp().as_second() >= created + 14_400, "the header `Date` goes with the sandbox's clock");
}

#[tokio::test]
async fn the_pull_says_the_next_step_in_either_form_and_other_things_on_demand() {
    let shop = Shop::open();
    let id = shop.create().await;
    shop.start(id, "0001").await;
    assert_eq!(shop.status(id).await.get("next_action"), None);
    shop.sandbox.change_habits(|habits| habits.pages = Pages::Reference);
    let session = shop.status(id).await;
    assert_eq!((&session["next_action"], session.get("actions")), (&json!("confirm"), None));
    assert_eq!(payment(&session)["status"], "pending");
    let says = Otherwise { amount: Some(51_000), ..Otherwise::default() };
    shop.sandbox.change_habits(|habits| habits.status_says = says);
    assert_eq!(payment(&shop.status(id).await)["amount_details"]["amount"], 51_000);
    assert_eq!(payment(&shop.confirm(id).await)["amount_details"]["amount"], 50_000);
}

#[tokio::test]
async fn bad_calls_are_refused_and_make_nothing() {
    let shop = Shop::open();
    let started = shop.acting("0001").await;
    let unknown = json!({ "session_id": "ps_1" });
    let mut again = order("0002");
    again["session_id"] = started.to_string().into();
    let mut poor = order("0003");
    poor["participant_details"] = json!({});
    let mut poor_start = poor.clone();
    poor_start["session_id"] = shop.create().await.to_string().into();
    for (path, body, code) in [
        ("v1/session/start/payment", &order("0004"), "invalid_request"),
        ("v1/session/start/payment", &poor_start, "invalid_request"),
        ("v1/session/start/payment", &again, "session_already_started"),
        ("v1/session/start/payment", &unknown, "session_not_found"),
        ("v1/session/init/payment", &poor, "invalid_request"),
        ("v1/session/confirm", &unknown, "session_not_found"),
        ("v1/session/cancel", &unknown, "session_not_found"),
        ("v1/session/status", &unknown, "session_not_found"),
        ("v1/session/status", &json!({}), "invalid_request"),
    ] {
        assert_eq!(shop.refusal(path, body).await, code, "{path} {body}");
    }
    assert_eq!(shop.sandbox.sessions().len(), 2);
    assert_eq!(SessionId::from_text("ps_1").and_then(|id| shop.sandbox.session(id)), None);
}

#[tokio::test]
async fn calls_that_are_not_the_shops_are_unauthorised() {
    let shop = Shop::open();
    let (body, project) = ("{}", shop.sandbox.credentials().project);
    let url = format!("{}/api/v1/session/create", shop.sandbox.base_url());
    let bare = || crate::http::Request::post_json(&url, body);
    let right = Pen::new(keys::MERCHANT).expect("sound").sign(body.as_bytes());
    let foreign = Pen::new(keys::SMART_GLOCAL).expect("sound").sign(body.as_bytes());
    let other_body = Pen::new(keys::MERCHANT).expect("sound").sign(b"{ }");
    let with = |project: &str, sign: &str| bare().header("x-partner-project", project).header("x-partner-sign", sign);
    for request in [
        bare(),
        bare().header("x-partner-project", &project),
        bare().header("x-partner-sign", &right),
        with("another", &right),
        with(&project, &foreign),
        with(&project, &other_body),
        with(&project, &right).header("x-partner-sign", &right),
    ] {
        let answer = request.clone().send(LIMIT).await.expect("the sandbox answers");
        assert_eq!((answer.status, &read(&answer)["status"]), (401, &json!("error")), "{request:?}");
        assert!(shop.is_signed(&answer));
    }
    assert_eq!(shop.sandbox.sessions(), []);
    assert_eq!(with(&project, &right).send(LIMIT).await.map(|answer| answer.status).ok(), Some(200));
    for path in ["v1/session", "v3/session/create", "v1/session/start/payout", "v1/session/create/x"] {
        assert_eq!(shop.call(path, &json!({})).await.map(|answer| answer.status).ok(), Some(404), "{path}");
    }
}

#[tokio::test]
async fn calls_are_kept_with_what_they_name() {
    let shop = Shop::open();
    let body = order("0001").to_string();
    let request = shop.request("v1/session/init/payment", &body).header("X-PARTNER-SUBMERCHANT", "quầy-7");
    let id = id_of(&read(&request.send(LIMIT).await.expect("the sandbox answers"))["session"]);
    shop.confirm(id).await;
    shop.create().await;
    let seen: Vec<_> = shop.sandbox.requests().into_iter().map(|call| (call.path, call.order)).collect();
    let want = [
        ("/api/v1/session/init/payment".to_owned(), Some(Subject::Order("0001".into()))),
        ("/api/v1/session/confirm".to_owned(), Some(Subject::Session(id))),
        ("/api/v1/session/create".to_owned(), None),
    ];
    assert_eq!(seen, want);
    assert_eq!(shop.seen(id).submerchant, None, "a header is ASCII");
    let request = shop.request("v1/session/init/payment", &body).header("X-PARTNER-SUBMERCHANT", "quay-7");
    let id = id_of(&read(&request.send(LIMIT).await.expect("the sandbox answers"))["session"]);
    assert_eq!(shop.seen(id).submerchant.as_deref(), Some("quay-7"));
    assert_eq!(shop.sandbox.requests()[0].body, body);
}

#[tokio::test]
async fn an_amount_can_be_in_hundredths() {
    let shop = Shop::open();
    shop.sandbox.change_habits(|habits| habits.minor_units = 100);
    let id = shop.acting("0001").await;
    let seen = shop.seen(id).payment.expect("it was started");
    let address = seen.interaction.and_then(|interaction| interaction.address()).expect("there is an address");
    assert_eq!(shop.sandbox.scan(&address).map(|bill| bill.amount), Ok(500));
}
