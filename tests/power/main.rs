//! A sale survives a power cut at any moment: tills sell on disks of their own, and each disk is taken again and again as
//! a cut would leave it, mounted anew, and sold on. Also disks that are full, read-only or somebody else's. It must not
//! know why anything is lost, only whether.
//!
//! `POWER_CUTS` says how many cuts there are in all (default 50), `POWER_SEED` repeats a run. It needs root, or `sudo`
//! without a question, for loop devices and mounts.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod cut;
mod full;
mod judged;
mod places;

use std::thread;
use std::time::Duration;

use cut::Cutter;
use fastrand::Rng;
use tests::books;
use tests::bridge::BridgePlan;
use tests::counter::Counter;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::shop::sandbox;
use tests::till::TillPlan;

/// Tills whose power is cut side by side.
const TILLS: u32 = 2;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// P2, P3, P5: after each cut everything that anybody was told is on the disk, in no older revision and with its money;
/// at the end every 201 is a known sale, every webhook that was answered 200 and every đồng at payOS is counted once, no
/// number was used twice, and every sale has ended or shows.
#[test]
fn p2_p3_p5_a_power_cut_at_any_moment_loses_nothing_and_counts_nothing_twice() {
    let cuts = number("POWER_CUTS").unwrap_or(50);
    let seed = number("POWER_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("POWER_SEED={seed} POWER_CUTS={cuts}");
    let folder = Folder::make();
    let payos = sandbox();
    let broker = Mosquitto::start(&folder);
    let bridge = BridgePlan::new(&broker, &payos.credentials().checksum_key).start(&folder);
    payos.set_webhook_url(Some(bridge.hook_url()));
    let mut numbers = Rng::with_seed(seed);
    let mut counters: Vec<_> = (0..TILLS)
        .map(|index| {
            let share = cuts / u64::from(TILLS) + u64::from(u64::from(index) < cuts % u64::from(TILLS));
            let mut plan = TillPlan::new(1017 + index, &broker.url(), &payos);
            let cutter = Cutter::new(&folder, &mut plan);
            (Some(Counter::new(plan, share, Rng::with_seed(numbers.u64(..)))), cutter)
        })
        .collect();
    let books: Vec<_> = thread::scope(|scope| {
        let (folder, payos) = (&folder, &payos);
        let running: Vec<_> = counters
            .iter_mut()
            .map(|(counter, cutter)| {
                let counter = counter.take().unwrap_or_else(|| panic!("a counter works one day"));
                scope.spawn(|| counter.work(folder, payos, |till, telling, random| cutter.cut(till, telling, random)))
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| panic!("POWER_SEED={seed}"))).collect()
    });
    for (_, cutter) in &counters {
        println!("{:?}", cutter.tally);
    }
    books::all_webhooks_are_taken(&payos, Duration::from_secs(30));
    books::something_happened(&books, &payos);
    for book in &books {
        books::agree(&book.till, &book.seen, &payos);
    }
    books::no_number_served_two_sales(&payos);
}
