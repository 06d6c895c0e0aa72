//! Files that cannot be closed: sled 0.34 now and then waits for ever (docs/reliability.md).

use std::time::Duration;

use super::*;
use crate::store::engine::EngineError;
use crate::store::sweep::Sweep;
use crate::store::thread::Keeper;
use crate::store::{StoreError, open as opening};

#[tokio::test]
async fn p7_files_that_never_close_are_given_up_after_ten_seconds_and_another_start_is_called_for() {
    let place = Place::new();
    let (rows, _) = opening::open(place.path(), NOW).expect("the store opens");
    let mut keeper = Keeper::new(place.path().to_owned(), rows, Sweep::new(KEEP_DAYS));
    keeper.closer = |rows| {
        let _open = rows;
        loop {
            std::thread::park();
        }
    };
    let store = Store::start(place.path(), keeper).expect("a thread");
    let refusal = StoreError::Read { source: EngineError::Disk("a refusal".to_owned()) };
    let refused: Result<(), _> = store.ask(|_| Err(refusal)).await;
    assert!(matches!(refused, Err(StoreError::Read { .. })), "{refused:?}");
    // The refusal has the files closed. Whoever comes next waits no longer than that may take.
    let next = tokio::time::timeout(Duration::from_secs(30), store.sale(id(1))).await;
    let error = next.expect("an answer although the files never close").expect_err("the files are still locked");
    assert!(matches!(error, StoreError::Stopped), "{error:?}");
    assert!(error.needs_restart(), "the driver ends the daemon on this");
}

#[tokio::test]
async fn a_disk_that_does_not_answer_is_told_of_and_an_idle_store_is_not() {
    let place = Place::new();
    let (store, _) = open(&place);
    let pulse = store.pulse();
    let long_after = || tokio::time::Instant::now() + Duration::from_secs(3600);
    // An answer is given before the thread waits for the next question.
    store.sale(id(1)).await.expect("it answers");
    wait_until(|| !pulse.is_late(long_after())).await;
    let (go_on, gate) = std::sync::mpsc::channel::<()>();
    let asking = store.clone();
    let question = async move { asking.ask(move |_| gate.recv().map_err(|_| StoreError::Stopped)).await };
    let mut question = std::pin::pin!(question);
    let hangs = tokio::time::timeout(Duration::from_millis(200), question.as_mut()).await;
    assert!(hangs.is_err(), "the question is not answered: {hangs:?}");
    assert!(pulse.is_late(long_after()), "a job that is under way has an end");
    go_on.send(()).expect("the thread waits for this");
    question.await.expect("it is answered");
    wait_until(|| !pulse.is_late(long_after())).await;
    store.close().await;
    wait_until(|| pulse.is_late(tokio::time::Instant::now())).await;
}

async fn wait_until(holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it holds within 20 s");
}
