//! Puts figures into a table or JSON, with what the machine was and did meanwhile. It must not know how they were had.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::Fault;
use crate::figure::{Figure, Unit};
use crate::floor::FLOOR;

/// All figures of a run.
pub(crate) struct Report {
    tilld: String,
    bytes: u64,
    load_before: String,
    figures: Vec<Figure>,
}

impl Report {
    /// Begins the report about a program.
    pub(crate) fn begin(tilld: &Path) -> Result<Self, Fault> {
        let bytes = fs::metadata(tilld).map_err(|error| format!("cannot find {tilld:?}: {error}"))?.len();
        Ok(Self { tilld: tilld.display().to_string(), bytes, load_before: load(), figures: Vec::new() })
    }

    pub(crate) fn add(&mut self, figures: Vec<Figure>) {
        self.figures.extend(figures);
    }

    pub(crate) fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter()
    }

    /// The floor's median, by which times of the whole path are divided.
    fn floor(&self) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name() == FLOOR && !figure.is_empty()).map(|f| f.percentile(50))
    }

    fn ratio(&self, figure: &Figure) -> Option<f64> {
        self.floor().filter(|_| figure.unit() == Unit::Ms).map(|floor| figure.percentile(50) / floor)
    }

    /// Returns the figures as a table of Markdown.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "`{}`: {} bytes; {}; load {} before, {} after\n",
            self.tilld,
            self.bytes,
            machine(),
            self.load_before,
            load()
        );
        let _ = writeln!(
            text,
            "| figure | n | p50 | p99 | unit | p50 / floor | aim for p50 |\n|---|---:|---:|---:|---|---:|---:|"
        );
        for figure in &self.figures {
            let optional =
                |value: Option<f64>, digits: usize| value.map_or(String::new(), |value| format!("{value:.digits$}"));
            let _ = writeln!(
                text,
                "| {} | {} | {:.3} | {:.3} | {} | {} | {} |",
                figure.name(),
                figure.count(),
                figure.percentile(50),
                figure.percentile(99),
                figure.unit().text(),
                optional(self.ratio(figure), 1),
                optional(figure.wanted(), 1),
            );
        }
        text
    }

    /// Returns the figures as JSON.
    pub(crate) fn json(&self) -> Value {
        let figures = self.figures.iter().map(|figure| {
            json!({
                "name": figure.name(), "n": figure.count(), "unit": figure.unit().text(),
                "p50": figure.percentile(50), "p99": figure.percentile(99),
                "ratio": self.ratio(figure), "aim": figure.wanted(),
            })
        });
        let figures: Vec<Value> = figures.collect();
        json!({
            "tilld": self.tilld, "bytes": self.bytes, "machine": machine(),
            "load_before": self.load_before, "load_after": load(), "figures": figures,
        })
    }
}

/// What the machine did in the last minute.
pub(crate) fn load() -> String {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    told.split_whitespace().next().unwrap_or("unknown").to_owned()
}

pub(crate) fn machine() -> String {
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1)).unwrap_or("unknown");
    format!("{} × {model}", std::thread::available_parallelism().map_or(1, usize::from))
}
