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
