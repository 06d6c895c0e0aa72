//! What the store answers: after a restart, by order, page by page, and to listeners that come back.

use till_wire::sale::SaleState;

use super::super::{Facts, StoreError};
use super::*;
use crate::till::{Change, KeyRecord, Lookup, Missed, ReceiptsQuery, RequestKey, SalesPage, SalesQuery, StoreAge};

#[tokio::test]
async fn a_restart_gives_back_everything_that_the_till_needs() {
    let place = Place::new();
    let (store, opened) = open(&place);
    assert_eq!((opened.start, opened.recovered), (1, None));
    assert_eq!(opened.records.store, StoreAge::New);
    assert_eq!(opened.records.born, NOW);
    assert_eq!(opened.records.sequence, None);

    let (alive, dead) = (sale(7), ended(5, NOW));
    let key =
        KeyRecord { request: RequestKey { key: "order-77".to_owned(), fingerprint: [9; 32] }, sale: alive.id, at: NOW };
    let forgotten =
        KeyRecord { request: RequestKey { key: "order-76".to_owned(), ..key.request.clone() }, ..key.clone() };
    let first = owe(1, Subject::Sale(alive.id), 1);
    let replay = owe(2, Subject::Replay, 77);
    let newer = owe(3, Subject::Sale(alive.id), 2);
    commit(
        &store,
        vec![
            put(&alive),
            put(&dead),
            Write::Sequence(7),
            Write::Key(key.clone()),
            Write::Key(forgotten),
            Write::Owe(first),
            Write::Owe(replay),
            Write::Owe(newer),
        ],
    )
    .await;
    let forget = Write::ForgetKey("order-76".to_owned());
    commit(&store, vec![Write::Online(later(1)), forget]).await;
    store.close().await;

    let (store, opened) = Store::open(place.path(), KEEP_DAYS, later(2)).expect("it opens");
    assert_eq!((opened.start, opened.recovered), (2, None));
    let records = opened.records;
    assert_eq!(records.store, StoreAge::Old);
    assert_eq!(records.born, NOW);
    assert_eq!((records.sequence, records.number), (Some(7), 3));
    assert_eq!(records.sales, [alive]);
    assert_eq!(records.keys, [key]);
    assert_eq!(records.owed, [replay, newer]);
    assert_eq!(records.online, Some(later(1)));
    store.close().await;
}

#[tokio::test]
async fn an_older_undelivered_revision_is_replaced_and_a_delivered_one_is_gone() {
    let place = Place::new();
    let (store, _) = open(&place);
    let (first, second) = (Subject::Sale(id(1)), Subject::Sale(id(2)));
    commit(&store, vec![Write::Owe(owe(1, first, 1))]).await;
    commit(&store, vec![Write::Owe(owe(2, second, 1))]).await;
    commit(&store, vec![Write::Owe(owe(3, first, 2))]).await;
    store.close().await;
    let (store, opened) = open(&place);
    let owed = [owe(2, second, 1), owe(3, first, 2)];
    assert_eq!(opened.records.owed, owed);

    commit(&store, vec![Write::Settle(first), Write::Settle(first)]).await;
    commit(&store, vec![Write::Settle(Subject::Replay)]).await;
    store.close().await;
    let (store, opened) = open(&place);
    assert_eq!(opened.records.owed, [owe(2, second, 1)]);
    assert_eq!(opened.records.number, 3);
    store.close().await;
}

#[tokio::test]
async fn a_sale_is_found_by_its_id_and_by_each_of_its_orders() {
    let place = Place::new();
    let (store, _) = open(&place);
    let mut sale = sale(10);
    let second = Attempt { order: order(11), ..sale.attempts[0].clone() };
    sale.attempts.push(second);
    let receipt = receipt(1, NOW);
    commit(&store, vec![put(&sale), put_receipt(&receipt)]).await;

    let lookups = [
        (Some(id(10)), None, Some(&sale)),
        (None, Some(order(10)), Some(&sale)),
        (None, Some(order(11)), Some(&sale)),
        (Some(id(11)), None, None),
        (None, Some(order(12)), None),
    ];
    for (by_id, by_order, want) in lookups {
        let lookup = Lookup { sale: by_id, order: by_order, receipt: Some(receipt.key) };
        let found = store.find(lookup).await.expect("the disk can be read");
        assert_eq!(found.sale.as_ref(), want, "{lookup:?}");
        assert_eq!(found.receipt.as_ref(), Some(&receipt));
    }
    let nothing = store.find(Lookup::default()).await.expect("it can be read");
    assert_eq!((nothing.sale, nothing.receipt), (None, None));
    assert_eq!(store.sale(id(10)).await.ok(), Some(Some(sale)));
    assert_eq!(store.receipt(receipt.key).await.ok(), Some(Some(receipt)));
    store.close().await;
}

