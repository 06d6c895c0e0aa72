//! What the bridge counts about itself, and how that looks to Prometheus. Knows no secret and no
//! payment, and how many lines there are depends on the configuration's channels alone.

mod connections;
mod webhooks;

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use till_wire::{ChannelId, UnixTime};

pub(crate) use self::connections::{Connections, Ending};
pub(crate) use self::webhooks::{Outcome, Webhooks};
use crate::journal::{Health, Status};
use crate::trace::Trace;

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

/// What a bridge is from its start on.
#[derive(Debug)]
pub(crate) struct Born {
    pub(crate) at: UnixTime,
    /// When the certificate ends that the broker is shown, if one is.
    pub(crate) certificate_until: Option<UnixTime>,
}

/// Everything that is counted. Each field says who writes it.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Whoever starts the bridge.
    pub(crate) born: OnceLock<Born>,
    /// The hooks server. A channel that the configuration has no more keeps its numbers, since they only grow.
    webhooks: Mutex<BTreeMap<ChannelId, Arc<Webhooks>>>,
    /// The hooks server and the relay: their lines about single webhooks.
    pub(crate) trace: Trace,
    /// The hooks server: its connections.
    pub(crate) connections: Arc<Connections>,
    /// Whoever reads the configuration again: how often, how often in vain, and whether the last time was.
    reloads: Counter,
    reloads_failed: Counter,
    stale: AtomicBool,
    /// The hooks server: calls of channels and paths that do not exist, or with another method.
    pub(crate) refused_calls: Counter,
    /// The relay: whether the broker is connected.
    broker_up: AtomicBool,
    /// The relay: connections that the broker accepted.
    pub(crate) broker_connections: Counter,
    /// The relay: publishes that the broker acknowledged, and how long that took together.
    published: Counter,
    publish_micros: Counter,
    /// The relay: replays that began, entries that they published, requests that were refused.
    pub(crate) replays: Counter,
    pub(crate) replayed: Counter,
    pub(crate) replays_refused: Counter,
}

impl Metrics {
    /// Returns what is counted of a channel, from zero when it is seen for the first time.
    pub(crate) fn of(&self, channel: &ChannelId) -> Arc<Webhooks> {
        // Nothing here is half done by a panic, so a poisoned lock is as good.
        let mut webhooks = self.webhooks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(webhooks.entry(channel.clone()).or_default())
    }

    pub(crate) fn reloaded(&self) {
        self.reloads.add_one();
        self.stale.store(false, Ordering::Relaxed);
    }

    pub(crate) fn reload_failed(&self) {
        self.reloads_failed.add_one();
        self.stale.store(true, Ordering::Relaxed);
    }

    pub(crate) fn broker_connected(&self) {
        self.broker_connections.add_one();
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
        self.write_birth(page)?;
        self.write_webhooks(page)?;
        let refused = self.refused_calls.value();
        page.counter(
            "refused_calls_total",
            "Calls of unknown paths or methods, or with a head that is not taken.",
            refused,
        )?;
        self.connections.write(page)?;
        page.counter("config_reloads_total", "Times that the configuration was read again.", self.reloads.value())?;
        let failed = self.reloads_failed.value();
        page.counter("config_reload_failed_total", "Times that it had faults, and the old one was kept.", failed)?;
        let fresh = u64::from(!self.stale.load(Ordering::Relaxed));
        page.gauge("config_reload_ok", "0 while the file had faults when it was last read.", fresh)?;
        Self::write_journal(journal, page)?;
        self.write_broker(page)
    }

    fn write_birth(&self, page: &mut Page) -> fmt::Result {
        page.head("build_info", "gauge", "Which bridge this is.")?;
        writeln!(page.0, "till_bridge_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))?;
        let Some(born) = self.born.get() else { return Ok(()) };
        let secs = |at: UnixTime| u64::try_from(at.secs()).unwrap_or(0);
        page.gauge("start_time_seconds", "When the bridge started.", secs(born.at))?;
        let Some(until) = born.certificate_until else { return Ok(()) };
        let help = "When the certificate ends that the broker is shown.";
        page.gauge("certificate_expiry_timestamp_seconds", help, secs(until))
    }

    fn write_webhooks(&self, page: &mut Page) -> fmt::Result {
        let webhooks = self.webhooks.lock().unwrap_or_else(PoisonError::into_inner);
        page.head("webhooks_total", "counter", "Webhooks by channel and outcome.")?;
        for (channel, counts) in webhooks.iter() {
            for (outcome, value) in counts.values() {
                let labels = format!("channel=\"{channel}\",outcome=\"{outcome}\"");
                writeln!(page.0, "till_bridge_webhooks_total{{{labels}}} {value}")?;
            }
        }
        let forged = webhooks.values().map(|counts| counts.forged()).sum();
        page.counter("forged_total", "Webhooks whose signature was missing or wrong.", forged)
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
        let connections = self.broker_connections.value();
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
