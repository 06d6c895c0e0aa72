//! What sessions cost a broker: memory for each that is idle and for each that is connected, the time of a connection, and
//! messages of QoS 1 a second with the processor's time for each. It must not know the tills.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use rustls::ClientConfig;
use tests::authority::Authority;
use tests::broker::Broker;
use tests::folder::Folder;
use tests::mosquitto::{Mosquitto, shipped_file};
use tests::nats::Nats;
use tests::nats_cluster::Cluster;
use tests::plain_client::client_configuration;
use tests::port::free_port;

use crate::Fault;
use crate::mqtt::{Client, Session};
use crate::process::{processor_time, resident};

/// How many clients come at once.
const AT_ONCE: usize = 32;
/// How many clients hear what is published.
const HEARERS: usize = 8;
/// How often a client that was hung up on comes back.
const TRIES: usize = 50;
/// How many messages may wait for the broker's word.
const WINDOW: usize = 64;
/// Until a broker has done what it does after the last client's word.
const SETTLE: Duration = Duration::from_secs(3);

/// A broker to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// mosquitto over plain TCP.
    Mosquitto,
    /// mosquitto over TLS.
    MosquittoTls,
    /// One NATS server over plain TCP.
    Nats,
    /// One NATS server over TLS.
    NatsTls,
    /// The cluster of config/nats: three nodes, TLS, everything three times.
    NatsCluster,
}

/// A broker that runs, and how clients reach it.
pub(crate) struct Running {
    nodes: Vec<SocketAddr>,
    processes: Vec<u32>,
    tls: Option<Arc<ClientConfig>>,
    /// How often it hung up on a client that came.
    refused: AtomicUsize,
    /// Keeps it running.
    _broker: Box<dyn Any + Sync>,
}

/// Measures brokers, all when none is named, and prints a table as in `docs/scale.md`.
pub(crate) fn measure_all(kinds: &[Kind], count: usize, messages: usize) -> Result<(), Fault> {
    println!(
        "| broker | sessions | MiB empty | KiB an idle session | KiB more when connected | sessions made /s | \
         connections resumed /s | hung up | % of a core, all idle | messages/s QoS 1 | µs of processor a message |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    let kinds = if kinds.is_empty() { Kind::value_variants() } else { kinds };
    kinds.iter().try_for_each(|&kind| measure(kind, count.max(HEARERS), messages.max(HEARERS)))
}

/// Measures one broker and prints its row.
fn measure(kind: Kind, count: usize, messages: usize) -> Result<(), Fault> {
    let folder = Folder::make();
    let running = start(kind, &folder)?;
    let empty = running.memory()?;

    let start = Instant::now();
    side_by_side(count, |number| running.make(number))?;
    let made = start.elapsed();
    thread::sleep(SETTLE);
    let idle = running.memory()?;

    let start = Instant::now();
    let clients = side_by_side(count, |number| running.open(number))?;
    let back = start.elapsed();
    thread::sleep(SETTLE);
    let connected = running.memory()?;
    let cpu_idle = running.processor_time()?;
    let watch = Instant::now();
    thread::sleep(SETTLE);
    let idle_load = per_second(running.processor_time()? - cpu_idle, watch.elapsed()) * 100.0;

    let (rate, cpu) = publish(&running, clients, messages)?;
    let each = |more: u64, less: u64| more.saturating_sub(less) as f64 / count as f64 / 1024.0;
    println!(
        "| {kind:?} | {count} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {} | {idle_load:.1} | {rate:.0} | {cpu:.0} |",
        empty as f64 / 1024.0 / 1024.0,
        each(idle, empty),
        each(connected, idle),
        count as f64 / made.as_secs_f64(),
        count as f64 / back.as_secs_f64(),
        running.refused.load(Ordering::Relaxed),
    );
    Ok(())
}

/// Does something for every number, for so many of them at once, as terminals do.
pub(crate) fn side_by_side<T: Send>(
    count: usize,
    each: impl Fn(usize) -> Result<T, Fault> + Sync,
) -> Result<Vec<T>, Fault> {
    let done = thread::scope(|scope| {
        let begin = |first: usize| {
            let each = &each;
            scope.spawn(move || {
                let own = (first..count).step_by(AT_ONCE).map(|number| each(number).map(|done| (number, done)));
                own.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())
            })
        };
        let threads: Vec<_> = (0..AT_ONCE).map(begin).collect();
        threads
            .into_iter()
            .map(|one| one.join().map_err(|_| "a client panicked".to_owned())?)
            .collect::<Result<Vec<_>, _>>()
    })?;
    let mut done: Vec<_> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, done)| done).collect())
}

