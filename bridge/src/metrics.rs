//! What the bridge counts about itself, and how that looks to Prometheus. Knows no secret and no
//! payment, and how many lines there are depends on the configuration alone.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use till_wire::ChannelId;

use crate::journal::{Health, Status};

/// What came of one call of `/hooks/{channel}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Journalled for the till that its order names.
    Routed,
    /// A payment without an order of ours, journalled for the channel's fallback till.
    Fallback,
    /// Nobody's, journalled for the operator.
    Unrouted,
    /// The provider's test of this address.
    Ping,
    /// The signature is missing or wrong.
    Forged,
    /// The signature is right, and older than `freshness_s` allows.
    Stale,
    /// The signature is wrong, from a source that sends too many of them.
    Throttled,
    /// Not JSON, not UTF-8, fields missing or of a wrong type.
    Malformed,
    /// The body or its envelope is larger than it may be.
    TooLarge,
    /// The body did not come in time, or the connection broke.
    Incomplete,
    /// The journal could not take it.
    NotTaken,
}

impl Outcome {
    const ALL: [Self; 11] = [
        Self::Routed,
        Self::Fallback,
        Self::Unrouted,
        Self::Ping,
        Self::Forged,
        Self::Stale,
        Self::Throttled,
        Self::Malformed,
        Self::TooLarge,
        Self::Incomplete,
        Self::NotTaken,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::Fallback => "fallback",
            Self::Unrouted => "unrouted",
            Self::Ping => "ping",
            Self::Forged => "forged",
            Self::Stale => "stale",
            Self::Throttled => "throttled",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Incomplete => "incomplete",
            Self::NotTaken => "not_taken",
        }
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Everything that is counted. Each field says who writes it.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// The hooks server, in the order of [`Outcome::ALL`].
    webhooks: BTreeMap<ChannelId, [Counter; Outcome::ALL.len()]>,
    /// The hooks server: connections that are open now.
    pub(crate) open_connections: Arc<AtomicU64>,
    /// The hooks server: calls of channels and paths that do not exist, or with another method.
    pub(crate) refused_calls: Counter,
    /// The relay: whether the broker is connected.
    broker_up: AtomicBool,
    /// The relay: connections that the broker accepted.
    pub(crate) connections: Counter,
    /// The relay: publishes that the broker acknowledged, and how long that took together.
    published: Counter,
    publish_micros: Counter,
    /// The relay: replays that began, entries that they published, requests that were refused.
    pub(crate) replays: Counter,
    pub(crate) replayed: Counter,
    pub(crate) replays_refused: Counter,
}

impl Metrics {
    pub(crate) fn new<'a>(channels: impl IntoIterator<Item = &'a ChannelId>) -> Self {
        let webhooks = channels.into_iter().map(|id| (id.clone(), Default::default())).collect();
        Self { webhooks, ..Self::default() }
    }

    pub(crate) fn count(&self, channel: &ChannelId, outcome: Outcome) {
        let counters = self.webhooks.get(channel).into_iter().flatten();
        let counter = counters.zip(Outcome::ALL).find(|(_, known)| *known == outcome);
        if let Some((counter, _)) = counter {
            counter.add_one();
        }
    }

    pub(crate) fn broker_connected(&self) {
        self.connections.add_one();
        self.broker_up.store(true, Ordering::Relaxed);
    }

    pub(crate) fn broker_lost(&self) {
        self.broker_up.store(false, Ordering::Relaxed);
    }

    pub(crate) fn published(&self, after: Duration) {
        self.published.add_one();
        self.publish_micros.add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
    }

    /// Returns all of it in Prometheus' text format 0.0.4.
    pub(crate) fn exposition(&self, journal: &Status) -> String {
        let mut page = Page(String::new());
        // A String takes everything that is written to it.
        let _infallible = self.write(journal, &mut page);
        page.0
    }

    fn write(&self, journal: &Status, page: &mut Page) -> fmt::Result {
        page.head("webhooks_total", "counter", "Webhooks by channel and outcome.")?;
        for (channel, counters) in &self.webhooks {
            for (counter, outcome) in counters.iter().zip(Outcome::ALL) {
                let (outcome, value) = (outcome.label(), counter.value());
                let labels = format!("channel=\"{channel}\",outcome=\"{outcome}\"");
                writeln!(page.0, "till_bridge_webhooks_total{{{labels}}} {value}")?;
            }
        }
        let forged = |counters: &[Counter; Outcome::ALL.len()]| -> u64 {
            let known = counters.iter().zip(Outcome::ALL);
            let forged = known.filter(|(_, outcome)| matches!(outcome, Outcome::Forged | Outcome::Throttled));
            forged.map(|(counter, _)| counter.value()).sum()
        };
        let forged = self.webhooks.values().map(forged).sum();
        page.counter("forged_total", "Webhooks whose signature was missing or wrong.", forged)?;
        let refused = self.refused_calls.value();
        page.counter("refused_calls_total", "Calls of unknown paths or methods.", refused)?;
        let open = self.open_connections.load(Ordering::Relaxed);
        page.gauge("open_connections", "Connections that providers have open.", open)?;
        Self::write_journal(journal, page)?;
        self.write_broker(page)
    }

    fn write_journal(journal: &Status, page: &mut Page) -> fmt::Result {
        let size = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        page.gauge("journal_bytes", "Bytes that the journal takes.", journal.bytes)?;
        page.gauge("journal_max_bytes", "Bytes that it may take.", journal.max_bytes)?;
        page.gauge("journal_segments", "Files of the journal.", size(journal.segments))?;
        page.gauge("journal_entries", "Entries that are kept.", journal.entries)?;
        let undelivered = size(journal.undelivered);
        page.gauge("journal_undelivered", "Entries that no broker has taken.", undelivered)?;
        page.counter("journal_damaged_total", "Damaged stretches found.", journal.damaged)?;
        let healthy = u64::from(journal.health == Health::Good);
        page.gauge("journal_healthy", "1 while webhooks can be taken.", healthy)
    }

    fn write_broker(&self, page: &mut Page) -> fmt::Result {
        let up = u64::from(self.broker_up.load(Ordering::Relaxed));
        page.gauge("broker_up", "1 while the broker is connected.", up)?;
        let connections = self.connections.value();
        page.counter("broker_connections_total", "Connections to the broker.", connections)?;
        page.head("publish_seconds", "summary", "Time from publish to the broker's answer.")?;
        let micros = self.publish_micros.value();
        let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
        writeln!(page.0, "till_bridge_publish_seconds_sum {whole}.{part:06}")?;
        writeln!(page.0, "till_bridge_publish_seconds_count {}", self.published.value())?;
        page.counter("replays_total", "Replays that began.", self.replays.value())?;
        page.counter("replayed_total", "Entries published by replays.", self.replayed.value())?;
        let refused = self.replays_refused.value();
        page.counter("replays_refused_total", "Requests for a replay refused.", refused)
    }
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) -> fmt::Result {
        writeln!(self.0, "# HELP till_bridge_{name} {help}")?;
        writeln!(self.0, "# TYPE till_bridge_{name} {kind}")
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.head(name, "counter", help)?;
        writeln!(self.0, "till_bridge_{name} {value}")
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.head(name, "gauge", help)?;
        writeln!(self.0, "till_bridge_{name} {value}")
    }
}
