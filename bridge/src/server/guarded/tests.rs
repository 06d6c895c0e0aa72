//! What comes through to the library, and what happens when nobody reads the answers.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::Guarded;
use crate::server::limits::Crowd;
use crate::server::room::{Place, Room};

fn place() -> Place {
    let room = Arc::new(Room::new(Crowd { connections: 1, per_source: 1 }, Arc::default()));
    room.enter(None).expect("a place")
}

#[tokio::test]
async fn from_a_fault_on_nothing_comes_through_but_one_byte_that_is_no_http() {
    let place = place();
    let (mut peer, own) = duplex(4096);
    let mut guarded = Guarded::new(own, Arc::clone(&place.seat), Duration::from_secs(1));
    let good = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n12";
    peer.write_all(format!("{good}GET / HTTP/1.1\nHost: x\n\n").as_bytes()).await.expect("room");
    let mut seen = vec![0; 1000];
    let length = guarded.read(&mut seen).await.expect("bytes");
    assert_eq!(&seen[..length], format!("{good}\0").as_bytes());
    assert!(place.seat.is_ambiguous());
    peer.write_all(good.as_bytes()).await.expect("room");
    assert_eq!(guarded.read(&mut seen).await.expect("the end"), 0);
}

#[tokio::test]
async fn p9_a_peer_that_takes_none_of_its_answers_is_let_go() {
    let place = place();
    let (_peer, own) = duplex(16);
    let mut guarded = Guarded::new(own, Arc::clone(&place.seat), Duration::from_millis(20));
    let error = guarded.write_all(&[b'x'; 100]).await.expect_err("nobody reads");
    assert_eq!((error.kind(), place.seat.is_unread()), (ErrorKind::TimedOut, true));
}

#[tokio::test]
async fn a_peer_that_reads_slowly_gets_all_of_it() {
    let place = place();
    let (mut peer, own) = duplex(16);
    let mut guarded = Guarded::new(own, Arc::clone(&place.seat), Duration::from_secs(20));
    let write = async { guarded.write_all(&[b'x'; 100]).await };
    let read = async {
        let mut bytes = [0; 100];
        peer.read_exact(&mut bytes).await.map(|_| bytes)
    };
    let (written, read) = tokio::join!(write, read);
    written.expect("it is read");
    assert_eq!(read.expect("it is written"), [b'x'; 100]);
    assert!(guarded.stalled.is_none() && !place.seat.is_unread());
}
