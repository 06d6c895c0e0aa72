//! What an idle till costs its terminal: memory and processor time. It must not know sales.

use std::fs;
use std::thread;
use std::time::Duration;

use tests::shop::Shop;

/// The bound for the memory that a till asks for, in KiB. The pages of its program's file are left out: this build is ten
/// times as large as the one that terminals get, of which they are 8 MiB.
const MOST_KIB: u64 = 16 * 1024;

/// How long the idle till is watched.
const WATCHED: Duration = Duration::from_secs(12);

/// The most processor time, in thousandths of one core.
const MOST_PER_MILLE: u64 = 5;

fn own_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the till runs");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("Linux tells resident memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}

/// Processor time so far, in hundredths of a second.
fn ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the till runs");
    let (_, after_name) = stat.rsplit_once(')').expect("the name stands in brackets");
    // The fields utime and stime are the 12th and 13th after the name.
    after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// P9: an idle till, with the clock on its display and a sale behind it, takes little memory and hardly any time.
#[test]
fn p9_an_idle_till_takes_little_memory_and_hardly_any_time() {
    let shop = Shop::open_with(|plan| plan.sale = "result_s = 1".to_owned());
    shop.assert_sells(50_000);
    let process = shop.till.process_id().expect("the till runs");
    // The result leaves the display first.
    thread::sleep(Duration::from_secs(3));
    let before = ticks(process);
    thread::sleep(WATCHED);
    let used = ticks(process) - before;
    let (memory, per_mille) = (own_kib(process), used * 10_000 / u64::try_from(WATCHED.as_millis()).unwrap_or(1));
    println!("an idle tilld takes {memory} KiB and {used} hundredths of a second in {WATCHED:?}");
    assert!(memory <= MOST_KIB, "{memory} KiB of memory");
    assert!(per_mille <= MOST_PER_MILLE, "{per_mille} thousandths of one core");
}
