//! What the internet sends to a public listener: requests with two readings, compressed and endless bodies, connections
//! that send nothing, floods. Each with the real program; SECURITY.md names these tests.

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use support::bridge::{BridgeProcess, Wishes};
use support::http::{exchange, post, post_with};
use support::payments::UNDELIVERED;
use support::payos::{ORDER, payment, webhook, webhook_signed};
use support::{LIMIT, eventually, finan, free_port};

const HEAD: &str = "POST /hooks/payos HTTP/1.1\r\nHost: b\r\n";

async fn bridge(http: &'static str) -> BridgeProcess {
    BridgeProcess::started(free_port(), &Wishes { http, ..Wishes::default() }).await
}

fn good(name: &str) -> String {
    webhook(&payment(ORDER, name))
}

fn forged(name: &str) -> String {
    webhook_signed(&payment(ORDER, name), &"0".repeat(64))
}

/// A whole request that is good.
fn request(name: &str) -> String {
    let body = good(name);
    format!("{HEAD}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn ended(reason: &str) -> String {
    format!("till_bridge_connections_ended_total{{reason=\"{reason}\"}}")
}

/// Sends all of it and returns every status that comes back until the connection ends.
async fn statuses(address: SocketAddr, bytes: &[u8]) -> Vec<u16> {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        // The other side may be gone before it has read everything.
        stream.write_all(bytes).await.ok();
        let mut answer = Vec::new();
        // So may its answer be when it has closed with bytes unread.
        stream.read_to_end(&mut answer).await.ok();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let answer = timeout(LIMIT, talk).await.expect("the end of the connection");
    let status = |piece: &str| piece.get(..3).and_then(|status| status.parse().ok());
    answer.split("HTTP/1.1 ").skip(1).filter_map(status).collect()
}

/// A connection from an address of loopback that stands for a source of its own.
async fn connect_from(source: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::new(source.parse().expect("an address"), 0)).expect("an address of loopback");
    socket.connect(to).await.expect("a connection")
}

