//! The second small file: what it brings back when the store had to be set aside, and what its own damage costs.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use super::*;

const FILES: [&str; 2] = ["alive.0", "alive.1"];

/// The file that was begun last, in a place where the two have been used as little as in [`used`].
fn newest(place: &Place) -> &'static str {
    FILES.into_iter().max_by_key(|name| length(place, name)).expect("there are two")
}

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

/// How many bytes of a file are in use; behind them there are only zeros.
fn length(place: &Place, name: &str) -> u64 {
    let bytes = fs::read(place.path().join(name)).unwrap_or_default();
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    u64::try_from(used).expect("it is small")
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
    assert!((8..10_000).contains(&last), "{last}");
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

/// P2, P11: a file that is cut short, or a flipped bit in its first block, costs that file; the other knows the sale, too.
#[tokio::test]
async fn p2_p11_one_damaged_second_file_leaves_the_other() {
    let place = used().await;
    // Another start begins the other file.
    open(&place).0.close().await;
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
    for number in 1..=60 {
        commit(&store, vec![put(&large(number)), Write::Sequence(number)]).await;
    }
    store.close().await;
    for name in FILES {
        assert_eq!(fs::metadata(place.path().join(name)).expect("it is there").len(), 320 * 1024);
    }
    lose_store(&place);
    let (store, opened) = open(&place);
    let ids: Vec<_> = opened.records.sales.iter().map(|sale| sale.id).collect();
    let first = 61 - u32::try_from(ids.len()).expect("they are few");
    assert!((20..55).contains(&first), "{ids:?}");
    assert_eq!(ids, (first..=60).map(id).collect::<Vec<_>>());
    store.close().await;
}

/// A store whose second files have each been begun several times, with the sales that are alive at its end.
async fn busy() -> (Place, Vec<SaleId>) {
    let place = Place::new();
    let (store, _) = open(&place);
    let note = "n".repeat(5_000);
    for number in 1..=400 {
        commit(&store, vec![put(&Sale { note: Some(note.clone()), ..sale(number) }), Write::Sequence(number)]).await;
        if number % 10 != 0 {
            commit(&store, vec![put(&ended(number, NOW))]).await;
        }
    }
    store.close().await;
    (place, (1..=40).map(|tenth| id(tenth * 10)).collect())
}

fn came_back(opened: &Opened) -> Vec<SaleId> {
    opened.records.sales.iter().map(|sale| sale.id).collect()
}

/// P2: each commit adds what it changed, and the files that are begun again and again say what the store says. What an
/// earlier use left behind the newest block is not read.
#[tokio::test]
async fn p2_files_that_were_filled_many_times_know_what_the_store_knows() {
    let (place, alive) = busy().await;
    let newest = alive.len() - 20;
    for loses_store in [false, true] {
        let copy = place.copy();
        if loses_store {
            lose_store(&copy);
        }
        let (store, opened) = open(&copy);
        assert_eq!(opened.recovered.is_some(), loses_store);
        let back = came_back(&opened);
        assert!(back.ends_with(&alive[newest..]), "{back:?}");
        assert!(opened.records.sequence >= Some(400));
        store.close().await;
    }
}

/// P2: wherever a write was cut in two, everything before it is there, and nothing else.
#[tokio::test]
async fn p2_a_file_that_ends_anywhere_knows_everything_up_to_there() {
    let place = used().await;
    let newer = newest(&place);
    let used = length(&place, newer);
    let mut revisions = std::collections::BTreeSet::new();
    for end in (0..used).step_by(23).chain([used]) {
        let cut = place.copy();
        lose_store(&cut);
        let path = cut.path().join(newer);
        let file = File::options().write(true).open(path).expect("it is there");
        file.set_len(end).and_then(|()| file.set_len(320 * 1024)).expect("it can be cut");
        let (store, opened) = open(&cut);
        for back in &opened.records.sales {
            // Sale 7 was made with its end, sale 8 has had two revisions; both are one more now.
            assert_eq!(back.id, id(8), "cut at {end}");
            revisions.insert(back.revision);
        }
        if end == used {
            assert_eq!(opened.records.sales[0].revision, 3);
        }
        store.close().await;
    }
    assert_eq!(revisions.into_iter().collect::<Vec<_>>(), [2, 3]);
}

/// P2: damage in the middle of a file costs one commit's sales, not those that came after it.
#[tokio::test]
async fn p2_damage_between_two_commits_costs_one_of_them() {
    let place = Place::new();
    let (store, _) = open(&place);
    let shown = Sale { revision: 2, note: Some("shown".to_owned()), ..sale(8) };
    for sale in [sale(8), shown, sale(9)] {
        commit(&store, vec![put(&sale)]).await;
    }
    store.close().await;
    let name = newest(&place);
    let bytes = fs::read(place.path().join(name)).expect("it is there");
    let words = br#""note":"shown""#;
    let at = bytes.windows(words.len()).position(|window| window == words).expect("the newest revision is there");
    flip(&place, name, u64::try_from(at).expect("it is small"));
    lose_store(&place);
    let (store, opened) = open(&place);
    let back: Vec<_> = opened.records.sales.iter().map(|sale| (sale.id, sale.revision)).collect();
    assert_eq!(back, [(id(8), 2), (id(9), 2)], "the revisions before the damaged one and after it, and one more");
    store.close().await;
}

/// P9: a commit of one sale adds to a file about what the sale's record has; the other sales are not written again.
#[tokio::test]
async fn p9_a_commit_writes_no_other_sale_again() {
    let place = Place::new();
    let (store, _) = open(&place);
    for number in 1..=40 {
        commit(&store, vec![put(&sale(number)), Write::Sequence(number)]).await;
    }
    let before: u64 = FILES.iter().map(|name| length(&place, name)).sum();
    for revision in 2..=50 {
        commit(&store, vec![put(&Sale { revision, ..sale(40) })]).await;
    }
    let grown = FILES.iter().map(|name| length(&place, name)).sum::<u64>() - before;
    assert!((49 * 300..49 * 1_500).contains(&grown), "49 commits took {grown} bytes");
    store.close().await;
}

/// A file that an older program wrote, which had one block and knew no others.
#[tokio::test]
async fn p2_a_second_file_of_an_older_program_is_read() {
    let place = used().await;
    let path = place.path().join(FILES[0]);
    let record = super::super::frame::encode(&crate::record::SaleOnDisk::from(&sale(8)), String::new);
    let record = record.expect("it is small");
    let head = serde_json::json!({
        "count": 5_000, "sequence": 8, "number": 42, "starts": 1, "bytes": record.len(),
        "checksum": super::super::frame::checksum(0, &record),
    });
    let mut bytes = super::super::frame::encode(&head, String::new).expect("it is small");
    bytes.extend(record);
    fs::write(path, bytes).expect("it can be written");
    lose_store(&place);
    let (store, opened) = open(&place);
    assert_eq!(came_back(&opened), [id(8)]);
    commit(&store, vec![put(&sale(9)), Write::Sequence(9)]).await;
    store.close().await;
    lose_store(&place);
    let (store, opened) = open(&place);
    assert_eq!(came_back(&opened), [id(8), id(9)]);
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
            rows.unmirrored = rows.unmirrored.take().filter(|_| with);
            rows.sync().expect("the disk takes it");
        }
        spent[usize::from(with)] += crate::clock::tick().since(began).as_millis();
    }
    let [without, with] = spent.map(|ms| ms / 2);
    println!("a commit without: {without} µs, with the second file: {with} µs");
}
