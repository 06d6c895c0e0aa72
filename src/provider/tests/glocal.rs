//! Smart Glocal over HTTP: every call as it is sent, and what becomes of good, refused, broken and forged answers.

use till_wire::provider::{Action, CodeText};
use till_wire::smart_glocal::{SigningKey, VerifyingKey};

use super::server::{Act, Server, answer};
use super::*;
use crate::till::{ConfirmAnswer, Made, Report, ReportStanding};

const MERCHANT: &str = include_str!("../../../demo/keys/merchant.pem");
const MERCHANT_PUBLIC: &str = include_str!("../../../demo/keys/merchant.pub.pem");
const GLOCAL: &str = include_str!("../../../demo/keys/smart-glocal.pem");
const SESSION: &str = "ps_5666";

/// Makes the providers out of a configuration file, with more lines for its one channel.
fn glocal(base: &str, more: &str) -> Providers {
    let public = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/keys/smart-glocal.pub.pem");
    let text = format!(
        r#"
            terminal = {{ number = 1017, label = "Quầy 1" }}
            store = {{ path = "/nowhere" }}
            mqtt = {{ url = "mqtt://127.0.0.1:1" }}
            display = {{ driver = "none" }}
            sale = {{ channel = "glocal" }}
            [[channel]]
            id = "glocal"
            provider = "smart-glocal"
            base_url = "{base}"
            project = "shop"
            private_key = {{ env = "KEY" }}
            webhook_public_key = {public:?}
            minor_units = 0
            payer = {{ full_name = "Nguyen Van A", document = "1", email = "a@shop.example" }}
            {more}
        "#
    );
    let document = Document::parse(Path::new("tilld.toml"), &text, Mode::Run).expect("the text is TOML");
    let document = document.in_environment(Environment::new([("KEY", OsStr::new(MERCHANT))]));
    let (settings, _) = Settings::from_document(document).expect("the settings are complete");
    Providers::new(&settings.channels, || Now { tick: Tick(5_000_000), wall: NOW }).expect("usable settings")
}

fn glocal_channel() -> ChannelId {
    ChannelId::new("glocal").expect("a channel id")
}

fn session_id() -> ProviderId {
    ProviderId(SESSION.to_owned())
}

fn making(step: MakeStep) -> CreateOrder {
    let wanted = wanted();
    CreateOrder { channel: glocal_channel(), making: Making { step, ..wanted.making }, ..wanted }
}

fn at() -> OrderAt {
    let payos = known();
    let known = KnownOrder { provider_id: Some(session_id()), ..payos.known };
    OrderAt { channel: glocal_channel(), known, ..payos }
}

/// A payment of the order that stands so.
fn payment(status: &str) -> Value {
    json!({
        "id": "pm_1", "status": status, "customer": { "reference": order().to_string() },
        "amount_details": { "amount": 50_000, "currency": "VND" },
    })
}

fn ok(status: &str, payments: &[Value]) -> String {
    let session = json!({ "id": SESSION, "status": status, "acquiring_payments": payments });
    json!({ "status": "ok", "session": session }).to_string()
}

fn error() -> String {
    json!({ "status": "error", "error": { "code": CODE, "description": "không\nđược" } }).to_string()
}

const CODE: &str = "E1";

const WORDS: &str = "Smart Glocal says no (code `E1`: `không\u{fffd}được`)";

/// An answer of success that is signed with this key.
fn signed(key: &str, body: &str) -> Act {
    let key = SigningKey::from_pem(key.as_bytes()).expect("a key");
    let signature = key.sign(body.as_bytes()).expect("a signature");
    answer(200, &format!("X-Partner-Sign: {signature}\r\n"), body)
}

async fn created_by(act: Act, step: MakeStep, more: &str) -> CreateAnswer {
    let server = Server::start(act).await;
    glocal(&server.base, more).create(&making(step)).await.answer
}

async fn asked_by(act: Act, more: &str) -> StatusAnswer {
    let server = Server::start(act).await;
    glocal(&server.base, more).ask(&at()).await.answer
}

async fn confirmed_by(act: Act) -> ConfirmAnswer {
    let server = Server::start(act).await;
    glocal(&server.base, "").confirm(&at()).await.answer
}

fn start() -> MakeStep {
    MakeStep::Start(session_id())
}

fn report(answer: StatusAnswer) -> Report {
    let StatusAnswer::Known(report) = answer else {
        unreachable!("no usable answer: {answer:?}");
    };
    report
}

