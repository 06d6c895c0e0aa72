//! The picture of the display: named, and waited for without asking the driver.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::raw::{LONG, Reply, call, get};
use crate::api::fake::{Mood, Terminal, picture, rules};

const SEE: &str = "GET /v1/screen.png";

async fn see(terminal: &Terminal, headers: &[(&str, &str)]) -> Reply {
    call(terminal.address, SEE, headers, b"").await
}

/// Waits until so many callers wait for another picture; the API itself looks at its number too.
async fn wait_for_waiting(terminal: &Terminal, count: usize, idle: usize) {
    timeout(LONG, async {
        while terminal.lookers() != idle + count {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("callers come and go in time");
}

#[tokio::test]
async fn a_picture_has_a_name_and_nobody_keeps_it() {
    let terminal = Terminal::start(rules(), None).await;
    let reply = get(&terminal, "/v1/screen.png").await;
    assert_eq!((reply.status, reply.body.as_slice()), (200, &*picture(7).png));
    assert_eq!(reply.header("content-type"), Some("image/png"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let tag = reply.header("etag").expect("a picture has a name").to_owned();
    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let same = see(&terminal, &[("If-None-Match", &known)]).await;
        assert_eq!((same.status, same.header("etag"), same.body.len()), (304, Some(tag.as_str()), 0), "{known}");
    }
    terminal.show(8);
    let next = see(&terminal, &[("If-None-Match", &tag), ("Prefer", "wait=20")]).await;
    assert_eq!((next.status, next.body.as_slice()), (200, &*picture(8).png));
    assert_ne!(next.header("etag"), Some(tag.as_str()));
}

#[tokio::test]
async fn who_knows_the_picture_may_wait_for_another_one_although_the_driver_is_stuck() {
    let terminal = Terminal::start(rules(), None).await;
    let idle = terminal.lookers();
    let tag = get(&terminal, "/v1/screen.png").await.header("etag").expect("a name").to_owned();
    terminal.feel(Mood::Stuck);
    let headers = [("If-None-Match", tag.as_str()), ("Prefer", "wait=1")];
    let same = see(&terminal, &headers).await;
    assert_eq!((same.status, same.header("etag")), (304, Some(tag.as_str())));
    terminal.feel(Mood::Well);
    let headers = [("If-None-Match", tag.as_str()), ("Prefer", "wait=20")];
    let (reply, ()) = tokio::join!(see(&terminal, &headers), async {
        wait_for_waiting(&terminal, 1, idle).await;
        terminal.show(9);
    });
    assert_eq!((reply.status, reply.body.as_slice()), (200, &*picture(9).png));
}

#[tokio::test]
async fn p9_those_who_wait_leave_room_for_others_and_their_places_come_back() {
    let terminal = Terminal::start(rules(), None).await;
    let idle = terminal.lookers();
    let tag = get(&terminal, "/v1/screen.png").await.header("etag").expect("a name").to_owned();
    let request = format!("{SEE} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: {tag}\r\nPrefer: wait=20\r\n\r\n");
    let mut waiting = Vec::new();
    for _ in 0..256 {
        let stream = TcpStream::connect(terminal.address).await.expect("the API accepts");
        stream.writable().await.expect("a new connection takes bytes");
        assert_eq!(stream.try_write(request.as_bytes()).ok(), Some(request.len()));
        waiting.push(stream);
    }
    wait_for_waiting(&terminal, 256, idle).await;
    let refused = see(&terminal, &[("If-None-Match", &tag), ("Prefer", "wait=20")]).await;
    assert_eq!(refused.problem(), (503, "unavailable".into(), None));
    assert_eq!((refused.header("retry-after"), refused.header("connection")), (Some("5"), Some("close")));
    assert_eq!(get(&terminal, "/v1/events").await.problem(), (503, "unavailable".into(), None));
    assert_eq!(get(&terminal, "/v1/sales").await.status, 200);
    assert_eq!(see(&terminal, &[("If-None-Match", &tag)]).await.status, 304);
    drop(waiting);
    wait_for_waiting(&terminal, 0, idle).await;
    let headers = [("If-None-Match", tag.as_str()), ("Prefer", "wait=1")];
    assert_eq!(see(&terminal, &headers).await.status, 304);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_those_who_wait() {
    let terminal = Terminal::start(rules(), None).await;
    let idle = terminal.lookers();
    let tag = get(&terminal, "/v1/screen.png").await.header("etag").expect("a name").to_owned();
    let address = terminal.address;
    let waiting =
        tokio::spawn(async move { call(address, SEE, &[("If-None-Match", &tag), ("Prefer", "wait=20")], b"").await });
    wait_for_waiting(&terminal, 1, idle).await;
    timeout(Duration::from_secs(3), terminal.stop()).await.expect("a stop is quick");
    assert_eq!(waiting.await.expect("the caller lives").status, 304);
}
