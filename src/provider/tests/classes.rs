//! Every way in which a request can fail has its class: what may be done next follows from it alone.

use std::net::{Ipv4Addr, TcpListener as StdListener};

use serde_json::json;
use tokio::time::Instant;

use super::server::{Act, Server, answer};
use super::*;
use crate::provider::http::{Exchange, client, exchange};
use crate::till::Barrier;
use till_settings::tls::Roots;

/// Checks what a request to make an order and a question come to when the server does the same to both. Of refusals and
/// invalid answers the message is what tells them apart.
async fn check(act: Act, create: CreateAnswer, ask: StatusAnswer) {
    let server = Server::start(act.clone()).await;
    check_at(&server.base, &format!("{act:?}"), create, ask).await;
}

async fn check_at(base: &str, act: &str, create: CreateAnswer, ask: StatusAnswer) {
    let providers = providers(base, "").expect("usable settings");
    let created = providers.create(&wanted()).await;
    assert_eq!(created.answer, create, "create: {act}");
    let asked = providers.ask(&known()).await;
    assert_eq!(asked.answer, ask, "ask: {act}");
    assert_eq!(providers.cancel(&known(), CancelReason::Expired).await.answer, ask, "cancel: {act}");
    for fault in [created.fault, asked.fault] {
        let trouble = fault.expect("what went wrong is said in a sentence").reason;
        for secret in [KEY, "the-api-key", "the-client-id", "1017029727122"] {
            assert!(!trouble.contains(secret), "{trouble}");
        }
    }
}

fn refused(message: &str) -> (CreateAnswer, StatusAnswer) {
    both(Refusal::unsaid(message))
}

fn refused_for(cause: RefusalCause, code: Option<&str>, message: &str) -> (CreateAnswer, StatusAnswer) {
    both(Refusal { cause, code: code.map(str::to_owned), reason: message.to_owned() })
}

fn both(refusal: Refusal) -> (CreateAnswer, StatusAnswer) {
    (CreateAnswer::Refused(refusal.clone()), StatusAnswer::Refused(refusal))
}

fn invalid(message: &str) -> (CreateAnswer, StatusAnswer) {
    let message = message.to_owned();
    (CreateAnswer::Invalid { message: message.clone() }, StatusAnswer::Invalid { message })
}

fn secs(secs: u64) -> Option<Duration> {
    Some(Duration::from_secs(secs))
}

#[tokio::test]
async fn p5_without_a_connection_nothing_was_sent() {
    let taken = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let address = taken.local_addr().expect("a bound socket has an address");
    drop(taken);
    let base = format!("http://{address}");
    check_at(&base, "nobody listens", CreateAnswer::NotReached, StatusAnswer::NotReached).await;
    let base = "https://no-such-host.invalid";
    check_at(base, "no such name", CreateAnswer::NotReached, StatusAnswer::NotReached).await;
    let server = Server::start(answer(200, "", "")).await;
    let base = server.base.replace("http:", "https:");
    check_at(&base, "no TLS", CreateAnswer::NotReached, StatusAnswer::NotReached).await;
}

/// What the idle display may say after a question to a provider there.
async fn barrier_at(base: &str) -> Option<Barrier> {
    let providers = providers(base, "").expect("usable settings");
    providers.ask(&known()).await.fault.expect("it cannot be used").barrier
}

async fn barrier_of(status: u16, body: &str) -> Option<Barrier> {
    let server = Server::start(answer(status, "", body)).await;
    barrier_at(&server.base).await
}

#[tokio::test]
async fn p13_what_stands_in_the_way_of_every_sale_is_told_from_what_failed_one() {
    let taken = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let address = taken.local_addr().expect("a bound socket has an address");
    drop(taken);
    assert_eq!(barrier_at(&format!("http://{address}")).await, Some(Barrier::Silence));
    assert_eq!(barrier_at("https://no-such-host.invalid").await, Some(Barrier::Network));
    assert_eq!(barrier_of(503, "").await, Some(Barrier::Silence));
    assert_eq!(barrier_of(429, "").await, Some(Barrier::Silence));
    assert_eq!(barrier_of(401, "").await, Some(Barrier::Access));
    assert_eq!(barrier_of(400, "").await, None);
    assert_eq!(barrier_of(200, "<html>").await, None);
}

