//! Turns at the journal: what one channel takes, and what it leaves to others.

use std::time::Duration;

use tokio::time::timeout;

use super::{IN_JOURNAL, Turns};

#[tokio::test]
async fn p9_a_flooded_channel_waits_for_itself_and_nobody_waits_for_it() {
    let (flooded, other) = (Turns::new(IN_JOURNAL + 2), Turns::new(IN_JOURNAL + 2));
    let mut turns = Vec::new();
    for _ in 0..IN_JOURNAL {
        turns.push(flooded.next().await.expect("a turn"));
    }
    let mut first = std::pin::pin!(flooded.next());
    let mut second = std::pin::pin!(flooded.next());
    let soon = Duration::from_millis(10);
    assert!(timeout(soon, first.as_mut()).await.is_err() && timeout(soon, second.as_mut()).await.is_err());
    let third = timeout(soon, flooded.next()).await.expect("an answer at once");
    assert!(third.is_none(), "one more is told to come again");
    assert!(timeout(soon, other.next()).await.is_ok(), "another channel has its own turns");
    turns.pop();
    let turn = timeout(soon, first).await.expect("whoever waited first").expect("a turn");
    assert!(timeout(soon, second.as_mut()).await.is_err());
    drop((turn, turns));
    assert!(timeout(soon, second).await.expect("its turn").is_some());
    assert_eq!((flooded.all.available_permits(), flooded.journal.available_permits()), (IN_JOURNAL + 2, IN_JOURNAL));
}
