//! How Finan answers calls: authentication, paths, refusals, signed webhooks. It must not know how payment requests change
//! or how a webhook is delivered.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::account::Account;
use super::answer;
use super::book::{self, Book};
use super::habits::{Habits, Single};
use super::payment::{PaymentId, PaymentRequest, ReferenceId};
use super::query::filter;
use super::refusal::Refusal;
use super::request;
use super::signing::{Signed, is_compact, path_of, sign};
use crate::clock::Moment;
use crate::sandbox::{self, Call, Desk, Fault, Fields, Json, Message, Provider, Reply};

/// A timestamp is good for so long, in seconds and in both directions.
const FRESH_S: u64 = 30;

/// What a shop gets from Finan. They are made up and worth nothing, so they may be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The header `x-client-id`.
    pub client_id: String,
    /// What all signatures are made with.
    pub secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// The calls that faults can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallKind {
    /// `POST /open/api/v1/payments`
    Create,
    /// `GET /open/api/v1/payments`, with or without filters
    List,
    /// `GET /open/api/v1/payments/{id}`
    Get,
    /// `GET /open/api/v1/bank-accounts`, `…/bank-accounts/{id}` and `…/master-bank-accounts`
    Accounts,
}

/// Finan with one merchant.
#[derive(Debug)]
pub struct Finan {
    pub(super) credentials: Credentials,
}

/// A call by its method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Path<'a> {
    Create,
    List,
    Get { id: &'a str },
    MasterAccounts,
    Accounts,
    Account { id: &'a str },
    Unknown,
}

impl Path<'_> {
    fn of(call: &Call) -> Path<'_> {
        match (call.method.as_str(), call.parts().as_slice()) {
            ("POST", ["api", "v1", "payments"]) => Path::Create,
            ("GET", ["api", "v1", "payments"]) => Path::List,
            ("GET", ["api", "v1", "payments", id]) => Path::Get { id },
            ("GET", ["api", "v1", "master-bank-accounts"]) => Path::MasterAccounts,
            ("GET", ["api", "v1", "bank-accounts"]) => Path::Accounts,
            ("GET", ["api", "v1", "bank-accounts", id]) => Path::Account { id },
            _ => Path::Unknown,
        }
    }
}

impl Provider for Finan {
    type Kind = CallKind;
    type Order = ReferenceId;
    type Reference = PaymentId;
    type Book = Book;

    const NAME: &'static str = "finan-sandbox";
    const PREFIX: &'static str = "/open";

    fn kind(call: &Call) -> Option<CallKind> {
        match Path::of(call) {
            Path::Create => Some(CallKind::Create),
            Path::List => Some(CallKind::List),
            Path::Get { .. } => Some(CallKind::Get),
            Path::MasterAccounts | Path::Accounts | Path::Account { .. } => Some(CallKind::Accounts),
            Path::Unknown => None,
        }
    }

    fn order(call: &Call) -> Option<ReferenceId> {
        let reference = match Path::of(call) {
            Path::Create => {
                let body: Value = serde_json::from_slice(&call.body).ok()?;
                body.get("reference_id")?.as_str()?.to_owned()
            }
            Path::List => filter(call.query.as_deref(), "reference_id")?,
            Path::Get { .. } | Path::MasterAccounts | Path::Accounts | Path::Account { .. } | Path::Unknown => {
                return None;
            }
        };
        Some(ReferenceId::new(reference))
    }

    async fn answer(desk: &Arc<Desk<Self>>, call: &Call, fault: &Fault) -> Reply {
        let path = Path::of(call);
        if path == Path::Unknown {
            return desk.provider.http_error(404);
        }
        let now = desk.now();
        let book = &mut desk.papers().book;
        let habits = book.habits;
        let text = authenticate(&desk.provider.credentials, call, habits, now)
            .and_then(|()| carry_out(book, call, &path, fault, now));
        match text {
            Ok(text) => Reply::json(200, text),
            Err(refusal) => refusal.reply(habits.refusals),
        }
    }

    fn refusal(&self, code: &str) -> Reply {
        Refusal::with_code(code)
    }

    fn http_error(&self, status: u16) -> Reply {
        Refusal::http(status).reply(super::Refusals::Telling)
    }

    /// It is signed anew for each attempt, with the time of that attempt (unconfirmed for repeated ones).
    fn webhook(desk: &Desk<Self>, reference: &PaymentId, url: &str) -> Option<Message> {
        let now = desk.now().secs();
        let book = &desk.papers().book;
        let (payment, request) = book.payment(reference)?;
        let body = answer::webhook(payment, request, book.habits);
        Some(signed_webhook(&desk.provider.credentials, book.habits, url, body, now))
    }

    fn is_taken(status: u16) -> bool {
        status == 200
    }
}

/// A webhook to `url` with this body, signed at that time.
pub(super) fn signed_webhook(keys: &Credentials, habits: Habits, url: &str, body: String, secs: i64) -> Message {
    let timestamp = secs.to_string();
    let signed = Signed { method: "POST", path: path_of(url), body: &body, timestamp: &timestamp };
    let signature = sign(habits.signature, &keys.secret, signed);
    let headers = vec![("x-client-id", keys.client_id.clone()), ("x-timestamp", timestamp), ("x-signature", signature)];
    Message { headers, body }
}

