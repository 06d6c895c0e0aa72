//! A disk that refuses on demand: what it has not taken has not happened, for anybody who looks. It must not know how the
//! store writes.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use demo::payos::{CallKind, Fault, Lasting};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;
use tests::screen;
use tests::shop::Shop;
use tests::till::{Till, TillPlan, id_of};
use tests::wait::{SOON, holds_for, wait_for};

/// No file of the till may be written beyond this. Pictures and the log are shorter, the store is longer after some sales.
const SHORT: u64 = 64 * 1024;

/// Makes every write of the till behind `limit` fail from now on, as on a full disk.
pub(crate) fn limit_files(till: &Till, limit: Option<u64>) {
    let id = till.process_id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).expect("the till runs");
    prlimit(Some(id), Resource::Fsize, Rlimit { current: limit, maximum: None })
        .expect("the limit of a child can be set");
}

/// Lets a till outlive a write that fails: without the signal's default action the write fails instead of the process.
pub(crate) fn outlive_refusals(plan: &mut TillPlan) {
    plan.launcher = ["/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"].map(str::to_owned).to_vec();
}

/// Has the disk refuse a write of a till that outlives that, and what is on it then be damage: the till ends. Returns the
/// recording that it leaves.
pub(crate) fn end_over_its_store(till: &mut Till) -> PathBuf {
    limit_files(till, Some(0));
    let refused = till.post("/v1/replay", "");
    assert_eq!(refused.problem(), (503, "store-fault".to_owned()), "{}", refused.text());
    // The till has let go of its files, and opens them again when the disk takes something.
    let db = till.store.join("sled/db");
    let length = fs::metadata(&db).expect("the store has a file").len();
    fs::write(&db, vec![0x5a; usize::try_from(length).expect("it is small")]).expect("it can be written");
    limit_files(till, None);
    let status = wait_for("the till ends", SOON, || till.ended().ok_or_else(|| "it runs".to_owned()));
    assert_eq!(status.code(), Some(1), "{}", till.printed());
    let names = fs::read_dir(&till.store).expect("the store's folder").map(|entry| entry.expect("an entry").path());
    let is_recording = |path: &PathBuf| path.extension().is_some_and(|end| end == "jsonl");
    let mut recordings: Vec<PathBuf> = names.filter(is_recording).collect();
    assert_eq!(recordings.len(), 1, "{recordings:?}: {}", till.printed());
    recordings.remove(0)
}

/// A shop whose till outlives a write that fails, with a store that is long enough for one.
fn open() -> Shop {
    let shop = Shop::open_with(outlive_refusals);
    for _ in 0..12 {
        let sale = shop.till.sell_and_show(1_000);
        shop.pay(&sale, 1_000);
        shop.till.wait_state(id_of(&sale), "paid", SOON);
    }
    shop
}

fn store_faults(till: &Till) -> u64 {
    let metrics = till.get("/metrics").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("tilld_store_faults_total "));
    line.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no count of faults in {metrics}"))
}

