//! What the daemon knows of itself: links, clock, display, counters. Feeds `/v1/status` and `/metrics`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use till_wire::standing::BROKER;
use till_wire::status::{
    ClockStatus, DisplayStatus, Link, QueueStatus, SoundStatus, Status, StoreStatus, TerminalStatus,
};
use till_wire::{ChannelId, UnixTime};

use crate::clock;
use crate::panel;
use crate::port::{Measure, Value};
use crate::store::Facts;
use crate::till::{Queue, Receipt, Sale, Service, Tick};

use super::Driver;
use super::timings::Timings;

/// What has been seen since the start.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) started: Tick,
    pub(super) webhooks_proven: u64,
    pub(super) webhooks_dropped: u64,
    pub(super) store_faults: u64,
    /// Why pictures do not reach the display, if they do not.
    display_fault: Option<String>,
    pub(super) provider_offset_ms: Option<i64>,
    /// By how much our clock is corrected for the provider of each channel.
    pub(super) corrected_ms: BTreeMap<ChannelId, i64>,
    links: BTreeMap<String, Link>,
    last_payment_at: Option<UnixTime>,
    sales_ended: BTreeMap<&'static str, u64>,
    receipts: u64,
    pub(super) timings: Timings,
}

/// A clock that is closer to a provider's than this is right: providers tell whole seconds, some time ago.
const TOLERATED_MS: i64 = 20_000;

impl Tally {
    /// Begins when the daemon does; a channel's link is unknown until it has been used.
    /// `last_payment_at` is when money last arrived before.
    pub(super) fn new(last_payment_at: Option<UnixTime>) -> Self {
        let broker = Link { up: false, since: Some(clock::wall()), reason: Some("not connected yet".to_owned()) };
        Self {
            started: clock::tick(),
            webhooks_proven: 0,
            webhooks_dropped: 0,
            store_faults: 0,
            display_fault: None,
            provider_offset_ms: None,
            corrected_ms: BTreeMap::new(),
            links: BTreeMap::from([(BROKER.to_owned(), broker)]),
            last_payment_at,
            sales_ended: BTreeMap::new(),
            receipts: 0,
            timings: Timings::new(clock::wall()),
        }
    }

    pub(super) fn display_heard(&mut self, heard: &panel::Heard) {
        if matches!(heard, panel::Heard::Failed { .. }) {
            self.timings.display_failed();
        }
        self.display_fault = match heard {
            panel::Heard::Failed { reason } => Some(reason.clone()),
            panel::Heard::Shown { .. } | panel::Heard::TooDense { .. } => None,
        };
    }

    /// Tells whether pictures reach the display, as far as is known.
    pub(super) fn is_display_well(&self) -> bool {
        self.display_fault.is_none()
    }

