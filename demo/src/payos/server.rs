//! The sandbox's HTTP side: keys, paths, the log of calls, and the faults around the answers. It must not know how
//! orders change.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::answer::{self, Refusal, Signing};
use super::book;
use super::desk::Desk;
use super::faults::{CallKind, Fault, Received};
use super::json::Fields;
use super::line::{Lines, Scissors};
use super::order::{Order, OrderCode};
use super::request::{self, Rules};
use super::webhook;
use crate::vietqr;

/// Serves until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let app = Router::new().fallback(take_call).with_state(desk);
    // Without a shutdown signal this future ends only when it is dropped.
    let _ = axum::serve(Lines(listener), app.into_make_service_with_connect_info::<Scissors>()).await;
}

/// A call by its method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    Create,
    Get { id: String },
    Cancel { id: String },
    ConfirmWebhook,
    Unknown,
}

impl Call {
    fn of(method: &Method, path: &str) -> Self {
        let parts: Vec<_> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["v2", "payment-requests"]) => Self::Create,
            ("GET", ["v2", "payment-requests", id]) => Self::Get { id: (*id).to_owned() },
            ("POST", ["v2", "payment-requests", id, "cancel"]) => Self::Cancel { id: (*id).to_owned() },
            ("POST", ["confirm-webhook"]) => Self::ConfirmWebhook,
            _ => Self::Unknown,
        }
    }

    fn kind(&self) -> Option<CallKind> {
        match self {
            Self::Create => Some(CallKind::Create),
            Self::Get { .. } => Some(CallKind::Get),
            Self::Cancel { .. } => Some(CallKind::Cancel),
            Self::ConfirmWebhook | Self::Unknown => None,
        }
    }

    fn order(&self, body: &[u8]) -> Option<OrderCode> {
        let code = match self {
            Self::Create => serde_json::from_slice::<Value>(body).ok()?.get("orderCode")?.as_u64()?,
            Self::Get { id } | Self::Cancel { id } => id.parse().ok()?,
            Self::ConfirmWebhook | Self::Unknown => return None,
        };
        Some(code.into())
    }
}

