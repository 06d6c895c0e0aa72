//! The text of `/metrics` (Prometheus text format 0.0.4), made of the status and of what has been counted. It must not
//! measure anything itself.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use till_wire::Status;

use crate::port::{Histogram, Measure, Value};

/// How many calls have been answered, by the first digit of their status.
#[derive(Debug, Default)]
pub(super) struct Counts([AtomicU64; CLASSES.len()]);

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Counts {
    pub(super) fn count(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).checked_sub(1);
        if let Some(count) = class.and_then(|class| self.0.get(class)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Returns the whole text.
pub(super) fn text(status: &Status, counts: &Counts, counted: &[Measure]) -> String {
    let mut page = Page::default();
    page.gauge("tilld_build_info", "Which daemon this is.");
    page.sample("tilld_build_info", &[("version", status.terminal.version.clone())], 1);
    measures(&mut page, status);
    page.family("tilld_api_responses_total", "Calls of the API that were answered, by class of status.", "counter");
    for (class, count) in CLASSES.iter().zip(&counts.0) {
        let labels = [("class", (*class).to_owned())];
        page.sample("tilld_api_responses_total", &labels, count.load(Ordering::Relaxed));
    }
    let mut family = "";
    for measure in counted {
        let kind = match &measure.value {
            Value::Counter(_) => "counter",
            Value::Gauge(_) => "gauge",
            Value::Histogram(_) => "histogram",
        };
        if measure.name != family {
            family = measure.name;
            page.family(measure.name, measure.help, kind);
        }
        match &measure.value {
            Value::Counter(value) => page.sample(measure.name, &measure.labels, value),
            Value::Gauge(value) => page.sample(measure.name, &measure.labels, value),
            Value::Histogram(histogram) => page.histogram(measure, histogram),
        }
    }
    page.0
}

fn measures(page: &mut Page, status: &Status) {
    page.one("tilld_uptime_seconds", "How long the daemon has been running.", Some(status.terminal.uptime_s));
    page.gauge("tilld_link_up", "Whether a link works.");
    for (link, state) in &status.links {
        let labels = [("link", link.clone())];
        page.sample("tilld_link_up", &labels, u8::from(state.up));
    }
    let queue = status.queue.as_ref();
    page.one("tilld_queue_entries", "Messages owed to others.", queue.map(|queue| queue.entries));
    page.one("tilld_queue_bytes", "The size of messages owed to others.", queue.and_then(|queue| queue.bytes));
    page.one(
        "tilld_queue_oldest_seconds",
        "How long the oldest message has been owed.",
        queue.and_then(|queue| queue.oldest_s),
    );
    let clock = status.clock.as_ref();
    page.one(
        "tilld_clock_synchronised",
        "Whether the wall clock can be believed.",
        clock.map(|clock| u64::from(clock.synchronised)),
    );
    page.one(
        "tilld_clock_offset_seconds",
        "How far the wall clock is ahead of the provider's.",
        clock.and_then(|clock| clock.offset_ms).map(in_seconds),
    );
    page.one(
        "tilld_clock_corrected_seconds",
        "By how much the wall clock is corrected for the provider of whose clock it is farthest off.",
        clock.map(|clock| in_seconds(clock.corrected_ms.unwrap_or(0))),
    );
    let store = status.store.as_ref();
    page.one("tilld_store_bytes", "The size of the store.", store.and_then(|store| store.bytes));
    page.one(
        "tilld_store_free_bytes",
        "What the store's file system can still take.",
        store.and_then(|store| store.free_bytes),
    );
    page.one("tilld_store_sales", "Sales in the store.", store.and_then(|store| store.sales));
    page.one(
        "tilld_display_ok",
        "Whether pictures reach the display.",
        status.display.as_ref().map(|display| u64::from(display.ok)),
    );
    page.one(
        "tilld_sound_ok",
        "Whether the sound works; nothing where there is none.",
        status.sound.as_ref().map(|sound| u64::from(sound.ok)),
    );
    page.one(
        "tilld_last_payment_timestamp_seconds",
        "When money last arrived.",
        status.last_payment_at.map(till_wire::UnixTime::secs),
    );
    page.one("tilld_attention", "Sales and receipts that need a person.", status.attention);
    page.one("tilld_memory_bytes", "The resident memory of the daemon.", status.memory_bytes);
}

/// The text while it is being written. Writing to a `String` cannot fail.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn gauge(&mut self, name: &str, help: &str) {
        self.family(name, help, "gauge");
    }

    /// Writes a gauge without labels; nothing when its value is not known.
    fn one<T: ToString>(&mut self, name: &str, help: &str, value: Option<T>) {
        if let Some(value) = value {
            self.gauge(name, help);
            let _ = writeln!(self.0, "{name} {}", value.to_string());
        }
    }

    fn histogram(&mut self, measure: &Measure, histogram: &Histogram) {
        let with = |bound: String| {
            let own = [("le", bound)];
            measure.labels.iter().cloned().chain(own).collect::<Vec<_>>()
        };
        let (name, count) = (measure.name, histogram.count());
        for (bound_ms, count) in histogram.buckets() {
            // As a number is written in the shortest way, so that a bound is the same text for ever.
            let bound = (f64::from(bound_ms) / 1000.0).to_string();
            self.sample(&format!("{name}_bucket"), &with(bound), count);
        }
        self.sample(&format!("{name}_bucket"), &with("+Inf".to_owned()), count);
        self.sample(&format!("{name}_sum"), &measure.labels, seconds(histogram.sum_us()));
        self.sample(&format!("{name}_count"), &measure.labels, count);
    }

    fn sample<T: ToString>(&mut self, name: &str, labels: &[(&str, String)], value: T) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = match labels.as_slice() {
            [] => String::new(),
            labels => format!("{{{}}}", labels.join(",")),
        };
        let _ = writeln!(self.0, "{name}{labels} {}", value.to_string());
    }
}

fn in_seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", ms.unsigned_abs() / 1000, ms.unsigned_abs() % 1000)
}

fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
