//! The bridge's process: its start, its memory and its time while something goes on. It must not know what goes on.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use demo::payos::Sandbox;
use tests::bridge::BridgePlan;
use tests::folder::Folder;
use tests::http;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::process::Process;
use tests::wait::{SOON, wait_for};

use super::webhooks::Webhooks;
use crate::Fault;
use crate::figure::{Figure, Unit};
use crate::process::{processor_time, resident};

/// A bridge that runs.
pub(crate) struct Bridge {
    hooks: SocketAddr,
    admin: SocketAddr,
    process: Process,
    idle: u64,
}

/// What a row used.
pub(crate) struct Seen {
    pub(crate) bridge: Duration,
    /// Nothing when it was another process in the end.
    pub(crate) broker: Option<Duration>,
    pub(crate) most_mib: f64,
}

/// Looks at the processes while a row is measured.
pub(crate) struct Watch {
    id: u32,
    before: Duration,
    broker: Option<(u32, Duration)>,
    end: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Until a bridge that has its broker does nothing more.
const SETTLE: Duration = Duration::from_secs(1);
/// How long what is undelivered may take at the end of a row.
const PUBLISHED: Duration = Duration::from_secs(120);

impl Bridge {
    /// Starts it and waits until it has its broker and rests.
    pub(crate) fn start(program: &Path, folder: &Folder, broker: &Mosquitto, payos: &Sandbox) -> Result<Self, Fault> {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (hooks, admin) = (local(free_port()), local(free_port()));
        let plan = BridgePlan::new(broker, &payos.credentials().checksum_key);
        let config = plan.write(folder, hooks, admin);
        let mut command = Command::new(program);
        command.arg("--config").arg(config);
        let process = Process::start("till-bridge", &mut command, &folder.file("bridge.log"));
        let mut bridge = Self { hooks, admin, process, idle: 0 };
        wait_for("the bridge has its broker", SOON, || match bridge.metric("broker_up") {
            Some(1) => Ok(()),
            other => Err(format!("broker_up is {other:?}")),
        });
        thread::sleep(SETTLE);
        bridge.idle = resident(bridge.process.id())?;
        Ok(bridge)
    }

    pub(crate) fn hooks(&self) -> SocketAddr {
        self.hooks
    }

    pub(crate) fn idle_mib(&self) -> f64 {
        mib(self.idle)
    }

    pub(crate) fn resident_mib(&self) -> Result<f64, Fault> {
        Ok(mib(resident(self.process.id())?))
    }

    /// Waits until the broker has everything, and returns how long that took.
    pub(crate) fn wait_published(&self) -> Result<Duration, Fault> {
        let start = Instant::now();
        wait_for("the broker has everything", PUBLISHED, || match self.metric("journal_undelivered") {
            Some(0) => Ok(()),
            other => Err(format!("undelivered: {other:?}")),
        });
        Ok(start.elapsed())
    }

    fn metric(&self, name: &str) -> Option<u64> {
        let page = http::get(self.admin, "/metrics").ok()?.text();
        let line = page.lines().find_map(|line| line.strip_prefix(&format!("till_bridge_{name} ")))?;
        line.parse().ok()
    }
}

impl Watch {
    pub(crate) fn begin(bridge: &Bridge, broker: &Mosquitto) -> Result<Self, Fault> {
        let id = bridge.process.id();
        let before = processor_time(id)?;
        let broker = broker.process_id().map(|id| processor_time(id).map(|time| (id, time))).transpose()?;
        let (end, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (ended, peak) = (Arc::clone(&end), Arc::clone(&most));
        let thread = thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                peak.fetch_max(resident(id).unwrap_or(0), Ordering::Relaxed);
                thread::sleep(LOOK_EVERY);
            }
        });
        Ok(Self { id, before, broker, end, most, thread: Some(thread) })
    }

    pub(crate) fn end(mut self, broker: &Mosquitto) -> Result<Seen, Fault> {
        self.end.store(true, Ordering::Relaxed);
        let watched = self.thread.take().map_or(Ok(()), JoinHandle::join);
        watched.map_err(|_| "the watch panicked")?;
        let same = self.broker.filter(|(id, _)| broker.process_id() == Some(*id));
        let broker = same.map(|(id, before)| processor_time(id).map(|now| now - before)).transpose()?;
        let bridge = processor_time(self.id)? - self.before;
        Ok(Seen { bridge, broker, most_mib: mib(self.most.load(Ordering::Relaxed)) })
    }
}

/// Starts a bridge with an empty journal again and again, and prints how long it takes to the first answer.
pub(crate) fn starts(program: &Path, count: usize) -> Result<(), Fault> {
    let (folder, payos) = (Folder::make(), Sandbox::start()?);
    let broker = Mosquitto::start(&folder);
    let mut figure = Figure::new("start → first 200", Unit::Ms);
    for number in 0..count {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (hooks, admin) = (local(free_port()), local(free_port()));
        let mut plan = BridgePlan::new(&broker, &payos.credentials().checksum_key);
        plan.name = format!("bridge-{number}");
        let config = plan.write(&folder, hooks, admin);
        let webhooks = Webhooks::sign(&payos, hooks, 1, 1)?;
        let mut command = Command::new(program);
        command.arg("--config").arg(config);
        let start = Instant::now();
        let mut process = Process::start("till-bridge", &mut command, &folder.file("bridge.log"));
        while !answers(hooks, webhooks.next()) {
            if start.elapsed() > SOON {
                return Err(format!("the bridge does not answer:\n{}", process.last_words()).into());
            }
            thread::sleep(Duration::from_micros(200));
        }
        figure.add(start.elapsed().as_secs_f64() * 1000.0);
        process.terminate();
    }
    println!(
        "start → first webhook answered 200: {:.1} ms p50, {:.1} ms p99",
        figure.percentile(50),
        figure.percentile(99)
    );
    Ok(())
}

/// Tells whether a webhook is answered 200.
fn answers(hooks: SocketAddr, request: &[u8]) -> bool {
    let Ok(mut stream) = TcpStream::connect(hooks) else { return false };
    let mut answer = [0; 64];
    let read = stream.write_all(request).and_then(|()| stream.read(&mut answer));
    read.is_ok_and(|read| answer.get(..read).unwrap_or_default().starts_with(b"HTTP/1.1 200"))
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