    pub(super) fn is_broker_up(&self) -> bool {
        self.links.get(BROKER).is_some_and(|link| link.up)
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

    /// What is known of the wall clock; `kept` tells whether the machine's time service keeps it.
    fn clock(&self, wall: UnixTime, kept: bool) -> ClockStatus {
        let offset_ms = self.provider_offset_ms;
        let agrees = offset_ms.map(|offset| offset.saturating_abs() <= TOLERATED_MS);
        let corrected = self.corrected_ms.values().copied().max_by_key(|ms| ms.saturating_abs());
        ClockStatus {
            synchronised: kept || agrees.unwrap_or(wall >= clock::BUILT),
            offset_ms,
            corrected_ms: corrected.filter(|ms| *ms != 0),
        }
    }

    pub(super) fn measures(&self, certificate_until: Option<UnixTime>, commands: Vec<Measure>) -> Vec<Measure> {
        let plain = |name, help, value| Measure { name, help, labels: Vec::new(), value: Value::Counter(value) };
        let ended = self.sales_ended.iter().map(|(state, value)| Measure {
            name: "tilld_sale_endings_total",
            help: "Revisions of ended sales by state.",
            labels: vec![("state", (*state).to_owned())],
            value: Value::Counter(*value),
        });
        let mut measures = vec![
            plain("tilld_webhooks_proven_total", "Webhooks whose signature was right.", self.webhooks_proven),
            plain("tilld_webhooks_dropped_total", "Webhooks that did not verify.", self.webhooks_dropped),
            plain("tilld_store_faults_total", "Times that the store could not be used.", self.store_faults),
            plain("tilld_receipts_total", "Pieces of money without a sale.", self.receipts),
        ];
        measures.extend(ended);
        measures.extend(commands);
        measures.extend(self.timings.measures(certificate_until));
        measures
    }
}

impl Driver {
    pub(super) fn status(&self) -> Status {
        let uptime = clock::tick().since(self.tally.started);
        Status {
            terminal: TerminalStatus {
                number: self.terminal,
                label: Some(self.label.clone()),
                groups: self.rules.groups.iter().map(ToString::to_string).collect(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                boot_id: Some(clock::boot_text(clock::boot_id())),
                uptime_s: uptime.as_secs(),
            },
            links: self.tally.links.clone(),
            queue: Some(queue_status(&self.till.queue(1, clock::now()))),
            clock: Some(self.tally.clock(clock::wall(), clock::is_kept_by_the_network())),
            certificate: self.certificate.status(),
            store: None,
            display: Some(DisplayStatus {
                ok: self.tally.display_fault.is_none(),
                reason: self.tally.display_fault.clone(),
                size: self.screen.as_ref().and_then(|screen| screen.size()).map(|size| size.to_string()),
                driver: self.display.to_owned(),
            }),
            sound: self.sound.as_ref().map(|sound| {
                let reason = sound.trouble();
                SoundStatus { ok: reason.is_none(), driver: "alsa".to_owned(), reason }
            }),
            last_payment_at: self.tally.last_payment_at,
            attention: None,
            memory_bytes: resident_bytes(),
            temperature_c: temperature_c(),
            configuration: self.wanted.status(),
            disabled: self.till.service() == Service::Disabled,
        }
    }
}

/// Returns the figures of what `/v1/queue` lists.
fn queue_status(queue: &Queue) -> QueueStatus {
    QueueStatus {
        entries: u64::try_from(queue.count).unwrap_or(u64::MAX),
        bytes: Some(queue.bytes),
        oldest_s: queue.oldest.first().and_then(|oldest| oldest.age).map(|age| age.as_secs()),
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

/// Reads the hottest of the zones that the kernel measures. Source: Linux, Documentation/driver-api/thermal/sysfs-api.rst,
/// `temp`, in thousandths of a degree; what no sensor can mean is passed over.
fn temperature_c() -> Option<i64> {
    hottest(Path::new("/sys/class/thermal"))
}

fn hottest(zones: &Path) -> Option<i64> {
    let zones = fs::read_dir(zones).ok()?.flatten();
    let zones = zones.filter(|zone| zone.file_name().to_string_lossy().starts_with("thermal_zone"));
    let read = |zone: fs::DirEntry| fs::read_to_string(zone.path().join("temp")).ok()?.trim().parse::<i64>().ok();
    let degrees = zones.filter_map(read).map(|thousandths| thousandths.div_euclid(1000));
    degrees.filter(|degrees| (-60..=200).contains(degrees)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(offset_ms: Option<i64>, corrected: &[(&str, i64)]) -> Tally {
        let channel = |name: &str| ChannelId::new(name).expect("a channel id");
        let corrected_ms = corrected.iter().map(|(name, ms)| (channel(name), *ms)).collect();
        Tally { provider_offset_ms: offset_ms, corrected_ms, ..Tally::new(None) }
    }

    #[test]
    fn p10_a_clock_is_right_when_the_network_or_a_provider_says_so() {
        let (old, new) = (UnixTime::from_secs(0), clock::BUILT);
        let believed = |offset, wall, kept| tally(offset, &[]).clock(wall, kept).synchronised;
        assert!(believed(None, new, false));
        assert!(!believed(None, old, false));
        assert!(believed(None, old, true));
        for offset in [0, 20_000, -20_000] {
            assert!(believed(Some(offset), new, false), "{offset}");
        }
        for offset in [20_001, -20_001, 3_600_000] {
            assert!(!believed(Some(offset), new, false), "{offset}");
            assert!(believed(Some(offset), new, true), "{offset}");
        }
    }

    #[test]
    fn the_hottest_zone_counts_and_what_no_sensor_can_mean_does_not() {
        let folder = std::env::temp_dir().join(format!("tilld-thermal-{}", std::process::id()));
        assert_eq!(hottest(&folder), None, "there is no such folder");
        fs::create_dir(&folder).expect("a folder");
        assert_eq!(hottest(&folder), None);
        for (name, text) in [
            ("thermal_zone0", "48312\n"),
            ("thermal_zone1", "61999\n"),
            ("thermal_zone2", "-274000\n"),
            ("thermal_zone3", "warm\n"),
            ("cooling_device0", "99000\n"),
        ] {
            fs::create_dir(folder.join(name)).expect("a zone");
            fs::write(folder.join(name).join("temp"), text).expect("a reading");
        }
        let hottest = hottest(&folder);
        fs::remove_dir_all(&folder).expect("it is ours");
        assert_eq!(hottest, Some(61));
    }

    #[test]
    fn p10_the_largest_correction_is_said_and_none_is_left_out() {
        let said = |corrected: &[(&str, i64)]| tally(None, corrected).clock(clock::BUILT, false).corrected_ms;
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[("payos", 0), ("finan", 0)]), None);
        assert_eq!(said(&[("payos", 0), ("finan", 3_600_000)]), Some(3_600_000));
        assert_eq!(said(&[("payos", 21_000), ("finan", -3_600_000)]), Some(-3_600_000));
    }
}
