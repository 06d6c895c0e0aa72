//! A machine that sleeps: the line says so, leaves, and comes back when it is told, or by itself.

use std::time::Duration;

use till_wire::Presence;

use super::broker::{Mosquitto, Watcher};
use super::heard::*;
use super::{down, said, state};
use crate::mqtt::Link;

#[tokio::test]
async fn a_machine_that_sleeps_says_so_and_is_not_taken_for_lost() {
    let broker = Mosquitto::start().await;
    let mut watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = Link::start(options(broker.port));
    up(&mut heard).await;
    link.presence(Presence::Ready);
    assert_eq!(state(&mut watcher).await, said(Presence::Init, FIRST));
    assert_eq!(state(&mut watcher).await, said(Presence::Ready, FIRST));
    link.sleep();
    assert_eq!(state(&mut watcher).await, said(Presence::Sleeping, FIRST));
    let reason = down(&mut heard).await;
    assert!(reason.contains("about to sleep"), "{reason}");
    // It stays away: nothing is said, also not by the broker.
    assert!(tokio::time::timeout(Duration::from_secs(1), watcher.next()).await.is_err());
    link.wake();
    let (second, _) = up(&mut heard).await;
    assert_eq!(state(&mut watcher).await, said(Presence::Init, second));
    assert_eq!(state(&mut watcher).await, said(Presence::Ready, second));
    link.stop().await;
}
