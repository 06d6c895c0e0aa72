//! The journals of the sales.

use super::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::record::{EntryOnDisk, OwedOnDisk};
use crate::store::{journal, keys, open};
use crate::till::{Cause, CauseKind, JournalEntry, JournalPage, Proof, Reported, Via};
use till_wire::{Flag, SaleState};

fn entry(sequence: u32, revision: u64) -> JournalEntry {
    let money = Reported { provider_id: "link".into(), provider_ref: format!("TF{revision}"), amount: 50_000 };
    JournalEntry {
        sale: id(sequence),
        revision,
        at: NOW,
        state: SaleState::Paid,
        flags: vec![Flag::Late],
        paid_amount: 50_000,
        cause: Cause {
            kind: CauseKind::Webhook,
            said: Some("transfer".into()),
            why: Some("cannot reach payOS: a reason".into()),
            order: Some(order(sequence)),
            envelope: "3f0c9b6de1a24785906b1f2a3c4d5e6f".parse().ok(),
            transfer: Some(money.clone()),
        },
        counted: vec![Proof { money, via: Via::Webhook }],
    }
}

fn note(entry: &JournalEntry) -> Write {
    Write::Journal(Box::new(entry.clone()))
}

async fn journal_of(store: &Store, sequence: u32) -> Option<JournalPage> {
    store.journal(id(sequence)).await.expect("it can be read")
}

#[tokio::test]
async fn p2_a_journal_is_kept_in_order_and_beside_others() {
    let place = Place::new();
    let (store, _) = open(&place);
    let (first, second) = (entry(1, 1), entry(1, 2));
    commit(&store, vec![put(&sale(1)), note(&first), note(&second), put(&sale(2)), note(&entry(2, 1))]).await;
    let third = entry(1, 2);
    commit(&store, vec![note(&third)]).await;
    store.close().await;
    let (store, opened) = open(&place);
    assert_eq!(opened.recovered, None);
    let page = JournalPage { entries: vec![first, second, third], dropped: 0 };
    assert_eq!(journal_of(&store, 1).await, Some(page));
    assert_eq!(journal_of(&store, 2).await, Some(JournalPage { entries: vec![entry(2, 1)], dropped: 0 }));
    assert_eq!(journal_of(&store, 3).await, None);
}

/// What an older program made has no journal, or one that begins later.
#[tokio::test]
async fn a_sale_of_an_older_program_has_an_empty_journal() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&sale(1))]).await;
    assert_eq!(journal_of(&store, 1).await, Some(JournalPage::default()));
}

/// Takes a field out of a record, as if an older program had written it.
fn without<R: Serialize + DeserializeOwned>(record: &R, fields: &[&str]) -> R {
    let mut json = serde_json::to_value(record).expect("a record is JSON");
    let object = json.as_object_mut().expect("a record has fields");
    for field in fields {
        assert!(object.remove(*field).is_some(), "{field} is written");
    }
    serde_json::from_value(json).expect("an older program's record can be read")
}

/// An older program noted neither why there was no answer, nor the bridge's envelope, nor a message's size.
#[test]
fn what_an_older_program_wrote_is_read_without_what_it_did_not_know() {
    let known = entry(1, 1);
    let read = JournalEntry::from(without(&EntryOnDisk::from(&known), &["why", "envelope"]));
    let cause = Cause { why: None, envelope: None, ..known.cause.clone() };
    assert_eq!(read, JournalEntry { cause, ..known });
    let known = owe(7, Subject::Sale(id(1)), 3);
    assert_eq!(Owed::from(without(&OwedOnDisk::from(known), &["bytes"])), Owed { bytes: 0, ..known });
}

#[tokio::test]
async fn p9_the_first_and_the_newest_lines_are_kept() {
    let place = Place::new();
    let (store, _) = open(&place);
    let most = u64::from(journal::MAX_ENTRIES);
    let all: Vec<Write> = (1..=most).map(|revision| note(&entry(1, revision))).collect();
    commit(&store, [vec![put(&sale(1))], all].concat()).await;
    let revisions = |page: Option<JournalPage>| {
        let page = page.expect("the sale is there");
        (page.entries.iter().map(|entry| entry.revision).collect::<Vec<_>>(), page.dropped)
    };
    assert_eq!(revisions(journal_of(&store, 1).await), ((1..=most).collect(), 0));
    for more in 1..=3 {
        commit(&store, vec![note(&entry(1, most + more))]).await;
    }
    let kept: Vec<u64> = std::iter::once(1).chain(5..=most + 3).collect();
    assert_eq!(revisions(journal_of(&store, 1).await), (kept, 3));
}

#[tokio::test]
async fn a_journal_goes_with_its_sale() {
    let place = Place::new();
    let (store, _) = open(&place);
    let old = vec![put(&ended(1, later(-500))), note(&entry(1, 1)), note(&entry(1, 2)), put(&ended(2, later(0)))];
    commit(&store, [old, vec![note(&entry(2, 1))]].concat()).await;
    for number in 101..=115 {
        commit(&store, vec![put(&ended(number, later(0)))]).await;
    }
    store.close().await;
    let (store, _) = open(&place);
    assert_eq!(journal_of(&store, 1).await, None);
    store.close().await;
    let (rows, _) = open::open(place.path(), NOW).expect("the store opens");
    assert_eq!(rows.engine.kind(keys::JOURNAL).count(), 1);
}
