//! Smart Glocal's messages: requests as sent, answers and webhooks believed or refused, each for its reason.

mod answers;
mod customers;
mod examples;
mod reports;
mod requests;
mod signatures;
mod webhooks;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::ids::OrderRef;
use crate::money::Amount;
use crate::provider::{
    Action, CancelReason, CodeText, Customer, Delivered, Heard, KnownOrder, Made, MakeStep, Making, Next, Provider,
    ProviderId, Question, Refund, Refusal, RefusalCause, Reply, Report, Request, Said, Standing, Transfer, TransferRef,
    Trouble, Verdict, WebhookError, Webhooks,
};
use crate::time::UnixTime;

const SESSION: &str = "ps_5666";
const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

/// The shop's keys, and Smart Glocal's: public examples of the sandbox.
const MERCHANT: &str = include_str!("../../../demo/keys/merchant.pem");
const MERCHANT_PUBLIC: &str = include_str!("../../../demo/keys/merchant.pub.pem");
const GLOCAL: &str = include_str!("../../../demo/keys/smart-glocal.pem");
const GLOCAL_PUBLIC: &str = include_str!("../../../demo/keys/smart-glocal.pub.pem");

fn order() -> OrderRef {
    "0001017-029727122".parse().expect("an order")
}

fn sign(key: &str, body: &[u8]) -> String {
    SigningKey::from_pem(key.as_bytes()).expect("a key").sign(body).expect("a signature")
}

fn glocal_public() -> VerifyingKey {
    VerifyingKey::from_pem(GLOCAL_PUBLIC.as_bytes()).expect("a key")
}

fn account() -> SmartGlocalAccount {
    SmartGlocalAccount {
        api: ApiNames::V1,
        project: "shop".to_owned(),
        submerchant: None,
        private_key: SigningKey::from_pem(MERCHANT.as_bytes()).expect("a key"),
        webhook_key: glocal_public(),
        minor_units: MinorUnits::Dong,
        flow: Flow::Create,
        return_url: None,
        require_signed_answers: false,
        payer: Some(Payer {
            full_name: "Name Surname".to_owned(),
            document: "12333315123".to_owned(),
            email: "email@example.com".to_owned(),
        }),
    }
}

fn provider() -> SmartGlocal {
    SmartGlocal::new(account())
}

fn with_init() -> SmartGlocal {
    let flow = Flow::Init { idempotency_header: "X-Idempotency".to_owned() };
    SmartGlocal::new(SmartGlocalAccount { flow, ..account() })
}

fn session_id() -> ProviderId {
    ProviderId(SESSION.to_owned())
}

fn making(step: MakeStep) -> Making {
    Making {
        order: order(),
        amount: Amount::vnd(100_000),
        expire: Duration::from_secs(300),
        customer: Customer::default(),
        items: Vec::new(),
        step,
    }
}

fn known() -> KnownOrder {
    KnownOrder { order: order(), provider_id: Some(session_id()), amount: Amount::vnd(100_000) }
}

/// A payment of ours that stands so.
fn payment(status: &str) -> Value {
    json!({
        "id": "pm_12354", "status": status, "created_at": "2025-12-04T07:48:28.296138Z",
        "customer": { "reference": order().to_string(), "contacts": [{ "email": "email@example.com" }] },
        "payment_details": { "type": "internet_banking" },
        "amount_details": { "amount": 100_000, "currency": "VND" }, "metadata": { "key": "value" },
    })
}

/// A payment with one field changed.
fn with(status: &str, field: &str, value: Value) -> Value {
    let mut payment = payment(status);
    payment[field] = value;
    payment
}

fn succeeded() -> Value {
    with("succeeded", "finished_at", json!("2025-12-04T07:49:43.002789Z"))
}

/// What `succeeded` amounts to.
fn transfer() -> Transfer {
    let transacted_at = "2025-12-04T07:49:43.002Z".parse().ok();
    Transfer { reference: TransferRef("pm_12354".to_owned()), amount: Amount::vnd(100_000), transacted_at }
}

/// A session that stands so, with these payments.
fn session(status: &str, payments: &[Value]) -> Value {
    let mut session = json!({ "id": SESSION, "status": status, "created_at": "2025-12-04T07:48:28.275964Z" });
    if !payments.is_empty() {
        session["acquiring_payments"] = payments.into();
    }
    session
}

fn redirect(redirect: Value) -> Value {
    json!({ "type": "redirect", "redirect": redirect })
}

fn ok(session: &Value) -> Value {
    json!({ "status": "ok", "session": session })
}

fn unsigned(verdict: Verdict, body: &[u8]) -> Reply {
    Reply { verdict, headers: BTreeMap::new(), body: body.to_owned(), after: None }
}

fn yes(body: &Value) -> Reply {
    unsigned(Verdict::Yes, body.to_string().as_bytes())
}

fn no() -> Verdict {
    Verdict::No { status: 400, reason: "HTTP 400".to_owned() }
}

fn forbidden() -> Verdict {
    Verdict::Forbidden { reason: "HTTP 403".to_owned() }
}

fn signed(reply: Reply, key: &str) -> Reply {
    let headers = BTreeMap::from([("x-partner-sign".to_owned(), sign(key, &reply.body))]);
    Reply { headers, ..reply }
}

fn sent<T: std::fmt::Debug>(step: Result<Next<T>, Trouble>) -> Request {
    match step.expect("there is something to be sent") {
        Next::Send(request) => request,
        Next::Done(done) => unreachable!("it is over: {done:?}"),
    }
}

fn done<T: std::fmt::Debug>(step: Result<Next<T>, Trouble>) -> Result<T, Trouble> {
    match step? {
        Next::Done(done) => Ok(done),
        Next::Send(request) => unreachable!("another request: {request:?}"),
    }
}

fn told_by(provider: &SmartGlocal, question: Question, reply: &Reply) -> Result<Report, Trouble> {
    let request = sent(provider.ask(&known(), question, NOW));
    done(provider.told(&known(), question, &request, reply, NOW))
}

fn told(question: Question, session: &Value) -> Result<Report, Trouble> {
    told_by(&provider(), question, &yes(&ok(session)))
}

fn status(session: &Value) -> Report {
    told(Question::Status, session).expect("a usable answer")
}

fn made_by(provider: &SmartGlocal, step: MakeStep, reply: &Reply) -> Result<Made, Trouble> {
    let making = making(step);
    let request = sent(provider.make(&making, NOW));
    done(provider.made(&making, &request, reply, NOW))
}

/// What comes of a body that Smart Glocal has signed.
fn read_with(units: MinorUnits, body: &[u8]) -> Result<Heard, WebhookError> {
    let headers = BTreeMap::from([("x-partner-sign".to_owned(), sign(GLOCAL, body))]);
    let delivered = Delivered { method: "POST", path: "/hooks/glocal", headers: &headers, body };
    SmartGlocalHooks::new(vec![glocal_public()], units).read(&delivered)
}

fn heard(kind: &str, session: &Value) -> Heard {
    let body = json!({ "type": kind, "session": session }).to_string();
    read_with(MinorUnits::Dong, body.as_bytes()).expect("a usable webhook")
}

fn said(kind: &str, session: &Value) -> Said {
    heard(kind, session).said
}
