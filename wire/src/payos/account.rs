//! One merchant account at payOS: three requests, and the proof of a webhook (providers.md §1). It must not know when to
//! try again, nor what an answer means for a sale.

use super::{CreateRequest, cancel_body, judge, read_webhook};
use crate::description::Description;
use crate::ids::OrderRef;
use crate::provider::{
    CancelReason, Delivered, Heard, Key, KnownOrder, Made, Making, Next, Provider, Question, Reply, Report, Request,
    Step, Trouble, WebhookError, Webhooks,
};
use crate::time::UnixTime;

/// How much longer than its code is shown an order lives, so that payOS does not end it under the customer's hands.
const GRACE_MS: i64 = 30_000;

/// Proves payOS's webhooks.
#[derive(Clone, Debug)]
pub struct PayOsHooks {
    /// The channel's checksum key; two while keys are changed.
    keys: Vec<Key>,
}

/// What payOS is told on behalf of a merchant.
#[derive(Clone, Debug)]
pub struct PayOsAccount {
    /// Sent as `x-client-id`.
    pub client_id: Key,
    /// Sent as `x-api-key`.
    pub api_key: Key,
    /// Signs requests, answers and webhooks; never sent. Another one may be believed as well ([`PayOs::believing`]).
    pub checksum_key: Key,
    /// Sent as `x-partner-code`, in the partners' programme.
    pub partner_code: Option<Key>,
    /// What the payer reads in the transfer.
    pub description: Description,
    /// Where payOS's own page sends the customer afterwards.
    pub return_url: String,
    /// Where payOS's own page sends a customer who gives up.
    pub cancel_url: String,
}

/// The account with everything that its requests need.
#[derive(Clone, Debug)]
pub struct PayOs {
    account: PayOsAccount,
    hooks: PayOsHooks,
}

impl PayOsHooks {
    /// Takes the keys that are valid now.
    pub fn new(keys: Vec<Key>) -> Self {
        Self { keys }
    }
}

impl Webhooks for PayOsHooks {
    fn name(&self) -> &'static str {
        "payos"
    }

    fn read(&self, webhook: &Delivered<'_>) -> Result<Heard, WebhookError> {
        let keys: Vec<&[u8]> = self.keys.iter().map(Key::expose).collect();
        read_webhook(webhook.body, &keys).map(judge::heard)
    }
}

impl PayOs {
    /// Takes what payOS is to be told.
    pub fn new(account: PayOsAccount) -> Self {
        let hooks = PayOsHooks::new(vec![account.checksum_key.clone()]);
        Self { account, hooks }
    }

    /// Believes webhooks and answers under a second key as well, while keys are changed. Requests are signed with the first.
    #[must_use]
    pub fn believing(mut self, next: Option<Key>) -> Self {
        self.hooks.keys.extend(next);
        self
    }

    fn key(&self) -> &[u8] {
        self.account.checksum_key.expose()
    }

    /// Judges an answer under each of the keys; where it is none under any, by the first one's word.
    fn believed<T>(&self, judge: impl Fn(&[u8]) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let first = judge(self.key());
        if !matches!(first, Err(Trouble::Invalid { .. })) {
            return first;
        }
        let mut others = self.hooks.keys.iter().skip(1).filter_map(|key| judge(key.expose()).ok());
        others.next().map_or(first, Ok)
    }
}

impl Webhooks for PayOs {
    fn name(&self) -> &'static str {
        self.hooks.name()
    }

    fn read(&self, webhook: &Delivered<'_>) -> Result<Heard, WebhookError> {
        self.hooks.read(webhook)
    }
}

impl Provider for PayOs {
    fn title(&self) -> &'static str {
        "payOS"
    }

    fn identity(&self) -> Vec<(&'static str, &'static str, &[u8])> {
        let account = &self.account;
        let partner = account.partner_code.as_ref().map(|code| ("partner_code", "x-partner-code", code.expose()));
        let named = [
            ("client_id", "x-client-id", account.client_id.expose()),
            ("api_key", "x-api-key", account.api_key.expose()),
        ];
        named.into_iter().chain(partner).collect()
    }

    fn make(&self, making: &Making, at: UnixTime) -> Step<Made> {
        let request = CreateRequest {
            order: making.order,
            amount: making.amount,
            description: &self.account.description.fill(making.order),
            return_url: &self.account.return_url,
            cancel_url: &self.account.cancel_url,
            expired_at: Some(expiry(making, at)),
            customer: &making.customer,
            items: &making.items,
        };
        Ok(Next::Send(Request::post("create", "/v2/payment-requests".to_owned(), request.body(self.key()))))
    }

    fn made(&self, making: &Making, _request: &Request, reply: &Reply, _at: UnixTime) -> Step<Made> {
        self.believed(|key| judge::created(reply, making, key)).map(Next::Done)
    }

    fn ask(&self, known: &KnownOrder, question: Question, _at: UnixTime) -> Step<Report> {
        let path = order_path(known.order);
        Ok(Next::Send(match question {
            // payOS needs no confirmation, so there is nothing to say but how the order stands.
            Question::Status | Question::Confirm => Request::get("status", path),
            Question::Cancel(reason) => Request::post("cancel", path + "/cancel", cancel_body(sentence(reason))),
        }))
    }

    fn told(
        &self,
        known: &KnownOrder,
        _question: Question,
        _request: &Request,
        reply: &Reply,
        _at: UnixTime,
    ) -> Step<Report> {
        self.believed(|key| judge::link(reply, known, key)).map(Next::Done)
    }
}

/// Orders are named by our reference, never by payOS's id: what payOS says of itself is no part of an address.
fn order_path(order: OrderRef) -> String {
    format!("/v2/payment-requests/{}", order.payos_code())
}

fn expiry(making: &Making, at: UnixTime) -> UnixTime {
    let shown = i64::try_from(making.expire.as_millis()).unwrap_or(i64::MAX);
    UnixTime::from_ms(at.ms().saturating_add(shown).saturating_add(GRACE_MS))
}

/// Returns what payOS keeps as the reason of a cancellation.
fn sentence(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::ByCashier => "Cancelled at the counter",
        CancelReason::Expired => "The time to pay was over",
        CancelReason::Abandoned => "Replaced by another order",
    }
}