/// The client is known, the timestamp is fresh, and the signature covers exactly what came.
fn authenticate(keys: &Credentials, call: &Call, habits: Habits, now: Moment) -> Result<(), Refusal> {
    if call.header("x-client-id") != Some(&keys.client_id) {
        return Err(Refusal::unauthorised("x-client-id is not known"));
    }
    let timestamp = call.header("x-timestamp").unwrap_or_default();
    let decimal = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let secs = timestamp.parse::<i64>().ok().filter(|_| decimal);
    if secs.is_none_or(|secs| secs.abs_diff(now.secs()) > FRESH_S) {
        return Err(Refusal::unauthorised("x-timestamp is not within 30 seconds"));
    }
    let body = if call.method == "GET" { Some("") } else { std::str::from_utf8(&call.body).ok() };
    let path = match &call.query {
        Some(query) => format!("{}?{query}", call.path),
        None => call.path.clone(),
    };
    let right = body.filter(|body| is_compact(body)).map(|body| {
        let signed = Signed { method: &call.method, path: &path, body, timestamp };
        sign(habits.signature, &keys.secret, signed)
    });
    if right.is_some_and(|right| call.header("x-signature") == Some(&right)) {
        Ok(())
    } else {
        Err(Refusal::unauthorised("x-signature is wrong"))
    }
}

fn carry_out(book: &mut Book, call: &Call, path: &Path<'_>, fault: &Fault, now: Moment) -> Result<String, Refusal> {
    let query = call.query.as_deref();
    match path {
        Path::Create => {
            let body: &[u8] = if call.is_json() { &call.body } else { b"" };
            let wanted = request::read_create(body, book.bank())?;
            let request = about(&book.create(wanted, now)?, fault);
            Ok(answer::created(with_extra(answer::request_made(&request, code(&request, fault)), fault)))
        }
        Path::List => {
            let requests = listed(book, query);
            Ok(answer::done(Json::List(requests.map(|request| shown(request, book.habits, fault)).collect())))
        }
        Path::Get { id } => {
            let request = book.by_id(id).ok_or_else(Refusal::not_found)?;
            let data = shown(request, book.habits, fault);
            Ok(match book.habits.single {
                Single::Object => answer::done(data),
                Single::List => answer::done(Json::List(vec![data])),
            })
        }
        Path::MasterAccounts => {
            let accounts = accounts_listed(book, query, |account| &account.master_id);
            let accounts = accounts.map(|account| with_extra(answer::master_account(account), fault).into());
            Ok(answer::done(Json::List(accounts.collect())))
        }
        Path::Accounts => {
            let accounts = accounts_listed(book, query, |account| &account.id);
            Ok(answer::done(Json::List(accounts.map(|account| account_shown(account, fault)).collect())))
        }
        Path::Account { id } => {
            let account = book.accounts().find(|account| account.id == *id).ok_or_else(Refusal::not_found)?;
            Ok(answer::done(account_shown(account, fault)))
        }
        Path::Unknown => Err(Refusal::not_found()),
    }
}

/// The payment requests that both filters let pass, newest first.
fn listed<'a>(book: &'a Book, query: Option<&str>) -> impl Iterator<Item = &'a PaymentRequest> + use<'a> {
    let reference = filter(query, "reference_id");
    let kind = filter(query, "reference_type");
    book.requests().iter().rev().filter(move |request| {
        reference.as_ref().is_none_or(|reference| request.reference.as_str() == reference)
            && kind.as_ref().is_none_or(|kind| request.reference_type.as_ref() == Some(kind))
    })
}

fn accounts_listed<'a>(
    book: &'a Book,
    query: Option<&str>,
    id_of: fn(&Account) -> &String,
) -> impl Iterator<Item = &'a Account> + use<'a> {
    let id = filter(query, "id");
    let number = filter(query, "account_number");
    book.accounts().filter(move |account| {
        id.as_ref().is_none_or(|id| id_of(account) == id)
            && number.as_ref().is_none_or(|number| account.details.number == *number)
    })
}

/// The payment request that an answer is about.
fn about(request: &PaymentRequest, fault: &Fault) -> PaymentRequest {
    if *fault == Fault::OtherOrder { book::stranger_of(request) } else { request.clone() }
}

fn shown(request: &PaymentRequest, habits: Habits, fault: &Fault) -> Json {
    with_extra(answer::request(&about(request, fault), habits), fault).into()
}

fn account_shown(account: &Account, fault: &Fault) -> Json {
    let code = sandbox::code(fault, &account.details, None, "");
    with_extra(answer::account(account, code), fault).into()
}

/// What the till makes a code of: a VietQR, or the address of a page, which faults of codes can replace or take away.
fn code(request: &PaymentRequest, fault: &Fault) -> Option<String> {
    let spoiled = sandbox::code(fault, &request.account.details, Some(request.amount), &request.remark);
    match (request.payment_url(), fault) {
        (None, _) | (Some(_), Fault::NoQr | Fault::OtherQr(_)) => spoiled,
        (Some(url), _) => Some(url),
    }
}

fn with_extra(mut data: Fields, fault: &Fault) -> Fields {
    if *fault == Fault::ExtraField {
        data.put("ghi_chu_moi", "một trường mới");
    }
    data
}
