//! Damaged files: never a panic, never a wrong record, either the same data or a new store beside the old one.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::super::engine::Changes;
use super::super::{StoreError, frame, keys, open as opening};
use super::*;
use crate::record::SaleOnDisk;
use crate::till::{Missed, ReceiptsPage, ReceiptsQuery, Records, SalesPage, SalesQuery};

/// Everything that can be asked of a store.
#[derive(Debug, PartialEq)]
struct Everything {
    records: String,
    sales: SalesPage,
    receipts: ReceiptsPage,
    missed: Missed,
}

async fn everything(store: &Store, records: &Records) -> Everything {
    let sales = SalesQuery { limit: 1_000, ..SalesQuery::default() };
    let receipts = ReceiptsQuery { matched: None, limit: 1_000 };
    Everything {
        records: format!("{records:?}"),
        sales: store.sales(sales).await.expect("it can be read"),
        receipts: store.receipts(receipts).await.expect("it can be read"),
        missed: store.missed(Some(1), 1_000).await.expect("it can be read"),
    }
}

/// Makes a store with a past of a few starts. Returns it as a kill leaves it, with a log that was never read again,
/// and what it holds.
async fn full(commits: u32, note: usize) -> (Place, Everything) {
    let place = Place::new();
    let mut killed = Place::new();
    for part in 0..3 {
        let (store, _) = open(&place);
        for number in (1..=commits).filter(|number| number % 3 == part) {
            let subject = Subject::Sale(id(number));
            let note = Some("n".repeat(note));
            let writes = vec![
                put(&Sale { note: note.clone(), ..sale(number) }),
                Write::Sequence(number),
                Write::Owe(owe(u64::from(part * commits + number), subject, 1)),
            ];
            commit(&store, writes).await;
            let money = receipt(number.into(), NOW);
            let again = vec![put(&Sale { note, ..ended(number, NOW) }), put_receipt(&money)];
            commit(&store, again).await;
        }
        killed = place.copy();
        store.close().await;
    }
    let (store, opened) = open(&place);
    let everything = everything(&store, &opened.records).await;
    store.close().await;
    (killed, everything)
}

/// Opens a damaged copy. Returns whether it had to be set aside.
async fn check(damaged: &Place, want: &Everything, what: &str) -> bool {
    let opened = Store::open(damaged.path(), KEEP_DAYS, NOW);
    let (store, opened) = opened.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let found = everything(&store, &opened.records).await;
    store.close().await;
    match opened.recovered {
        Some(aside) => {
            assert!(Path::new(&aside).join("db").exists(), "{what}: {aside}");
            assert_eq!(found.sales, SalesPage::default(), "{what}");
            true
        }
        None => {
            assert_eq!(&found, want, "{what}");
            false
        }
    }
}

/// Returns a byte's place in a file: mostly one that is not zero, for sled fills its segments with zeros.
fn somewhere(bytes: &[u8], random: &mut fastrand::Rng) -> usize {
    let mut at = random.usize(..bytes.len());
    for _ in 0..1_000 {
        if bytes[at] != 0 {
            break;
        }
        at = random.usize(..bytes.len());
    }
    at
}

/// How many times as much damage is done as in a usual run: `STORE_DAMAGE`.
fn more() -> u32 {
    std::env::var("STORE_DAMAGE").ok().and_then(|more| more.parse().ok()).unwrap_or(1)
}

async fn flip_bits((commits, note): (u32, usize), times: u32, seed: u64) {
    let times = times * more();
    let (place, want) = full(commits, note).await;
    let mut random = fastrand::Rng::with_seed(seed);
    let mut set_aside = 0;
    for time in 0..times {
        let damaged = place.copy();
        let files = damaged.files();
        let file = &damaged.sled().join(&files[time as usize % files.len()]);
        let bytes = fs::read(file).expect("the file can be read");
        let at = somewhere(&bytes, &mut random);
        let byte = bytes[at] ^ (1 << random.u32(..8));
        let open = File::options().write(true).open(file);
        open.and_then(|open| open.write_all_at(&[byte], at as u64)).expect("the file can be written");
        let what = format!("seed {seed}, time {time}: {} at {at}", file.display());
        set_aside += u32::from(check(&damaged, &want, &what).await);
    }
    assert!(set_aside > times / 10, "only {set_aside} of {times} found");
}

#[tokio::test]
async fn p11_a_flipped_bit_anywhere_gives_the_same_data_or_a_new_store() {
    flip_bits((40, 10), 250, 20_261_120).await;
}

#[tokio::test]
async fn p11_a_flipped_bit_in_a_store_of_many_segments_gives_the_same_data_or_a_new_store() {
    flip_bits((600, 10), 40, 1).await;
}

