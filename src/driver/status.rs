//! What the daemon knows of itself: links, clock, display, counters. Feeds `/v1/status` and `/metrics`.

use std::collections::BTreeMap;
use std::fs;

use till_wire::status::{ClockStatus, DisplayStatus, Link, QueueStatus, Status, StoreStatus, TerminalStatus};
use till_wire::{ChannelId, UnixTime};

use crate::api::port::Counter;
use crate::clock;
use crate::store::Facts;
use crate::till::{Receipt, Sale, Tick};

use super::Driver;

/// What has been seen since the start.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) started: Tick,
    pub(super) webhooks_proven: u64,
    pub(super) webhooks_dropped: u64,
    pub(super) store_faults: u64,
    pub(super) display_works: bool,
    pub(super) provider_offset_ms: Option<i64>,
    /// By how much our clock is corrected for the provider of each channel.
    pub(super) corrected_ms: BTreeMap<ChannelId, i64>,
    links: BTreeMap<String, Link>,
    last_payment_at: Option<UnixTime>,
    sales_ended: BTreeMap<&'static str, u64>,
    receipts: u64,
}

const BROKER: &str = "broker";

impl Tally {
    /// Begins when the daemon does; a channel's link is unknown until it has been used.
    pub(super) fn new() -> Self {
        let broker = Link { up: false, since: Some(clock::wall()), reason: Some("not connected yet".to_owned()) };
        Self {
            started: clock::tick(),
            webhooks_proven: 0,
            webhooks_dropped: 0,
            store_faults: 0,
            display_works: true,
            provider_offset_ms: None,
            corrected_ms: BTreeMap::new(),
            links: BTreeMap::from([(BROKER.to_owned(), broker)]),
            last_payment_at: None,
            sales_ended: BTreeMap::new(),
            receipts: 0,
        }
    }

    pub(super) fn broker_up(&mut self) {
        self.link(BROKER, None);
    }

    pub(super) fn broker_down(&mut self, reason: String) {
        self.link(BROKER, Some(reason));
    }

    /// Learns from an answer whether the channel works, and if not, why.
    pub(super) fn channel_answered(&mut self, channel: &ChannelId, trouble: Option<String>) {
        self.link(channel.as_str(), trouble);
    }

    fn link(&mut self, name: &str, fault: Option<String>) {
        let up = fault.is_none();
        match self.links.get_mut(name) {
            Some(link) if link.up == up => link.reason = fault,
            Some(_) | None => {
                let link = Link { up, since: Some(clock::wall()), reason: fault };
                self.links.insert(name.to_owned(), link);
            }
        }
    }

    pub(super) fn sale_changed(&mut self, sale: &Sale) {
        let newest = sale.payments.iter().map(|payment| payment.received_at).max();
        self.last_payment_at = self.last_payment_at.max(newest);
        if sale.finished_at.is_some() && sale.ending().is_some() {
            *self.sales_ended.entry(sale.seen_state().as_str()).or_default() += 1;
        }
    }

    pub(super) fn receipt_changed(&mut self, receipt: &Receipt) {
        // A matched receipt is no new money.
        self.receipts += u64::from(receipt.sale.is_none());
        self.last_payment_at = self.last_payment_at.max(Some(receipt.received_at));
    }

    pub(super) fn counters(&self) -> Vec<Counter> {
        let plain = |name, help, value| Counter { name, help, labels: Vec::new(), value };
        let ended = self.sales_ended.iter().map(|(state, value)| Counter {
            name: "tilld_sale_endings_total",
            help: "Revisions of ended sales by state.",
            labels: vec![("state", (*state).to_owned())],
            value: *value,
        });
        let mut counters = vec![
            plain("tilld_webhooks_proven_total", "Webhooks whose signature was right.", self.webhooks_proven),
            plain("tilld_webhooks_dropped_total", "Webhooks that did not verify.", self.webhooks_dropped),
            plain("tilld_store_faults_total", "Times that the store could not be used.", self.store_faults),
            plain("tilld_receipts_total", "Pieces of money without a sale.", self.receipts),
        ];
        counters.extend(ended);
        counters
    }
}

impl Driver {
    pub(super) fn status(&self) -> Status {
        let uptime = clock::tick().since(self.tally.started);
        let wall = clock::wall();
        Status {
            terminal: TerminalStatus {
                number: self.terminal,
                label: Some(self.label.clone()),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                boot_id: Some(clock::boot_text(clock::boot_id())),
                uptime_s: uptime.as_secs(),
            },
            links: self.tally.links.clone(),
            queue: Some(QueueStatus {
                entries: u64::try_from(self.till.owed()).unwrap_or(u64::MAX),
                bytes: None,
                oldest_s: None,
            }),
            clock: Some(ClockStatus { synchronised: wall >= clock::BUILT, offset_ms: self.tally.provider_offset_ms }),
            store: None,
            display: Some(DisplayStatus {
                ok: self.tally.display_works,
                size: self.screen.as_ref().and_then(|screen| screen.size()).map(|size| size.to_string()),
                driver: self.display.to_owned(),
            }),
            last_payment_at: self.tally.last_payment_at,
            attention: None,
            memory_bytes: resident_bytes(),
        }
    }
}

/// Adds what only the store knows.
pub(super) fn add_facts(status: &mut Status, facts: &Facts) {
    status.store =
        Some(StoreStatus { bytes: Some(facts.bytes), free_bytes: Some(facts.free_bytes), sales: Some(facts.sales) });
    status.attention = Some(facts.attention);
}

/// Reads how much memory this process holds. Source: proc(5), `/proc/self/statm`, second field, in pages.
fn resident_bytes() -> Option<u64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}
