//! How payOS answers calls: keys, paths, refusals. It must not know how orders change or how a webhook is delivered.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::answer::{self, Refusal};
use super::book::{self, Book};
use super::order::{Order, OrderCode, Reference};
use super::request::{self, Rules};
use crate::sandbox::{self, Call, Desk, Fault, Fields, Message, Provider, Reply};
use crate::vietqr::BankAccount;

/// What a shop gets from payOS for its channel. They are made up and worth nothing, so they may be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The header `x-client-id`.
    pub client_id: String,
    /// The header `x-api-key`.
    pub api_key: String,
    /// The key of all signatures.
    pub checksum_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// The calls that faults can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallKind {
    /// `POST /v2/payment-requests`
    Create,
    /// `GET /v2/payment-requests/{id}`
    Get,
    /// `POST /v2/payment-requests/{id}/cancel`
    Cancel,
}

/// payOS with one channel.
#[derive(Debug)]
pub struct Payos {
    pub(super) credentials: Credentials,
    pub(super) account: BankAccount,
}

/// What changes at payOS.
#[derive(Debug)]
pub struct Shelf {
    pub(super) book: Book,
    /// In characters.
    pub(super) description_limit: usize,
}

/// A call by its method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Path<'a> {
    Create,
    Get { id: &'a str },
    Cancel { id: &'a str },
    ConfirmWebhook,
    Unknown,
}

impl Path<'_> {
    fn of(call: &Call) -> Path<'_> {
        match (call.method.as_str(), call.parts().as_slice()) {
            ("POST", ["v2", "payment-requests"]) => Path::Create,
            ("GET", ["v2", "payment-requests", id]) => Path::Get { id },
            ("POST", ["v2", "payment-requests", id, "cancel"]) => Path::Cancel { id },
            ("POST", ["confirm-webhook"]) => Path::ConfirmWebhook,
            _ => Path::Unknown,
        }
    }
}

impl Provider for Payos {
    type Kind = CallKind;
    type Order = OrderCode;
    type Reference = Reference;
    type Book = Shelf;

    const NAME: &'static str = "payos-sandbox";

    fn kind(call: &Call) -> Option<CallKind> {
        match Path::of(call) {
            Path::Create => Some(CallKind::Create),
            Path::Get { .. } => Some(CallKind::Get),
            Path::Cancel { .. } => Some(CallKind::Cancel),
            Path::ConfirmWebhook | Path::Unknown => None,
        }
    }

    fn order(call: &Call) -> Option<OrderCode> {
        let code = match Path::of(call) {
            Path::Create => serde_json::from_slice::<Value>(&call.body).ok()?.get("orderCode")?.as_u64()?,
            Path::Get { id } | Path::Cancel { id } => id.parse().ok()?,
            Path::ConfirmWebhook | Path::Unknown => return None,
        };
        Some(code.into())
    }

    async fn answer(desk: &Arc<Desk<Self>>, call: &Call, fault: &Fault) -> Reply {
        let path = Path::of(call);
        if path == Path::Unknown {
            return desk.provider.http_error(404);
        }
        if !has_keys(&desk.provider, call) {
            return desk.provider.http_error(401);
        }
        if path == Path::ConfirmWebhook {
            return confirm_webhook(desk, &call.body).await;
        }
        let text = match carry_out(desk, call, &path) {
            Ok(order) => success_text(&desk.provider, &path, &order, fault),
            Err(refusal) => refusal.to_text(),
        };
        Reply::json(200, text)
    }

    fn refusal(&self, code: &str) -> Reply {
        Reply::json(200, Refusal::with_code(code).to_text())
    }

    fn http_error(&self, status: u16) -> Reply {
        Reply::json(status, Refusal::with_code(&status.to_string()).to_text())
    }

    fn webhook(desk: &Desk<Self>, reference: &Reference, _url: &str) -> Option<Message> {
        let papers = desk.papers();
        let (order, transfer) = papers.book.book.by_reference(reference)?;
        Some(message(&desk.provider, answer::transfer(order, transfer, &desk.provider.account)))
    }

    fn is_taken(status: u16) -> bool {
        (200..300).contains(&status)
    }
}

/// A webhook with these data: payOS has no headers of its own, the signature is in the body.
fn message(payos: &Payos, data: Fields) -> Message {
    Message { headers: Vec::new(), body: answer::webhook(data, &payos.credentials.checksum_key) }
}

fn has_keys(payos: &Payos, call: &Call) -> bool {
    let keys = &payos.credentials;
    call.header("x-client-id") == Some(&keys.client_id) && call.header("x-api-key") == Some(&keys.api_key)
}

fn carry_out(desk: &Desk<Payos>, call: &Call, path: &Path<'_>) -> Result<Order, Refusal> {
    let now = desk.now();
    let shelf = &mut desk.papers().book;
    match path {
        Path::Create => {
            let rules = Rules {
                checksum_key: &desk.provider.credentials.checksum_key,
                description_limit: shelf.description_limit,
                now,
            };
            // A server that parses bodies by their type sees an empty one when the type is another.
            let body: &[u8] = if call.is_json() { &call.body } else { b"{}" };
            let request = request::read_create(body, rules)?;
            shelf.book.create(request, now)
        }
        Path::Get { id } => shelf.book.find(id, now).cloned().ok_or_else(Refusal::not_found),
        Path::Cancel { id } => {
            let reason = request::read_cancel(&call.body)?;
            shelf.book.cancel(id, reason, now)
        }
        Path::ConfirmWebhook | Path::Unknown => Err(Refusal::not_found()),
    }
}

fn success_text(payos: &Payos, path: &Path<'_>, order: &Order, fault: &Fault) -> String {
    let stranger;
    let order = if *fault == Fault::OtherOrder {
        stranger = book::stranger_of(order);
        &stranger
    } else {
        order
    };
    let mut data = if *path == Path::Create {
        let code = sandbox::code(fault, &payos.account, Some(order.amount), &order.bank_description);
        answer::created(order, &payos.account, code)
    } else {
        answer::link(order, &payos.account)
    };
    if *fault == Fault::ExtraField {
        data.put("ghiChuMoi", "một trường mới");
    }
    answer::success(data, &payos.credentials.checksum_key, fault.signing())
}

/// Keeps the URL only if the signed ping to it gets 2xx (providers.md §1.7). A server that answers 5xx is reported as
/// 500, everything else that went wrong as 400.
async fn confirm_webhook(desk: &Desk<Payos>, body: &[u8]) -> Reply {
    let url = match request::read_webhook_url(body) {
        Ok(url) => url,
        Err(refusal) => return Reply::json(400, refusal.to_text()),
    };
    let refusal = Refusal::invalid("Webhook url invalid").to_text();
    match sandbox::post(&url, message(&desk.provider, answer::ping())).await {
        Ok(got) if got.is_success() => {
            desk.papers().webhook_url = Some(url.clone());
            Reply::json(200, registered(&desk.provider.account, &url))
        }
        Ok(got) if got.status >= 500 => Reply::json(500, refusal),
        Ok(_) | Err(_) => Reply::json(400, refusal),
    }
}

fn registered(account: &BankAccount, url: &str) -> String {
    let data = Fields::new()
        .with("webhookUrl", url)
        .with("accountName", account.name.as_str())
        .with("accountNumber", account.number.as_str())
        .with("name", "till-demo")
        .with("shortName", "demo");
    Fields::new().with("code", "00").with("desc", "success").with("data", data).to_text()
}
