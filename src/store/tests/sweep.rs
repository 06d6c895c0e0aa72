//! What is forgotten, and what never is.

use super::*;
use crate::till::{ReceiptsQuery, SalesQuery, Watch};

/// Fifteen new sales, so that the records tell what time it is.
async fn new_sales(store: &Store) {
    for sequence in 101..=115 {
        commit(store, vec![put(&ended(sequence, later(0)))]).await;
    }
}

async fn kept(store: &Store) -> Vec<u32> {
    let query = SalesQuery { limit: 1_000, ..SalesQuery::default() };
    let page = store.sales(query).await.expect("it can be read");
    let sequences = page.sales.iter().map(|sale| sale.id.order().sequence());
    sequences.filter(|sequence| *sequence < 100).collect()
}

#[tokio::test]
async fn old_ended_sales_are_forgotten_but_not_those_alive_or_owed() {
    let place = Place::new();
    let (store, _) = open(&place);
    let watched = Sale { watch: Some(Watch { until: Tick(1), looks: 2 }), ..ended(3, later(-500)) };
    let open_sale = Sale { created_at: later(-500), ..sale(4) };
    let owed = Write::Owe(owe(1, Subject::Sale(id(2)), 1));
    let writes = vec![
        put(&ended(1, later(-401))),
        put(&ended(2, later(-401))),
        owed,
        put(&watched),
        put(&open_sale),
        put(&ended(5, later(-399))),
    ];
    commit(&store, writes).await;
    new_sales(&store).await;
    assert_eq!(kept(&store).await, [5, 4, 3, 2, 1]);
    store.close().await;

    let (store, _) = open(&place);
    assert_eq!(kept(&store).await, [5, 4, 3, 2]);
    let by_order = crate::till::Lookup { order: Some(order(1)), ..Default::default() };
    let found = store.find(by_order).await.expect("it can be read");
    assert_eq!(found.sale, None);
    store.close().await;
    let (store, opened) = open(&place);
    assert_eq!(opened.recovered, None);
    store.close().await;
}

/// P4: a sale that a person must look at waits for that person, however long.
#[tokio::test]
async fn p4_what_needs_a_person_s_look_is_not_forgotten() {
    let place = Place::new();
    let (store, _) = open(&place);
    let mut looked_for = ended(1, later(-401));
    looked_for.marks.attention = true;
    commit(&store, vec![put(&looked_for), put(&ended(2, later(-401)))]).await;
    new_sales(&store).await;
    store.close().await;
    let (store, _) = open(&place);
    assert_eq!(kept(&store).await, [1]);
    looked_for.marks.attention = false;
    commit(&store, vec![put(&looked_for)]).await;
    store.close().await;
    let (store, _) = open(&place);
    assert_eq!(kept(&store).await, Vec::<u32>::new());
    store.close().await;
}

#[tokio::test]
async fn p10_a_clock_that_is_years_ahead_for_a_few_sales_forgets_nothing() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&ended(1, later(-30)))]).await;
    new_sales(&store).await;
    for sequence in 201..=207 {
        commit(&store, vec![put(&ended(sequence, later(9_000)))]).await;
    }
    store.close().await;
    let (store, _) = Store::open(place.path(), KEEP_DAYS, later(9_000)).expect("it opens");
    assert_eq!(kept(&store).await, [1]);
    store.close().await;
}

#[tokio::test]
async fn p3_payments_are_remembered_for_two_days_at_least_and_with_their_sale() {
    let place = Place::new();
    let (store, _) = open(&place);
    let mut matched = receipt(2, later(-10));
    matched.sale = Some(id(1));
    let (old, young) = (receipt(1, later(-3)), receipt(3, later(-1)));
    let kept_sale = sale(1);
    let writes = vec![put(&kept_sale), put_receipt(&old), put_receipt(&matched)];
    commit(&store, writes).await;
    commit(&store, vec![put_receipt(&young)]).await;
    for number in 101..=115 {
        commit(&store, vec![put_receipt(&receipt(number, NOW))]).await;
    }
    store.close().await;

    let (store, _) = Store::open(place.path(), 0, NOW).expect("it opens");
    let query = ReceiptsQuery { matched: None, limit: 1_000 };
    let page = store.receipts(query).await.expect("it can be read");
    assert_eq!(page.receipts.get(15..), Some(&[young, matched][..]));
    store.close().await;
}

#[tokio::test]
async fn a_sweep_happens_while_the_store_is_in_use_too() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&ended(1, later(-401)))]).await;
    new_sales(&store).await;
    for tick in 0..1_000 {
        commit(&store, vec![Write::Online(later(tick))]).await;
    }
    assert_eq!(kept(&store).await, Vec::<u32>::new());
    store.close().await;
}
