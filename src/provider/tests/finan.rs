//! Finan over HTTP: what it is sent, how its answers are taken, and every way in which a request can fail.

use till_wire::finan::{FinanSignature, Signed};

use super::server::{Act, Asked, Server, answer};
use super::*;
use crate::till::{CodeText, Made, Payee, Report, ReportStanding, Transfer, TransferRef};

const ID: &str = "3fde043e-c3d6-40e8-9031-6eadfa02d2a2";

pub(super) const CREATED: &str = r#"{"message":{"content":"Tạo thành công"},"code":102001,"request_id":"d0a4","data":{
    "payment_request_id":"3fde043e-c3d6-40e8-9031-6eadfa02d2a2","payment_request_code":"PRJXH9KU","payment_url":"",
    "bank_transfer_detail":{"qr_code":"000201","bank_name":"MB","account_name":"TRAN TU THIEN",
    "account_number":"0933450210","remark":"TTVD7ZZS"}}}"#;

pub(super) const LISTED: &str = r#"{"message":{"content":"Thực thi API thành công"},"code":102000,"request_id":"a","data":[{
    "payment_request_id":"PR-3fde043e-c3d6-40e8-9031-6eadfa02d2a2","paid_amount":50000,"status":"paid",
    "payment_method":"bank_transfer","amount":50000,"description":"","reference_type":"",
    "reference_id":"0001017-029727122","payments":[{"id":"PAY-1","amount":50000,"method":"bank_transfer",
    "created_at":"2026-11-20T03:05:00Z"}]}]}"#;

/// The providers with one channel, which is Finan's.
pub(super) fn finan_at(base: &str, more: &str, clock: fn() -> Now) -> Providers {
    let keys = format!("secret = {{ env = \"KEY\" }}\n{more}");
    providers_of("finan", &format!("{base}/open"), &keys, clock).expect("usable settings")
}

fn finan(server: &Server, more: &str) -> Providers {
    finan_at(&server.base, more, || Now { tick: Tick(5_000_000), wall: NOW })
}

pub(super) fn finan_channel() -> ChannelId {
    ChannelId::new("finan").expect("a channel id")
}

pub(super) fn wanted_of_finan() -> CreateOrder {
    CreateOrder { channel: finan_channel(), ..wanted() }
}

pub(super) fn known_to_finan() -> OrderAt {
    let known = KnownOrder { provider_id: Some(ProviderId(ID.to_owned())), ..known().known };
    OrderAt { channel: finan_channel(), known, ..super::known() }
}

fn unknown_to_finan() -> OrderAt {
    OrderAt { known: KnownOrder { provider_id: None, ..known().known }, ..known_to_finan() }
}

fn report() -> Report {
    let transfer = Transfer {
        reference: TransferRef("PAY-1".to_owned()),
        amount: Amount::vnd(50_000),
        transacted_at: Some(UnixTime::from_secs(1_795_143_900)),
    };
    Report {
        provider_id: ProviderId(ID.to_owned()),
        amount: Amount::vnd(50_000),
        total: Amount::vnd(50_000),
        transfers: vec![transfer],
        refunds: Vec::new(),
        standing: ReportStanding::Paid,
        action: None,
    }
}

/// Checks what came as Finan does: the signature over exactly the bytes that came, and the path as it came.
#[track_caller]
fn check_signature(asked: &Asked, kind: FinanSignature) {
    let header = |name: &str| asked.headers.get(name).map(String::as_str).unwrap_or_default();
    let mut line = asked.line.split(' ');
    let (method, path) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let path = path.strip_prefix("/open").expect("every path is below `/open`");
    let timestamp = header("x-timestamp");
    assert_eq!(timestamp, NOW.secs().to_string());
    let signed = Signed { method, path, payload: asked.body.as_bytes(), timestamp };
    assert!(kind.verifies(KEY.as_bytes(), &signed, header("x-signature")), "{asked:?}");
    assert_eq!((header("x-client-id"), header("content-type")), ("the-client-id", "application/json"));
    assert!(!format!("{asked:?}").contains(KEY));
}

