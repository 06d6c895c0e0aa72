//! A sale survives SIGKILL of `tilld` at any moment: several tills sell, their customers pay, and each till is killed and
//! started again, many times over. It must not know why anything is lost, only whether.
//!
//! `KILLS` says how many kills there are in all (default 100), `KILL_SEED` repeats a run.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

use std::thread;
use std::time::Duration;

use demo::payos::Sandbox;
use fastrand::Rng;
use tests::books;
use tests::bridge::BridgePlan;
use tests::counter::Counter;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::shop::sandbox;
use tests::till::TillPlan;

/// Tills that are killed side by side.
const TILLS: u32 = 4;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// P2, P3, P4, P5, P7: at the end every 201 is a known sale, every webhook that was answered 200 and every đồng at payOS
/// is counted once, no order reference was used for two sales, and every sale has ended or shows.
#[test]
fn p2_p3_p5_a_till_killed_at_any_moment_loses_nothing_and_counts_nothing_twice() {
    let kills = number("KILLS").unwrap_or(100);
    let seed = number("KILL_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("KILL_SEED={seed} KILLS={kills}");
    let folder = Folder::make();
    let payos: Sandbox = sandbox();
    let broker = Mosquitto::start(&folder);
    let bridge = BridgePlan::new(&broker, &payos.credentials().checksum_key).start(&folder);
    payos.set_webhook_url(Some(bridge.hook_url()));
    let mut numbers = Rng::with_seed(seed);
    let counters: Vec<_> = (0..TILLS)
        .map(|index| {
            let share = kills / u64::from(TILLS) + u64::from(u64::from(index) < kills % u64::from(TILLS));
            let plan = TillPlan::new(1017 + index, &broker.url(), &payos);
            Counter::new(plan, share, Rng::with_seed(numbers.u64(..)))
        })
        .collect();
    let books: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = counters
            .into_iter()
            .map(|counter| scope.spawn(|| counter.work(&folder, &payos, |till, _, _| till.kill())))
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| panic!("KILL_SEED={seed}"))).collect()
    });
    books::all_webhooks_are_taken(&payos, Duration::from_secs(30));
    books::something_happened(&books, &payos);
    for book in &books {
        books::agree(&book.till, &book.seen, &payos);
    }
    books::no_number_served_two_sales(&payos);
}