#[tokio::test]
async fn every_call_names_the_project_and_is_signed_over_its_bytes() {
    let mut server = Server::start(answer(200, "", &ok("in_progress", &[payment("pending")]))).await;
    let providers = glocal(&server.base, "api = \"v2\"\nsubmerchant = \"shop-1\"");
    let key = VerifyingKey::from_pem(MERCHANT_PUBLIC.as_bytes()).expect("a key");
    providers.create(&making(MakeStep::Create)).await;
    providers.create(&making(start())).await;
    providers.ask(&at()).await;
    providers.confirm(&at()).await;
    providers.cancel(&at(), CancelReason::ByCashier).await;
    for call in ["create", "start/payment", "status", "confirm", "cancel"] {
        let asked = server.asked().await;
        assert_eq!(asked.line, format!("POST /api/v2/session/{call} HTTP/1.1"));
        let header = |name: &str| asked.headers.get(name).map_or("", String::as_str);
        assert_eq!((header("x-partner-project"), header("x-partner-submerchant")), ("shop", "shop-1"));
        assert_eq!(header("content-type"), "application/json");
        assert!(key.verifies(asked.body.as_bytes(), header("x-partner-sign")), "{call}");
        let body: Value = serde_json::from_str(&asked.body).expect("a JSON body");
        let wanted = if call == "create" { json!(null) } else { json!(SESSION) };
        assert_eq!(body["session_id"], wanted);
    }
}

#[tokio::test]
async fn a_beginning_at_once_goes_out_with_its_key() {
    let mut server = Server::start(answer(200, "", &ok("in_progress", &[payment("pending")]))).await;
    let providers = glocal(&server.base, "flow = \"init\"\nidempotency_header = \"X-Key\"");
    let answered = providers.create(&making(MakeStep::Create)).await;
    assert_eq!(answered.answer, CreateAnswer::Made(Made::Started { provider_id: session_id() }));
    let asked = server.asked().await;
    assert_eq!(asked.line, "POST /api/v1/session/init/payment HTTP/1.1");
    assert_eq!(asked.headers.get("x-key"), Some(&order().to_string()));
}

#[tokio::test]
async fn an_order_is_opened_started_and_told_of() {
    let opened = created_by(answer(200, "", &ok("created", &[])), MakeStep::Create, "").await;
    assert_eq!(opened, CreateAnswer::Made(Made::Opened { provider_id: session_id() }));
    let in_progress = ok("in_progress", &[payment("in_progress")]);
    let started = created_by(answer(200, "", &in_progress), start(), "").await;
    assert_eq!(started, CreateAnswer::Made(Made::Started { provider_id: session_id() }));

    let told = report(asked_by(answer(200, "", &in_progress), "").await);
    assert_eq!((told.standing, told.action), (ReportStanding::Preparing, None));
    let mut there = payment("pending");
    there["customer_interaction"] = json!({
        "type": "redirect", "redirect": { "url": "https://b.example/1", "method": "GET", "params": { "a": "b" } },
    });
    let told = report(asked_by(answer(200, "", &ok("in_progress", &[there])), "").await);
    assert_eq!(told.action, Some(Action::Scan(CodeText::Url("https://b.example/1?a=b".to_owned()))));
    let told = report(asked_by(answer(200, "", &ok("accepted", &[payment("succeeded")])), "").await);
    assert_eq!((told.standing, told.total), (ReportStanding::Paid, Amount::vnd(50_000)));
}

#[tokio::test]
async fn what_has_no_session_is_not_asked_for() {
    let server = Server::start(Act::HangUp).await;
    let providers = glocal(&server.base, "");
    let unknown = OrderAt { known: KnownOrder { provider_id: None, ..at().known }, ..at() };
    assert_eq!(providers.ask(&unknown).await.answer, StatusAnswer::NotFound);
    assert_eq!(providers.cancel(&unknown, CancelReason::Expired).await.answer, StatusAnswer::NotFound);
    assert_eq!(providers.confirm(&unknown).await.answer, ConfirmAnswer::Unknown);
    assert_eq!(server.waiting(), 0);
}

#[tokio::test]
async fn a_confirmation_is_heard_not_heard_or_unknown() {
    let heard = confirmed_by(answer(200, "", &ok("in_progress", &[payment("pending")]))).await;
    assert!(matches!(heard, ConfirmAnswer::Heard(_)), "{heard:?}");
    let later = confirmed_by(answer(429, "retry-after: 3\r\n", "")).await;
    assert_eq!(later, ConfirmAnswer::NotHeard { after: Some(Duration::from_secs(3)) });
    for act in [answer(200, "", &error()), answer(400, "", &error()), answer(500, "", ""), Act::HangUp] {
        assert_eq!(confirmed_by(act).await, ConfirmAnswer::Unknown);
    }
}

#[tokio::test]
async fn a_refusal_comes_with_smart_glocal_s_words_under_any_status() {
    for (status, reason) in [
        (200, WORDS.to_owned()),
        (400, format!("Smart Glocal answered with HTTP status 400: {WORDS}")),
        (404, format!("Smart Glocal answered with HTTP status 404: {WORDS}")),
        (401, format!("Smart Glocal answered with HTTP status 401: {WORDS}")),
    ] {
        let cause = if status == 401 { RefusalCause::Access } else { RefusalCause::Unsaid };
        let refusal = Refusal { cause, code: Some(CODE.to_owned()), reason };
        for step in [MakeStep::Create, start()] {
            let refused = CreateAnswer::Refused(refusal.clone());
            assert_eq!(created_by(answer(status, "", &error()), step, "").await, refused);
        }
        assert_eq!(asked_by(answer(status, "", &error()), "").await, StatusAnswer::Refused(refusal));
    }
}

