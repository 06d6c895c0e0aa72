//! `POST /enrol`: takes a terminal's request, judges it, has it written down, and hands out the certificate. The one
//! place that sees all the others. It must not decide what is believed.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response};
use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use serde_json::json;
use till_authority::{Authority, Leaf};
use till_settings::tls::whole_chain;
use till_wire::fleet::{EnrolmentAnswer, FleetKey, MAX_ENROLMENT};
use till_wire::{TerminalNumber, UnixTime};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::{debug, error, info, warn};

use super::clients::Clients;
use super::judge::{Grounds, Wish, judge};
use super::metrics::Metrics;
use super::refusal::{Fault, Refusal};
use super::store::{Issued, Store, StoreError, Used, Whose};
use crate::clock;
use crate::hooks::body::{self, BodyFault};
use crate::often::{Often, Verdict};
use crate::server::{Answer, PeerChain, Visitor};

/// The side that terminals call.
pub(crate) struct Desk {
    pub(crate) authority: Arc<Authority>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) trusted: Vec<FleetKey>,
    pub(crate) valid: Duration,
    pub(crate) store: Arc<Store>,
    pub(crate) refusals: Often<IpAddr>,
    pub(crate) certificates: Arc<Often<TerminalNumber>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) writers: Arc<Semaphore>,
}

/// How many requests write at a time; more wait.
pub(crate) const MAX_WRITERS: usize = 16;
/// A store that takes longer than this is as good as none.
const STORE_TIMEOUT: Duration = Duration::from_secs(5);
const PATH: &str = "/enrol";

/// What a terminal gets.
struct Granted {
    issued: Issued,
    chain: String,
    /// `enrolled` or `renewed`.
    outcome: &'static str,
}

impl Answer for Desk {
    async fn answer(&self, visitor: Visitor<'_>, request: Request<Incoming>) -> Response<Body> {
        match self.take(visitor, request).await {
            Ok(granted) => {
                self.metrics.count(granted.outcome);
                let answer = EnrolmentAnswer { certificate: granted.chain };
                let mut response = Response::new(Body::from(json!(answer).to_string()));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(refusal) => {
                let refusal = self.weighed(refusal, visitor.peer);
                self.metrics.count(refusal.name());
                refusal.response()
            }
        }
    }
}

impl Desk {
    async fn take(&self, visitor: Visitor<'_>, request: Request<Incoming>) -> Result<Granted, Refusal> {
        let (head, incoming) = request.into_parts();
        if head.uri.path() != PATH {
            return Err(Refusal::UnknownPath);
        }
        if head.method != Method::POST {
            return Err(Refusal::WrongMethod);
        }
        if !is_json(&head.headers) {
            return Err(Refusal::NotJson);
        }
        let body = body::read(&head.headers, incoming, MAX_ENROLMENT).await.map_err(|fault| match fault {
            BodyFault::Broken if visitor.seat.is_ambiguous() => {
                Refusal::Malformed("HTTP that can be read in two ways".into())
            }
            BodyFault::Malformed => Refusal::Malformed("not HTTP".into()),
            BodyFault::Encoded => Refusal::NotJson,
            BodyFault::TooLarge => Refusal::TooLarge,
            BodyFault::TooSlow | BodyFault::Broken => Refusal::TooSlow,
        })?;
        visitor.seat.whole();
        if !clock::is_plausible() {
            return Err(Refusal::ClockNotSet);
        }
        let now = clock::now();
        let chain = head.extensions.get::<PeerChain>().map(|chain| &*chain.0);
        let shown = chain.and_then(|chain| Leaf::from_der(chain.first()?).ok());
        let wish = judge(&body, shown.as_ref(), &self.trusted, now)?;
        if matches!(wish.grounds, Grounds::Certificate) {
            self.believe(chain.unwrap_or_default(), now)?;
        }
        let granted = self.sign(&wish, now)?;
        self.written(wish, granted, visitor.peer, now).await
    }