pub(crate) fn start(kind: Kind, folder: &Folder) -> Result<Running, Fault> {
    let authority = Authority::make(folder, "ours");
    let server = authority.issue(folder, "broker");
    let client = |name: &str| Some(client_configuration(&authority.issue(folder, name), &authority));
    // The tests' mosquitto writes a line for every packet. Its queues are as long as those of operators.
    let shipped = shipped_file("config/mosquitto/tilld.conf");
    let limits: Vec<_> = shipped.lines().filter(|line| line.starts_with("max_queued_")).collect();
    let quiet = format!("log_type none\n{}", limits.join("\n"));
    let refused = AtomicUsize::new(0);
    match kind {
        Kind::Mosquitto => {
            let broker = Mosquitto::start_with(folder, quiet);
            let (nodes, processes) = (vec![broker.address()], broker.process_id().into_iter().collect());
            Ok(Running { nodes, processes, tls: None, refused, _broker: Box::new(broker) })
        }
        Kind::MosquittoTls => {
            let port = free_port();
            let broker = Mosquitto::start_with(folder, format!("{}\n{quiet}", server.listener(port, &authority)));
            let nodes = vec![SocketAddr::from(([127, 0, 0, 1], port))];
            let processes = broker.process_id().into_iter().collect();
            Ok(Running { nodes, processes, tls: client("anybody"), refused, _broker: Box::new(broker) })
        }
        Kind::Nats | Kind::NatsTls => {
            let (certificate, key, ca) = (&server.certificate, &server.key, &authority.certificate);
            let tls = format!("tls {{ cert_file: {certificate:?}, key_file: {key:?}, ca_file: {ca:?}, verify: true }}");
            let is_secure = kind == Kind::NatsTls;
            let broker = Nats::begin_with(folder, if is_secure { tls } else { String::new() });
            let (nodes, processes) = (vec![broker.address()], broker.process_id().into_iter().collect());
            let tls = if is_secure { client("anybody") } else { None };
            Ok(Running { nodes, processes, tls, refused, _broker: Box::new(broker) })
        }
        Kind::NatsCluster => {
            // One certificate stands for all terminals.
            let broker = Cluster::start_for_one(folder, &authority, &server, "anybody");
            let (nodes, processes) = (broker.addresses(), broker.process_ids());
            Ok(Running { nodes, processes, tls: client("anybody"), refused, _broker: Box::new(broker) })
        }
    }
}

impl Running {
    /// Connects as this terminal, at one node after the other.
    pub(crate) fn open(&self, number: usize) -> Result<Client, Fault> {
        let node = self.nodes.get(number % self.nodes.len().max(1)).ok_or("a broker has a node")?;
        let open = || Client::open(*node, &format!("{number:07}"), Session::Kept, self.tls.as_ref());
        self.again_and_again(open)
    }

    /// Makes a session for this terminal and leaves it.
    fn make(&self, number: usize) -> Result<(), Fault> {
        self.again_and_again(|| {
            let mut client = self.open(number)?;
            client.subscribe(&filter(number))?;
            client.leave()
        })
    }

    /// Tries as a terminal does: a broker that cannot keep up hangs up, and the terminal comes back.
    fn again_and_again<T>(&self, attempt: impl Fn() -> Result<T, Fault>) -> Result<T, Fault> {
        for _ in 0..TRIES {
            if let Ok(done) = attempt() {
                return Ok(done);
            }
            self.refused.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(fastrand::u64(100..2000)));
        }
        attempt()
    }

    /// Where a client without TLS connects, if one may.
    pub(crate) fn plain_url(&self) -> Option<String> {
        self.nodes.first().filter(|_| self.tls.is_none()).map(|node| format!("mqtt://{node}"))
    }

    /// Who publishes.
    pub(crate) fn speaker(&self) -> Result<Client, Fault> {
        let node = self.nodes.first().ok_or("a broker has a node")?;
        Client::open(*node, "bridge-1", Session::Dropped, self.tls.as_ref())
    }

    /// `VmRSS` of all its processes in bytes.
    pub(crate) fn memory(&self) -> Result<u64, Fault> {
        self.processes.iter().map(|id| resident(*id)).sum()
    }

    /// What all its processes have used of a processor.
    pub(crate) fn processor_time(&self) -> Result<Duration, Fault> {
        self.processes.iter().map(|id| processor_time(*id)).sum()
    }
}

fn filter(number: usize) -> String {
    format!("till/v1/{number:07}/down/#")
}

fn per_second(used: Duration, of: Duration) -> f64 {
    used.as_secs_f64() / of.as_secs_f64()
}

/// Publishes messages of 1 KiB for some of the clients in turn, and returns how many went through a second and what each
/// cost of a processor, in microseconds. All clients stay connected.
fn publish(running: &Running, clients: Vec<Client>, messages: usize) -> Result<(f64, f64), Fault> {
    let mut clients = clients;
    let hearers = clients.len().min(HEARERS);
    let others = clients.split_off(hearers);
    let (before, start) = (running.processor_time()?, Instant::now());
    let hearing: Vec<_> = clients
        .into_iter()
        .enumerate()
        .map(|(index, mut client)| {
            let own = (index..messages).step_by(hearers).count();
            thread::spawn(move || {
                (0..own).try_for_each(|_| client.message().map(drop)).map_err(|error| error.to_string())
            })
        })
        .collect();
    let mut speaker = running.speaker()?;
    for number in 0..messages {
        if number >= WINDOW {
            speaker.published()?;
        }
        let packet = u16::try_from(number % (WINDOW * 2) + 1)?;
        speaker.publish_as(packet, &format!("till/v1/{:07}/down/webhook", number % hearers), &[b'x'; 1024])?;
    }
    for one in hearing {
        one.join().map_err(|_| "a hearer panicked")??;
    }
    let (time, used) = (start.elapsed(), running.processor_time()? - before);
    drop(others);
    Ok((messages as f64 / time.as_secs_f64(), used.as_secs_f64() * 1e6 / messages as f64))
}