#[tokio::test]
async fn sales_come_newest_first_and_page_by_page() {
    let place = Place::new();
    let (store, _) = open(&place);
    for sequence in 1..=5 {
        let at = later(i64::from(sequence));
        commit(&store, vec![put(&ended(sequence, at))]).await;
    }
    commit(&store, vec![put(&cancelling(6))]).await;

    let page = async |query: SalesQuery| {
        let SalesPage { sales, next } = store.sales(query).await.expect("it can be read");
        let ids: Vec<_> = sales.iter().map(|sale| sale.id.order().sequence()).collect();
        (ids, next)
    };
    let all = SalesQuery { limit: 4, ..SalesQuery::default() };
    assert_eq!(page(all.clone()).await, (vec![6, 5, 4, 3], Some(id(3))));
    let before = Some(id(3));
    assert_eq!(page(SalesQuery { before, ..all.clone() }).await, (vec![2, 1], None));
    let before = Some(id(5));
    assert_eq!(page(SalesQuery { before, ..all.clone() }).await, (vec![4, 3, 2, 1], None));
    let state = Some(SaleState::Cancelling);
    assert_eq!(page(SalesQuery { state, ..all.clone() }).await, (vec![6], None));
    let since = Some(later(4));
    assert_eq!(page(SalesQuery { since, ..all }).await, (vec![5, 4], None));
    assert_eq!(page(SalesQuery::default()).await, (vec![], None));
    store.close().await;
}

