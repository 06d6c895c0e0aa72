//! A disk that is really full, at one moment after another: what cannot be stored is refused in words, nothing that was
//! acknowledged is lost, and with room again it goes on. It must not know how the store writes.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tests::books;
use tests::counter::Seen;
use tests::disk::Disk;
use tests::folder::Folder;
use tests::http;
use tests::screen;
use tests::shop::Shop;
use tests::till::{Till, id_of};
use tests::wait::{SOON, wait_for};

/// Small, so that it is filled at once.
const DISK_KIB: u64 = 12 * 1024;
/// So many times the disk gets full.
const TIMES: usize = 8;
/// The most that is left of it each time, in KiB: a few sales fit in.
const MOST_LEFT_KIB: u64 = 160;

/// A file that takes all the room there is but a little.
pub(crate) struct Ballast(PathBuf);

impl Ballast {
    /// Fills the disk up and leaves so much.
    pub(crate) fn load(disk: &Disk, leave_kib: u64) -> Self {
        let path = disk.path().join("ballast");
        let file = File::create(&path);
        let mut file = file.unwrap_or_else(|error| panic!("cannot make {path:?}: {error}"));
        let block = [0x5a; 4096];
        while file.write_all(&block).is_ok() {}
        // What is cut off is free at once only when it was on the disk.
        let length = file.metadata().map(|data| data.len()).unwrap_or_default();
        let left = length.saturating_sub(leave_kib * 1024);
        let cut = file.sync_all().and_then(|()| file.set_len(left)).and_then(|()| file.sync_all());
        cut.unwrap_or_else(|error| panic!("cannot cut {path:?}: {error}"));
        Self(path)
    }

    pub(crate) fn throw_off(&self) {
        fs::remove_file(&self.0).unwrap_or_else(|error| panic!("cannot remove {:?}: {error}", self.0));
    }
}

/// Sells, and lets the customer pay, until the disk refuses a sale, or what would settle one.
///
/// Records of the usual size fit into rooms that the store has inside its files; large ones need files of their own.
fn sell_until_refused(shop: &Shop, seen: &mut Seen, items: u64) {
    for turn in 0..60 {
        let before = faults(&shop.till);
        let amount = (1_000 + turn) * items;
        let item = json!({ "name": "n".repeat(180), "quantity": 1, "price": 1_000 + turn });
        let body = json!({ "amount": amount, "items": vec![item; usize::try_from(items).unwrap_or(1)] });
        let answer = shop.till.post("/v1/sales", body.to_string());
        match answer.status {
            201 => {
                let sale = answer.json();
                let known = seen.promised.insert(id_of(&sale).to_owned(), amount);
                assert!(known.is_none(), "{sale} was made twice");
                settle(shop, id_of(&sale), amount, before);
            }
            503 => {
                assert_eq!(answer.problem(), (503, "store-fault".to_owned()), "{}", answer.text());
                return;
            }
            409 => {
                assert_eq!(answer.problem(), (409, "busy".to_owned()), "{}", answer.text());
                assert!(faults(&shop.till) > before, "{}", shop.till.printed());
                return;
            }
            _ => panic!("{}: {}", answer.status, answer.text()),
        }
    }
    panic!("the disk takes everything");
}

/// The customer pays as soon as there is a code; both may come to nothing when the disk refuses, which it may have done
/// since there were so many faults `before`.
fn settle(shop: &Shop, id: &str, amount: u64, before: u64) {
    let mut paid = false;
    wait_for("the sale is paid or the disk refuses", SOON, || {
        if faults(&shop.till) > before {
            return Ok(());
        }
        let answer = shop.till.get(&format!("/v1/sales/{id}"));
        let sale = answer.json();
        if sale["state"] == "showing" && !paid {
            shop.pay(&sale, amount);
            paid = true;
        }
        if answer.status == 503 || sale["state"] == "paid" { Ok(()) } else { Err(sale.to_string()) }
    });
}

fn faults(till: &Till) -> u64 {
    let metrics = till.get("/metrics").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("tilld_store_faults_total "));
    line.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no count of faults in {metrics}"))
}

