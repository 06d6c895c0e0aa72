//! `POST /hooks/{channel}`: takes a webhook, verifies it over its raw bytes, decides where it
//! belongs, and answers once it is in the journal. Knows nothing of the broker.

mod body;
mod forgery;
mod recent;
mod reply;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response};
use till_wire::provider::{Delivered, Heard, Said};
use till_wire::{ChannelId, Envelope, EnvelopeId, Topic, UnixTime};
use tokio::time::timeout;
use tracing::{debug, info, warn};

use self::body::BodyFault;
use self::forgery::{Forgeries, Verdict};
use self::recent::Recent;
use self::reply::Reply;
use crate::clock;
use crate::config::{Channel, Network};
use crate::journal::{AppendError, Entry, Journal};
use crate::metrics::{Metrics, Outcome};
use crate::server::Answer;

/// The side that providers call.
pub(crate) struct Hooks {
    channels: BTreeMap<ChannelId, Channel>,
    proxies: Vec<Network>,
    forgeries: Forgeries,
    recent: Recent,
    journal: Arc<Journal>,
    metrics: Arc<Metrics>,
}

/// A provider waits for its answer; a disk that takes longer than this is as good as none.
const JOURNAL_TIMEOUT: Duration = Duration::from_millis(1800);
const PREFIX: &str = "/hooks/";

impl Hooks {
    pub(crate) fn new(
        channels: Vec<Channel>,
        proxies: Vec<Network>,
        forged_per_s: u32,
        journal: Arc<Journal>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let channels = channels.into_iter().map(|channel| (channel.id.clone(), channel)).collect();
        let forgeries = Forgeries::new(forged_per_s);
        Self { channels, proxies, forgeries, recent: Recent::default(), journal, metrics }
    }

    /// Says which channel is called, or how a call of anything else is answered.
    fn called(&self, request: &Request<Incoming>) -> Result<&Channel, Reply> {
        let name = request.uri().path().strip_prefix(PREFIX).ok_or(Reply::UnknownPath)?;
        if request.method() != Method::POST {
            return Err(Reply::WrongMethod);
        }
        let id = ChannelId::new(name).ok_or(Reply::UnknownPath)?;
        self.channels.get(&id).ok_or(Reply::UnknownPath)
    }

    async fn take(&self, channel: &Channel, peer: IpAddr, request: Request<Incoming>) -> Outcome {
        let (head, body) = request.into_parts();
        let body = match body::read(&head.headers, body).await {
            Ok(body) => body,
            Err(BodyFault::TooLarge) => return Outcome::TooLarge,
            Err(BodyFault::TooSlow | BodyFault::Broken) => return Outcome::Incomplete,
        };
        // Verified before anything is limited: a good webhook is taken whatever its source did.
        let path = match head.uri.query() {
            Some(query) => format!("{}?{query}", channel.public_path),
            None => channel.public_path.clone(),
        };
        let Some(headers) = signed(&head.headers, channel.hooks.signed_headers()) else {
            return Outcome::Malformed;
        };
        let delivered = Delivered { method: head.method.as_str(), path: &path, headers: &headers, body: &body };
        let heard = match channel.hooks.read(&delivered) {
            Ok(heard) => heard,
            Err(error) => {
                debug!(%error, channel = %channel.id, "a webhook was refused");
                return match error.is_forgery() {
                    true => self.forged(source::of(peer, &head.headers, &self.proxies)),
                    false => Outcome::Malformed,
                };
            }
        };
        // Whoever could be verified has sent UTF-8.
        let Ok(body) = String::from_utf8(body) else {
            return Outcome::Malformed;
        };
        let now = clock::now();
        if heard.said == Said::Sample {
            info!(channel = %channel.id, "the provider has tested this address");
            return Outcome::Ping;
        }
        if channel.is_stale(heard.signed_at, now) {
            debug!(channel = %channel.id, "a webhook is older than `freshness_s` allows");
            return Outcome::Stale;
        }
        let (topic, outcome) = route(channel, &heard, now);
        let envelope = Envelope::new(
            channel.id.clone(),
            channel.hooks.name().to_owned(),
            now,
            head.method.to_string(),
            path,
            headers,
            body,
        );
        self.keep(envelope, topic, outcome).await
    }

