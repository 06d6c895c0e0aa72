//! What years of sales do to a store: it does not grow, it does not wear the flash out, and it starts again. It must not
//! know how a store keeps things; the figures are printed (`--nocapture`).

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tests::disk::Disk;
use tests::folder::Folder;
use tests::trade::Trade;
use till_wire::UnixTime;
use tilld::store::Store;
use tokio::task::JoinSet;

/// 2026-11-20T03:00:00Z.
const BEGIN: UnixTime = UnixTime::from_secs(1_795_143_600);
/// How many sales a normal run makes; `GROWTH_SALES=n` makes n.
const SALES: u64 = 20_000;
/// 500 customers a day.
const PACE: Duration = Duration::from_secs(172);
/// So many commits are handed over at once, so that they share a flush, where only the rows count and not the files: sled
/// gives room back as it writes, so files that are flushed once for many commits grow as no terminal's do.
const TOGETHER: usize = 200;
/// As a terminal does it: each commit is on the disk before the next.
const ALONE: usize = 1;
/// The shortest time that a store keeps what has ended.
const KEEP_DAYS: u32 = 2;
/// How many sales a normal run starts with; `START_SALES=n` makes n.
const START_SALES: u64 = 2_000;
/// The longest time that a store keeps what has ended.
const MANY_DAYS: u32 = 400;

/// Returns what a folder takes on the disk, in bytes.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(facts) if facts.is_dir() => size(&entry.path()),
        Ok(facts) => facts.blocks() * 512,
        // sled removes files of its own in a thread of its own.
        Err(_) => 0,
    });
    sizes.sum()
}

/// Makes sales and hands over their commits, so many at a time, in order.
async fn sell_many(store: &Store, trade: &mut Trade, sales: u64, together: usize) {
    let mut waiting = JoinSet::new();
    for _ in 0..sales {
        for writes in trade.sell() {
            let store = store.clone();
            waiting.spawn(async move { store.commit(writes).await });
            // Whoever was spawned first is first in the store's queue.
            tokio::task::yield_now().await;
            if waiting.len() >= together {
                while let Some(done) = waiting.join_next().await {
                    done.expect("a commit does not panic").expect("the disk takes it");
                }
            }
        }
    }
    while let Some(done) = waiting.join_next().await {
        done.expect("a commit does not panic").expect("the disk takes it");
    }
}

/// P9: with old sales forgotten, the disk use of a store stays what it was after its first days; a start stays the same.
#[tokio::test]
async fn p9_the_disk_use_of_years_of_sales_is_that_of_a_few_days() {
    let sales = std::env::var("GROWTH_SALES").ok().and_then(|text| text.parse().ok()).unwrap_or(SALES);
    let folder = Folder::make();
    let place = folder.folder("store");
    let mut trade = Trade::open(BEGIN, PACE);
    let (store, _) = Store::open(&place, KEEP_DAYS, BEGIN).expect("it opens");
    let (mut sizes, mut kept) = (Vec::new(), Vec::new());
    for tenth in 1..=10 {
        sell_many(&store, &mut trade, sales / 10, ALONE).await;
        sizes.push(size(&place));
        kept.push(store.facts().await.expect("it can be read").sales);
        println!(
            "{} sales: {} KiB, {} sales kept",
            tenth * sales / 10,
            sizes[tenth as usize - 1] / 1024,
            kept[tenth as usize - 1]
        );
    }
    store.close().await;
    let began = Instant::now();
    let (store, opened) = Store::open(&place, KEEP_DAYS, trade.time()).expect("it opens");
    println!("a start with {} sales takes {:?}", kept[9], began.elapsed());
    assert_eq!(opened.recovered, None);
    // Twenty-five sales in 24 hours end unpaid, and are looked after for as long.
    assert!((20..60).contains(&opened.records.sales.len()), "{} are alive", opened.records.sales.len());
    store.close().await;
    let (early, late) = (sizes[..5].iter().max().expect("five"), sizes[5..].iter().max().expect("five"));
    assert!(kept.iter().all(|kept| *kept < 2_500), "{kept:?}");
    assert!(late * 4 <= early * 5, "the store grows: {sizes:?}");
}

/// P9: a start with years of sales. `START_SALES=n` makes n, and keeps the store in the folder `START_STORE`, if that is
/// given, for the next run.
#[tokio::test]
async fn p9_a_start_with_very_many_sales_finds_them_all() {
    let sales = std::env::var("START_SALES").ok().and_then(|text| text.parse().ok()).unwrap_or(START_SALES);
    let folder = Folder::make();
    let place = std::env::var_os("START_STORE").map_or_else(|| folder.folder("store"), PathBuf::from);
    let mut trade = Trade::open(BEGIN, PACE);
    if size(&place) == 0 {
        let (store, _) = Store::open(&place, MANY_DAYS, BEGIN).expect("it opens");
        let began = Instant::now();
        sell_many(&store, &mut trade, sales, TOGETHER).await;
        store.close().await;
        println!("{sales} sales were made in {:?}", began.elapsed());
    }
    for _ in 0..3 {
        let began = Instant::now();
        let (store, opened) = Store::open(&place, MANY_DAYS, trade.time()).expect("it opens");
        let took = began.elapsed();
        let facts = store.facts().await.expect("it can be read");
        println!("a start with {} sales in {} KiB takes {took:?}", facts.sales, size(&place) / 1024);
        assert_eq!((opened.recovered, facts.sales, facts.broken), (None, sales, 0));
        store.close().await;
    }
}

/// P9: a sale writes a few blocks for each commit, however many sales are alive. What counts is what the disk is given:
/// `write_bytes` of `/proc/self/io` counts whole folios of the page cache, of 256 KiB each on newer kernels.
#[tokio::test]
async fn p9_a_sale_does_not_write_the_others_again() {
    const MEASURED: u64 = 60;
    let folder = Folder::make();
    let disk = Disk::make(folder.path(), "disk", 128 * 1024);
    let place = disk.path().join("store");
    let mut trade = Trade::open(BEGIN, PACE);
    let (store, _) = Store::open(&place, 400, BEGIN).expect("it opens");
    sell_many(&store, &mut trade, 1_000, TOGETHER).await;
    let (before, began) = (disk.bytes_written(), written());
    let mut commits = 0;
    for _ in 0..MEASURED {
        for writes in trade.sell() {
            store.commit(writes).await.expect("the disk takes it");
            commits += 1;
        }
    }
    let (on_disk, folios) = (disk.bytes_written() - before, written() - began);
    let alive = store.records().await.expect("it can be read").sales.len();
    store.close().await;
    assert!(commits < MEASURED * 7, "{MEASURED} sales have {commits} commits");
    println!(
        "a sale has {:.1} commits and writes {} bytes to the disk ({} by /proc/self/io) while {alive} sales are alive",
        commits as f64 / MEASURED as f64,
        on_disk / MEASURED,
        folios / MEASURED
    );
    assert!(alive >= 20, "{alive} are alive");
    assert!(on_disk < commits * 16 * 1024, "{commits} commits wrote {on_disk} bytes");
}

/// `write_bytes` of this process.
fn written() -> u64 {
    let facts = fs::read_to_string("/proc/self/io").expect("Linux tells it");
    let bytes = facts.lines().find_map(|line| line.strip_prefix("write_bytes: ")).and_then(|text| text.parse().ok());
    bytes.expect("it is a number")
}