/// Waits until the till sells again; returns how often it had to be started for that, as systemd would.
///
/// Now and then sled 0.34 waits for ever for a place in its log that it could not write. Then the files can only be had by
/// another process, and the daemon ends.
fn store_is_used_again(shop: &mut Shop) -> usize {
    let mut ends = 0;
    wait_for("the store is used again", SOON * 2, || {
        if !shop.till.runs() {
            let said = shop.till.printed();
            assert!(said.contains("the store cannot be closed"), "the daemon ended: {said}");
            let last: Vec<&str> = said.lines().rev().take(12).collect();
            println!("the daemon ended; its last words, the newest first: {last:#?}");
            shop.till.kill();
            shop.till.start_again();
            ends += 1;
        }
        match http::get(shop.till.api(), "/healthz") {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("/healthz answers {}", answer.status)),
            Err(error) => Err(error.to_string()),
        }
    });
    ends
}

/// Waits until every sale that shows a code is paid.
fn all_is_settled(shop: &Shop) {
    wait_for("every sale has ended", SOON * 3, || {
        let sales = shop.till.sales();
        for sale in sales.iter().filter(|sale| sale["state"] == "showing" && sale["payments"] == json!([])) {
            let orders = shop.payos.orders();
            let order = orders.iter().find(|order| order.code == tests::till::order_of(sale));
            if order.is_some_and(|order| order.transfers.is_empty()) {
                shop.pay(sale, sale["amount"].as_u64().unwrap_or(1));
            }
        }
        match sales.iter().find(|sale| sale["finished_at"].is_null()) {
            Some(open) => Err(open.to_string()),
            None => Ok(()),
        }
    });
}

/// P2, P9, P13: a sale that the full disk cannot take is refused and the display says so; what was taken is kept; with
/// room again it sells on, each time.
#[test]
fn p2_p13_a_full_disk_refuses_in_words_keeps_what_it_has_and_sells_on_with_room() {
    let outer = Folder::make();
    let disk = Disk::make(outer.path(), "small", DISK_KIB);
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let store = disk.path().join("store");
    let mut shop = Shop::open_with(|plan| plan.store = Some(store));
    let process = shop.till.process_id();
    let mut ends = 0;
    let mut seen = Seen::default();
    for time in 0..TIMES {
        let idle = shop.till.get("/v1/screen.png").body;
        let left = if time == 0 { 0 } else { random.u64(0..MOST_LEFT_KIB) };
        let ballast = Ballast::load(&disk, left);
        sell_until_refused(&shop, &mut seen, if time % 3 == 2 { 80 } else { 20 });
        let refused = shop.till.post("/v1/sales", r#"{"amount":10000}"#);
        assert!(refused.status == 503 || refused.status == 409, "{}: {}", refused.status, refused.text());
        if time == 0 {
            the_display_says_so(&shop, &idle);
        }
        ballast.throw_off();
        ends += store_is_used_again(&mut shop);
        all_is_settled(&shop);
        let sold = shop.assert_sells(20_000);
        seen.promised.insert(id_of(&sold).to_owned(), 20_000);
    }
    println!("the daemon ended {ends} times");
    assert_eq!(shop.till.process_id() == process, ends == 0, "it went on without a restart, or said why it could not");
    books::all_webhooks_are_taken(&shop.payos, Duration::from_secs(30));
    books::agree(&shop.till, &seen, &shop.payos);
    books::no_number_served_two_sales(&shop.payos);
    assert!(shop.till.terminate().success());
    shop.till.start_again();
    books::has_all(&shop.till, &seen);
    assert!(!has_set_aside(&shop.till.store));
}

/// Without room for anything, the idle display says that nothing can be sold.
fn the_display_says_so(shop: &Shop, idle: &[u8]) {
    wait_for("the display says that nothing can be stored", SOON, || {
        let seen = shop.till.get("/v1/screen.png").body;
        if seen.is_empty() || seen == idle { Err("it looks as if nothing were wrong".to_owned()) } else { Ok(()) }
    });
    let kept = shop.folder.path().with_extension("full.png");
    if std::env::var_os("KEEP_PICTURES").is_some() {
        fs::copy(&shop.till.picture, &kept).unwrap_or_else(|error| panic!("cannot copy the picture: {error}"));
        println!("{kept:?}");
    }
    screen::no_code(&shop.till.picture).unwrap_or_else(|seen| panic!("a code without a sale: {seen}"));
}

/// Whether a store was moved aside beside this one.
pub(crate) fn has_set_aside(store: &Path) -> bool {
    let names = fs::read_dir(store).unwrap_or_else(|error| panic!("cannot list {store:?}: {error}"));
    names.filter_map(Result::ok).any(|entry| entry.file_name().to_string_lossy().contains("corrupt"))
}
