//! Calls the terminal's API over its unix socket or TCP, and turns refusals into words. It must not know what the
//! answers mean.

use std::error::Error;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rustls::crypto::ring;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use till_settings::Secret;

use super::fault::Fault;
use super::text::plain;
use super::words::{Attempt, Refusal, Words};
use crate::config::ApiSettings;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call may take: longer than the daemon itself waits for its till.
const CALL: Duration = Duration::from_secs(20);
/// How long a stream may be silent: three of the daemon's signs of life.
const SILENCE: Duration = Duration::from_secs(45);

/// The way to the daemon.
pub(super) struct Client {
    http: reqwest::Client,
    /// What stands before a path.
    base: String,
    /// What stands in messages.
    place: String,
    /// Sent over TCP only: on the socket nobody asks for it.
    token: Option<Secret>,
    /// In which language refusals are told.
    pub(super) words: &'static Words,
}

/// What a call does, which matters when its answer is lost.
#[derive(Clone, Copy)]
enum Purpose {
    Ask,
    Change,
}

/// An answer that is no refusal.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
}

/// Problem details as the daemon writes them.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    sale: Option<String>,
}

impl Client {
    /// Goes by the socket when there is one that takes us, else by TCP.
    pub(super) fn new(settings: &ApiSettings, words: &'static Words) -> Result<Self, Fault> {
        let socket = settings.socket.as_deref().filter(|path| UnixStream::connect(path).is_ok());
        let http = http_client(socket)
            .map_err(|error| Fault::Failed(words.cannot(Attempt::PrepareCalls, &with_causes(error.as_ref()))))?;
        Ok(match socket {
            Some(path) => {
                Self { http, base: "http://localhost".into(), place: path.display().to_string(), token: None, words }
            }
            None => {
                let address = reachable(settings.listen);
                let place = match &settings.socket {
                    Some(path) => (words.neither)(&path.display().to_string(), &address.to_string()),
                    None => address.to_string(),
                };
                Self { http, base: format!("http://{address}"), place, token: settings.token.clone(), words }
            }
        })
    }

    /// Asks; `attempt` is for the case that it fails.
    pub(super) async fn get(&self, attempt: Attempt<'_>, path: &str) -> Result<Answer, Fault> {
        let call = self.call(Method::GET, path).timeout(CALL);
        self.read(attempt, Purpose::Ask, call.send().await).await
    }

    /// Changes something.
    pub(super) async fn post(&self, attempt: Attempt<'_>, path: &str, body: String) -> Result<Answer, Fault> {
        let call = self.changing(path, body);
        self.read(attempt, Purpose::Change, call.send().await).await
    }

    /// Changes something at most once, however often it has to be sent: a lost answer is asked for again.
    pub(super) async fn post_once(
        &self,
        attempt: Attempt<'_>,
        path: &str,
        body: String,
        key: &str,
    ) -> Result<Answer, Fault> {
        let call = || self.changing(path, body.clone()).header("Idempotency-Key", key).send();
        let answered = match call().await {
            Err(error) if !error.is_connect() && !error.is_builder() => call().await,
            answered => answered,
        };
        self.read(attempt, Purpose::Change, answered).await
    }

    /// Opens a stream of events after the last one that was heard.
    pub(super) async fn events(&self, attempt: Attempt<'_>, last: Option<&str>) -> Result<Response, Fault> {
        let mut call = self.call(Method::GET, "/v1/events");
        if let Some(last) = last {
            call = call.header("Last-Event-ID", last);
        }
        let response = call.send().await.map_err(|error| self.unreached(attempt, Purpose::Ask, &error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = response.bytes().await.unwrap_or_default();
        Err(self.refused(attempt, status, &body))
    }

    fn changing(&self, path: &str, body: String) -> RequestBuilder {
        self.call(Method::POST, path).header(CONTENT_TYPE, "application/json").body(body).timeout(CALL)
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let call = self.http.request(method, format!("{}{path}", self.base));
        match self.token.as_ref().and_then(|token| token.text().ok()) {
            Some(token) => call.header(AUTHORIZATION, format!("Bearer {token}")),
            None => call,
        }
    }

    async fn read(
        &self,
        attempt: Attempt<'_>,
        purpose: Purpose,
        answered: reqwest::Result<Response>,
    ) -> Result<Answer, Fault> {
        let response = answered.map_err(|error| self.unreached(attempt, purpose, &error))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.unreached(attempt, purpose, &error))?;
        if status.is_success() { Ok(Answer { body: body.to_vec() }) } else { Err(self.refused(attempt, status, &body)) }
    }

    fn unreached(&self, attempt: Attempt<'_>, purpose: Purpose, error: &reqwest::Error) -> Fault {
        let words = self.words;
        if error.is_builder() {
            return Fault::Usage(words.cannot(attempt, &with_causes(error)));
        }
        let advice = match purpose {
            Purpose::Ask | Purpose::Change if error.is_connect() => words.is_it_running,
            Purpose::Ask => words.log_may_say,
            Purpose::Change => words.not_known_whether,
        };
        let why = (words.no_answer)(&self.place, &innermost(error, words), advice);
        Fault::Unreachable(words.cannot(attempt, &why))
    }

    fn refused(&self, attempt: Attempt<'_>, status: StatusCode, body: &[u8]) -> Fault {
        let words = self.words;
        let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
            return Fault::Failed(words.cannot(attempt, &(words.bare_refusal)(status.as_str())));
        };
        let kind = problem.kind.strip_prefix("urn:tilld:problem:").unwrap_or("unknown");
        let refusal = Refusal {
            kind,
            title: &problem.title,
            detail: &plain(&problem.detail),
            field: problem.field.as_deref(),
            sale: problem.sale.as_deref(),
        };
        let text = words.cannot(attempt, &(words.refusal)(refusal));
        match kind {
            "invalid" => Fault::Usage(text),
            _ => Fault::Failed(text),
        }
    }

    /// Reads an answer.
    pub(super) fn read_as<T: DeserializeOwned>(&self, attempt: Attempt<'_>, answer: &Answer) -> Result<T, Fault> {
        serde_json::from_slice(&answer.body)
            .map_err(|error| Fault::Failed(self.words.cannot(attempt, &(self.words.odd_answer)(&error.to_string()))))
    }
}

/// The one constructor of this program's HTTP client.
#[expect(clippy::disallowed_methods, reason = "the one constructor: time-outs, no redirects, no proxies")]
fn http_client(socket: Option<&Path>) -> Result<reqwest::Client, Box<dyn Error>> {
    // The API speaks plain HTTP on loopback and socket, but the client insists on knowing some TLS.
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE);
    if let Some(path) = socket {
        builder = builder.unix_socket(path);
    }
    Ok(builder.build()?)
}

/// Returns the address to call for an address that is listened on.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a `String` cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// Returns the cause of all causes: what the system said.
fn innermost(error: &(dyn Error + 'static), words: &Words) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.downcast_ref().map_or_else(|| innermost.to_string(), words.system)
}
