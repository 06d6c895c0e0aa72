//! What is counted of connections: how many there are, and how many ended at which limit.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Counter, Page};

/// The limit at which a connection ended, or was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its source had its fill, or all places were taken, and every one of those was being answered.
    NoPlace,
    /// Its place went to another: it had not sent a whole request for the longest.
    Evicted,
    /// Its TLS handshake failed.
    TlsFailed,
    /// Its TLS handshake took too long.
    TlsSlow,
    /// Nothing of a request came in time, whether its peer was still there or not.
    Idle,
    /// The head of a request had begun, and did not end in time.
    HeadSlow,
    /// A head was too long or had too many headers.
    HeadTooLarge,
    /// What came is no HTTP/1.
    Malformed,
    /// What came may be read in two ways, as smuggled requests are.
    Ambiguous,
    /// Its peer did not take its answers.
    Unread,
}

impl Ending {
    const ALL: [Self; 10] = [
        Self::NoPlace,
        Self::Evicted,
        Self::TlsFailed,
        Self::TlsSlow,
        Self::Idle,
        Self::HeadSlow,
        Self::HeadTooLarge,
        Self::Malformed,
        Self::Ambiguous,
        Self::Unread,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::NoPlace => "no_place",
            Self::Evicted => "evicted",
            Self::TlsFailed => "tls_failed",
            Self::TlsSlow => "tls_slow",
            Self::Idle => "idle",
            Self::HeadSlow => "head_slow",
            Self::HeadTooLarge => "head_too_large",
            Self::Malformed => "malformed",
            Self::Ambiguous => "ambiguous",
            Self::Unread => "unread",
        }
    }
}

/// The connections of one server.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: AtomicU64,
    /// In the order of [`Ending::ALL`].
    ended: [Counter; Ending::ALL.len()],
}

impl Connections {
    pub(crate) fn set_open(&self, count: usize) {
        self.open.store(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn ended(&self, ending: Ending) {
        let known = self.ended.iter().zip(Ending::ALL).find(|(_, known)| *known == ending);
        if let Some((counter, _)) = known {
            counter.add_one();
        }
    }

    pub(crate) fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Returns how many have ended at each limit, by its label.
    pub(crate) fn ended_at(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.ended.iter().zip(Ending::ALL).map(|(counter, ending)| (ending.label(), counter.value()))
    }

    pub(super) fn write(&self, page: &mut Page) -> fmt::Result {
        page.gauge("open_connections", "Connections that providers have open.", self.open())?;
        page.head("connections_ended_total", "counter", "Connections that were ended or refused, by limit.")?;
        for (reason, value) in self.ended_at() {
            writeln!(page.0, "till_bridge_connections_ended_total{{reason=\"{reason}\"}} {value}")?;
        }
        Ok(())
    }
}
