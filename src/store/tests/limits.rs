//! What an open store takes, and what happens when the disk has no more room.

use std::io::Read as _;

use super::super::StoreError;
use super::kill::{PLACE, child, say};
use super::*;
use crate::till::{Item, MAX_ATTEMPTS, MAX_REFUNDS, Refund};

/// What an open store may add to a process, in memory of its own. Pages of the program file are not counted: how many of
/// them are touched depends on how large this test program is. It is 3.3 MiB; without the features of sled that the
/// workspace asks for, its histograms alone would be 22 MiB more.
const MOST_KIB: u64 = 4 * 1024;

#[tokio::test]
#[ignore = "it is the process that the next test measures"]
async fn a_child_that_opens_a_store() {
    let path = std::env::var_os(PLACE).expect("the parent names the store");
    let before = resident_kib();
    let opened = Store::open(path.as_ref(), KEEP_DAYS, NOW);
    let (store, _) = opened.expect("the store opens");
    let opened = resident_kib();
    for sequence in 1..=20 {
        commit(&store, vec![put(&sale(100_000 + sequence))]).await;
    }
    say(&format!("{before} {opened} {}", resident_kib()));
    store.close().await;
}

/// Returns this process's resident memory that is no part of a file.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let words = line.and_then(|line| line.split_whitespace().next());
    words.and_then(|kib| kib.parse().ok()).expect("a number")
}

/// Returns what opening the store adds, and what twenty commits add to that.
fn measure(place: &Place) -> (u64, u64) {
    let mut child = child(place, "store::tests::limits::a_child_that_opens_a_store");
    let mut said = String::new();
    let mut out = child.stdout.take().expect("its output is ours");
    out.read_to_string(&mut said).expect("it is text");
    child.wait().expect("it is ours");
    let numbers = said.lines().find_map(|line| {
        let numbers: Result<Vec<u64>, _> = line.split(' ').map(str::parse).collect();
        numbers.ok().filter(|numbers| numbers.len() == 3)
    });
    let numbers = numbers.unwrap_or_else(|| panic!("no figures in {said}"));
    (numbers[1] - numbers[0], numbers[2] - numbers[1])
}

#[tokio::test]
async fn p9_an_open_store_stays_small() {
    let place = Place::new();
    let empty = measure(&place);
    let (store, _) = open(&place);
    for first in (1..=2_000).step_by(20) {
        let sales = (first..first + 20).map(|sequence| put(&ended(sequence, NOW)));
        commit(&store, sales.collect()).await;
    }
    store.close().await;
    let used = measure(&place);
    println!("KiB by opening and by twenty commits: empty {empty:?}, 2 000 sales {used:?}");
    for (opened, commits) in [empty, used] {
        assert!(opened + commits < MOST_KIB, "{opened} + {commits} KiB");
    }
}

/// Wants the name of a folder on a file system of about 4 MiB in `TILLD_SMALL_DISK`.
#[tokio::test]
#[ignore = "it needs a small file system of its own"]
async fn p2_a_full_disk_refuses_and_the_store_goes_on_when_there_is_room() {
    let small = std::env::var_os("TILLD_SMALL_DISK").expect("a folder on a small disk");
    let path = std::path::Path::new(&small).join("store");
    let (store, _) = Store::open(&path, KEEP_DAYS, NOW).expect("there is room for a store");
    let mut large = sale(1);
    large.note = Some("x".repeat(30_000));
    let mut last = 0;
    let error = loop {
        large.id = id(last + 1);
        match store.commit(vec![put(&large), Write::Sequence(last + 1)]).await {
            Ok(()) => last += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Write { .. }), "{error:?}");
    let again = store.commit(vec![put(&sale(last + 1))]).await;
    assert!(again.is_err());

    std::fs::remove_file(std::path::Path::new(&small).join("ballast")).expect("a ballast file");
    commit(&store, vec![put(&sale(last + 2))]).await;
    for number in 1..=last {
        let found = store.sale(id(number)).await.expect("it can be read");
        assert!(found.is_some(), "{number} of {last}");
    }
    store.close().await;
    let (store, opened) = Store::open(&path, KEEP_DAYS, NOW).expect("it opens");
    assert_eq!(opened.recovered, None);
    assert_eq!(store.sale(id(last + 2)).await.ok(), Some(Some(sale(last + 2))));
    store.close().await;
}

/// P9: the API lets at most 16 KiB of texts about customer and items in, and each of their bytes may take two.
#[tokio::test]
async fn p9_the_fullest_sale_that_can_be_asked_for_is_stored() {
    let place = Place::new();
    let (store, _) = open(&place);
    let quotes = |bytes: usize| Some("\"".repeat(bytes));
    let mut full = sale(1);
    let (text, name) = (quotes(200), "\"".repeat((16 * 1024 - 7 * 200) / 100));
    full.customer = Customer {
        name: text.clone(),
        phone: text.clone(),
        email: text.clone(),
        address: text.clone(),
        document: text.clone(),
        tax_code: text.clone(),
        company: text,
    };
    let item = Item { name, quantity: 1_000_000, price: 499_999_999, unit: None, tax: Some(-2) };
    full.items = vec![item; 100];
    (full.reference, full.note) = (quotes(100), Some("\u{10ffff}".repeat(200)));
    full.attempts = (0..MAX_ATTEMPTS).map(|_| full.attempts[0].clone()).collect();
    full.refunds = (0..MAX_REFUNDS).map(refund).collect();
    commit(&store, vec![put(&full)]).await;
    assert_eq!(store.sale(id(1)).await.expect("it can be read"), Some(full));
    store.close().await;
}

fn refund(number: usize) -> Refund {
    Refund {
        provider_id: ProviderId("124c33293c43417ab7879e14c8d9eb18".to_owned()),
        reference: TransferRef(format!("refund-{number:024}")),
        amount: Amount::vnd(499_999_999),
        refunded_at: Some(NOW),
        received_at: NOW,
    }
}
