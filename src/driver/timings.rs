//! What has been counted and timed since the start, for `/metrics`. It must not know how it is written down.

use std::collections::BTreeMap;

use till_wire::{ChannelId, UnixTime};

use crate::port::{Histogram, Measure, Value};

/// What took how long. Each field says who notes it.
#[derive(Debug)]
pub(super) struct Timings {
    /// The loop: from a write's order until it is on the disk.
    commits: Histogram,
    /// The loop: from a question to a provider until its answer, whatever it was.
    answers: BTreeMap<ChannelId, Histogram>,
    /// The loop: from the bridge's taking a webhook until it is here, by both clocks.
    webhooks: Histogram,
    /// The loop: questions to providers that nothing usable came of.
    answer_faults: BTreeMap<ChannelId, u64>,
    display_faults: u64,
    started_at: UnixTime,
}

/// Disks: from a tenth of a millisecond in memory to the second of a card that is worn out.
const COMMIT_MS: [u32; 9] = [1, 5, 10, 25, 50, 100, 250, 500, 1000];
/// Providers: making an order is waited for up to 15 s.
const ANSWER_MS: [u32; 8] = [100, 250, 500, 1000, 2500, 5000, 10_000, 15_000];
/// Webhooks: told in whole seconds.
const WEBHOOK_MS: [u32; 8] = [1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 3_600_000];

impl Timings {
    pub(super) fn new(started_at: UnixTime) -> Self {
        Self {
            commits: Histogram::new(&COMMIT_MS),
            answers: BTreeMap::new(),
            webhooks: Histogram::new(&WEBHOOK_MS),
            answer_faults: BTreeMap::new(),
            display_faults: 0,
            started_at,
        }
    }

    pub(super) fn committed(&mut self, micros: u64) {
        self.commits.took(micros);
    }

    pub(super) fn answered(&mut self, channel: &ChannelId, micros: u64, usable: bool) {
        self.answers.entry(channel.clone()).or_insert_with(|| Histogram::new(&ANSWER_MS)).took(micros);
        *self.answer_faults.entry(channel.clone()).or_default() += u64::from(!usable);
    }

    pub(super) fn webhook_came(&mut self, taken: UnixTime, now: UnixTime) {
        let ms = u64::try_from(now.ms().saturating_sub(taken.ms())).unwrap_or(0);
        self.webhooks.took(ms.saturating_mul(1000));
    }

    pub(super) fn display_failed(&mut self) {
        self.display_faults += 1;
    }

    /// Returns the series; `certificate_until` is when the terminal's certificate ends.
    pub(super) fn measures(&self, certificate_until: Option<UnixTime>) -> Vec<Measure> {
        let plain = |name, help, value| Measure { name, help, labels: Vec::new(), value };
        let of = |channel: &ChannelId| vec![("channel", channel.to_string())];
        let mut measures = vec![
            plain("tilld_start_time_seconds", "When the daemon started.", Value::Gauge(self.started_at.secs())),
            plain(
                "tilld_display_faults_total",
                "Times that a picture did not reach the display.",
                Value::Counter(self.display_faults),
            ),
            plain(
                "tilld_store_commit_seconds",
                "Time until a write was on the disk.",
                Value::Histogram(self.commits.clone()),
            ),
            plain(
                "tilld_webhook_age_seconds",
                "Time from the bridge's taking a webhook until it was here.",
                Value::Histogram(self.webhooks.clone()),
            ),
        ];
        measures.extend(certificate_until.map(|until| {
            let help = "When the terminal's certificate ends.";
            plain("tilld_certificate_expiry_timestamp_seconds", help, Value::Gauge(until.secs()))
        }));
        measures.extend(self.answers.iter().map(|(channel, histogram)| Measure {
            name: "tilld_provider_answer_seconds",
            help: "Time until a provider answered.",
            labels: of(channel),
            value: Value::Histogram(histogram.clone()),
        }));
        measures.extend(self.answer_faults.iter().map(|(channel, faults)| Measure {
            name: "tilld_provider_faults_total",
            help: "Questions to a provider that nothing usable came of.",
            labels: of(channel),
            value: Value::Counter(*faults),
        }));
        measures
    }
}
