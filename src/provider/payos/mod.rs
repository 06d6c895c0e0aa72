//! One merchant account at payOS (providers.md §1): three requests, and the proof of a webhook. It must not know when to
//! try again, nor what an answer means for a sale.

mod judge;

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder};
use till_settings::tls::Roots;
use till_settings::{HttpBase, Secret};
use till_wire::payos::{CreateRequest, cancel_body, read_webhook};
use till_wire::{ChannelId, Envelope, OrderRef, UnixTime};

use super::clock::ProviderClock;
use super::trouble::{self, Said, Trouble};
use super::{Answered, ProviderError, Unproven, http};
use crate::config;
use crate::till::{CancelReason, CreateAnswer, CreateOrder, Notice, OrderAt, StatusAnswer};

/// payOS's name in configuration files and envelopes.
const NAME: &str = "payos";

/// How long making an order may take: a lost answer costs a second order, so it is waited for longer.
const CREATE: Duration = Duration::from_secs(15);

/// How long any other request may take.
const ASK: Duration = Duration::from_secs(10);

/// How much longer than its code is shown an order lives, so that payOS does not end it under the customer's hands.
const GRACE_MS: i64 = 30_000;

/// The account with everything that its requests need.
#[derive(Debug)]
pub(super) struct PayOs {
    channel: ChannelId,
    client: Client,
    base: HttpBase,
    /// Names and proves who asks; marked as sensitive.
    headers: HeaderMap,
    checksum_key: Secret,
    description: config::channel::Description,
    return_url: String,
    cancel_url: String,
    clock: ProviderClock,
}

impl PayOs {
    pub(super) fn new(
        channel: &ChannelId,
        roots: Roots,
        settings: &config::PayOs,
        clock: fn() -> UnixTime,
    ) -> Result<Self, ProviderError> {
        Ok(Self {
            channel: channel.clone(),
            client: http::client(channel, roots)?,
            base: settings.base_url.clone(),
            headers: request_headers(channel, settings)?,
            checksum_key: settings.checksum_key.clone(),
            description: settings.description.clone(),
            return_url: settings.return_url.clone(),
            cancel_url: settings.cancel_url.clone(),
            clock: ProviderClock::new(clock),
        })
    }

    pub(super) async fn create(&self, order: &CreateOrder) -> Answered<CreateAnswer> {
        let key = self.checksum_key.expose();
        let request = CreateRequest {
            order: order.order,
            amount: order.amount,
            description: &self.description.fill(order.order),
            return_url: &self.return_url,
            cancel_url: &self.cancel_url,
            expired_at: Some(self.expiry(order.expire)),
        };
        let url = self.base.join("/v2/payment-requests");
        let request = self.client.post(url).body(request.body(key));
        self.call(request, CREATE, |said| judge::created(said, order, key)).await
    }

    pub(super) async fn ask(&self, order: &OrderAt) -> Answered<StatusAnswer> {
        let request = self.client.get(self.order_url(order.order));
        self.call(request, ASK, |said| judge::link(said, order, self.checksum_key.expose())).await
    }

    pub(super) async fn cancel(&self, order: &OrderAt, reason: CancelReason) -> Answered<StatusAnswer> {
        let url = format!("{}/cancel", self.order_url(order.order));
        let request = self.client.post(url).body(cancel_body(sentence(reason)));
        self.call(request, ASK, |said| judge::link(said, order, self.checksum_key.expose())).await
    }

    pub(super) fn verify(&self, envelope: &Envelope) -> Result<Notice, Unproven> {
        let channel = || self.channel.clone();
        if envelope.provider != NAME {
            return Err(Unproven::OtherProvider { channel: channel() });
        }
        let webhook = read_webhook(envelope.body.as_bytes(), &[self.checksum_key.expose()])
            .map_err(|source| Unproven::Webhook { channel: channel(), source })?;
        if webhook.is_registration_ping() {
            return Err(Unproven::Sample { channel: channel() });
        }
        Ok(judge::notice(&self.channel, webhook))
    }

    /// Sends a request and judges what comes of it.
    async fn call<T: From<Trouble>>(
        &self,
        request: RequestBuilder,
        limit: Duration,
        judge: impl FnOnce(Said) -> Result<T, Trouble>,
    ) -> Answered<T> {
        let exchange = http::exchange(request.headers(self.headers.clone()), limit).await;
        let date = exchange.date();
        if let Some(date) = date {
            self.clock.learn(date);
        }
        match trouble::weigh("payOS", exchange, self.clock.now()).and_then(judge) {
            Ok(answer) => Answered { answer, date, trouble: None },
            Err(trouble) => {
                let sentence = trouble.reason().to_owned();
                Answered { answer: trouble.into(), date, trouble: Some(sentence) }
            }
        }
    }

    /// Orders are named by our reference, never by payOS's id: what payOS says of itself is no part of an address.
    fn order_url(&self, order: OrderRef) -> String {
        self.base.join(&format!("/v2/payment-requests/{}", order.payos_code()))
    }

    fn expiry(&self, expire: Duration) -> UnixTime {
        let shown = i64::try_from(expire.as_millis()).unwrap_or(i64::MAX);
        let now = self.clock.now().ms();
        UnixTime::from_ms(now.saturating_add(shown).saturating_add(GRACE_MS))
    }
}

/// Returns what payOS keeps as the reason of a cancellation.
fn sentence(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::ByCashier => "Cancelled at the counter",
        CancelReason::Expired => "The time to pay was over",
        CancelReason::Abandoned => "Replaced by another order",
    }
}

fn request_headers(channel: &ChannelId, settings: &config::PayOs) -> Result<HeaderMap, ProviderError> {
    let partner_code = settings.partner_code.as_ref().map(|code| ("partner_code", "x-partner-code", code.as_bytes()));
    let named = [
        ("client_id", "x-client-id", settings.client_id.expose()),
        ("api_key", "x-api-key", settings.api_key.expose()),
    ];
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (key, name, value) in named.into_iter().chain(partner_code) {
        let mut value =
            HeaderValue::from_bytes(value).map_err(|_| ProviderError::Header { channel: channel.clone(), key })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}
