//! `POST /hooks/{channel}`: takes a webhook, has its provider prove it over its raw bytes, decides where
//! it belongs, and answers once it is in the journal. Knows neither providers nor the broker.

pub(crate) mod body;
mod forgery;
mod recent;
mod reply;
mod route;
mod rules;
mod signed;
pub(crate) mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::{Method, Request, Response};
use till_wire::provider::{Delivered, Heard, Said};
use till_wire::{ChannelId, Envelope, EnvelopeId, Topic, UnixTime};
use tokio::time::timeout;
use tracing::{debug, info, warn};

use self::body::BodyFault;
use self::forgery::Forgeries;
use self::recent::Recent;
use self::reply::Reply;
use self::rules::{InForce, Rules, Served};
use crate::clock;
use crate::config::{self, Channel};
use crate::journal::{AppendError, Entry, Journal};
use crate::metrics::{Metrics, Outcome};
use crate::often::Verdict;
use crate::server::{Answer, Visitor};

/// The side that providers call.
pub(crate) struct Hooks {
    rules: InForce,
    forgeries: Forgeries,
    recent: Recent,
    journal: Arc<Journal>,
    metrics: Arc<Metrics>,
}

/// A provider waits for its answer; a disk that takes longer than this is as good as none.
const JOURNAL_TIMEOUT: Duration = Duration::from_millis(1800);
/// The largest webhook that is taken (contract §6).
const MAX_BODY: usize = 32 * 1024;
const PREFIX: &str = "/hooks/";

impl Hooks {
    pub(crate) fn new(
        channels: Vec<Channel>,
        http: &config::Hooks,
        journal: Arc<Journal>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let rules = InForce::new(Rules::new(channels, http, &metrics, None));
        Self { rules, forgeries: Forgeries::default(), recent: Recent::default(), journal, metrics }
    }

    /// Goes by these channels, keys and proxies from the next request on; those that have begun end as they began.
    pub(crate) fn replace(&self, channels: Vec<Channel>, http: &config::Hooks) {
        let rules = Rules::new(channels, http, &self.metrics, Some(&self.rules.now()));
        self.rules.replace(rules);
    }

    async fn take(&self, rules: &Rules, served: &Served, visitor: Visitor<'_>, request: Request<Incoming>) -> Outcome {
        let channel = &served.channel;
        let (head, body) = request.into_parts();
        let body = match body::read(&head.headers, body, MAX_BODY).await {
            Ok(body) => body,
            Err(BodyFault::TooLarge) => return Outcome::TooLarge,
            Err(BodyFault::Broken) if visitor.seat.is_ambiguous() => return Outcome::Malformed,
            Err(BodyFault::TooSlow | BodyFault::Broken) => return Outcome::Incomplete,
            Err(BodyFault::Malformed) => return Outcome::Malformed,
            Err(BodyFault::Encoded) => return Outcome::Encoded,
        };
        visitor.seat.whole();
        let forged = || self.forged(source::of(visitor.peer, &head.headers, &rules.proxies), rules.forged_per_s);
        let path = match head.uri.query() {
            Some(query) => format!("{}?{query}", channel.public_path),
            None => channel.public_path.clone(),
        };
        let Some(headers) = signed::headers(&head.headers, channel.hooks.signed_headers()) else {
            debug!(channel = %channel.id, "a webhook came with headers that no signature can be about");
            return forged();
        };
        // Verified before anything is limited: a good webhook is taken whatever its source did.
        let delivered = Delivered { method: head.method.as_str(), path: &path, headers: &headers, body: &body };
        let heard = match channel.hooks.read(&delivered) {
            Ok(heard) => heard,
            Err(error) => {
                debug!(%error, channel = %channel.id, "a webhook was refused");
                return if error.is_forgery() { forged() } else { Outcome::Malformed };
            }
        };
        // Whoever could be verified has sent UTF-8.
        let Ok(body) = String::from_utf8(body) else {
            return Outcome::Malformed;
        };
        let now = clock::now();
        if channel.freshness.is_some_and(|limit| !is_fresh(&heard, now, limit)) {
            warn!(channel = %channel.id, "a webhook was refused: it is older than freshness_s, or a clock is wrong");
            return Outcome::Stale;
        }
        visitor.seat.welcome();
        if heard.said == Said::Sample {
            info!(channel = %channel.id, "the provider has tested this address");
            return Outcome::Ping;
        }
        let (topic, outcome) = route::of(channel, &heard, now);
        let envelope = channel.envelope(now, path, headers, body);
        self.keep(served, topic, envelope, now, outcome).await
    }