async fn take_call(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begun = Instant::now();
    let call = Call::of(&method, uri.path());
    desk.papers().note_received(Received {
        at: desk.now(),
        method: method.to_string(),
        path: uri.path().to_owned(),
        order: call.order(&body),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let reply = reply_with_trouble(&desk, &scissors, &call, &headers, &body).await;
    let reply = dated(reply, &desk);
    desk.papers().busy += begun.elapsed();
    reply
}

/// A status and a JSON text, or a ready response.
type Reply = Response;

fn json(status: StatusCode, text: String) -> Reply {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}

fn refused(refusal: &Refusal) -> Reply {
    json(StatusCode::OK, refusal.to_text())
}

fn dated(mut reply: Reply, desk: &Desk) -> Response {
    if let Ok(date) = desk.now().in_http().parse() {
        reply.headers_mut().insert(header::DATE, date);
    }
    reply
}

async fn reply_with_trouble(
    desk: &Arc<Desk>,
    scissors: &Scissors,
    call: &Call,
    headers: &HeaderMap,
    body: &[u8],
) -> Reply {
    let Some(kind) = call.kind() else {
        return reply_outside_payments(desk, call, headers, body).await;
    };
    let trouble = desk.papers().faults.meet(kind);
    // A sleep of nothing takes a millisecond.
    if !trouble.delay.is_zero() {
        sleep(trouble.delay).await;
    }
    if let Some(reply) = trouble_before(&trouble.fault, scissors) {
        return reply;
    }
    if !has_keys(desk, headers) {
        return unauthorised();
    }
    let text = match carry_out(desk, call, headers, body) {
        Ok(order) => success_text(desk, kind, &order, &trouble.fault),
        Err(refusal) => refusal.to_text(),
    };
    if let Fault::HttpStatusAfter(status) = trouble.fault {
        return http_error(status, None);
    }
    trouble_after(&trouble.fault, scissors, text.len());
    json(StatusCode::OK, text)
}

/// Faults that keep the call from being carried out.
fn trouble_before(fault: &Fault, scissors: &Scissors) -> Option<Reply> {
    match fault {
        Fault::Refuse(code) => Some(refused(&Refusal::with_code(code))),
        Fault::HttpStatus { status, retry_after_s } => Some(http_error(*status, *retry_after_s)),
        Fault::CloseBeforeProcessing => {
            scissors.cut_now();
            Some(StatusCode::OK.into_response())
        }
        Fault::Html => {
            let page = "<!DOCTYPE html><html><body><h1>Welcome to free Wi-Fi</h1></body></html>";
            Some(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response())
        }
        Fault::Pass
        | Fault::Delay(_)
        | Fault::HttpStatusAfter(_)
        | Fault::CloseBeforeAnswer
        | Fault::HalfBody
        | Fault::NoSignature
        | Fault::WrongSignature
        | Fault::OtherOrder
        | Fault::OtherAmountInQr
        | Fault::BrokenQr
        | Fault::NoQr
        | Fault::OtherQr(_)
        | Fault::ExtraField => None,
    }
}

fn http_error(status: u16, retry_after_s: Option<u32>) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = json(status, Refusal::with_code(status.as_str()).to_text());
    if let Some(secs) = retry_after_s {
        reply.headers_mut().insert(header::RETRY_AFTER, secs.into());
    }
    reply
}

/// Faults on the answer's way.
fn trouble_after(fault: &Fault, scissors: &Scissors, length: usize) {
    if *fault == Fault::CloseBeforeAnswer {
        scissors.cut_now();
    } else if *fault == Fault::HalfBody {
        scissors.cut_after(length / 2);
    }
}

fn carry_out(desk: &Desk, call: &Call, headers: &HeaderMap, body: &[u8]) -> Result<Order, Refusal> {
    let now = desk.now();
    let mut papers = desk.papers();
    match call {
        Call::Create => {
            let rules = Rules {
                checksum_key: &desk.credentials.checksum_key,
                description_limit: papers.description_limit,
                now,
            };
            // A server that parses bodies by their type sees an empty one when the type is another.
            let body = if is_json(headers) { body } else { b"{}" };
            let request = request::read_create(body, rules)?;
            papers.book.create(request, now)
        }
        Call::Get { id } => papers.book.find(id, now).cloned().ok_or_else(Refusal::not_found),
        Call::Cancel { id } => {
            let reason = request::read_cancel(body)?;
            papers.book.cancel(id, reason, now)
        }
        Call::ConfirmWebhook | Call::Unknown => Err(Refusal::not_found()),
    }
}

fn success_text(desk: &Desk, kind: CallKind, order: &Order, fault: &Fault) -> String {
    let stranger;
    let order = if *fault == Fault::OtherOrder {
        stranger = book::stranger_of(order);
        &stranger
    } else {
        order
    };
    let mut data = match kind {
        CallKind::Create => answer::created(order, &desk.account),
        CallKind::Get | CallKind::Cancel => answer::link(order, &desk.account),
    };
    if kind == CallKind::Create {
        spoil_code(&mut data, desk, order, fault);
    }
    if *fault == Fault::ExtraField {
        data.put("ghiChuMoi", "một trường mới");
    }
    let signing = match fault {
        Fault::WrongSignature => Signing::Wrong,
        Fault::NoSignature => Signing::Absent,
        Fault::Pass
        | Fault::Delay(_)
        | Fault::Refuse(_)
        | Fault::HttpStatus { .. }
        | Fault::HttpStatusAfter(_)
        | Fault::CloseBeforeAnswer
        | Fault::CloseBeforeProcessing
        | Fault::Html
        | Fault::HalfBody
        | Fault::OtherOrder
        | Fault::OtherAmountInQr
        | Fault::BrokenQr
        | Fault::NoQr
        | Fault::OtherQr(_)
        | Fault::ExtraField => Signing::Right,
    };
    answer::success(data, &desk.credentials.checksum_key, signing)
}

fn spoil_code(data: &mut Fields, desk: &Desk, order: &Order, fault: &Fault) {
    match fault {
        Fault::OtherAmountInQr => {
            let more = order.amount.saturating_add(1000);
            data.put("qrCode", vietqr::build(&desk.account, Some(more), &order.bank_description));
        }
        Fault::BrokenQr => {
            let code = data.text("qrCode").map(answer::spoiled).unwrap_or_default();
            data.put("qrCode", code);
        }
        Fault::NoQr => data.remove("qrCode"),
        Fault::OtherQr(text) => data.put("qrCode", text.as_str()),
        Fault::Pass
        | Fault::Delay(_)
        | Fault::Refuse(_)
        | Fault::HttpStatus { .. }
        | Fault::HttpStatusAfter(_)
        | Fault::CloseBeforeAnswer
        | Fault::CloseBeforeProcessing
        | Fault::Html
        | Fault::HalfBody
        | Fault::NoSignature
        | Fault::WrongSignature
        | Fault::OtherOrder
        | Fault::ExtraField => {}
    }
}

fn has_keys(desk: &Desk, headers: &HeaderMap) -> bool {
    let is = |name: &str, want: &str| headers.get(name).is_some_and(|value| value.as_bytes() == want.as_bytes());
    is("x-client-id", &desk.credentials.client_id) && is("x-api-key", &desk.credentials.api_key)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

fn unauthorised() -> Reply {
    json(StatusCode::UNAUTHORIZED, Refusal::with_code("401").to_text())
}

async fn reply_outside_payments(desk: &Arc<Desk>, call: &Call, headers: &HeaderMap, body: &[u8]) -> Reply {
    if *call != Call::ConfirmWebhook {
        return json(StatusCode::NOT_FOUND, Refusal::with_code("404").to_text());
    }
    if !has_keys(desk, headers) {
        return unauthorised();
    }
    match request::read_webhook_url(body) {
        Ok(url) => register_webhook(desk, url).await,
        Err(refusal) => json(StatusCode::BAD_REQUEST, refusal.to_text()),
    }
}

/// Keeps the URL only if the signed ping to it gets 2xx (providers.md §1.7). A server that answers 5xx is reported as
/// 500, everything else that went wrong as 400.
async fn register_webhook(desk: &Arc<Desk>, url: String) -> Reply {
    let ping = answer::webhook(answer::ping(), &desk.credentials.checksum_key);
    let refusal = Refusal::invalid("Webhook url invalid").to_text();
    match webhook::post(&url, &ping).await {
        Ok(got) if got.is_success() => {
            desk.papers().webhook_url = Some(url.clone());
            json(StatusCode::OK, registered(desk, &url))
        }
        Ok(got) if got.status >= 500 => json(StatusCode::INTERNAL_SERVER_ERROR, refusal),
        Ok(_) | Err(_) => json(StatusCode::BAD_REQUEST, refusal),
    }
}

fn registered(desk: &Desk, url: &str) -> String {
    let data = Fields::new()
        .with("webhookUrl", url)
        .with("accountName", desk.account.name.as_str())
        .with("accountNumber", desk.account.number.as_str())
        .with("name", "till-demo")
        .with("shortName", "demo");
    Fields::new().with("code", "00").with("desc", "success").with("data", data).to_text()
}
