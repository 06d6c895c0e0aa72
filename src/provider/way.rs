//! The way to one merchant account: sends what its provider wants sent, hands over what comes, keeps its clock. It must not
//! know which provider that is.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder};
use till_settings::HttpBase;
use till_settings::tls::Roots;
use till_wire::provider::{
    KnownOrder, Making, Method, Next, OpenCode, Provider, Question, Reply, Report, Request, Step, Trouble, Unreached,
};
use till_wire::{ChannelId, UnixTime};

use super::clock::ProviderClock;
use super::trouble::{self, of_asking, of_confirming, of_creating};
use super::{Answered, ProviderError, headers, http};
use crate::clock;
use crate::till::{ConfirmAnswer, CreateAnswer, Now, StatusAnswer};

/// How long making an order may take: a lost answer costs a second order, so it is waited for longer.
const CREATE: Duration = Duration::from_secs(15);

/// How long anything else may take, however many requests it needs.
const ASK: Duration = Duration::from_secs(10);

/// The most requests of one conversation; every provider needs fewer.
const MOST_REQUESTS: usize = 4;

/// A merchant account, and how it is reached.
#[derive(Debug)]
pub(super) struct Way {
    client: Client,
    base: HttpBase,
    /// Names and proves who asks; marked as sensitive.
    identity: HeaderMap,
    clock: ProviderClock,
    pub(super) provider: Box<dyn Provider>,
}

/// What came of a conversation, and the newest `Date` in it.
struct Outcome<T> {
    result: Result<T, Trouble>,
    date: Option<UnixTime>,
    /// The request, if it was the only one.
    only: Option<Request>,
}

impl Way {
    pub(super) fn new(
        channel: &ChannelId,
        roots: Roots,
        base: HttpBase,
        provider: Box<dyn Provider>,
        clock: fn() -> Now,
    ) -> Result<Self, ProviderError> {
        let client = http::client(channel, roots)?;
        let identity = identity(channel, provider.as_ref())?;
        Ok(Self { client, base, identity, clock: ProviderClock::new(clock), provider })
    }

    /// Has an order made, or goes on with one.
    pub(super) async fn make(&self, making: &Making) -> Answered<CreateAnswer> {
        let provider = self.provider.as_ref();
        let begin = |at| provider.make(making, at);
        let judge = |request: &Request, reply: &Reply, at| provider.made(making, request, reply, at);
        let outcome = self.talk(CREATE, begin, judge).await;
        self.answered(outcome, CreateAnswer::Made, |trouble| of_creating(trouble, provider.repeats(&making.step)))
    }

    /// Asks how an order stands, or has it cancelled.
    pub(super) async fn ask(&self, known: &KnownOrder, question: Question) -> Answered<StatusAnswer> {
        let outcome = self.question(known, question).await;
        self.answered(outcome, StatusAnswer::Known, of_asking)
    }

    /// Says that an order is to be paid.
    pub(super) async fn confirm(&self, known: &KnownOrder) -> Answered<ConfirmAnswer> {
        let outcome = self.question(known, Question::Confirm).await;
        self.answered(outcome, ConfirmAnswer::Heard, of_confirming)
    }

    async fn question(&self, known: &KnownOrder, question: Question) -> Outcome<Report> {
        let provider = self.provider.as_ref();
        let begin = |at| provider.ask(known, question, at);
        let judge = |request: &Request, reply: &Reply, at| provider.told(known, question, request, reply, at);
        self.talk(ASK, begin, judge).await
    }

    /// Asks for a code that takes any amount.
    pub(super) async fn open_code(&self) -> Answered<Option<OpenCode>> {
        let provider = self.provider.as_ref();
        let begin = |at| provider.ask_open_code(at);
        let judge = |request: &Request, reply: &Reply, at| provider.open_code_told(request, reply, at);
        let outcome = self.talk(ASK, begin, judge).await;
        self.answered(outcome, Some, |_| None)
    }

