//! A sandbox's HTTP side: the bounds of what it takes, the log of calls, and the faults around the answers. It must not
//! know what a call asks for.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::desk::{Desk, Received};
use super::faults::Fault;
use super::line::{Lines, Scissors};
use super::provider::{Call, Provider, Reply};

/// A larger body is refused with 413, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// Serves until the future is dropped.
pub(super) async fn serve<P: Provider>(listener: TcpListener, desk: Arc<Desk<P>>) {
    let app = Router::new().fallback(take_call::<P>).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(desk);
    // Without a shutdown signal this future ends only when it is dropped.
    let _ = axum::serve(Lines(listener), app.into_make_service_with_connect_info::<Scissors>()).await;
}

async fn take_call<P: Provider>(
    State(desk): State<Arc<Desk<P>>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begun = Instant::now();
    let inside = uri.path().strip_prefix(P::PREFIX);
    let call = Call {
        method: method.to_string(),
        path: inside.unwrap_or(uri.path()).to_owned(),
        query: uri.query().map(str::to_owned),
        headers,
        body,
    };
    desk.papers().note_received(Received {
        at: desk.now(),
        method: call.method.clone(),
        path: uri.path().to_owned(),
        query: call.query.clone(),
        order: P::order(&call),
        body: String::from_utf8_lossy(&call.body).into_owned(),
    });
    let reply = match inside {
        Some(_) => reply_with_trouble(&desk, &scissors, &call).await,
        None => desk.provider.http_error(404),
    };
    let response = respond(reply, &desk);
    desk.papers().busy += begun.elapsed();
    response
}

async fn reply_with_trouble<P: Provider>(desk: &Arc<Desk<P>>, scissors: &Scissors, call: &Call) -> Reply {
    let Some(kind) = P::kind(call) else {
        return P::answer(desk, call, &Fault::Pass).await;
    };
    let trouble = desk.papers().faults.meet(kind);
    // A sleep of nothing takes a millisecond.
    if !trouble.delay.is_zero() {
        sleep(trouble.delay).await;
    }
    if let Some(reply) = trouble_before(&trouble.fault, &desk.provider, scissors) {
        return reply;
    }
    let reply = P::answer(desk, call, &trouble.fault).await;
    if let Fault::HttpStatusAfter(status) = trouble.fault {
        return desk.provider.http_error(status);
    }
    trouble_after(&trouble.fault, scissors, reply.body.len());
    reply
}

/// Faults that keep the call from being carried out.
fn trouble_before<P: Provider>(fault: &Fault, provider: &P, scissors: &Scissors) -> Option<Reply> {
    match fault {
        Fault::Refuse(code) => Some(provider.refusal(code)),
        Fault::HttpStatus { status, retry_after_s } => {
            let reply = provider.http_error(*status);
            Some(match retry_after_s {
                Some(secs) => reply.with_header("retry-after", secs.to_string()),
                None => reply,
            })
        }
        Fault::CloseBeforeProcessing => {
            scissors.cut_now();
            Some(Reply { status: 200, headers: Vec::new(), body: String::new() })
        }
        Fault::Html => Some(Reply {
            status: 200,
            headers: vec![("content-type", "text/html; charset=utf-8".to_owned())],
            body: "<!DOCTYPE html><html><body><h1>Welcome to free Wi-Fi</h1></body></html>".to_owned(),
        }),
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

/// Faults on the answer's way.
fn trouble_after(fault: &Fault, scissors: &Scissors, length: usize) {
    if *fault == Fault::CloseBeforeAnswer {
        scissors.cut_now();
    } else if *fault == Fault::HalfBody {
        scissors.cut_after(length / 2);
    }
}

/// What goes out; the header `Date` is by the sandbox's clock.
fn respond<P: Provider>(reply: Reply, desk: &Desk<P>) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body).into_response();
    let headers = response.headers_mut();
    for (name, value) in reply.headers {
        // A value with a line break is no header; it is left out.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    if let Ok(date) = HeaderValue::try_from(desk.now().in_http()) {
        headers.insert(header::DATE, date);
    }
    response
}