    /// Judges the chain that the connection came with again: lists and time may have changed since.
    fn believe(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> Result<(), Refusal> {
        let Err(error) = self.clients.judge(chain, now) else { return Ok(()) };
        let rustls::Error::InvalidCertificate(why) = &error else {
            debug!(%error, "a certificate cannot be judged");
            return Err(Refusal::CertificateNotBelieved);
        };
        Err(if matches!(why, CertificateError::Expired | CertificateError::ExpiredContext { .. }) {
            Refusal::CertificateExpired
        } else if *why == CertificateError::Revoked {
            Refusal::CertificateRevoked
        } else {
            debug!(%error, "a certificate is not believed");
            Refusal::CertificateNotBelieved
        })
    }

    /// Makes the certificate, which is nobody's yet.
    fn sign(&self, wish: &Wish, now: UnixTime) -> Result<Granted, Refusal> {
        if now >= self.authority.ends() {
            return Err(Refusal::IssuerExpired);
        }
        let made = self.authority.terminal(&wish.request, wish.number, now, self.valid);
        let made = made.and_then(|chain| Leaf::read(chain.as_bytes()).map(|leaf| (chain, leaf)));
        let (chain, leaf) = made.map_err(|error| {
            error!(%error, number = %wish.number, "a certificate cannot be signed");
            Refusal::SigningFault
        })?;
        let serial = leaf.serial.iter().map(|byte| format!("{byte:02x}")).collect();
        let outcome = match wish.grounds {
            Grounds::Claim(_) => "enrolled",
            Grounds::Certificate => "renewed",
        };
        Ok(Granted { issued: Issued { number: wish.number, until: leaf.not_after, serial }, chain, outcome })
    }

    /// Has it written down, off this thread, before it is handed out.
    async fn written(&self, wish: Wish, granted: Granted, source: IpAddr, now: UnixTime) -> Result<Granted, Refusal> {
        let Ok(Ok(place)) = timeout(STORE_TIMEOUT, Arc::clone(&self.writers).acquire_owned()).await else {
            return Err(Refusal::StoreFault);
        };
        let (store, certificates) = (Arc::clone(&self.store), Arc::clone(&self.certificates));
        let used = used(&wish, &granted, now);
        let claim = used.as_ref().map_or_else(|| "none".to_owned(), |used| used.claim.to_string());
        let (issued, chain) = (granted.issued.clone(), granted.chain.clone());
        let writing = spawn_blocking(move || {
            let _place = place;
            write(&store, &certificates, used.as_ref(), &issued, &chain)
        });
        let number = wish.number;
        let Ok(Ok(written)) = timeout(STORE_TIMEOUT, writing).await else {
            error!(%number, "the store of used claims does not answer");
            return Err(Refusal::StoreFault);
        };
        match written {
            Ok(Written::Down) => {
                let (serial, until) = (&granted.issued.serial, granted.issued.until);
                info!(%number, %claim, %source, %serial, %until, outcome = granted.outcome, "certificate made");
                Ok(granted)
            }
            Ok(Written::AnothersClaim) => {
                warn!(%number, %claim, %source, "a claim came again, with another key");
                Err(Refusal::ClaimUsed)
            }
            Ok(Written::TooOften) => {
                warn!(%number, %claim, %source, "a terminal wants too many certificates");
                Err(Refusal::TooManyCertificates)
            }
            Err(fault) => {
                error!(fault = whole_chain(&fault), %number, "a certificate is not written down");
                Err(if matches!(fault, StoreError::Full { .. }) { Refusal::StoreFull } else { Refusal::StoreFault })
            }
        }
    }

    /// Whoever causes many refusals is told to wait. A request that is granted is granted whatever its source did.
    fn weighed(&self, refusal: Refusal, source: IpAddr) -> Refusal {
        let why = refusal.name();
        if refusal.fault() == Fault::Callers && self.refusals.note(source, clock::instant()) == Verdict::TooOften {
            debug!(%source, why, "a request was refused, one of too many");
            return Refusal::TooManyRefusals;
        }
        info!(%source, why, "a request was refused");
        refusal
    }
}

/// Whether a certificate is written down, and if not, why not.
enum Written {
    Down,
    AnothersClaim,
    TooOften,
}

/// First the claim, so that whoever has no right to it does not count against the terminal that has.
fn write(
    store: &Store,
    certificates: &Often<TerminalNumber>,
    used: Option<&Used>,
    issued: &Issued,
    chain: &str,
) -> Result<Written, StoreError> {
    if let Some(used) = used {
        if store.take(used)? == Whose::Anothers {
            return Ok(Written::AnothersClaim);
        }
    }
    if certificates.note(issued.number, clock::instant()) == Verdict::TooOften {
        return Ok(Written::TooOften);
    }
    store.keep(issued, chain).map(|()| Written::Down)
}

/// The record by which a claim becomes the key's.
fn used(wish: &Wish, granted: &Granted, now: UnixTime) -> Option<Used> {
    let Grounds::Claim(claim) = &wish.grounds else { return None };
    Some(Used {
        claim: claim.jti.clone(),
        number: claim.number,
        expires_at: claim.expires_at(),
        key: wish.request.public_key().to_vec(),
        at: now,
        serial: granted.issued.serial.clone(),
    })
}

/// Tells whether the body is JSON as it stands.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") && !headers.contains_key(CONTENT_ENCODING)
}
