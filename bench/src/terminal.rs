//! A real `tilld` with its broker and payOS, a picture in memory and a store on the disk, that can be started again
//! and again. It must not know what is measured.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use demo::payos::Sandbox;
use serde_json::Value;
use tests::http;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::process::Process;
use tests::till::TillPlan;

use crate::Fault;
use crate::clock::Micros;
use crate::picture::Pictures;
use crate::place::Place;

/// The terminal's number.
pub(crate) const TERMINAL: u32 = 1017;
/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything that a terminal needs, and the terminal's files.
pub(crate) struct Counter {
    /// The broker.
    pub(crate) broker: Mosquitto,
    /// payOS.
    pub(crate) payos: Sandbox,
    /// What the display's file has shown.
    pub(crate) pictures: Pictures,
    api: SocketAddr,
    tilld: PathBuf,
    config: PathBuf,
    log: PathBuf,
}

/// A `tilld` that runs.
pub(crate) struct Running<'a> {
    counter: &'a Counter,
    process: Process,
}

/// A line of `tilld`'s: a picture was handed to the panel.
#[derive(Clone, Copy)]
pub(crate) struct Handed {
    /// When.
    pub(crate) at: Micros,
    /// Whether the till had said what to show; before that it is the start-up picture.
    pub(crate) of_till: bool,
}

impl Counter {
    /// Starts broker and payOS, and writes the configuration.
    pub(crate) fn open(place: &Place, tilld: &Path) -> Result<Self, Fault> {
        let broker = Mosquitto::start(place.disk());
        let payos = Sandbox::start()?;
        let api = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let picture = place.memory().join("display.png");
        let pictures = Pictures::watch(&picture)?;
        let plan = TillPlan::new(TERMINAL, &broker.url(), &payos);
        let config = plan.write(place.disk(), api, &place.disk().file("store"), &picture);
        let log = place.memory().join("tilld.log");
        Ok(Self { broker, payos, pictures, api, tilld: tilld.to_owned(), config, log })
    }

    /// Starts `tilld` with its lines about pictures on; waits for nothing.
    pub(crate) fn start(&self) -> Running<'_> {
        let mut command = Command::new(&self.tilld);
        command.arg("--config").arg(&self.config).env("RUST_LOG", "info,tilld::panel=debug");
        command.env_remove("JOURNAL_STREAM").env_remove("NOTIFY_SOCKET");
        Running { counter: self, process: Process::start("tilld", &mut command, &self.log) }
    }

    /// Returns what was handed to the panel since a time.
    pub(crate) fn handed_since(&self, start: Micros) -> Vec<Handed> {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let handed = log.lines().filter(|line| line.contains("a picture goes to the panel")).filter_map(read_line);
        handed.filter(|handed| handed.at >= start).collect()
    }

    /// Forgets lines and pictures so far, so that looking through them stays quick. Only while `tilld` writes nothing.
    pub(crate) fn forget(&self) {
        self.pictures.forget();
    }
}

fn read_line(line: &str) -> Option<Handed> {
    let at = line.split("at_us=").nth(1)?.split_whitespace().next()?.parse().ok()?;
    Some(Handed { at: Micros(at), of_till: line.contains("generation=") })
}

impl Running<'_> {
    /// Waits until it answers and its link to the broker is up.
    pub(crate) fn wait_ready(&mut self) -> Result<(), Fault> {
        wait("tilld is connected", || {
            let answer = http::get(self.counter.api, "/v1/status").ok()?;
            (answer.json()["links"]["broker"]["up"] == true).then_some(())
        })
        .map_err(|error| format!("{error}\n{}", self.process.last_words()).into())
    }

    /// Makes a sale.
    pub(crate) fn sell(&self, amount: u64) -> Result<Value, Fault> {
        let body = format!("{{\"amount\":{amount}}}");
        let answer = http::post_json(self.counter.api, "/v1/sales", body)?;
        if answer.status == 201 { Ok(answer.json()) } else { Err(answer.text().into()) }
    }

    /// Presses a key of the cashier's keypad.
    pub(crate) fn press(&self, key: &str) -> Result<(), Fault> {
        let answer = http::post_json(self.counter.api, "/v1/keypad", format!("{{\"keys\":[{key:?}]}}"))?;
        if answer.status == 200 { Ok(()) } else { Err(answer.text().into()) }
    }

    /// Waits until a sale is in a state.
    pub(crate) fn wait_state(&self, id: &str, state: &str) -> Result<Value, Fault> {
        wait(&format!("sale {id} is {state}"), || {
            let sale = http::get(self.counter.api, &format!("/v1/sales/{id}")).ok()?.json();
            (sale["state"] == state).then_some(sale)
        })
    }

    /// Returns the resident memory in MiB.
    pub(crate) fn memory_mib(&self) -> Result<f64, Fault> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("Linux tells VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        self.process.terminate();
    }
}

/// Looks every few milliseconds until something is there.
pub(crate) fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T, Fault> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("waited {PATIENCE:?} in vain until {what}").into());
        }
        thread::sleep(Duration::from_millis(5));
    }
}
