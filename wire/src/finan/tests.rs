//! Finan's messages: requests as sent and signed, answers and webhooks believed or refused, each for its reason.

mod accounts;
mod answers;
mod asking;
mod examples;
mod requests;
mod webhooks;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::description::Description;
use crate::ids::OrderRef;
use crate::money::Amount;
use crate::provider::{
    Customer, Delivered, Item, Key, KnownOrder, MakeStep, Making, Next, Provider, ProviderId, Refusal, RefusalCause,
    Reply, Request, Trouble, Verdict, WebhookError, Webhooks,
};
use crate::time::UnixTime;

const SECRET: &[u8] = b"s3cret_k3y";
const ORDER: &str = "0001017-029727122";
const ID: &str = "3fde043e-c3d6-40e8-9031-6eadfa02d2a2";
/// 2026-11-20T03:04:05Z, by Finan's clock.
const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

fn order() -> OrderRef {
    ORDER.parse().expect("an order")
}

fn account() -> FinanAccount {
    FinanAccount {
        client_id: Key::new(b"the-client"),
        secret: Key::new(SECRET),
        signature: FinanSignature::Sha256Concat,
        method: FinanMethod::BankTransfer,
        account_id: None,
        account_number: None,
        label: "Quầy 1".to_owned(),
        customer_name: "Khách lẻ".to_owned(),
        merchant: None,
        description: None,
        reference_type: None,
        success_redirect_url: None,
        failure_redirect_url: None,
    }
}

fn finan() -> Finan {
    Finan::new(account())
}

fn making() -> Making {
    Making {
        order: order(),
        amount: Amount::vnd(50_000),
        expire: Duration::from_secs(300),
        customer: Customer::default(),
        items: Vec::new(),
        step: MakeStep::Create,
    }
}

fn known(id: Option<&str>) -> KnownOrder {
    let provider_id = id.map(|id| ProviderId(id.to_owned()));
    KnownOrder { order: order(), provider_id, amount: Amount::vnd(50_000) }
}

/// The request that a step wants sent.
#[track_caller]
fn sent<T: std::fmt::Debug>(step: Result<Next<T>, Trouble>) -> Request {
    match step {
        Ok(Next::Send(request)) => request,
        other => panic!("this sends nothing: {other:?}"),
    }
}

fn yes(body: &Value) -> Reply {
    reply(Verdict::Yes, body.to_string())
}

fn no(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    reply(Verdict::No { status, reason: format!("HTTP {status}") }, body)
}

fn reply(verdict: Verdict, body: impl Into<Vec<u8>>) -> Reply {
    Reply { verdict, headers: BTreeMap::new(), body: body.into(), after: None }
}

fn done(data: Value) -> Value {
    json!({"message": {"content": "Thực thi API thành công"}, "code": 102_000, "request_id": "abc123", "data": data})
}

fn refused(code: u64) -> Value {
    json!({"message": {"content": "Lý\u{7} do"}, "code": code, "request_id": "abc123"})
}
