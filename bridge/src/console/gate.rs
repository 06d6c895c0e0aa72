//! Who may ask at all: the host that a request names, the place from which a form comes, and the cookies that carry a
//! session. It must not know who is signed in.

use std::net::SocketAddr;

use hyper::HeaderMap;
use hyper::header::{COOKIE, HOST, HeaderName, ORIGIN};

use super::config::Public;

/// See the module.
pub(crate) struct Gate {
    hosts: Vec<String>,
    origins: Vec<String>,
    /// Whether browsers come over TLS, so that cookies are for TLS alone.
    secure: bool,
}

/// The cookies there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    Session,
    /// Binds the form of the sign-in to the browser that has got it.
    SignIn,
}

/// The longest line of cookies that is looked at, in bytes.
const LONGEST: usize = 4096;
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Gate {
    pub(crate) fn new(public: Option<&Public>, listen: SocketAddr, secure: bool) -> Self {
        match public {
            Some(Public { host }) => {
                Self { hosts: vec![host.clone()], origins: vec![format!("https://{host}")], secure }
            }
            None => {
                let port = listen.port();
                let hosts = vec![format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
                let origins = hosts.iter().map(|host| format!("http://{host}")).collect();
                Self { hosts, origins, secure }
            }
        }
    }

    /// Tells whether the request is for us by name: another name may be one that was made to lead here.
    pub(crate) fn is_ours(&self, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(HOST).iter();
        let host = named.next().and_then(|host| host.to_str().ok());
        let host = host.map(|host| host.strip_suffix(":443").unwrap_or(host).to_ascii_lowercase());
        named.next().is_none() && host.is_some_and(|host| self.hosts.contains(&host))
    }

    /// Tells whether a form comes from one of our own pages.
    pub(crate) fn is_own_form(&self, headers: &HeaderMap) -> bool {
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()).unwrap_or_default();
        let site = headers.get(FETCH_SITE).map_or("same-origin", |site| site.to_str().unwrap_or_default());
        self.origins.iter().any(|own| own == origin) && site == "same-origin"
    }

    fn name(&self, cookie: Cookie) -> &'static str {
        match (cookie, self.secure) {
            (Cookie::Session, true) => "__Host-till-console",
            (Cookie::Session, false) => "till-console",
            (Cookie::SignIn, true) => "__Host-till-sign-in",
            (Cookie::SignIn, false) => "till-sign-in",
        }
    }

    /// Returns a cookie's value, if the browser sends one and not two.
    pub(crate) fn cookie<'h>(&self, headers: &'h HeaderMap, cookie: Cookie) -> Option<&'h str> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.filter(|line| line.len() <= LONGEST).flat_map(|line| line.split(';'));
        let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == self.name(cookie)).map(|(_, value)| value);
        let first = values.next();
        first.filter(|_| values.next().is_none())
    }

    /// Returns the line that sets a cookie until the browser ends.
    pub(crate) fn set(&self, cookie: Cookie, value: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={value}; Path=/{secure}; HttpOnly; SameSite=Strict", self.name(cookie))
    }

    /// Returns the line that takes a cookie away.
    pub(crate) fn unset(&self, cookie: Cookie) -> String {
        format!("{}; Max-Age=0", self.set(cookie, ""))
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }
}
