//! How Smart Glocal answers calls: project, signatures, methods, refusals, and the webhooks that follow. It must not
//! know how sessions change or how a webhook is delivered.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::sleep;

use super::answer::{self, Manner, PaymentId, WebhookKind};
use super::book::{Book, Caller, Made};
use super::habits::{CancelAnswer, Cancellations, Habits, Otherwise, Signature, Webhooks};
use super::letters::{Letters, Webhook};
use super::refusal::Refusal;
use super::request;
use super::session::{Session, SessionId, Version};
use super::signing::{Lens, Pen};
use crate::clock::Moment;
use crate::sandbox::{Call, Desk, Fault, Message, Provider, Reply, Signing};

/// What a shop needs to speak to Smart Glocal. The keys are public examples, so they may be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The header `X-PARTNER-PROJECT`.
    pub project: String,
    /// The shop's own key (PEM, PKCS#8), with which it signs its calls.
    pub private_key: String,
    /// Smart Glocal's key (PEM, SPKI), with which the shop checks webhooks and answers.
    pub webhook_public_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("project", &self.project).finish_non_exhaustive()
    }
}

/// The calls that faults can meet, under either version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallKind {
    /// `POST /api/v1/session/create`
    Create,
    /// `POST /api/v1/session/start/payment`
    Start,
    /// `POST /api/v1/session/init/payment`
    Init,
    /// `POST /api/v1/session/confirm`
    Confirm,
    /// `POST /api/v1/session/cancel`
    Cancel,
    /// `POST /api/v1/session/status`
    Status,
}

/// How a call names what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// By the session.
    Session(SessionId),
    /// By the shop's number of the order (`customer.reference`), where no session is named.
    Order(String),
}

/// Smart Glocal with one project.
#[derive(Debug)]
pub struct SmartGlocal {
    pub(super) credentials: Credentials,
    /// Checks the shop's signatures.
    pub(super) shop: Lens,
    /// Makes Smart Glocal's signatures.
    pub(super) own: Pen,
    /// Makes signatures that do not fit: the shop's own.
    pub(super) other: Pen,
}

/// What changes at Smart Glocal.
#[derive(Debug)]
pub struct Shelf {
    pub(super) book: Book,
    pub(super) habits: Habits,
    pub(super) letters: Letters,
}

impl CallKind {
    fn of(call: &Call) -> Option<(Self, Version)> {
        let parts = call.parts();
        let ("POST", ["api", version, "session", method @ ..]) = (call.method.as_str(), parts.as_slice()) else {
            return None;
        };
        let kind = match method {
            ["create"] => Self::Create,
            ["start", "payment"] => Self::Start,
            ["init", "payment"] => Self::Init,
            ["confirm"] => Self::Confirm,
            ["cancel"] => Self::Cancel,
            ["status"] => Self::Status,
            _ => return None,
        };
        match *version {
            "v1" => Some((kind, Version::V1)),
            "v2" => Some((kind, Version::V2)),
            _ => None,
        }
    }
}

impl Provider for SmartGlocal {
    type Kind = CallKind;
    type Order = Subject;
    type Reference = Webhook;
    type Book = Shelf;

    const NAME: &'static str = "glocal-sandbox";

    fn kind(call: &Call) -> Option<CallKind> {
        CallKind::of(call).map(|(kind, _)| kind)
    }

    fn order(call: &Call) -> Option<Subject> {
        let body: Value = serde_json::from_slice(&call.body).ok()?;
        if let Some(session) = body["session_id"].as_str() {
            return SessionId::from_text(session).map(Subject::Session);
        }
        body["customer"]["reference"].as_str().map(|reference| Subject::Order(reference.to_owned()))
    }

    async fn answer(desk: &Arc<Desk<Self>>, call: &Call, fault: &Fault) -> Reply {
        let Some((kind, version)) = CallKind::of(call) else {
            return desk.provider.signed(404, Refusal::unknown_method().to_text(), Signature::Right);
        };
        let habits = desk.papers().book.habits.clone();
        let signature = match fault.signing() {
            Signing::Right => habits.answer_signature,
            Signing::Wrong => Signature::OtherBody,
            Signing::Absent => Signature::Absent,
        };
        if let Some(refusal) = desk.provider.stranger(call) {
            return desk.provider.signed(401, refusal.to_text(), signature);
        }
        let outcome = carry_out(desk, call, kind, version);
        // A sleep of nothing takes a millisecond.
        if !habits.answers_after.is_zero() {
            sleep(habits.answers_after).await;
        }
        let text = match outcome {
            Ok((session, id)) => {
                let says = if kind == CallKind::Status { &habits.status_says } else { &Otherwise::default() };
                told(&session, Manner { habits: &habits, version, id, says }, fault)
            }
            Err(refusal) => refusal.to_text(),
        };
        desk.provider.signed(200, text, signature)
    }

    fn refusal(&self, code: &str) -> Reply {
        self.signed(200, Refusal::with_code(code).to_text(), Signature::Right)
    }

    fn http_error(&self, status: u16) -> Reply {
        Reply::json(status, Refusal::with_code(&status.to_string()).to_text())
    }

