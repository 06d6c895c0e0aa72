//! `till-bridge` under load: a release build between many connections of a provider and a real mosquitto with many tills,
//! beside what the broker and the disk take alone in the same run. It must not know how the bridge is made.

mod floor;
mod load;
mod place;
pub(crate) mod tills;
mod trouble;
mod webhooks;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use demo::payos::Sandbox;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;

use self::load::{Outcome, Pace, send};
use self::place::{Bridge, Watch};
use self::tills::Tills;
use self::trouble::Trouble;
use self::webhooks::Webhooks;
use crate::report::{load, machine};
use crate::{Fault, place as files};

/// What is measured of the bridge.
#[derive(Args)]
pub(crate) struct Wanted {
    /// How many tills are connected to the broker, one number after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,100,10000")]
    tills: Vec<usize>,
    /// How long each row takes, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Instead of the rows: so many minutes at half load with the first number of tills, and the memory of each.
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// How many connections the provider has.
    #[arg(long, default_value_t = 128)]
    connections: usize,
    /// The `till-bridge` to measure; without it the one beside this program.
    #[arg(long, value_name = "FILE")]
    bridge: Option<PathBuf>,
}

/// How much is measured.
struct Plan {
    tills: Vec<usize>,
    time: Duration,
    connections: usize,
    starts: usize,
    webhooks: usize,
    bridge: PathBuf,
}

/// One broker, one bridge, its tills, and what is sent to it.
struct Scene {
    bridge: Bridge,
    tills: Tills,
    broker: Mosquitto,
    webhooks: Arc<Webhooks>,
    count: usize,
    connections: usize,
    _payos: Sandbox,
    _folder: Folder,
}

/// How much of the full rate is half a load.
const HALF: f64 = 0.5;
/// The broker of the bench drops nothing for a till that is slow, and says nothing.
const BROKER: &str = "log_type none\nmax_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true";

/// Measures and prints tables as in `README.md`.
pub(crate) fn measure(wanted: &Wanted, quick: bool) -> Result<(), Fault> {
    let bridge = match &wanted.bridge {
        Some(file) => file.clone(),
        None => files::beside("till-bridge")?,
    };
    let plan = Plan {
        tills: if quick { vec![3] } else { wanted.tills.clone() },
        time: if quick { Duration::from_millis(1200) } else { Duration::from_secs(wanted.seconds.max(1)) },
        connections: if quick { 8 } else { wanted.connections.max(1) },
        starts: if quick { 2 } else { 10 },
        webhooks: if quick { 5_000 } else { 100_000 },
        bridge,
    };
    println!("`{}`; {}; load {}\n", plan.bridge.display(), machine(), load());
    if let Some(minutes) = wanted.minutes {
        return steady(&plan, minutes);
    }
    floor::disk(plan.time)?;
    place::starts(&plan.bridge, plan.starts)?;
    println!(
        "\n| tills | load | webhooks/s | p50 ms | p99 ms | p99.9 ms | not 200 | bridge: µs of processor a webhook | \
         bridge: webhooks/s a core | MiB idle | MiB most | broker: µs a message | published after s |\n\
         |---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    for tills in &plan.tills {
        rows(&plan, *tills)?;
    }
    println!("\nload {}", load());
    Ok(())
}

impl Scene {
    fn open(plan: &Plan, count: usize) -> Result<Self, Fault> {
        let (folder, payos) = (Folder::make(), Sandbox::start()?);
        let broker = Mosquitto::start_with(&folder, BROKER.to_owned());
        let tills = Tills::start(broker.address(), count)?;
        let bridge = Bridge::start(&plan.bridge, &folder, &broker, &payos)?;
        let webhooks = Arc::new(Webhooks::sign(&payos, bridge.hooks(), count, plan.webhooks)?);
        let connections = plan.connections;
        Ok(Self { bridge, tills, broker, webhooks, count, connections, _payos: payos, _folder: folder })
    }

    fn send(&self, pace: Pace, time: Duration) -> Result<Outcome, Fault> {
        send(self.bridge.hooks(), &self.webhooks, self.connections, pace, time)
    }

