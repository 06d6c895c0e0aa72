//! HTTP as every provider is spoken to: one way to make a client, bounded bodies, and the class of each failure. It must
//! not know what is said in a body.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use till_settings::tls::{self, Roots, whole_chain};
use till_wire::ChannelId;
use till_wire::provider::Unreached;

use super::ProviderError;

/// How long a connection may take, from the name to the end of the TLS handshake.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a connection is kept for the next request: shorter than servers keep theirs, since a request that meets a
/// closing connection is lost.
const IDLE: Duration = Duration::from_secs(5);

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 65_536;

/// How the answer to a request came out, before anybody reads it.
#[derive(Debug)]
pub(super) enum Exchange {
    /// There was no connection, so nothing was sent.
    NotReached { cause: Unreached, reason: String },
    /// The connection broke, or the time was over, after something may have been sent.
    Broken { reason: String },
    /// Somebody answered.
    Answered(Response),
}

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    /// The HTTP status.
    pub(super) status: u16,
    /// What the status says.
    pub(super) class: Class,
    /// What it says of time.
    pub(super) headers: HeaderMap,
    /// What it says, if it came whole.
    pub(super) body: Result<Vec<u8>, BodyFault>,
}

/// What an HTTP status says about trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// 2xx: the body counts.
    Said,
    /// 429: it was not processed.
    TooMany,
    /// 408, 5xx: it may have been processed.
    Fault,
    /// 401, 403: we are not who may ask.
    Forbidden,
    /// Any other 4xx: the request is wrong.
    Refused,
    /// Anything else; redirections are not followed, since the request's secrets are for one host.
    Strange,
}

/// Why a body cannot be read.
#[derive(Debug)]
pub(super) enum BodyFault {
    /// It broke off.
    Broken { reason: String },
    /// It is larger than 64 KiB.
    TooLarge,
}

impl Class {
    fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Said,
            429 => Self::TooMany,
            408 | 500..=599 => Self::Fault,
            401 | 403 => Self::Forbidden,
            400..=499 => Self::Refused,
            _ => Self::Strange,
        }
    }
}

/// Makes the HTTP client of a channel: TLS as everywhere, no redirections, no proxies out of the environment.
#[expect(clippy::disallowed_methods, reason = "the one place that makes HTTP clients")]
pub(super) fn client(channel: &ChannelId, roots: Roots) -> Result<Client, ProviderError> {
    let tls = tls::client_config(roots, None);
    let tls = tls.map_err(|source| ProviderError::Tls { channel: channel.clone(), source })?;
    Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("tilld/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(2)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(|source| ProviderError::Http { channel: channel.clone(), source })
}

/// Sends a request, and reads what comes until `limit` is over. `heard` is told of the headers when they come: a body may
/// take its time.
pub(super) async fn exchange(request: RequestBuilder, limit: Duration, heard: impl FnOnce(&HeaderMap)) -> Exchange {
    match request.timeout(limit).send().await {
        Ok(response) => {
            heard(response.headers());
            Exchange::Answered(read(response).await)
        }
        Err(error) if error.is_connect() || error.is_builder() => {
            Exchange::NotReached { cause: unreached(&error), reason: reason(error) }
        }
        Err(error) => Exchange::Broken { reason: reason(error) },
    }
}

async fn read(mut response: reqwest::Response) -> Response {
    let headers = std::mem::take(response.headers_mut());
    let status = response.status().as_u16();
    Response { status, class: Class::of(status), headers, body: read_body(&mut response).await }
}

/// Reads a body piece by piece; what the headers said of its length is not believed.
async fn read_body(response: &mut reqwest::Response) -> Result<Vec<u8>, BodyFault> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(piece)) if body.len().saturating_add(piece.len()) > LARGEST_BODY => {
                return Err(BodyFault::TooLarge);
            }
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Err(error) => return Err(BodyFault::Broken { reason: reason(error) }),
        }
    }
}

/// Tells what stood in the way of a connection.
fn unreached(error: &reqwest::Error) -> Unreached {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            // TLS errors come in more than one wrapping.
            let mut io = io;
            while let Some(inner) = io.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
                io = inner;
            }
            let tls = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            return match (tls, io.kind()) {
                (Some(rustls::Error::InvalidCertificate(_)), _) => Unreached::Certificate,
                (Some(_), _) => Unreached::Server,
                // Somebody said so: there is a way.
                (None, io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset) => Unreached::Server,
                (None, io::ErrorKind::UnexpectedEof) => Unreached::Server,
                (None, _) => Unreached::Network,
            };
        }
        next = cause.source();
    }
    Unreached::Network
}

/// Returns an error with its causes on one line, without the address, which has the order in it.
fn reason(error: reqwest::Error) -> String {
    whole_chain(&error.without_url())
}