    fn webhook(desk: &Desk<Self>, webhook: &Webhook, _url: &str) -> Option<Message> {
        let (body, signature) = {
            let shelf = &desk.papers().book;
            (shelf.letters.body(webhook)?.to_owned(), shelf.habits.webhook_signature)
        };
        Some(desk.provider.message(body, signature))
    }

    fn is_taken(status: u16) -> bool {
        (200..300).contains(&status)
    }
}

impl SmartGlocal {
    /// Why a call is not from the shop, if it is not.
    fn stranger(&self, call: &Call) -> Option<Refusal> {
        if call.header("x-partner-project") != Some(&self.credentials.project) {
            return Some(Refusal::unknown_project());
        }
        let signature = call.header("x-partner-sign").unwrap_or_default();
        (!self.shop.is_right(&call.body, signature)).then(Refusal::signature)
    }

    /// The header `X-PARTNER-SIGN` for a body.
    pub(super) fn signature(&self, body: &str, how: Signature) -> Option<String> {
        match how {
            Signature::Right => Some(self.own.sign(body.as_bytes())),
            Signature::OtherKey => Some(self.other.sign(body.as_bytes())),
            Signature::OtherBody => Some(self.own.sign(format!("{body} ").as_bytes())),
            Signature::Absent => None,
        }
    }

    pub(super) fn message(&self, body: String, how: Signature) -> Message {
        let headers = self.signature(&body, how).map(|signature| ("X-PARTNER-SIGN", signature));
        Message { headers: headers.into_iter().collect(), body }
    }

    fn signed(&self, status: u16, text: String, how: Signature) -> Reply {
        let signature = self.signature(&text, how);
        let reply = Reply::json(status, text);
        match signature {
            Some(signature) => reply.with_header("x-partner-sign", signature),
            None => reply,
        }
    }
}

impl Shelf {
    /// Writes a webhook about a session as it is now; none when webhooks are off or there is no such session.
    pub(super) fn write(&mut self, kind: &WebhookKind, id: SessionId, now: Moment) -> Option<Webhook> {
        if self.habits.webhooks == Webhooks::Off {
            return None;
        }
        let session = self.book.session(id, now)?;
        let body = answer::webhook(kind, session, &self.habits);
        Some(self.letters.write(Some(kind.clone()), Some(id), body))
    }
}

/// The session that the answer shows.
fn carry_out(
    desk: &Arc<Desk<SmartGlocal>>,
    call: &Call,
    kind: CallKind,
    version: Version,
) -> Result<(Session, PaymentId), Refusal> {
    let now = desk.now();
    let mut papers = desk.papers();
    let Shelf { book, habits, .. } = &mut papers.book;
    let mut before = None;
    let (id, follows) = match kind {
        CallKind::Create => {
            let announced = request::read_create(&call.body)?;
            (book.create(announced, caller(call, version, habits), now).id, Vec::new())
        }
        CallKind::Start => {
            let (id, said) = request::read_start(&call.body)?;
            book.start(id, said, habits, now)?;
            before = book.session(id, now).cloned();
            (id, book.go_on(id, habits, now))
        }
        CallKind::Init => {
            let (id, made) = book.init(&call.body, caller(call, version, habits), habits, now)?;
            before = book.session(id, now).cloned();
            (id, if made == Made::Now { book.go_on(id, habits, now) } else { Vec::new() })
        }
        CallKind::Confirm => {
            let id = request::read_session_id(&call.body)?;
            book.confirm(id, now)?;
            before = book.session(id, now).cloned();
            (id, book.go_on(id, habits, now))
        }
        CallKind::Cancel => {
            let id = request::read_session_id(&call.body)?;
            let was = book.cancel(id, habits, now)?;
            before = (habits.cancel_answer == CancelAnswer::AsBefore).then_some(was);
            let told = habits.cancellations == Cancellations::Told;
            (id, if told { vec![WebhookKind::PaymentFinished] } else { Vec::new() })
        }
        CallKind::Status => (request::read_session_id(&call.body)?, Vec::new()),
    };
    // The answer shows the session before the steps that follow by themselves.
    let shown = before.or_else(|| book.session(id, now).cloned()).ok_or_else(Refusal::unknown_session)?;
    let webhooks: Vec<_> = follows.iter().filter_map(|kind| papers.book.write(kind, id, now)).collect();
    drop(papers);
    webhooks.iter().for_each(|webhook| desk.send(webhook));
    let id = if matches!(kind, CallKind::Start | CallKind::Init) { PaymentId::OfTheStart } else { PaymentId::Lasting };
    Ok((shown, id))
}

fn caller(call: &Call, version: Version, habits: &Habits) -> Caller {
    let once = habits.idempotency_header.as_deref().and_then(|name| call.header(name));
    Caller {
        version,
        submerchant: call.header("x-partner-submerchant").map(str::to_owned),
        once: once.map(str::to_owned),
    }
}

/// The answer's text, with what a fault changes in it.
fn told(session: &Session, manner: Manner<'_>, fault: &Fault) -> String {
    match fault {
        Fault::OtherOrder => answer::success(&session.stranger(), manner),
        Fault::ExtraField => answer::success_with_extra_field(session, manner),
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
        | Fault::OtherAmountInQr
        | Fault::BrokenQr
        | Fault::NoQr
        | Fault::OtherQr(_) => answer::success(session, manner),
    }
}
