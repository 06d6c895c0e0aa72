//! Addresses as URLs in configuration files: scheme, host, port, path, and whether the host is this machine.
//! It must not resolve names.

use std::fmt;
use std::net::IpAddr;

use rustls::pki_types::ServerName;

/// The parts of `scheme://host[:port][/path]`; user, query and fragment are refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) host: Host<'a>,
    pub(crate) port: Option<u16>,
    pub(crate) path: &'a str,
}

/// A host by name or by number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Host<'a> {
    Name(&'a str),
    Number(IpAddr),
}

impl<'a> Address<'a> {
    pub(crate) fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '@' | '?' | '#' | '\\');
        if !rest.chars().all(plain) {
            return None;
        }
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (number, port) = bracketed.split_once(']')?;
                (Host::Number(IpAddr::V6(number.parse().ok()?)), port)
            }
            None => {
                let end = authority.find(':').unwrap_or(authority.len());
                let (host, port) = authority.split_at_checked(end)?;
                (Host::parse(host)?, port)
            }
        };
        let port = match port.strip_prefix(':') {
            Some(digits) => Some(parse_port(digits)?),
            None if port.is_empty() => None,
            None => return None,
        };
        Some(Self { scheme, host, port, path })
    }
}

fn parse_port(digits: &str) -> Option<u16> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| all_digits && *port != 0)
}

impl<'a> Host<'a> {
    fn parse(host: &'a str) -> Option<Self> {
        match ServerName::try_from(host).ok()? {
            ServerName::DnsName(_) => Some(Self::Name(host)),
            ServerName::IpAddress(_) => host.parse().ok().map(Self::Number),
            _ => None,
        }
    }

    /// Tells whether this is the machine itself: 127.0.0.0/8, `::1` or `localhost`.
    pub(crate) fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name.eq_ignore_ascii_case("localhost"),
            Self::Number(number) => number.is_loopback(),
        }
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(IpAddr::V4(number)) => write!(f, "{number}"),
            Self::Number(IpAddr::V6(number)) => write!(f, "[{number}]"),
        }
    }
}

/// What a provider's URLs begin with: https, or http on loopback; without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpBase(String);

impl HttpBase {
    /// Returns the base, or nothing when it is not such a URL.
    pub fn new(url: &str) -> Option<Self> {
        let address = Address::parse(url)?;
        let allowed = match address.scheme {
            "https" => true,
            "http" => address.host.is_loopback(),
            _ => false,
        };
        allowed.then(|| Self(url.trim_end_matches('/').to_owned()))
    }

    /// Returns the base as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether whoever answers has to show a certificate.
    pub fn has_tls(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// Returns the host, as it is looked up, and the port.
    pub fn place(&self) -> Option<(String, u16)> {
        let address = Address::parse(&self.0)?;
        let host = match address.host {
            Host::Name(name) => name.to_owned(),
            Host::Number(number) => number.to_string(),
        };
        Some((host, address.port.unwrap_or(if self.has_tls() { 443 } else { 80 })))
    }

    /// Returns the URL of a path below the base; `path` begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for HttpBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