    fn forged(&self, source: IpAddr, per_second: usize) -> Outcome {
        match self.forgeries.note(source, per_second, clock::instant()) {
            Verdict::Tolerated => Outcome::Forged,
            Verdict::TooOften => Outcome::Throttled,
        }
    }

    async fn keep(
        &self,
        served: &Served,
        topic: Topic,
        envelope: Envelope,
        received_at: UnixTime,
        outcome: Outcome,
    ) -> Outcome {
        let Ok(bytes) = envelope.to_bytes() else {
            return Outcome::TooLarge;
        };
        if self.is_repeated(envelope.id) {
            self.metrics.trace.repeated(&envelope);
            return outcome;
        }
        let entry = Entry { topic, received_at, envelope: bytes };
        let append = async {
            let _turn = served.turn().await?;
            Ok(self.journal.append(entry).await)
        };
        match timeout(JOURNAL_TIMEOUT, append).await.unwrap_or(Ok(Err(AppendError::Busy))) {
            Ok(Ok(number)) => {
                self.recent.insert(envelope.id, number);
                self.metrics.trace.taken(&envelope, number);
                outcome
            }
            Ok(Err(error)) => {
                warn!(%error, channel = %envelope.channel, webhook = %envelope.id, "webhook not taken");
                Outcome::NotTaken
            }
            Err(crowded) => {
                debug!(channel = %envelope.channel, webhook = %envelope.id, "too many webhooks of a channel at once");
                crowded
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
    async fn answer(&self, visitor: Visitor<'_>, request: Request<Incoming>) -> Response<Body> {
        let rules = self.rules.now();
        let served = match called(&rules, &request) {
            Ok(served) => served,
            Err(reply) => {
                self.metrics.refused_calls.add_one();
                return reply.response(clock::now());
            }
        };
        let outcome = self.take(&rules, &served, visitor, request).await;
        served.counts.count(outcome);
        Reply::from(outcome).response(clock::now())
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.rules.now().is_proxy(peer)
    }
}

/// Says which channel is called, or how a call of anything else is answered.
fn called(rules: &Rules, request: &Request<Incoming>) -> Result<Arc<Served>, Reply> {
    let target = request.uri();
    // Whoever names another host in the target than in a header, or two, wants it to be read in two ways.
    if target.authority().is_some() || request.headers().get_all(HOST).iter().nth(1).is_some() {
        return Err(Reply::WrongHead);
    }
    let name = target.path().strip_prefix(PREFIX).ok_or(Reply::UnknownPath)?;
    if request.method() != Method::POST {
        return Err(Reply::WrongMethod);
    }
    ChannelId::new(name).and_then(|id| rules.channel(&id)).ok_or(Reply::UnknownPath)
}

impl Channel {
    fn envelope(
        &self,
        received_at: UnixTime,
        path: String,
        headers: BTreeMap<String, String>,
        body: String,
    ) -> Envelope {
        let provider = self.hooks.name().to_owned();
        Envelope::new(self.id.clone(), provider, received_at, Method::POST.to_string(), path, headers, body)
    }
}

/// Tells whether a webhook was signed at most so long ago, or ahead of now by as much: clocks differ both ways.
fn is_fresh(heard: &Heard, now: UnixTime, limit: Duration) -> bool {
    let away = heard.signed_at.map(|at| now.ms().abs_diff(at.ms()));
    away.is_some_and(|away| Duration::from_millis(away) <= limit)
}