#[tokio::test]
async fn receipts_come_newest_first_by_arrival() {
    let place = Place::new();
    let (store, _) = open(&place);
    let mut receipts: Vec<_> = (0..4).map(|number| receipt(number, NOW)).collect();
    for receipt in &receipts {
        commit(&store, vec![put_receipt(receipt)]).await;
    }
    receipts[1].sale = Some(id(9));
    receipts[1].revision = 2;
    commit(&store, vec![put_receipt(&receipts[1])]).await;

    let asked = [
        (None, 10, vec![3, 2, 1, 0]),
        (None, 2, vec![3, 2]),
        (Some(true), 10, vec![1]),
        (Some(false), 2, vec![3, 2]),
        (None, 0, vec![]),
    ];
    for (matched, limit, want) in asked {
        let query = ReceiptsQuery { matched, limit };
        let page = store.receipts(query).await.expect("it can be read");
        let want: Vec<_> = want.iter().map(|at: &usize| receipts[*at].clone()).collect();
        assert_eq!(page.receipts, want, "{query:?}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_listener_gets_what_it_missed_of_each_subject_the_newest() {
    let place = Place::new();
    let (store, _) = open(&place);
    let (first, second, paid) = (sale(1), cancelling(2), receipt(1, NOW));
    let over = ended(3, NOW);
    let writes = vec![
        put(&first),
        put(&second),
        put(&over),
        put_receipt(&paid),
        Write::Owe(owe(1, Subject::Sale(first.id), 1)),
        Write::Owe(owe(2, Subject::Sale(second.id), 1)),
        Write::Owe(owe(3, Subject::Receipt(paid.key), 1)),
        Write::Owe(owe(4, Subject::Replay, 0)),
        Write::Owe(owe(5, Subject::Sale(first.id), 2)),
        Write::Owe(owe(6, Subject::Sale(over.id), 1)),
    ];
    commit(&store, writes).await;
    commit(&store, vec![Write::Settle(Subject::Sale(first.id))]).await;

    let change = |sale: &Sale| Change::Sale(Box::new(sale.clone()));
    let after_2 = vec![(3, Change::Receipt(Box::new(paid))), (5, change(&first)), (6, change(&over))];
    let open = Missed::Open(vec![(2, change(&second)), (5, change(&first))]);
    let asked = [
        (Some(2), Missed::Since(after_2)),
        (Some(5), Missed::Since(vec![(6, change(&over))])),
        (Some(6), Missed::Since(vec![])),
        (Some(7), open.clone()),
        (Some(0), open.clone()),
        (None, open),
    ];
    for (after, want) in asked {
        let missed = store.missed(after, 10_000).await.expect("it can be read");
        assert_eq!(missed, want, "{after:?}");
    }
    store.close().await;
}

#[tokio::test]
async fn p9_the_oldest_changes_are_forgotten_and_a_listener_of_theirs_is_told_so() {
    let place = Place::new();
    let (store, _) = open(&place);
    let owed = |number: u32| Write::Owe(owe(number.into(), Subject::Sale(id(number)), 1));
    commit(&store, vec![put(&sale(1)), owed(1)]).await;
    for number in 2..=1_202 {
        commit(&store, vec![put(&ended(number, NOW)), owed(number)]).await;
    }
    // With 1 201 there, the next commit made the oldest go, so that the newest 1 000 and its own were left.
    let numbers = async |after| match store.missed(after, 10_000).await.expect("it can be read") {
        Missed::Since(changes) => ("since", of_changes(&changes)),
        Missed::Open(changes) => ("open", of_changes(&changes)),
    };
    // The open sale's own change is forgotten, so it comes with the largest forgotten number.
    assert_eq!(numbers(Some(200)).await, ("open", vec![201]));
    let kept = (202..=1_202).collect();
    assert_eq!(numbers(Some(201)).await, ("since", kept));
    store.close().await;
}

fn of_changes(changes: &[(u64, Change)]) -> Vec<u64> {
    changes.iter().map(|(number, _)| *number).collect()
}

#[tokio::test]
async fn the_figures_count_sales_and_what_a_person_must_look_at() {
    let place = Place::new();
    let (store, _) = open(&place);
    let mut odd = sale(1);
    odd.marks.attention = true;
    let mut strange = receipt(1, NOW);
    strange.attention = true;
    commit(&store, vec![put(&odd), put(&sale(2)), put_receipt(&strange)]).await;
    commit(&store, vec![put(&odd), put(&sale(2))]).await;
    strange.attention = false;
    commit(&store, vec![put_receipt(&strange)]).await;
    let check = async |store: &Store| {
        let facts = store.facts().await.expect("it can be read");
        let (bytes, free_bytes) = (facts.bytes, facts.free_bytes);
        let want = Facts { bytes, free_bytes, sales: 2, attention: 1, broken: 0 };
        assert_eq!(facts, want);
        assert!(bytes > 0 && free_bytes > 0, "{facts:?}");
    };
    check(&store).await;
    store.close().await;
    let (store, _) = open(&place);
    check(&store).await;
    store.close().await;
}

#[tokio::test]
async fn a_record_beyond_the_bound_is_refused_with_everything_beside_it() {
    let place = Place::new();
    let (store, _) = open(&place);
    let mut large = sale(1);
    large.note = Some("x".repeat(65_536));
    let refused = store.commit(vec![put(&sale(2)), put(&large)]).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { bytes, .. }) if bytes > 65_536), "{refused:?}");
    assert_eq!(store.sale(id(2)).await.ok(), Some(None));
    commit(&store, vec![put(&sale(2))]).await;
    assert_eq!(store.sale(id(2)).await.ok(), Some(Some(sale(2))));
    store.close().await;
}

#[tokio::test]
async fn commits_of_many_callers_are_all_durable() {
    let place = Place::new();
    let (store, _) = open(&place);
    let commits = (1..=300).map(|sequence| {
        let store = store.clone();
        async move { store.commit(vec![put(&sale(sequence))]).await }
    });
    let results = futures_util::future::join_all(commits).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    store.close().await;
    let (store, opened) = open(&place);
    assert_eq!(opened.records.sales.len(), 300);
    store.close().await;
}