#[tokio::test]
async fn an_order_is_made_with_a_signature_over_exactly_what_is_sent() {
    for (kind, more) in [
        (FinanSignature::Sha256Concat, ""),
        (FinanSignature::Sha256Concat, "signature = \"sha256_concat\""),
        (FinanSignature::HmacSha256, "signature = \"hmac_sha256\""),
    ] {
        let mut server = Server::start(answer(200, "", CREATED)).await;
        let answered = finan(&server, more).create(&wanted_of_finan()).await;
        let payee = Payee { bin: None, account: Some("0933450210".to_owned()), name: Some("TRAN TU THIEN".to_owned()) };
        let code = Some(CodeText::VietQr("000201".to_owned()));
        let made = Made::Payable { provider_id: ProviderId(ID.to_owned()), code, payee };
        let expected = Answered { answer: CreateAnswer::Made(made), date: None, corrected_ms: 0, fault: None };
        assert_eq!(answered, expected);
        let asked = server.asked().await;
        assert_eq!(asked.line, "POST /open/api/v1/payments HTTP/1.1");
        check_signature(&asked, kind);
        let body = json!({
            "items": [{ "name": "Quầy 1", "price": 50_000, "quantity": 1, "amount": 50_000 }],
            "customer": { "name": "Khách lẻ" },
            "payment_method": "bank_transfer",
            "amount": 50_000,
            "reference_id": "0001017-029727122",
        });
        assert_eq!(asked.body, body.to_string());
    }
}

#[tokio::test]
async fn what_is_configured_is_told() {
    let mut server = Server::start(answer(200, "", CREATED)).await;
    let more = r#"
        payment_method = "card"
        account_id = "54957437-0cb5"
        customer_name = "Ai đó"
        merchant = { name = "Quán Phở", phone = "0900000000" }
        description = "{label} {sequence}"
        reference_type = "order"
        success_redirect_url = "https://shop.example/ok"
        failure_redirect_url = "https://shop.example/failed"
    "#;
    finan(&server, more).create(&wanted_of_finan()).await;
    let body = json!({
        "merchant": { "name": "Quán Phở", "phone": "0900000000" },
        "items": [{ "name": "Quầy 1", "price": 50_000, "quantity": 1, "amount": 50_000 }],
        "customer": { "name": "Ai đó" },
        "payment_method": "card",
        "account_id": "54957437-0cb5",
        "amount": 50_000,
        "description": "Quay 1 029727122",
        "reference_id": "0001017-029727122",
        "reference_type": "order",
        "success_redirect_url": "https://shop.example/ok",
        "failure_redirect_url": "https://shop.example/failed",
    });
    assert_eq!(server.asked().await.body, body.to_string());
}

#[tokio::test]
async fn p8_an_order_is_asked_for_by_id_and_then_by_our_reference() {
    let mut server = Server::start_with(vec![answer(404, "", "{}"), answer(200, "", LISTED)]).await;
    let providers = finan(&server, "reference_type = \"order&more\"");
    let answered = providers.ask(&known_to_finan()).await;
    assert_eq!(answered.answer, StatusAnswer::Known(report()));
    assert_eq!(answered.fault, None);
    let (one, list) = (server.asked().await, server.asked().await);
    assert_eq!(one.line, format!("GET /open/api/v1/payments/{ID} HTTP/1.1"));
    let path = "/open/api/v1/payments?reference_id=0001017-029727122&reference_type=order%26more";
    assert_eq!(list.line, format!("GET {path} HTTP/1.1"));
    for asked in [&one, &list] {
        check_signature(asked, FinanSignature::Sha256Concat);
        assert_eq!(asked.body, "");
    }
}

#[tokio::test]
async fn p4_an_order_of_unknown_id_is_found_by_our_reference() {
    let mut server = Server::start(answer(200, "", LISTED)).await;
    let answered = finan(&server, "").ask(&unknown_to_finan()).await;
    assert_eq!(answered.answer, StatusAnswer::Known(report()));
    assert_eq!(server.asked().await.line, "GET /open/api/v1/payments?reference_id=0001017-029727122 HTTP/1.1");
}