#[tokio::test]
async fn p11_an_error_without_a_word_is_judged_by_its_status() {
    for body in ["", "<html>", "{}", &ok("accepted", &[payment("succeeded")])] {
        for status in [400, 403, 404, 422] {
            let cause = if status == 403 { RefusalCause::Access } else { RefusalCause::Unsaid };
            let reason = format!("Smart Glocal answered with HTTP status {status}");
            let refusal = Refusal { cause, code: None, reason };
            assert_eq!(asked_by(answer(status, "", body), "").await, StatusAnswer::Refused(refusal));
        }
        for status in [500, 502, 503, 408] {
            assert_eq!(asked_by(answer(status, "", body), "").await, StatusAnswer::Later { after: None });
            let lost = created_by(answer(status, "", body), start(), "").await;
            assert_eq!(lost, CreateAnswer::Lost { after: None });
        }
    }
}

/// P4: a lost session has no payment and is opened again; a lost start is asked about, never repeated.
#[tokio::test]
async fn p4_a_lost_answer_is_repeatable_only_where_nothing_can_be_paid_twice() {
    let fine = ok("in_progress", &[payment("pending")]);
    let half = |act: Act| match act {
        Act::Say(bytes) => Act::Say(bytes.get(..bytes.len() - 20).expect("a part").to_owned()),
        Act::HangUp => Act::HangUp,
        Act::KeepSilent => Act::KeepSilent,
    };
    for act in [Act::HangUp, half(answer(200, "", &fine)), answer(502, "", "")] {
        let opened = created_by(act.clone(), MakeStep::Create, "").await;
        assert_eq!(opened, CreateAnswer::Repeatable { after: None });
        let init = "flow = \"init\"\nidempotency_header = \"X-Key\"";
        assert_eq!(created_by(act.clone(), MakeStep::Create, init).await, CreateAnswer::Repeatable { after: None });
        assert_eq!(created_by(act.clone(), start(), "").await, CreateAnswer::Lost { after: None });
        assert_eq!(asked_by(act, "").await, StatusAnswer::Later { after: None });
    }
    // A whole body that is half of JSON is no answer, and no lost one either.
    let cut = fine.get(..fine.len() / 2).expect("half");
    let invalid = created_by(answer(200, "", cut), start(), "").await;
    assert!(matches!(invalid, CreateAnswer::Invalid { .. }), "{invalid:?}");
}

#[tokio::test]
async fn p1_a_signed_answer_is_believed_under_smart_glocal_s_key_alone() {
    let fine = ok("accepted", &[payment("succeeded")]);
    let demanded = "require_signed_answers = true";
    for more in ["", demanded] {
        report(asked_by(signed(GLOCAL, &fine), more).await);
        let message = "Smart Glocal's answer has a wrong signature".to_owned();
        assert_eq!(asked_by(signed(MERCHANT, &fine), more).await, StatusAnswer::Invalid { message: message.clone() });
        let forged = created_by(signed(MERCHANT, &fine), MakeStep::Create, more).await;
        assert_eq!(forged, CreateAnswer::Invalid { message });
    }
    report(asked_by(answer(200, "", &fine), "").await);
    let message = "Smart Glocal's answer has no signature".to_owned();
    assert_eq!(asked_by(answer(200, "", &fine), demanded).await, StatusAnswer::Invalid { message });
}

#[tokio::test]
async fn p1_an_envelope_proves_itself_by_the_provider_s_signature() {
    let providers = glocal("http://127.0.0.1:1", "");
    let session = json!({ "id": SESSION, "status": "accepted", "acquiring_payments": [payment("succeeded")] });
    let body = json!({ "type": "payment_finished", "session": session }).to_string();
    let key = SigningKey::from_pem(GLOCAL.as_bytes()).expect("a key");
    let envelope = |body: &str, signature: Option<String>| {
        let headers = signature.map(|signature| ("x-partner-sign".to_owned(), signature)).into_iter().collect();
        let (provider, method, path) = ("smart-glocal".to_owned(), "POST".to_owned(), "/hooks/glocal".to_owned());
        Envelope::new(glocal_channel(), provider, NOW, method, path, headers, body.to_owned())
    };
    let signature = key.sign(body.as_bytes()).expect("a signature");
    let notice = providers.verify(&envelope(&body, Some(signature.clone()))).expect("it is proven");
    assert_eq!((notice.order, notice.provider_id), (Some(order()), session_id()));
    let changed = body.replace("50000", "50001");
    for (body, signature) in [(changed.as_str(), Some(signature)), (body.as_str(), None)] {
        let unproven = providers.verify(&envelope(body, signature));
        assert!(matches!(unproven, Err(Unproven::Webhook { .. })), "{unproven:?}");
    }
}
