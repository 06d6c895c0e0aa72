//! Who may call at all: the token, and the rules that keep a web page in somebody's browser from selling. It must not
//! know the calls, only whether they change something.
//!
//! Without a token the terminal is reached on loopback alone, and a browser may change something only from a page that
//! was itself loaded from loopback: a name that was made to point here (DNS rebinding) is refused by its `Host`. With a
//! token a caller proves itself by `Authorization: Bearer`, which no browser sends by itself and no foreign page knows
//! (cookies and Basic are never taken), so `Host` may be any name of the terminal: that is how a phone on the shop's
//! network uses `/screen`. A browser's `Origin` must still be that very `Host`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use till_settings::Secret;

use super::problem::{Kind, Problem};
use super::screen::Pages;

/// By which road a call comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Road {
    /// Over TCP, to this address.
    Tcp(SocketAddr),
    /// Over the unix socket, whose file mode says who may call.
    Unix,
}

/// What is demanded of a caller.
pub(super) struct Gate {
    road: Road,
    token: Option<Secret>,
    /// Where a person may type the token.
    pages: Option<Arc<Pages>>,
}

/// Refuses callers before any call is looked at.
pub(super) async fn guard(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    match gate.admit(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => match &gate.pages {
            Some(pages) if problem.kind == Kind::Unauthorised && is_page(&request) => pages.ask_token(problem),
            Some(_) | None => problem.into_response(),
        },
    }
}

impl Gate {
    pub(super) fn new(road: Road, token: Option<&Secret>, pages: Option<Arc<Pages>>) -> Self {
        Self { road, token: token.cloned(), pages }
    }

    fn admit(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        let names = match self.road {
            Road::Tcp(_) if self.token.is_some() => {
                self.check_token(headers)?;
                Names::Any
            }
            Road::Tcp(listen) => {
                check_host(headers, listen)?;
                Names::Loopback
            }
            Road::Unix => Names::Loopback,
        };
        if method.is_safe() {
            return Ok(());
        }
        check_origin(headers, names)?;
        check_content_type(headers)
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let given = headers
            .get(header::AUTHORIZATION)
            .map(|value| value.as_bytes())
            .and_then(|value| value.split_at_checked(7))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map(|(_, token)| token);
        if self.token.as_ref().zip(given).is_some_and(|(token, given)| token.matches(given)) {
            return Ok(());
        }
        Err(Problem::new(
            Kind::Unauthorised,
            "the header `Authorization: Bearer …` must carry the token of `api.token`",
        ))
    }
}

/// A page whose name was made to point at this machine (DNS rebinding) is told by the `Host` that its browser sends.
fn check_host(headers: &HeaderMap, listen: SocketAddr) -> Result<(), Problem> {
    let Some(host) = headers.get(header::HOST) else {
        return Ok(());
    };
    let own = |host: &str| is_loopback(host) || host_name(host).parse::<IpAddr>().ok() == Some(listen.ip());
    if host.to_str().is_ok_and(own) {
        return Ok(());
    }
    Err(Problem::new(Kind::Forbidden, "the header `Host` must name this terminal by its loopback address"))
}

/// By which names a browser may have come to the terminal's own page.
#[derive(Clone, Copy)]
enum Names {
    /// By those of loopback: nothing else tells a rebound name from the terminal's.
    Loopback,
    /// By any: the caller has proved itself by the token, over TLS perhaps that ends at a proxy.
    Any,
}

/// Whether somebody wants to see the page of the display.
fn is_page(request: &Request) -> bool {
    request.method().is_safe() && request.uri().path() == "/screen"
}

/// A browser always says from which page a changing call comes.
fn check_origin(headers: &HeaderMap, names: Names) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let from = |scheme: &str, host: &str| {
        let expected = format!("{scheme}://{host}");
        origin.as_bytes().eq_ignore_ascii_case(expected.as_bytes())
    };
    let own = host.is_some_and(|host| match names {
        Names::Loopback => is_loopback(host) && from("http", host),
        Names::Any => from("http", host) || from("https", host),
    });
    if own {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Forbidden,
        match names {
            Names::Loopback => {
                "a browser may do this only from a page of this terminal itself, on its loopback address"
            }
            Names::Any => "a browser may do this only from a page of this terminal itself: `Origin` must be its `Host`",
        },
    ))
}

/// A form in a web page cannot send this type without asking first, which is never allowed.
fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let is_json = |value: &str| {
        let kind = value.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    };
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if given.is_some_and(is_json) {
        return Ok(());
    }
    Err(Problem::new(Kind::Forbidden, "calls that change something need the header `Content-Type: application/json`"))
}

/// Returns the host without its port and without the brackets of an IPv6 address.
fn host_name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host_name(host);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|number| number.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in ["localhost", "LOCALHOST:8460", "127.0.0.1:8460", "127.9.9.9", "[::1]:1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "shop.example",
            "localhost.shop.example",
            "127.0.0.1.shop.example:8460",
            "10.0.0.1",
            "[::2]",
            "::1",
            "0.0.0.0",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