#[tokio::test]
async fn p4_of_two_payment_requests_of_one_order_the_known_one_counts() {
    let mut both: Value = serde_json::from_str(LISTED).expect("JSON");
    let mut other = both["data"][0].clone();
    other["payment_request_id"] = json!("PR-another");
    other["paid_amount"] = json!(0);
    other["status"] = json!("unpaid");
    other["payments"] = json!([]);
    both["data"] = json!([other, both["data"][0]]);
    let server = Server::start_with(vec![answer(404, "", ""), answer(200, "", &both.to_string())]).await;
    let answered = finan(&server, "").ask(&known_to_finan()).await;
    assert_eq!(answered.answer, StatusAnswer::Known(report()));
    // Without a known one it is the one with money.
    assert_eq!(finan(&server, "").ask(&unknown_to_finan()).await.answer, StatusAnswer::Known(report()));
}

#[tokio::test]
async fn a_cancellation_is_a_question_and_an_order_without_money_is_cancelled() {
    let unpaid = LISTED.replace("\"paid_amount\":50000,\"status\":\"paid\"", "\"paid_amount\":0,\"status\":\"unpaid\"");
    for (body, standing) in [(unpaid.as_str(), ReportStanding::Cancelled), (LISTED, ReportStanding::Paid)] {
        let mut server = Server::start(answer(200, "", body)).await;
        let answered = finan(&server, "").cancel(&known_to_finan(), CancelReason::ByCashier).await;
        let StatusAnswer::Known(report) = answered.answer else { unreachable!("it is known: {answered:?}") };
        assert_eq!(report.standing, standing);
        assert_eq!(server.asked().await.line, format!("GET /open/api/v1/payments/{ID} HTTP/1.1"));
        assert_eq!(server.waiting(), 0);
    }
}

/// Checks what a request to make an order and a question come to when the server does the same to both.
async fn check(act: Act, create: CreateAnswer, ask: StatusAnswer) {
    let server = Server::start(act.clone()).await;
    let providers = finan(&server, "");
    let created = providers.create(&wanted_of_finan()).await;
    assert_eq!(created.answer, create, "create: {act:?}");
    for known in [known_to_finan(), unknown_to_finan()] {
        let asked = providers.ask(&known).await;
        assert_eq!(asked.answer, ask, "ask: {act:?}");
        let cancelled = providers.cancel(&known, CancelReason::Expired).await;
        assert_eq!(cancelled.answer, ask, "cancel: {act:?}");
        for fault in [&created.fault, &asked.fault, &cancelled.fault] {
            let trouble = &fault.as_ref().expect("what went wrong is said in a sentence").reason;
            assert!(!trouble.contains(KEY) && !trouble.contains("the-client-id"), "{trouble}");
        }
    }
}