#[tokio::test]
async fn p7_a_handshake_that_does_not_end_is_given_up_after_five_seconds() {
    let silent = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let address = silent.local_addr().expect("a bound socket has an address");
    let providers = providers(&format!("https://{address}"), "").expect("usable settings");
    let began = Instant::now();
    assert_eq!(providers.create(&wanted()).await.answer, CreateAnswer::NotReached);
    let span = began.elapsed();
    assert!((4..14).contains(&span.as_secs()), "{span:?}");
}

#[tokio::test]
async fn p5_after_something_was_sent_an_order_may_exist() {
    check(Act::HangUp, CreateAnswer::Lost { after: None }, StatusAnswer::Later { after: None }).await;
    for status in [408, 500, 502, 503, 504, 599] {
        let slow = answer(status, "retry-after: 7\r\n", "<html>");
        check(slow, CreateAnswer::Lost { after: secs(7) }, StatusAnswer::Later { after: secs(7) }).await;
    }
    // The connection breaks in the middle of a good answer.
    let whole = signed(&created());
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", whole.len());
    let half = whole.as_bytes().get(..whole.len() / 2).unwrap_or_default();
    let cut = Act::Say([head.as_bytes(), half].concat());
    check(cut, CreateAnswer::Lost { after: None }, StatusAnswer::Later { after: None }).await;
    let no_http = Act::Say(b"SSH-2.0-OpenSSH\r\n".to_vec());
    check(no_http, CreateAnswer::Lost { after: None }, StatusAnswer::Later { after: None }).await;
}

#[tokio::test]
async fn p7_a_server_that_keeps_silent_is_left_after_the_limit() {
    let server = Server::start(Act::KeepSilent).await;
    let client = client(&channel(), Roots::System).expect("a client");
    let limit = Duration::from_millis(200);
    let silent = exchange(client.get(&server.base), limit, |_| {}).await;
    assert!(matches!(&silent, Exchange::Broken { reason } if reason.contains("timed out")), "{silent:?}");
}

#[tokio::test]
async fn a_pause_that_the_provider_wants_is_no_refusal() {
    let (create, ask) = (CreateAnswer::Later { after: secs(600) }, StatusAnswer::Later { after: secs(600) });
    check(answer(429, "retry-after: 86400\r\n", ""), create, ask).await;
    let (create, ask) = (CreateAnswer::Later { after: secs(9) }, StatusAnswer::Later { after: secs(9) });
    check(answer(429, "x-ratelimit-reset: 9\r\n", ""), create.clone(), ask.clone()).await;
    check(answer(200, "retry-after: 9\r\n", &refusal("429")), create, ask).await;
    let (create, ask) = (CreateAnswer::Later { after: None }, StatusAnswer::Later { after: None });
    check(answer(200, "", &refusal("429")), create.clone(), ask.clone()).await;
    check(answer(429, "", "<html>"), create, ask).await;
}

#[tokio::test]
async fn payos_s_codes_mean_the_same_under_every_status_that_lets_them() {
    for status in [200, 400, 404, 409] {
        let duplicate = "payOS has an order of this number already (code `231`: `Lý\u{fffd} do`)";
        let act = answer(status, "", &refusal("231"));
        check(act, CreateAnswer::Duplicate, refused(duplicate).1).await;
        let missing = "payOS knows no payment link of this order (code `101`: `Lý\u{fffd} do`)";
        let act = answer(status, "", &refusal("101"));
        check(act, refused(missing).0, StatusAnswer::NotFound).await;
        let wrong_field = "payOS found a field of the request that it does not accept (code `20`: `Lý\u{fffd} do`)";
        let (create, ask) = refused_for(RefusalCause::Order, Some("20"), wrong_field);
        check(answer(status, "", &refusal("20")), create, ask).await;
    }
}

#[tokio::test]
async fn a_refusal_says_what_it_means_and_what_payos_said() {
    for (code, cause) in [
        ("201", RefusalCause::Access),
        ("214", RefusalCause::Channel),
        ("401", RefusalCause::Access),
        ("01", RefusalCause::Order),
        ("999", RefusalCause::Unsaid),
    ] {
        let act = answer(200, "", &refusal(code));
        let meaning = till_wire::payos::Meaning::of(code);
        let (create, ask) = refused_for(cause, Some(code), &format!("{meaning} (code `{code}`: `Lý\u{fffd} do`)"));
        check(act, create, ask).await;
    }
    let (create, ask) = refused("payOS answered with HTTP status 404");
    check(answer(404, "", "<html>"), create.clone(), ask.clone()).await;
    // A no of HTTP is not undone by a body that says yes, be it signed.
    check(answer(404, "", &signed(&link())), create, ask).await;
    let (create, ask) = refused_for(RefusalCause::Access, None, "payOS answered with HTTP status 403");
    check(answer(403, "", "forbidden"), create, ask).await;
    let (create, ask) = refused_for(
        RefusalCause::Access,
        Some("401"),
        "payOS answered with HTTP status 401: payOS does not accept the client id or the API key (code `401`: `Lý\u{fffd} do`)",
    );
    check(answer(401, "", &refusal("401")), create, ask).await;
}

