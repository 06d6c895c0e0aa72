//! The limits of a listener that faces the internet, each with its name. What happens at each is counted by
//! `metrics::Ending` or `metrics::Outcome`; SECURITY.md says which test holds it.

use std::time::Duration;

/// How many connections there may be; both numbers are the configuration's (`http.max_connections`,
/// `http.max_connections_per_source`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// In all. For one more, the one that has been waited for the longest is ended.
    pub(crate) connections: usize,
    /// From one source, which is an IPv4 address or an IPv6 network of 64 bits. Proxies that are trusted have no bound.
    pub(crate) per_source: usize,
}

impl Crowd {
    /// The operator's pages need few.
    pub(crate) const ADMIN: Self = Self { connections: 64, per_source: 64 };
    /// A few people, each of whose browsers opens several; all of them may stand behind one address.
    pub(crate) const CONSOLE: Self = Self { connections: 256, per_source: 128 };
    /// A shop's terminals ask seldom, and may all stand behind one address.
    pub(crate) const ENROLMENT: Self = Self { connections: 512, per_source: 64 };
}

/// From the connection to the end of the TLS handshake.
pub(super) const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// From the connection, or from the answer before, to the end of a request's head: both a slow head and an idle or
/// half-open connection end here.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a peer may take nothing of the answer that it is sent.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long open requests may take after the stop: longer than the body time-out and the journal.
pub(super) const STOP_TIMEOUT: Duration = Duration::from_secs(13);
/// Headers of one request.
pub(super) const MAX_HEADERS: usize = 64;
/// Bytes of a request's head, and of what one connection is read ahead.
pub(super) const MAX_HEAD: usize = 32 * 1024;