/// P1, P2, P6: money that the disk refused is not shown, not told and not acknowledged to the broker; it counts by itself
/// when the disk is back, and the till goes on without a restart.
#[test]
fn p2_p6_what_the_disk_refused_is_not_shown_and_counts_when_the_disk_is_back() {
    let shop = open();
    let sale = shop.till.sell_and_show(50_000);
    let code = sale["qr"].as_str().expect("the sale has a code");
    shop.till.wait_for_code(code);
    let process = shop.till.process_id();
    assert_eq!(store_faults(&shop.till), 0, "{}", shop.till.printed());

    // Only the broker can bring the money, so it must not have been told that it has.
    shop.payos.plan(CallKind::Get, Fault::Html, Lasting::UntilReset);
    limit_files(&shop.till, Some(SHORT));
    shop.pay(&sale, 50_000);
    wait_for("the disk has refused the payment", SOON, || match store_faults(&shop.till) {
        0 => Err("no fault yet".to_owned()),
        _ => Ok(()),
    });
    holds_for("the code stays on the display", Duration::from_millis(700), || {
        match screen::one_code(&shop.till.picture) {
            Ok(seen) if seen == code => Ok(()),
            Ok(seen) => Err(format!("another code: {seen}")),
            Err(seen) => Err(seen),
        }
    });
    let status = shop.till.status();
    assert!(status["display"]["ok"] == true && status["store"].is_null(), "what is not known is left out: {status}");
    assert_eq!(shop.till.get("/healthz").problem(), (503, "store-fault".to_owned()));
    let refused = shop.till.post("/v1/sales", r#"{"amount":10000}"#);
    assert_eq!(refused.problem(), (503, "store-fault".to_owned()), "{}", refused.text());

    limit_files(&shop.till, None);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!((&paid["paid_amount"], &paid["flags"]), (&json!(50_000), &json!([])), "{paid}");
    wait_for("the code leaves the display", SOON, || screen::no_code(&shop.till.picture));
    assert_eq!(shop.till.process_id(), process, "the till went on without a restart");
    assert_eq!(shop.till.get("/healthz").status, 200);
    shop.assert_sells(20_000);

    // The start from the disk is in the recording too.
    let recording = shop.folder.write("flight.jsonl", shop.till.get("/v1/flight").text());
    let replayed = tilld::flight::replay_file(&recording).expect("the till's recording can be read");
    assert_eq!(replayed.verdict, tilld::flight::Verdict::Same);
}

/// P11: where the log is a file on the disk that is full, its lines are lost, and nothing else.
#[test]
fn p11_a_till_that_cannot_write_its_log_goes_on() {
    let shop = Shop::open_with(outlive_refusals);
    shop.assert_sells(10_000);
    let process = shop.till.process_id();
    limit_files(&shop.till, Some(0));
    for _ in 0..3 {
        let refused = shop.till.post("/v1/sales", r#"{"amount":10000}"#);
        assert_eq!(refused.problem(), (503, "store-fault".to_owned()), "{}", refused.text());
    }
    limit_files(&shop.till, None);
    wait_for("the store is used again", SOON, || match shop.till.get("/healthz").status {
        200 => Ok(()),
        status => Err(status.to_string()),
    });
    shop.assert_sells(20_000);
    assert_eq!(shop.till.process_id(), process);
}

/// P5: after the disk has refused, the till begins again and asks anew. The answer to what the till before had asked for is
/// no answer to that, however late it comes.
#[test]
fn p5_no_answer_is_heard_to_what_was_asked_before_the_disk_refused() {
    const LATE: Duration = Duration::from_secs(12);
    let shop = open();
    shop.payos.plan(CallKind::Create, Fault::Delay(LATE), Lasting::Calls(1));
    shop.payos.plan(CallKind::Create, Fault::Refuse("20".to_owned()), Lasting::Calls(1));
    let (asked, before) = (Instant::now(), shop.payos.requests().len());
    let sale = shop.till.post("/v1/sales", r#"{"amount":50000}"#).json();
    wait_for("payOS has the request", SOON, || match shop.payos.requests().len() {
        calls if calls > before => Ok(()),
        calls => Err(format!("{calls} requests")),
    });
    limit_files(&shop.till, Some(SHORT));
    let refused = shop.till.post("/v1/replay", "");
    assert_eq!(refused.problem(), (503, "store-fault".to_owned()), "{}", refused.text());
    limit_files(&shop.till, None);
    shop.till.wait_state(id_of(&sale), "showing", LATE);
    let left = LATE.checked_sub(asked.elapsed()).expect("the till asks anew before the first answer comes");
    holds_for("the refusal changes nothing", left + Duration::from_secs(3), || {
        let (status, sale) = (shop.till.status(), shop.till.sale(id_of(&sale)));
        let well = status["links"]["payos"]["up"] == true && sale["state"] == "showing";
        if well { Ok(()) } else { Err(format!("{} {}", status["links"], sale["state"])) }
    });
}
