//! Who has to go when the places are taken, and that everything is given back.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::{Duration, timeout};

use super::{Crowd, Place, Room, Source};

fn room(connections: usize, per_source: usize) -> Arc<Room> {
    Arc::new(Room::new(Crowd { connections, per_source }, Arc::default()))
}

fn source(text: &str) -> Option<Source> {
    Some(Source::of(text.parse::<IpAddr>().expect("an address")))
}

async fn is_evicted(place: &Place) -> bool {
    timeout(Duration::ZERO, place.seat.evicted()).await.is_ok()
}

#[tokio::test]
async fn p9_a_source_with_its_fill_takes_its_own_places_and_nobody_else_s() {
    let room = room(10, 2);
    let other = room.enter(source("192.0.2.2")).expect("a place");
    let first = room.enter(source("192.0.2.1")).expect("a place");
    let second = room.enter(source("192.0.2.1")).expect("a place");
    let third = room.enter(source("192.0.2.1")).expect("a place");
    assert!(is_evicted(&first).await && !is_evicted(&second).await && !is_evicted(&other).await);
    second.seat.whole();
    third.seat.whole();
    assert!(room.enter(source("192.0.2.1")).is_none(), "both are being answered");
    drop(second);
    let fourth = room.enter(source("192.0.2.1")).expect("the place that was given back");
    assert!(!is_evicted(&third).await);
    drop((first, third, fourth, other));
    assert!(room.taken().seats.is_empty() && room.taken().sources.is_empty());
}

#[tokio::test]
async fn p9_a_full_room_ends_who_has_been_waited_for_the_longest_and_the_good_ones_last() {
    let room = room(3, 3);
    let [good, old, young] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|from| room.enter(source(from)));
    let (good, old, young) = (good.expect("a place"), old.expect("a place"), young.expect("a place"));
    good.seat.welcome();
    // It has sent a request since, so that it is waited for anew.
    old.seat.whole();
    old.seat.answered();
    let fourth = room.enter(source("192.0.2.4")).expect("a place");
    assert!(is_evicted(&young).await && !is_evicted(&old).await && !is_evicted(&good).await);
    old.seat.whole();
    fourth.seat.whole();
    let fifth = room.enter(source("192.0.2.5")).expect("a place");
    assert!(is_evicted(&good).await && !is_evicted(&old).await);
    fifth.seat.whole();
    assert!(room.enter(source("192.0.2.6")).is_none(), "all are being answered");
    let waits = timeout(Duration::from_millis(20), room.has_place());
    assert!(waits.await.is_err(), "there is no place yet");
    fifth.seat.answered();
    room.has_place().await;
    assert_eq!(room.taken().seats.len(), 3);
}

#[test]
fn an_ipv6_network_is_one_source_and_a_proxy_none() {
    assert_eq!(source("2001:db8::1"), source("2001:db8:0:0:ffff::2"));
    assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
    assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
    let room = room(5, 1);
    let places: Vec<_> = (0..5).map(|_| room.enter(None).expect("a place")).collect();
    assert_eq!(room.taken().seats.len(), places.len());
    assert!(places.iter().all(|place| !place.seat.whole.load(Ordering::Relaxed)));
}

#[test]
fn fewer_places_hold_for_those_who_come() {
    let room = room(5, 5);
    let places: Vec<_> = (0..4).map(|_| room.enter(source("192.0.2.1")).expect("a place")).collect();
    room.set_crowd(Crowd { connections: 5, per_source: 2 });
    let another = room.enter(source("192.0.2.1"));
    assert!(another.is_some());
    assert_eq!(room.taken().seats.len(), places.len(), "it has taken another's place");
}