    fn answered<T, A>(
        &self,
        outcome: Outcome<T>,
        answer: impl FnOnce(T) -> A,
        failed: impl FnOnce(Trouble) -> A,
    ) -> Answered<A> {
        let (date, corrected_ms) = (outcome.date, self.clock.correction_ms());
        match outcome.result {
            Ok(done) => Answered { answer: answer(done), date, corrected_ms, fault: None },
            Err(trouble) => {
                let fault = trouble::fault(&trouble);
                Answered { answer: failed(trouble), date, corrected_ms, fault: Some(fault) }
            }
        }
    }

    /// Sends requests and has the answers judged until the provider's word is complete.
    ///
    /// A no to a request that told a wrong time is answered by telling the right one, once: the no carried it. A request
    /// that has no time in it would be the same again, so it is not repeated.
    async fn talk<T>(
        &self,
        limit: Duration,
        begin: impl Fn(UnixTime) -> Step<T>,
        judge: impl Fn(&Request, &Reply, UnixTime) -> Step<T>,
    ) -> Outcome<T> {
        let until = tokio::time::Instant::now() + limit;
        let correction = self.clock.correction_ms();
        let first = self.converse(until, begin(self.clock.now()), &judge).await;
        let moved = self.clock.correction_ms().saturating_sub(correction).saturating_abs();
        let (Err(Trouble::Refused(_)), Some(refused)) = (&first.result, &first.only) else {
            return first;
        };
        if moved <= JUMP_MS {
            return first;
        }
        match begin(self.clock.now()) {
            Ok(Next::Send(anew)) if anew != *refused => self.converse(until, Ok(Next::Send(anew)), &judge).await,
            Ok(Next::Send(_) | Next::Done(_)) | Err(_) => first,
        }
    }

    async fn converse<T>(
        &self,
        until: tokio::time::Instant,
        mut next: Step<T>,
        judge: &impl Fn(&Request, &Reply, UnixTime) -> Step<T>,
    ) -> Outcome<T> {
        let mut date = None;
        let mut only = None;
        for sent in 0..MOST_REQUESTS {
            let request = match next {
                Ok(Next::Send(request)) => request,
                Ok(Next::Done(done)) => return Outcome { result: Ok(done), date, only },
                Err(trouble) => return Outcome { result: Err(trouble), date, only },
            };
            if self.base.has_tls() && !clock::is_plausible() {
                let reason =
                    format!("the clock is not set, so the certificate of {} cannot be judged", self.provider.title());
                return Outcome { result: Err(Trouble::NotReached { cause: Unreached::Terminal, reason }), date, only };
            }
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            let heard = |headers: &HeaderMap| {
                if let Some(told) = headers::date(headers) {
                    date = Some(told);
                    self.clock.learn(told);
                }
            };
            let exchange = http::exchange(self.built(&request), left, heard).await;
            let now = self.clock.now();
            let reply = trouble::weigh(self.provider.title(), self.provider.signed_headers(), exchange, now);
            next = reply.and_then(|reply| judge(&request, &reply, now));
            only = (sent == 0).then_some(request);
        }
        let reason = format!("{} needs more than {MOST_REQUESTS} requests for one answer", self.provider.title());
        match next {
            Ok(Next::Done(done)) => Outcome { result: Ok(done), date, only },
            Ok(Next::Send(_)) => Outcome { result: Err(Trouble::Invalid { reason }), date, only },
            Err(trouble) => Outcome { result: Err(trouble), date, only },
        }
    }

    fn built(&self, request: &Request) -> RequestBuilder {
        let url = self.base.join(&request.path);
        let built = match request.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url).body(request.body.clone()),
        };
        let own = request.headers.iter();
        own.fold(built.headers(self.identity.clone()), |built, (name, value)| built.header(name.as_ref(), value))
    }
}

/// How far the correction of a clock must have moved for a no to be asked again.
const JUMP_MS: i64 = 10_000;

fn identity(channel: &ChannelId, provider: &dyn Provider) -> Result<HeaderMap, ProviderError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (key, name, value) in provider.identity() {
        let mut value =
            HeaderValue::from_bytes(value).map_err(|_| ProviderError::Header { channel: channel.clone(), key })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}
