//! `till-bridge enrol`: one key has a claim, whoever races for it, on however many servers, and whatever is killed.

mod support;

use std::sync::Arc;

use serde_json::json;
use support::enrolment::{Server, Wishes, connect, granted, post_of, read_reply, refused};
use support::fleet::{key, request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::client::TlsStream;

#[tokio::test]
async fn p12_of_fifty_keys_that_race_on_two_servers_one_has_the_claim() {
    let one = Arc::new(Server::started(Wishes { limits: "refused_per_s = 1000", ..Wishes::default() }).await);
    let two = Arc::new(one.beside().await);
    for round in 0..4 {
        let claim = one.fleet.signed(&one.fleet.claim(1017 + round));
        let keys: Vec<_> = (0..50).map(|_| key()).collect();
        let ask = |csr: String, server: Arc<Server>| {
            let claim = claim.clone();
            tokio::spawn(async move { server.enrol(&claim, &csr).await })
        };
        let csrs: Vec<_> = keys.iter().map(|key| request(key, 1017 + round)).collect();
        let servers = [&one, &two].into_iter().cycle();
        let asked: Vec<_> =
            csrs.iter().zip(servers).map(|(csr, server)| ask(csr.clone(), Arc::clone(server))).collect();
        let mut winners = Vec::new();
        for (index, asked) in asked.into_iter().enumerate() {
            let reply = asked.await.expect("no panic");
            match reply.status {
                200 => winners.push((index, granted(&reply))),
                429 => assert_eq!(refused(&reply), (429, "too-many-refusals".into())),
                _ => assert_eq!(refused(&reply), (409, "claim-used".into())),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        // Both servers know it, and know nobody else.
        let (winner, _) = winners[0];
        for server in [&one, &two] {
            granted(&server.enrol(&claim, &csrs[winner]).await);
            let loser = server.enrol(&claim, &csrs[(winner + 1) % csrs.len()]).await;
            assert!(matches!(loser.status, 409 | 429), "{}", loser.body);
        }
    }
    assert_eq!(one.stored("claims").len(), 4);
    assert_eq!(one.stored("certificates").len(), 4 * 3);
    assert!(one.stored("parts").is_empty());
}

/// How many times the server is killed.
fn kills() -> u32 {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(25)
}

/// Asks on a connection that is open already.
async fn ask(mut stream: TlsStream<TcpStream>, body: String) -> Option<u16> {
    let request = post_of("/enrol", "Content-Type: application/json\r\n", &body);
    stream.write_all(request.as_bytes()).await.ok()?;
    read_reply(&mut stream).await.ok().map(|reply| reply.status)
}

/// Two keys want one claim while the server is killed; whoever has heard "yes" keeps it, and one of them gets it in the
/// end.
#[tokio::test]
async fn p2_the_key_that_was_given_the_claim_has_it_whenever_the_server_is_killed() {
    let mut server = Server::started(Wishes::default()).await;
    let (mut answered, mut unanswered) = (0, 0);
    let mut usual = None;
    for round in 0..=kills() {
        let number = 1 + round;
        let claim = server.fleet.signed(&server.fleet.claim(number));
        let csrs = [key(), key()].map(|key| request(&key, number));
        let mut asked = Vec::new();
        let began = Instant::now();
        for csr in &csrs {
            let stream = connect(server.terminals(), server.fleet.stranger()).await.expect("a connection");
            asked.push((stream, json!({"claim": claim, "csr": csr}).to_string()));
        }
        let mut asked: Vec<_> = asked.into_iter().map(|(stream, body)| tokio::spawn(ask(stream, body))).collect();
        let mut heard = Vec::new();
        match usual {
            // The first time it is only seen how long it takes.
            None => {
                let began = Instant::now();
                for asked in asked.drain(..) {
                    heard.push(asked.await.expect("no panic"));
                }
                usual = Some(began.elapsed());
            }
            // Somewhere between nothing and all of it.
            Some(usual) => sleep(usual.mul_f64(1.5 * fastrand::f64())).await,
        }
        server.kill();
        for asked in asked {
            heard.push(asked.await.expect("no panic"));
        }
        assert!(heard.iter().all(|status| matches!(status, None | Some(200 | 409))), "{heard:?}");
        answered += heard.iter().filter(|status| status.is_some()).count();
        unanswered += heard.iter().filter(|status| status.is_none()).count();
        server.start().await;
        let mut after = Vec::new();
        for csr in &csrs {
            after.push(server.enrol(&claim, csr).await.status);
        }
        let winner = usize::from(after.first() != Some(&200));
        let expected = |index: usize| if index == winner { 200 } else { 409 };
        assert_eq!(after, [expected(0), expected(1)], "round {round}, {:?}: heard {heard:?}", began.elapsed());
        for (index, status) in heard.into_iter().enumerate() {
            assert!(status.is_none_or(|status| status == expected(index)), "round {round}: key {index}: {status:?}");
        }
    }
    assert!(answered > 2 && unanswered > 0, "{answered} answers, {unanswered} killed: the kills tell nothing");
    assert_eq!(server.stored("claims").len(), usize::try_from(kills() + 1).expect("not that many"));
}

/// Half-open and silent connections are closed, and meanwhile terminals are served.
#[tokio::test]
async fn p9_silent_connections_end_and_keep_nobody_out() {
    let server = Server::started(Wishes::default()).await;
    let mut silent = Vec::new();
    for index in 0..60 {
        let mut stream = TcpStream::connect(server.terminals()).await.expect("a connection");
        if index % 2 == 0 {
            // The first bytes of a handshake that does not go on.
            stream.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).await.expect("sent");
        }
        silent.push(stream);
    }
    let mut slow = connect(server.terminals(), server.fleet.stranger()).await.expect("a connection");
    let head = "POST /enrol HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.expect("sent");
    assert!(server.metric("till_enrol_open_connections").await >= 61);
    let claim = server.fleet.signed(&server.fleet.claim(1017));
    granted(&server.enrol(&claim, &request(&key(), 1017)).await);
    let began = Instant::now();
    let reply = timeout(support::LIMIT, read_reply(&mut slow)).await.expect("in time");
    assert_eq!(refused(&reply.expect("an answer")), (408, "too-slow".into()));
    for mut stream in silent {
        let mut rest = Vec::new();
        let ended = timeout(support::LIMIT, stream.read_to_end(&mut rest)).await;
        // Closed, with or without an alert before.
        assert!(ended.is_ok(), "a silent connection is open after {:?}", began.elapsed());
    }
    support::eventually("all are gone", async || {
        (server.metric("till_enrol_open_connections").await == 0).then_some(())
    })
    .await;
}