    fn forged(&self, source: IpAddr) -> Outcome {
        match self.forgeries.note(source, clock::instant()) {
            Verdict::Tolerated => Outcome::Forged,
            Verdict::TooMany => Outcome::Throttled,
        }
    }

    async fn keep(&self, envelope: Envelope, topic: Topic, outcome: Outcome) -> Outcome {
        let channel = &envelope.channel;
        let Ok(bytes) = envelope.to_bytes() else {
            return Outcome::TooLarge;
        };
        if self.is_repeated(envelope.id) {
            debug!(%channel, envelope = %envelope.id, "a webhook came again");
            return outcome;
        }
        let entry = Entry { topic, received_at: envelope.received_at, envelope: bytes };
        let appended = timeout(JOURNAL_TIMEOUT, self.journal.append(entry)).await;
        match appended.unwrap_or(Err(AppendError::Busy)) {
            Ok(number) => {
                self.recent.insert(envelope.id, number);
                info!(%channel, envelope = %envelope.id, %number, "webhook taken");
                outcome
            }
            Err(error) => {
                warn!(%error, %channel, envelope = %envelope.id, "webhook not taken");
                Outcome::NotTaken
            }
        }
    }

    /// Says whether this very webhook is in the journal already; it is then only published again.
    /// So one captured webhook that somebody sends for ever does not fill the disk.
    fn is_repeated(&self, id: EnvelopeId) -> bool {
        let known = self.recent.find(id);
        known.is_some_and(|number| self.journal.reader().repeat(number))
    }
}

impl Answer for Hooks {
    async fn answer(&self, peer: IpAddr, request: Request<Incoming>) -> Response<Body> {
        let channel = match self.called(&request) {
            Ok(channel) => channel,
            Err(reply) => {
                self.metrics.refused_calls.add_one();
                return reply.response(clock::now());
            }
        };
        let outcome = self.take(channel, peer, request).await;
        self.metrics.count(&channel.id, outcome);
        Reply::from(outcome).response(clock::now())
    }
}

/// Returns the headers of these names (in lower case), or nothing when one of them is there twice or is no text: two
/// readers may differ on which of both counts.
fn signed(headers: &HeaderMap, names: &[&str]) -> Option<BTreeMap<String, String>> {
    let mut signed = BTreeMap::new();
    for name in names {
        let mut values = headers.get_all(*name).iter();
        match (values.next(), values.next()) {
            (None, _) => {}
            (Some(value), None) => {
                signed.insert((*name).to_owned(), value.to_str().ok()?.to_owned());
            }
            (Some(_), Some(_)) => return None,
        }
    }
    Some(signed)
}

/// Decides whose webhook it is. The till judges what it says; only money is worth a fallback, and what concerns no till
/// goes to none. An order reference always wins over a purpose (contract §3).
fn route(channel: &Channel, heard: &Heard, now: UnixTime) -> (Topic, Outcome) {
    let unrouted = || (Topic::Unrouted(channel.id.clone()), Outcome::Unrouted);
    let is_payment = match heard.said {
        Said::Nothing | Said::Sample => return unrouted(),
        Said::Transfer(_) => true,
        Said::NoPayment | Said::Ready(_) | Said::Action(_) | Said::Refunds(_) | Said::Hint => false,
    };
    let ours = heard.order.or(heard.purpose).filter(|order| !order.is_foreign(now));
    match (ours, channel.fallback) {
        (Some(order), _) => (Topic::Webhook(order.terminal()), Outcome::Routed),
        (None, Some(till)) if is_payment => (Topic::Webhook(till), Outcome::Fallback),
        (None, _) => unrouted(),
    }
}
