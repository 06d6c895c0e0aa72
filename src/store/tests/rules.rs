//! What a person must put right is told, and is no reason to set a store aside.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::{EngineError, StoreError, frame, keys, open as opening};
use super::*;

#[tokio::test]
async fn a_store_that_another_process_has_open_is_an_error_and_stays_as_it_is() {
    let place = Place::new();
    let (store, _) = open(&place);
    let error = Store::open(place.path(), KEEP_DAYS, NOW).expect_err("it is locked");
    let StoreError::Open { source, .. } = error else {
        panic!("{error:?}");
    };
    assert!(matches!(source, EngineError::Locked), "{source:?}");
    commit(&store, vec![put(&sale(1))]).await;
    store.close().await;
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_an_error() {
    let place = Place::new();
    let inner = place.path().join("file");
    fs::write(&inner, "no folder").expect("the place can be written");
    let error = Store::open(&inner, KEEP_DAYS, NOW).expect_err("it is a file");
    assert!(matches!(error, StoreError::Folder { .. }), "{error:?}");

    let (store, _) = open(&place);
    store.close().await;
    let db = place.sled().join("db");
    fs::set_permissions(&db, fs::Permissions::from_mode(0o000)).expect("it is ours");
    if fs::File::open(&db).is_ok() {
        // Whoever may read everything, as in a container, cannot be refused.
        return;
    }
    let error = Store::open(place.path(), KEEP_DAYS, NOW).expect_err("it may not be read");
    let StoreError::Open { source, .. } = error else {
        panic!("{error:?}");
    };
    assert!(matches!(source, EngineError::Disk(_)), "{source:?}");
}

/// Changes one value of a closed store, together with the store's own sum.
fn rewrite(place: &Place, key: Vec<u8>, value: Vec<u8>) {
    let (mut rows, _) = opening::open(place.path(), NOW).expect("it opens");
    let plan = |draft: &mut super::super::draft::Draft<'_>| {
        draft.set(key, value);
        Ok(())
    };
    rows.change(plan).expect("the disk takes it");
    rows.sync().expect("the disk takes it");
}

#[tokio::test]
async fn a_record_of_a_newer_program_is_an_error_and_the_store_stays_as_it_is() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&sale(1))]).await;
    store.close().await;
    let mut newer = vec![9, 2, 0, 0, 0];
    newer.extend(frame::checksum(9, b"{}").to_le_bytes());
    newer.extend(b"{}");
    rewrite(&place, keys::sale(keys::SALE, id(2)), newer);

    let error = Store::open(place.path(), KEEP_DAYS, NOW).expect_err("it is newer");
    assert_eq!(error.to_string(), "record `S:0001017-000000002` has version 9, this program reads up to 1");
    assert!(place.sled().exists());
}

#[tokio::test]
async fn p11_a_broken_record_is_skipped_and_the_rest_works() {
    let mut flipped = vec![frame::VERSION, 2, 0, 0, 0];
    flipped.extend((frame::checksum(frame::VERSION, b"{}") ^ 1).to_le_bytes());
    flipped.extend(b"{}");
    for broken in [b"nonsense".to_vec(), flipped] {
        is_skipped(broken).await;
    }
}

async fn is_skipped(broken: Vec<u8>) {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&sale(1)), put(&sale(2)), put(&sale(3))]).await;
    store.close().await;
    rewrite(&place, keys::sale(keys::SALE, id(2)), broken);

    let (store, opened) = open(&place);
    assert_eq!(opened.recovered, None);
    assert_eq!(opened.records.sales, [sale(1), sale(3)]);
    assert_eq!(store.facts().await.map(|facts| facts.broken).ok(), Some(1));
    assert_eq!(store.sale(id(2)).await.ok(), Some(None));
    commit(&store, vec![put(&sale(2))]).await;
    assert_eq!(store.sale(id(2)).await.ok(), Some(Some(sale(2))));
    store.close().await;
    let (store, opened) = open(&place);
    assert_eq!(opened.records.sales, [sale(1), sale(2), sale(3)]);
    store.close().await;
}