/// Sends a good webhook over a connection and returns the status, or nothing when the connection is gone.
async fn post_over(stream: &mut TcpStream, name: &str) -> Option<u16> {
    let talk = async {
        stream.write_all(request(name).as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        // The body is one object, the last thing that comes.
        while !answer.ends_with(b"}") {
            answer.push(stream.read_u8().await.ok()?);
        }
        std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
    };
    timeout(LIMIT, talk).await.expect("an answer or an end")
}

#[tokio::test]
async fn p11_a_request_with_two_readings_ends_the_connection_and_nothing_behind_it_is_taken() {
    let bridge = bridge("").await;
    let body = good("smuggled");
    let length = body.len();
    let chunk = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
    let heads = [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n\r\n{chunk}"),
        format!("Content-Length: {length}\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("Content-Length: {length}\r\nContent-Length: 0\r\n\r\n{body}"),
        format!("Content-Length: {length}, {length}\r\n\r\n{body}"),
        format!("Content-Length: +{length}\r\n\r\n{body}"),
        format!("X: 1\r\n Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("X: 1\nContent-Length: {length}\r\n\r\n{body}"),
        format!("Content-Length: {length}\n\n{body}"),
        format!("Content-Length : {length}\r\n\r\n{body}"),
        format!("Content-Length\t: {length}\r\n\r\n{body}"),
        format!("X\0: 1\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("X: \0\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("Transfer-Encoding: identity, chunked\r\n\r\n{chunk}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{chunk}"),
        format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"),
        format!("Transfer-Encoding: \u{b}chunked\r\n\r\n{chunk}"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x};a=b\r\n{body}\r\n0\r\n\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\n{body}\n0\n\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n0{length:x}zz\r\n{body}\r\n0\r\n\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", length - 1),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\nX: 1\r\n\r\n"),
        format!("Host: c\r\nContent-Length: {length}\r\n\r\n{body}"),
    ];
    let mut inputs: Vec<String> = heads.iter().map(|rest| format!("{HEAD}{rest}")).collect();
    let target = |target: &str| format!("POST {target} HTTP/1.1\r\nHost: b\r\nContent-Length: {length}\r\n\r\n{body}");
    inputs.extend([
        target("http://elsewhere/hooks/payos"),
        target("http://b/hooks/payos"),
        target("//b/hooks/payos http://b/hooks/payos"),
        HEAD.replace("HTTP/1.1", "HTTP/1.0") + &format!("Transfer-Encoding: chunked\r\n\r\n{chunk}"),
        format!("POST /hooks/payos\r\n\r\n{body}"),
        format!("POST /hooks/payos HTTP/2.0\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{body}"),
        "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(),
    ]);
    for input in inputs {
        let followed = format!("{input}{}", request("behind"));
        let seen = statuses(bridge.hooks(), followed.as_bytes()).await;
        assert!(seen.is_empty() || seen == [400], "{seen:?}: {input}");
    }
    assert_eq!(bridge.metric(UNDELIVERED).await, 0);
    assert!(bridge.metric(&ended("ambiguous")).await >= 18);
    assert!(bridge.metric(&ended("malformed")).await >= 2);
}

#[tokio::test]
async fn requests_one_behind_the_other_are_answered_each() {
    let bridge = bridge("").await;
    let wrong = forged("TF3");
    let wrong = format!("{HEAD}Content-Length: {}\r\n\r\n{wrong}", wrong.len());
    let chunked = good("TF4");
    let (one, two) = chunked.split_at(100);
    let chunked = format!(
        "{HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n64\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\n\r\n",
        two.len()
    );
    let all = [request("TF1"), request("TF2"), wrong, chunked, request("behind the end")].concat();
    assert_eq!(statuses(bridge.hooks(), all.as_bytes()).await, [200, 200, 401, 200]);
    assert_eq!(bridge.metric(UNDELIVERED).await, 3);
}

#[tokio::test]
async fn p9_a_compressed_body_is_refused_and_never_unpacked() {
    let bridge = bridge("").await;
    let body = good("TF1");
    for coding in ["gzip", "deflate", "br", "zstd", "identity, gzip", "x"] {
        let header = format!("Content-Encoding: {coding}\r\n");
        let reply = post_with(bridge.hooks(), "/hooks/payos", &header, body.as_bytes()).await;
        assert_eq!((reply.status, reply.header("connection")), (415, Some("close")), "{coding}");
    }
    let reply = post_with(bridge.hooks(), "/hooks/payos", "Content-Encoding: identity\r\n", body.as_bytes()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(bridge.metric("till_bridge_webhooks_total{channel=\"payos\",outcome=\"encoded\"}").await, 6);
}

#[tokio::test]
async fn who_asks_whether_to_go_on_is_told_so() {
    let bridge = bridge("").await;
    let body = good("TF1");
    let mut stream = TcpStream::connect(bridge.hooks()).await.expect("a connection");
    let head = format!("{HEAD}Connection: close\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.expect("a head");
    let mut go_on = [0; 25];
    timeout(LIMIT, stream.read_exact(&mut go_on)).await.expect("an answer in time").expect("an answer");
    assert_eq!(String::from_utf8_lossy(&go_on), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.expect("a body");
    let mut answer = String::new();
    timeout(LIMIT, stream.read_to_string(&mut answer)).await.expect("an answer in time").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn p9_heads_are_bounded_in_length_and_number() {
    let bridge = bridge("").await;
    let (long, many) = (format!("X: {}\r\n", "x".repeat(40_000)), "X: 1\r\n".repeat(70));
    let path = format!("POST /hooks/{} HTTP/1.1\r\nHost: b\r\n\r\n", "x".repeat(40_000));
    for (what, input) in
        [("a long header", format!("{HEAD}{long}\r\n")), ("many", format!("{HEAD}{many}\r\n")), ("a long path", path)]
    {
        let seen = statuses(bridge.hooks(), input.as_bytes()).await;
        assert!(seen.is_empty() || seen == [431] || seen == [414], "{what}: {seen:?}");
    }
    assert_eq!(bridge.metric(&ended("head_too_large")).await, 3);
}

#[tokio::test]
async fn p9_connections_that_send_no_request_make_place_for_those_that_do() {
    let bridge = bridge("max_connections = 16").await;
    let hooks = bridge.hooks();
    let mut known = connect_from("127.0.0.9", hooks).await;
    assert_eq!(post_over(&mut known, "TF0").await, Some(200));
    let mut slow = Vec::new();
    for number in 0..64 {
        let mut stream = connect_from(&format!("127.0.1.{number}"), hooks).await;
        stream.write_all(format!("{HEAD}Content-Length: 500\r\n\r\n{{").as_bytes()).await.expect("a part of a request");
        slow.push(stream);
        if number % 8 == 7 {
            let mut other = connect_from("127.0.0.8", hooks).await;
            assert_eq!(post_over(&mut other, &format!("TF{number}")).await, Some(200));
        }
    }
    assert!(bridge.metric(&ended("evicted")).await >= 40);
    assert!(bridge.metric("till_bridge_open_connections").await <= 16);
    // Whoever has brought good webhooks goes last.
    assert_eq!(post_over(&mut known, "TF").await, Some(200));
}

#[tokio::test]
async fn p9_a_source_that_opens_too_many_connections_loses_its_own_only() {
    let bridge = bridge("max_connections = 64\nmax_connections_per_source = 4").await;
    let hooks = bridge.hooks();
    let mut other = connect_from("127.0.0.9", hooks).await;
    let mut greedy = Vec::new();
    for _ in 0..40 {
        greedy.push(connect_from("127.0.0.8", hooks).await);
    }
    eventually("the fill is reached", async || (bridge.metric(&ended("evicted")).await == 36).then_some(())).await;
    assert_eq!(bridge.metric("till_bridge_open_connections").await, 5);
    assert_eq!(post_over(&mut other, "TF1").await, Some(200));
    let newest = greedy.last_mut().expect("forty");
    assert_eq!(post_over(newest, "TF2").await, Some(200));
    // No word is kept back from those who had to go: the connection is closed.
    let mut answer = Vec::new();
    let oldest = greedy.first_mut().expect("forty");
    timeout(LIMIT, oldest.read_to_end(&mut answer)).await.expect("its end").ok();
    assert_eq!(answer, b"");
}

#[tokio::test]
async fn p9_a_trusted_proxy_may_open_as_many_connections_as_there_are() {
    let bridge = bridge("max_connections_per_source = 2\ntrusted_proxies = [\"127.0.0.7\"]").await;
    let mut proxied = Vec::new();
    for _ in 0..8 {
        proxied.push(connect_from("127.0.0.7", bridge.hooks()).await);
    }
    for (number, stream) in proxied.iter_mut().enumerate() {
        assert_eq!(post_over(stream, &format!("TF{number}")).await, Some(200));
    }
    assert_eq!(bridge.metric(&ended("evicted")).await, 0);
}

#[tokio::test]
async fn p9_idle_half_open_and_slow_connections_are_counted_at_their_limit() {
    let bridge = bridge("").await;
    let mut streams = Vec::new();
    // Neither end says anything more, which is all that a half-open connection is seen by.
    for sent in ["", &request("TF1"), "POST /ho", HEAD, &format!("{HEAD}Content-Length: 100\r\n\r\n{{")] {
        let mut stream = TcpStream::connect(bridge.hooks()).await.expect("a connection");
        stream.write_all(sent.as_bytes()).await.expect("a part of a request");
        streams.push(stream);
    }
    bridge.wait_for_metric(&ended("idle"), 2).await;
    bridge.wait_for_metric(&ended("head_slow"), 2).await;
    bridge.wait_for_metric("till_bridge_webhooks_total{channel=\"payos\",outcome=\"incomplete\"}", 1).await;
    bridge.wait_for_metric("till_bridge_open_connections", 0).await;
}

#[tokio::test]
async fn p9_chunks_without_end_are_cut_off() {
    let bridge = bridge("").await;
    let mut stream = TcpStream::connect(bridge.hooks()).await.expect("a connection");
    stream.write_all(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.expect("a head");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let sent = async {
        let mut sent = 0_u64;
        while stream.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 0x10000;
        }
        sent
    };
    let sent = timeout(LIMIT, sent).await.expect("the other side closes");
    assert!(sent < 200 * 1024 * 1024, "{sent}");
    bridge.wait_for_metric("till_bridge_webhooks_total{channel=\"payos\",outcome=\"too_large\"}", 1).await;
}

#[tokio::test]
async fn p9_one_channel_is_answered_while_another_is_flooded() {
    let wishes = Wishes { channel: finan::CHANNEL, ..Wishes::default() };
    let bridge = BridgeProcess::started(free_port(), &wishes).await;
    let hooks = bridge.hooks();
    let flood: Vec<_> = (0..96)
        .map(|writer| {
            tokio::spawn(async move {
                for number in 0.. {
                    let name = format!("TF{writer}-{number}");
                    // Good ones fill the journal, forged ones cost the most that they can.
                    let body = if writer % 2 == 0 { good(&name) } else { forged(&name) };
                    post(hooks, "/hooks/payos", body.as_bytes()).await;
                }
            })
        })
        .collect();
    let routed = "till_bridge_webhooks_total{channel=\"payos\",outcome=\"routed\"}";
    eventually("the flood runs", async || (bridge.metric(routed).await > 200).then_some(())).await;
    for number in 0..20 {
        let body = finan::payment(finan::ORDER, &format!("payment-{number}")).to_string();
        let headers = finan::signed("/hooks/finan", body.as_bytes());
        let began = Instant::now();
        let reply = post_with(hooks, "/hooks/finan", &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert!(began.elapsed() < Duration::from_secs(2), "the contract's limit: {:?}", began.elapsed());
    }
    for writer in flood {
        writer.abort();
    }
}

#[tokio::test]
async fn garbage_of_every_kind_leaves_the_bridge_as_it_was() {
    let bridge = bridge("").await;
    let mut noise = fastrand::Rng::with_seed(7);
    for _ in 0..200 {
        let length = noise.usize(1..2000);
        let bytes: Vec<u8> = (0..length).map(|_| noise.u8(..)).collect();
        let mut input = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
        input.extend(&bytes);
        // A client that is done says so, so that nobody waits for more.
        for input in [bytes, input] {
            let mut stream = TcpStream::connect(bridge.hooks()).await.expect("a connection");
            stream.write_all(&input).await.ok();
            stream.shutdown().await.ok();
            let mut answer = Vec::new();
            timeout(LIMIT, stream.read_to_end(&mut answer)).await.expect("an end").ok();
        }
    }
    assert!(exchange(bridge.hooks(), b"\r\n").await.is_none());
    assert_eq!(bridge.metric(UNDELIVERED).await, 0);
    assert_eq!(bridge.post(&good("TF1")).await.status, 200);
}