#[tokio::test]
async fn p11_a_flipped_bit_in_a_store_of_large_records_gives_the_same_data_or_a_new_store() {
    flip_bits((24, 30_000), 50, 2).await;
}

#[tokio::test]
async fn p11_a_file_that_is_cut_short_or_gone_gives_the_same_data_or_a_new_store() {
    let (place, want) = full(40, 10).await;
    let mut random = fastrand::Rng::with_seed(7);
    for file in place.files() {
        for time in 0..10 * more() {
            let damaged = place.copy();
            let path = damaged.sled().join(&file);
            let length = fs::metadata(&path).expect("it is there").len();
            let what = format!("time {time}: {}", path.display());
            if time == 0 {
                fs::remove_file(&path).expect("it can be removed");
            } else {
                let open = File::options().write(true).open(&path);
                open.and_then(|open| open.set_len(random.u64(..length))).expect("it can be cut");
            }
            check(&damaged, &want, &what).await;
        }
    }
}

#[tokio::test]
async fn p11_a_row_that_is_gone_or_older_than_it_should_be_is_found() {
    let old = frame::encode(&SaleOnDisk::from(&sale(3)), || "sale".to_owned());
    for value in [None, Some(old.expect("it is small"))] {
        let (place, want) = full(9, 10).await;
        let (mut rows, _) = opening::open(place.path(), NOW).expect("it opens");
        let row = Changes::from([(keys::sale(keys::SALE, id(3)), value)]);
        rows.engine.apply(row).expect("the disk takes it");
        rows.sync().expect("the disk takes it");
        drop(rows);
        assert!(check(&place, &want, "a row behind the store's back").await);
    }
}

#[tokio::test]
async fn p11_damage_that_is_met_in_use_is_an_error_and_the_next_start_makes_a_new_store() {
    let (place, want) = full(9, 10).await;
    let (store, _) = open(&place);
    // sled keeps 256 pages of sixteen rows in memory, however small its cache is to be.
    for first in (10..6_010).step_by(60) {
        let sales = (first..first + 60).map(|number| put(&ended(number, NOW)));
        commit(&store, sales.collect()).await;
    }
    for name in place.files() {
        let path = place.sled().join(name);
        let length = fs::metadata(&path).expect("it is there").len();
        let file = File::options().write(true).open(&path);
        let noise = vec![0x5a; usize::try_from(length).expect("it is small")];
        file.and_then(|file| file.write_all_at(&noise, 0)).expect("it can be written");
    }
    let mut error = None;
    for number in 10..6_010 {
        match store.sale(id(number)).await {
            Ok(found) => assert_eq!(found, Some(ended(number, NOW))),
            Err(fault) => {
                error = Some(fault);
                break;
            }
        }
    }
    assert!(matches!(error, Some(StoreError::Read { .. } | StoreError::Stopped)), "{error:?}");
    let again = store.commit(vec![put(&sale(1))]).await.expect_err("it is damaged");
    assert!(matches!(again, StoreError::Read { .. }), "{again:?}");
    store.close().await;
    assert!(check(&place, &want, "noise").await);
}

#[tokio::test]
async fn a_store_that_was_found_damaged_in_use_is_set_aside_at_the_next_start() {
    let (place, want) = full(9, 10).await;
    fs::write(place.sled().join("suspect"), "").expect("it can be written");
    assert!(check(&place, &want, "suspect").await);
    let (store, opened) = open(&place);
    assert_eq!(opened.recovered, None);
    store.close().await;
}

#[tokio::test]
async fn two_stores_that_were_set_aside_in_the_same_second_are_both_kept() {
    let (place, want) = full(9, 10).await;
    for _ in 0..2 {
        fs::write(place.sled().join("suspect"), "").expect("it can be written");
        assert!(check(&place, &want, "suspect").await);
    }
    let mut names: Vec<_> = fs::read_dir(place.path())
        .expect("it can be read")
        .map(|entry| entry.expect("it can be read").file_name())
        .collect();
    names.sort();
    let first = format!("sled.corrupt-{}", NOW.secs());
    let want = ["alive.0".to_owned(), "alive.1".to_owned(), "sled".to_owned(), first.clone(), format!("{first}-1")];
    assert_eq!(names, want.map(std::ffi::OsString::from));
}

/// P11: the flight recorder, which writes a file when the daemon panics, can tell that such a panic is none.
#[test]
fn p11_a_panic_over_damaged_files_is_known_to_be_caught() {
    assert!(!crate::store::catches_panic());
    let inside = crate::store::open::guarded(crate::store::catches_panic).expect("nothing panics");
    assert!(inside && !crate::store::catches_panic());
}