#[tokio::test]
async fn what_may_have_been_processed_is_lost_and_a_pause_is_kept() {
    let secs = |secs| Some(Duration::from_secs(secs));
    let lost = |after| (CreateAnswer::Lost { after }, StatusAnswer::Later { after });
    let half = |body: &str| {
        let head = format!("HTTP/1.1 200 x\r\ncontent-length: {}\r\n\r\n", body.len());
        Act::Say([head.as_bytes(), body.as_bytes().split_at(body.len() / 2).0].concat())
    };
    for (act, after) in [
        (answer(500, "", CREATED), None),
        (answer(503, "retry-after: 7\r\n", ""), secs(7)),
        (answer(408, "", ""), None),
        (half(CREATED), None),
        (Act::HangUp, None),
        (Act::Say(b"SSH-2.0\r\n".to_vec()), None),
    ] {
        let (create, ask) = lost(after);
        check(act, create, ask).await;
    }
    for (headers, after) in [("retry-after: 9\r\n", secs(9)), ("retry-after: 86400\r\n", secs(600)), ("", None)] {
        let later = (CreateAnswer::Later { after }, StatusAnswer::Later { after });
        check(answer(429, headers, r#"{"code":429}"#), later.0, later.1).await;
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_finan_s_words() {
    let body = r#"{"message":{"content":"Sai\u0007 chữ ký"},"code":400123}"#;
    let told = |cause, reason: &str| {
        let reason = format!("{reason}: `Sai\u{fffd} chữ ký`");
        let refusal = Refusal { cause, code: Some("400123".to_owned()), reason };
        (CreateAnswer::Refused(refusal.clone()), StatusAnswer::Refused(refusal))
    };
    let (create, ask) = told(RefusalCause::Unsaid, "Finan refused with code 400123");
    check(answer(200, "", body), create, ask).await;
    for (status, cause) in [
        (400, RefusalCause::Unsaid),
        (401, RefusalCause::Access),
        (403, RefusalCause::Access),
        (422, RefusalCause::Unsaid),
    ] {
        let (create, ask) = told(cause, &format!("Finan answered with HTTP status {status}: code 400123"));
        check(answer(status, "", body), create, ask).await;
    }
    let refusal = Refusal::unsaid("Finan answered with HTTP status 418");
    let (create, ask) = (CreateAnswer::Refused(refusal.clone()), StatusAnswer::Refused(refusal));
    check(answer(418, "", "<html>"), create, ask).await;
}

#[tokio::test]
async fn what_http_itself_says_of_an_order_is_understood() {
    let refusal = Refusal::unsaid("Finan answered with HTTP status 404");
    check(answer(404, "", ""), CreateAnswer::Refused(refusal), StatusAnswer::NotFound).await;
    let refusal = Refusal::unsaid("Finan answered with HTTP status 409");
    check(answer(409, "", ""), CreateAnswer::Duplicate, StatusAnswer::Refused(refusal)).await;
    let none = r#"{"code":102000,"data":[]}"#;
    let server = Server::start(answer(200, "", none)).await;
    assert_eq!(finan(&server, "").ask(&known_to_finan()).await.answer, StatusAnswer::NotFound);
}

#[tokio::test]
async fn p11_an_answer_that_cannot_be_read_is_invalid() {
    let large = format!("{}{CREATED}", " ".repeat(70_000));
    let twice = CREATED.replacen("\"code\"", "\"code\":102001,\"code\"", 1);
    for body in ["", "<html>", "[]", "{}", r#"{"code":"102001"}"#, &large, &twice] {
        let server = Server::start(answer(200, "", body)).await;
        let providers = finan(&server, "");
        let created = providers.create(&wanted_of_finan()).await.answer;
        assert!(matches!(created, CreateAnswer::Invalid { .. }), "{created:?}");
        for known in [known_to_finan(), unknown_to_finan()] {
            let asked = providers.ask(&known).await.answer;
            assert!(matches!(asked, StatusAnswer::Invalid { .. }), "{asked:?}");
        }
    }
    let server = Server::start(answer(302, "location: https://elsewhere.example/\r\n", "")).await;
    let created = finan(&server, "").create(&wanted_of_finan()).await.answer;
    assert_eq!(created, CreateAnswer::Invalid { message: "Finan answered with HTTP status 302".to_owned() });
}

#[tokio::test]
async fn a_code_for_any_amount_is_asked_for_in_one_or_two_steps() {
    let account = r#"{"code":102000,"data":[{"account_number":"0933450210","account_name":"A","bank_name":"MB"}]}"#;
    let masters = r#"{"code":102000,"data":[{"id":"m","bank_name":"MB","bank_bin":"970422"}]}"#;
    let mut server = Server::start_with(vec![answer(200, "", account), answer(200, "", masters)]).await;
    let answered = finan(&server, "").open_code(&finan_channel()).await;
    let code = answered.answer.expect("a code");
    let read = till_wire::VietQr::parse(&code.text).expect("a VietQR");
    assert_eq!((read.bin.as_str(), read.account.as_str()), ("970422", "0933450210"));
    for line in ["GET /open/api/v1/bank-accounts HTTP/1.1", "GET /open/api/v1/master-bank-accounts HTTP/1.1"] {
        let asked = server.asked().await;
        assert_eq!(asked.line, line);
        check_signature(&asked, FinanSignature::Sha256Concat);
    }
    let server = Server::start(answer(200, "", r#"{"code":102000,"data":[]}"#)).await;
    let answered = finan(&server, "account_id = \"x-1\"").open_code(&finan_channel()).await;
    assert_eq!(answered.answer, None);
    assert_eq!(answered.fault.map(|fault| fault.reason).as_deref(), Some("Finan has no bank account of this merchant"));
}