    /// Measures one row and prints it. The processor's time is that until the broker has everything.
    fn row(&mut self, load: &str, pace: Pace, time: Duration) -> Result<Outcome, Fault> {
        let watch = Watch::begin(&self.bridge, &self.broker)?;
        let outcome = self.send(pace, time)?;
        self.finish(load, outcome, watch)
    }

    fn finish(&self, load: &str, mut outcome: Outcome, watch: Watch) -> Result<Outcome, Fault> {
        let after = self.bridge.wait_published()?;
        let seen = watch.end(&self.broker)?;
        let count = outcome.micros.len().max(1) as f64;
        let used = seen.bridge.as_secs_f64() * 1e6 / count;
        let broker = seen.broker.map_or("-".to_owned(), |used| format!("{:.1}", used.as_secs_f64() * 1e6 / count));
        println!(
            "| {} | {load} | {:.0} | {:.2} | {:.2} | {:.2} | {} | {used:.1} | {:.0} | {:.1} | {:.1} | {broker} | {:.1} |",
            self.count,
            outcome.rate(),
            outcome.permille(500),
            outcome.permille(990),
            outcome.permille(999),
            outcome.refused,
            1e6 / used,
            self.bridge.idle_mib(),
            seen.most_mib,
            after.as_secs_f64(),
        );
        Ok(outcome)
    }
}

/// All rows with so many tills.
fn rows(plan: &Plan, count: usize) -> Result<(), Fault> {
    let mut scene = Scene::open(plan, count)?;
    floor::broker(&scene.broker, count, plan.time, scene.webhooks.bytes())?;
    let full = scene.row("full", Pace::Full, plan.time)?;
    let half = Pace::Rate(full.rate() * HALF);
    let calm = scene.row("half", half, plan.time)?;

    let (watch, trouble) = (Watch::begin(&scene.bridge, &scene.broker)?, Trouble::default());
    let (hooks, webhooks, connections) = (scene.bridge.hooks(), Arc::clone(&scene.webhooks), scene.connections);
    let broker = &mut scene.broker;
    let troubled = std::thread::scope(|scope| {
        let sending =
            scope.spawn(|| send(hooks, &webhooks, connections, half, plan.time).map_err(|error| error.to_string()));
        trouble.make(hooks, broker, plan.time)?;
        Ok::<_, Fault>(sending.join().map_err(|_| "the sender panicked")??)
    })?;
    let troubled = scene.finish("half, trouble", troubled, watch)?;

    let sent: usize = [&full, &calm, &troubled].iter().map(|outcome| outcome.micros.len()).sum();
    let (garbage, forged) = (trouble.garbage.into_inner(), trouble.forged.into_inner());
    let heard = scene.tills.stop()?;
    println!("<!-- {sent} answered 200, {heard} at the tills, {garbage} times garbage, {forged} forged -->");
    Ok(())
}

/// Half load for minutes: does memory stay as it is?
fn steady(plan: &Plan, minutes: u64) -> Result<(), Fault> {
    let count = plan.tills.first().copied().unwrap_or(1);
    let scene = Scene::open(plan, count)?;
    let rate = scene.send(Pace::Full, plan.time)?.rate() * HALF;
    scene.bridge.wait_published()?;
    println!(
        "{count} tills, {rate:.0} webhooks/s; {:.1} MiB idle\n\n| minute | webhooks/s | p50 ms | p99 ms | not 200 | µs of processor a webhook | MiB at the end | MiB most |\n|---:|---:|---:|---:|---:|---:|---:|---:|",
        scene.bridge.idle_mib()
    );
    for minute in 1..=minutes {
        let watch = Watch::begin(&scene.bridge, &scene.broker)?;
        let mut outcome = scene.send(Pace::Rate(rate), Duration::from_secs(60))?;
        let seen = watch.end(&scene.broker)?;
        println!(
            "| {minute} | {:.0} | {:.2} | {:.2} | {} | {:.1} | {:.1} | {:.1} |",
            outcome.rate(),
            outcome.permille(500),
            outcome.permille(990),
            outcome.refused,
            seen.bridge.as_secs_f64() * 1e6 / outcome.micros.len().max(1) as f64,
            scene.bridge.resident_mib()?,
            seen.most_mib
        );
    }
    scene.bridge.wait_published()?;
    println!("\n{} at the tills; load {}", scene.tills.stop()?, load());
    Ok(())
}
