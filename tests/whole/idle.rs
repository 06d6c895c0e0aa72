//! What an idle till costs its terminal: memory and processor time. It must not know sales.

use std::fs;
use std::thread;
use std::time::Duration;

use tests::process::{is_shipped_tilld_built, shipped_tilld};
use tests::shop::Shop;

/// The bound for a terminal's memory, in KiB, the pages of the program that is shipped included. The tests' own program is
/// ten times as large, and its pages say nothing of a terminal's.
const MOST_KIB: u64 = 32 * 1024;

/// The bound for what a till asks for itself, in KiB, whichever program it is.
const MOST_OWN_KIB: u64 = 16 * 1024;

/// How long a till has something to do after a start with a sale.
const SETTLED: Duration = Duration::from_secs(12);

/// How long the idle till is watched.
const WATCHED: Duration = Duration::from_secs(12);

/// The same in nanoseconds.
const NANOSECONDS: u64 = WATCHED.as_secs() * 1_000_000_000;

/// The most times that its threads may wake up, in a second: the store's engine has seven that do so once.
const MOST_WAKES: u64 = 20;

/// The most processor time, in thousandths of one core.
const MOST_PER_MILLE: u64 = 5;

fn kib(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the till runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux tells resident memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}

/// What one of the files of each thread says, for all threads together.
fn of_all_threads(process: u32, file: &str, number: impl Fn(&str) -> Option<u64>) -> u64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the till runs");
    // A thread that ends meanwhile has no file any more.
    let texts = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join(file)).ok());
    texts.map(|text| number(&text).unwrap_or_else(|| panic!("{file} is not as Linux writes it: {text}"))).sum()
}

/// Processor time so far, in nanoseconds: the first number of `schedstat` (Linux, Documentation/scheduler/sched-stats.rst).
/// That of `stat` is counted in ticks of 10 ms, of which the bound has six.
fn processor_time(process: u32) -> u64 {
    of_all_threads(process, "schedstat", |text| text.split_whitespace().next()?.parse().ok())
}

/// How often its threads have gone to sleep by themselves so far.
fn wakes(process: u32) -> u64 {
    of_all_threads(process, "status", |text| {
        text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()
    })
}

/// P9: an idle till, with the clock on its display and a sale behind it, takes little memory and hardly any time.
#[test]
fn p9_an_idle_till_takes_little_memory_and_hardly_any_time() {
    let shop = Shop::open_with(|plan| {
        plan.sale = "result_s = 1".to_owned();
        plan.program = shipped_tilld();
    });
    shop.assert_sells(50_000);
    let process = shop.till.process_id().expect("the till runs");
    // The result leaves the display first, and the till asks once more for what it may have missed; then it is idle.
    thread::sleep(SETTLED);
    let before = (processor_time(process), wakes(process));
    thread::sleep(WATCHED);
    let (used, woken) = (processor_time(process) - before.0, wakes(process) - before.1);
    let (per_mille, woken) = (used * 1000 / NANOSECONDS, woken / WATCHED.as_secs());
    let (own, all) = (kib(process, "RssAnon:"), kib(process, "VmRSS:"));
    println!(
        "an idle tilld takes {own} KiB, {all} with its program, {used} ns of the processor in {WATCHED:?}, and wakes up {woken} times a second"
    );
    assert!(own <= MOST_OWN_KIB, "{own} KiB of memory of its own");
    assert!(all <= MOST_KIB || !is_shipped_tilld_built(), "{all} KiB of memory");
    assert!(woken > 0, "its threads are counted");
    assert!(woken <= MOST_WAKES, "it wakes up {woken} times a second");
    assert!(per_mille <= MOST_PER_MILLE, "{per_mille} thousandths of one core");
}
