//! What happened when.

use super::*;
use crate::store::keys;
use crate::store::open;
use crate::till::{Payment, PeriodQuery, Via};

const HOUR_MS: i64 = 3_600_000;

fn at(hours: i64) -> UnixTime {
    UnixTime::from_ms(NOW.ms() + hours * HOUR_MS)
}

fn paid(sequence: u32, made: UnixTime, received_at: UnixTime) -> Sale {
    let payment = Payment {
        provider_id: ProviderId("link".into()),
        reference: TransferRef(format!("TF{sequence}")),
        amount: Amount::vnd(50_000),
        transacted_at: None,
        received_at,
        via: Via::Webhook,
    };
    Sale { payments: vec![payment], ..ended(sequence, made) }
}

/// The sequences of the sales and the amounts of the receipts of a period, as often as they are told.
async fn period(store: &Store, from: UnixTime, until: UnixTime) -> (Vec<u32>, Vec<u64>) {
    let mut query = PeriodQuery { from, until, after: None };
    let (mut sales, mut receipts) = (Vec::new(), Vec::new());
    loop {
        let page = store.period(query.clone()).await.expect("it can be read");
        sales.extend(page.sales.iter().map(|sale| sale.id.order().sequence()));
        receipts.extend(page.receipts.iter().map(|receipt| receipt.amount.value()));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return (sales, receipts),
        }
    }
}

/// P10: whatever the clock was when they were made, and in whatever order the numbers were drawn.
#[tokio::test]
async fn p10_a_period_has_what_happened_in_it_whatever_the_order_of_the_numbers() {
    let place = Place::new();
    let (store, _) = open(&place);
    let writes = vec![
        put(&ended(1, at(500))),
        put(&ended(2, at(0))),
        put(&paid(3, at(-30), at(1))),
        put(&ended(4, UnixTime::from_ms(-5))),
        put(&ended(5, at(0))),
        put_receipt(&receipt(7, at(2))),
        put_receipt(&receipt(8, at(30))),
    ];
    commit(&store, writes).await;
    assert_eq!(period(&store, at(0), at(3)).await, (vec![2, 5, 3], vec![1_007]));
    assert_eq!(period(&store, at(500), at(501)).await, (vec![1], vec![]));
    assert_eq!(period(&store, UnixTime::from_ms(0), UnixTime::from_ms(HOUR_MS)).await, (vec![4], vec![]));
    assert_eq!(period(&store, at(3), at(3)).await, (vec![], vec![]));
    assert_eq!(period(&store, at(3), at(2)).await, (vec![], vec![]));
    // Money that turned out to have come at another time has left the hour behind.
    commit(&store, vec![put(&paid(3, at(-30), at(9)))]).await;
    assert_eq!(period(&store, at(0), at(3)).await, (vec![2, 5], vec![1_007]));
    assert_eq!(period(&store, at(9), at(10)).await, (vec![3], vec![]));
}

#[tokio::test]
async fn p9_a_period_is_read_in_pages_of_a_bounded_size() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, (1..=600).map(|sequence| put(&ended(sequence, at(0)))).collect()).await;
    let query = PeriodQuery { from: at(0), until: at(1), after: None };
    let page = store.period(query).await.expect("it can be read");
    assert_eq!((page.sales.len(), page.next.is_some()), (250, true));
    assert_eq!(period(&store, at(0), at(1)).await.0, (1..=600).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_store_of_an_older_program_gets_its_calendar() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&paid(1, at(0), at(1))), put_receipt(&receipt(7, at(2)))]).await;
    store.close().await;
    // An older program writes no such rows, and its own record has no word of them.
    let (mut rows, _) = open::open(place.path(), NOW).expect("the store opens");
    rows.change(|draft| {
        draft.meta.calendar = false;
        Ok(())
    })
    .expect("the disk takes it");
    let kept: Vec<_> = rows.engine.kind(keys::CALENDAR).map(|row| row.expect("a row").0.to_vec()).collect();
    rows.change(|draft| {
        kept.into_iter().for_each(|key| draft.remove(key));
        draft.set(crate::store::calendar::key(7, Subject::Sale(id(9))), Vec::new());
        Ok(())
    })
    .expect("the disk takes it");
    rows.sync().expect("the disk takes it");
    drop(rows);
    let (store, opened) = open(&place);
    assert_eq!(opened.recovered, None);
    assert_eq!(period(&store, at(0), at(3)).await, (vec![1, 1], vec![1_007]));
    store.close().await;
    let (rows, _) = open::open(place.path(), NOW).expect("the store opens");
    assert_eq!(rows.engine.kind(keys::CALENDAR).count(), 3, "nothing is left of what is gone");
}

#[tokio::test]
async fn what_is_forgotten_leaves_the_calendar() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&paid(1, later(-500), later(-499))), put_receipt(&receipt(1, later(-500)))]).await;
    for number in 101..=115 {
        commit(&store, vec![put(&ended(number, later(0))), put_receipt(&receipt(number.into(), later(0)))]).await;
    }
    store.close().await;
    let (store, _) = open(&place);
    // The sweep has run before the first answer.
    assert_eq!(period(&store, later(-501), later(-498)).await, (vec![], vec![]));
    store.close().await;
    let (rows, _) = open::open(place.path(), NOW).expect("the store opens");
    assert_eq!(rows.engine.kind(keys::CALENDAR).count(), 30);
}

#[tokio::test]
async fn what_needs_attention_is_told_newest_sales_first_and_bounded() {
    let place = Place::new();
    let (store, _) = open(&place);
    let marked = |sequence| Sale { marks: Marks { attention: true, ..Marks::default() }, ..ended(sequence, NOW) };
    let doubtful = |number, at| Receipt { attention: true, ..receipt(number, at) };
    let writes = vec![
        put(&marked(1)),
        put(&ended(2, NOW)),
        put(&marked(3)),
        put_receipt(&doubtful(7, at(0))),
        put_receipt(&doubtful(8, at(5))),
        put_receipt(&receipt(9, at(6))),
    ];
    commit(&store, writes).await;
    let page = store.attention(10).await.expect("it can be read");
    let ids: Vec<_> = page.sales.iter().map(|sale| sale.id.order().sequence()).collect();
    let amounts: Vec<_> = page.receipts.iter().map(|receipt| receipt.amount.value()).collect();
    assert_eq!((page.count, ids, amounts), (4, vec![3, 1], vec![1_008, 1_007]));
    let page = store.attention(1).await.expect("it can be read");
    assert_eq!((page.count, page.sales.len(), page.receipts.len()), (4, 1, 1));
}
