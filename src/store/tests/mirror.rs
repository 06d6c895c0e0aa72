//! The second small file: what it brings back when the store had to be set aside, and what its own damage costs.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use super::*;

const FILES: [&str; 2] = ["alive.0", "alive.1"];

/// A store with an open sale, an older one that has ended, and numbers that were drawn.
async fn used() -> Place {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&ended(7, NOW)), Write::Sequence(7)]).await;
    commit(&store, vec![put(&sale(8)), Write::Sequence(8), Write::Owe(owe(41, Subject::Sale(id(8)), 1))]).await;
    let shown = Sale { revision: 2, note: Some("shown".to_owned()), ..sale(8) };
    commit(&store, vec![put(&shown), Write::Owe(owe(42, Subject::Sale(id(8)), 2))]).await;
    store.close().await;
    place
}

fn lose_store(place: &Place) {
    fs::write(place.sled().join("suspect"), "").expect("it can be written");
}

fn flip(place: &Place, name: &str, at: u64) {
    let path = place.path().join(name);
    let byte = fs::read(&path).expect("it is there")[usize::try_from(at).expect("it is small")];
    let file = File::options().write(true).open(path);
    file.and_then(|file| file.write_all_at(&[byte ^ 0x10], at)).expect("it can be written");
}

fn length(place: &Place, name: &str) -> u64 {
    fs::metadata(place.path().join(name)).expect("it is there").len()
}

/// P2, P8: the open sale is back, to be asked for; its number, those of changes and of starts do not come twice.
#[tokio::test]
async fn p2_p8_an_open_sale_and_the_numbers_outlive_a_store_that_is_set_aside() {
    let place = used().await;
    lose_store(&place);
    let (store, opened) = open(&place);
    assert!(opened.recovered.is_some());
    let marks = Marks { attention: true, ..Marks::default() };
    let back = Sale { revision: 3, note: Some("shown".to_owned()), marks, ..sale(8) };
    assert_eq!(opened.records.sales, std::slice::from_ref(&back));
    let last = opened.records.sequence.expect("numbers were drawn");
    assert!((8..1_000).contains(&last), "{last}");
    assert!(opened.records.number > 42 && opened.start > 1, "{opened:?}");
    assert_eq!(opened.records.store, crate::till::StoreAge::New, "so that the bridges are asked for what they have");
    let owed: Vec<_> = opened.records.owed.iter().map(|owed| (owed.subject, owed.revision)).collect();
    assert_eq!(owed, [(Subject::Sale(id(8)), 3)]);
    assert_eq!(store.facts().await.expect("it can be read").attention, 2, "the sale, and the store that was set aside");
    assert_eq!(store.sale(id(7)).await.ok(), Some(None));
    store.close().await;
    // The new store has it for good, and a second loss loses nothing more.
    lose_store(&place);
    let (store, again) = open(&place);
    assert_eq!(again.records.sales, [Sale { revision: 4, ..back }]);
    assert!(again.records.sequence >= Some(last) && again.start > opened.start);
    store.close().await;
}

#[tokio::test]
async fn p2_a_sale_that_has_ended_does_not_come_back() {
    let place = used().await;
    let (store, _) = open(&place);
    commit(&store, vec![put(&Sale { revision: 3, ..ended(8, NOW) })]).await;
    store.close().await;
    lose_store(&place);
    let (store, opened) = open(&place);
    assert_eq!(opened.records.sales, []);
    assert!(opened.records.sequence >= Some(8));
    store.close().await;
}

/// P2, P11: a write that is cut in two, or a flipped bit, costs the newer file alone; the older one knows the sale, too.
#[tokio::test]
async fn p2_p11_one_damaged_second_file_leaves_the_other() {
    let place = used().await;
    let mut random = fastrand::Rng::with_seed(11);
    for time in 0..100 {
        let damaged = place.copy();
        lose_store(&damaged);
        let name = FILES[time % 2];
        if random.bool() {
            flip(&damaged, name, random.u64(..length(&damaged, name)));
        } else {
            let file = File::options().write(true).open(damaged.path().join(name));
            file.and_then(|file| file.set_len(random.u64(..length(&damaged, name)))).expect("it can be cut");
        }
        let (store, opened) = open(&damaged);
        let ids: Vec<_> = opened.records.sales.iter().map(|sale| (sale.id, sale.amount)).collect();
        assert_eq!(ids, [(id(8), sale(8).amount)], "time {time}");
        assert!(opened.records.sequence >= Some(8), "time {time}");
        store.close().await;
    }
}

#[tokio::test]
async fn p11_two_damaged_second_files_are_ignored_with_and_without_the_store() {
    let place = used().await;
    for loses_store in [false, true] {
        let damaged = place.copy();
        FILES.iter().for_each(|name| fs::write(damaged.path().join(name), [0x5a; 3_000]).expect("it can be written"));
        if loses_store {
            lose_store(&damaged);
        }
        let (store, opened) = open(&damaged);
        assert_eq!(opened.recovered.is_some(), loses_store);
        let want = if loses_store { 0 } else { 1 };
        assert_eq!(opened.records.sales.len(), want);
        assert_eq!(opened.records.sequence, if loses_store { None } else { Some(8) });
        // They are written anew, and worth something again.
        commit(&store, vec![put(&sale(9)), Write::Sequence(9)]).await;
        store.close().await;
        lose_store(&damaged);
        let (store, opened) = open(&damaged);
        assert!(opened.records.sales.iter().any(|sale| sale.id == id(9)), "{opened:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn p9_the_second_file_is_bounded_and_keeps_the_newest() {
    let place = Place::new();
    let (store, _) = open(&place);
    let large = |sequence| Sale { note: Some("n".repeat(20_000)), ..sale(sequence) };
    for number in 1..=30 {
        commit(&store, vec![put(&large(number)), Write::Sequence(number)]).await;
    }
    store.close().await;
    for name in FILES {
        assert!(length(&place, name) < 256 * 1024, "{}", length(&place, name));
    }
    lose_store(&place);
    let (store, opened) = open(&place);
    let ids: Vec<_> = opened.records.sales.iter().map(|sale| sale.id).collect();
    assert_eq!(ids, (24..=30).map(id).collect::<Vec<_>>());
    store.close().await;
}

/// What the second file costs: run it alone with `--ignored --nocapture`.
#[tokio::test]
#[ignore = "it measures"]
async fn a_measure_of_commits_with_and_without_the_second_file() {
    let place = Place::new();
    let (mut rows, _) = super::super::open::open(place.path(), NOW).expect("it opens");
    let mut spent = [0; 2];
    for block in 0..40_u32 {
        let with = block % 2 == 1;
        let began = crate::clock::tick();
        for round in 0..100 {
            let number = block * 100 + round;
            let owed = owe(number.into(), Subject::Sale(id(1)), 1);
            let change = [put(&Sale { revision: number.into(), ..sale(1) }), Write::Owe(owed)];
            rows.apply(&change).expect("the disk takes it");
            rows.mirror_is_old = with;
            rows.sync().expect("the disk takes it");
        }
        spent[usize::from(with)] += crate::clock::tick().since(began).as_millis();
    }
    let [without, with] = spent.map(|ms| ms / 2);
    println!("a commit without: {without} µs, with the second file: {with} µs");
}