#[tokio::test]
async fn p1_what_does_not_verify_is_invalid() {
    let (create, ask) = invalid("payOS answered with HTTP status 302");
    check(answer(302, "location: http://127.0.0.1:1/\r\n", ""), create, ask).await;
    let (create, ask) = invalid("the answer of payOS is larger than 64 KiB");
    check(answer(200, "", &"x".repeat(65_537)), create, ask).await;
    let (create, ask) = invalid("payOS's answer has no signature");
    let unsigned = json!({"code": "00", "desc": "success", "data": created()}).to_string();
    check(answer(200, "", &unsigned), create, ask).await;
    let (create, ask) = invalid("payOS's answer has a wrong signature");
    let other_key = json!({"code": "00", "data": created(), "signature": "0".repeat(64)}).to_string();
    check(answer(200, "", &other_key), create, ask).await;
}

/// Checks that both calls find the same body invalid, for whatever reason.
async fn check_invalid(body: &str) {
    let server = Server::start(answer(200, "", body)).await;
    let providers = providers(&server.base, "").expect("usable settings");
    let created = providers.create(&wanted()).await.answer;
    assert!(matches!(created, CreateAnswer::Invalid { .. }), "{created:?}: {body}");
    let asked = providers.ask(&known()).await.answer;
    assert!(matches!(asked, StatusAnswer::Invalid { .. }), "{asked:?}: {body}");
}

#[tokio::test]
async fn p11_a_whole_body_that_is_no_answer_is_invalid() {
    let whole = signed(&link());
    let half = whole.get(..whole.len() / 2).expect("the body is ASCII");
    for body in ["", "<html>", "[]", "null", "{\"code\":0}", half, &"[".repeat(60_000)] {
        check_invalid(body).await;
    }
}

#[tokio::test]
async fn p4_a_signed_answer_about_something_else_is_invalid() {
    let other = "0001017-029727123".parse().map(OrderRef::payos_code).expect("another order");
    for (field, value) in [("orderCode", json!(other)), ("amount", json!(5_000)), ("amount", json!("50000"))] {
        check_invalid(&with(&created(), field, value.clone())).await;
        check_invalid(&with(&link(), field, value)).await;
    }
    check_invalid(&with(&created(), "currency", "USD")).await;
    check_invalid(&with(&created(), "qrCode", "")).await;
    check_invalid(&with(&link(), "id", "another-link")).await;
}

#[tokio::test]
async fn a_redirection_is_not_followed_with_the_secrets() {
    let other = Server::start(answer(200, "", &signed(&link()))).await;
    let location = format!("location: {}/v2\r\n", other.base);
    let server = Server::start(answer(307, &location, "")).await;
    let providers = providers(&server.base, "").expect("usable settings");
    providers.create(&wanted()).await;
    assert_eq!((server.waiting(), other.waiting()), (1, 0));
}

#[tokio::test]
async fn an_order_of_a_channel_that_is_gone_is_refused() {
    let providers = providers("http://127.0.0.1:1", "").expect("usable settings");
    let gone = ChannelId::new("old").expect("a channel id");
    let (create, ask) = refused("the channel `old` is not in the configuration any more");
    assert_eq!(providers.create(&CreateOrder { channel: gone.clone(), ..wanted() }).await.answer, create);
    let order = OrderAt { channel: gone, ..known() };
    assert_eq!(providers.ask(&order).await.answer, ask);
    assert_eq!(providers.cancel(&order, CancelReason::Expired).await.answer, ask);
}

#[tokio::test]
async fn no_secret_is_shown_by_debug() {
    let shown = format!("{:?}", providers("http://127.0.0.1:1", "partner_code = \"partner-7\""));
    for secret in [KEY, "the-api-key", "the-client-id", "partner-7"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
