//! The table of outcomes of contract §6, over real HTTP; the broker is away all the time.

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use support::bridge::{BridgeProcess, Wishes};
use support::http::{exchange, get, post, post_with};
use support::payos::{KEY, NEXT_KEY, ORDER, payment, signature, webhook, webhook_signed};
use support::{eventually, free_port};

async fn bridge() -> BridgeProcess {
    bridge_with(Wishes::default()).await
}

async fn bridge_with(wishes: Wishes) -> BridgeProcess {
    BridgeProcess::started(free_port(), &wishes).await
}

fn good() -> String {
    webhook(&payment(ORDER, "TF1"))
}

fn forged() -> String {
    webhook_signed(&payment(ORDER, "TF1"), &"0".repeat(64))
}

async fn check(bridge: &BridgeProcess, cases: Vec<(&str, Vec<u8>, u16)>) {
    for (what, body, want) in cases {
        let reply = post(bridge.hooks(), "/hooks/payos", &body).await;
        assert_eq!(reply.status, want, "{what}: {}", reply.body);
    }
}

#[tokio::test]
async fn each_outcome_has_its_status() {
    let bridge = bridge().await;
    let signed_with = |key: &str| {
        let data = payment(ORDER, "TF1");
        webhook_signed(&data, &signature(key, &data)).into_bytes()
    };
    let unsigned = json!({"code": "00", "data": payment(ORDER, "TF1")}).to_string();
    let mut short = payment(ORDER, "TF1");
    short.remove("reference");
    let mut textual = payment(ORDER, "TF1");
    textual.insert("amount".into(), json!("50000"));
    let mut fraction = payment(ORDER, "TF1");
    fraction.insert("orderCode".into(), json!(ORDER.to_string()));
    let doubled = good().replacen("\"code\":", "\"signature\":\"x\",\"code\":", 1);
    let deep = format!("{}{}", "[".repeat(15_000), "]".repeat(15_000));
    let nested = good().replacen("\"success\":", &format!("\"x\":{deep},\"success\":"), 1);
    check(
        &bridge,
        vec![
            ("signed with the key", signed_with(KEY), 200),
            ("signed with the next key", signed_with(NEXT_KEY), 200),
            ("sent twice", signed_with(KEY), 200),
            ("signed with another key", signed_with("another"), 401),
            ("not signed", unsigned.into(), 401),
            ("wrong signature", forged().into(), 401),
            ("empty", b"".to_vec(), 400),
            ("not JSON", b"orderCode=1".to_vec(), 400),
            ("half a body", good().as_bytes()[..100].to_vec(), 400),
            ("not UTF-8", [b"\xff\xfe", good().as_bytes()].concat(), 400),
            ("no object", b"[1,2]".to_vec(), 400),
            ("a field missing", webhook(&short).into(), 400),
            ("an amount as text", webhook(&textual).into(), 400),
            ("an order as text", webhook(&fraction).into(), 400),
            ("equal keys", doubled.into(), 400),
            ("deep", deep.into(), 400),
            ("deep inside", nested.into(), 400),
        ],
    )
    .await;
    // What was sent twice is kept once.
    assert_eq!(bridge.metric("till_bridge_journal_undelivered").await, 2);
    assert_eq!(bridge.metric("till_bridge_forged_total").await, 3);
    let malformed = "till_bridge_webhooks_total{channel=\"payos\",outcome=\"malformed\"}";
    assert_eq!(bridge.metric(malformed).await, 11);
}

#[tokio::test]
async fn only_post_and_only_known_channels() {
    let bridge = bridge().await;
    let hooks = bridge.hooks();
    let wrong = get(hooks, "/hooks/payos").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("POST")));
    assert_eq!(get(hooks, "/hooks").await.status, 404);
    for path in ["/", "/hooks/", "/hooks/other", "/hooks/payos/", "/hooks/PAYOS", "/hooks/pay%6fs", "/metrics"] {
        assert_eq!(post(hooks, path, good().as_bytes()).await.status, 404, "{path}");
    }
    let garbage = exchange(hooks, b"\x16\x03\x01 what is this\r\n\r\n").await;
    assert!(garbage.is_none_or(|reply| reply.status == 400));
    assert_eq!(post(hooks, "/hooks/payos", good().as_bytes()).await.status, 200);
}

#[tokio::test]
async fn p9_large_bodies_are_refused_whatever_they_say_about_their_size() {
    let bridge = bridge().await;
    let hooks = bridge.hooks();
    let exact = |length: usize| format!("{}{}", good(), " ".repeat(length - good().len()));
    let quotes = |count: usize| {
        let mut data = payment(ORDER, "TF1");
        data.insert("description".into(), json!("\u{1}".repeat(count)));
        webhook(&data)
    };
    check(
        &bridge,
        vec![
            ("as large as may be", exact(32 * 1024).into(), 200),
            ("one byte more", exact(32 * 1024 + 1).into(), 413),
            ("10 MB", exact(10_000_000).into(), 413),
            ("20 MB", exact(20_000_000).into(), 413),
            // Each control character takes six bytes in the body and seven in the envelope.
            ("its envelope fits", quotes(4_000).into(), 200),
        ],
    )
    .await;
    let escapes = format!("{{\"x\":\"{}\",{}", "\\\"".repeat(15_000), &good()[1..]);
    let reply = post(hooks, "/hooks/payos", escapes.as_bytes()).await;
    assert!([200, 413].contains(&reply.status), "{}", reply.status);

    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let chunks = chunk.repeat(3);
    let head = "POST /hooks/payos HTTP/1.1\r\nHost: b\r\nConnection: close\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    let reply = exchange(hooks, chunked.as_bytes()).await.expect("an answer");
    assert_eq!(reply.status, 413);
    let expecting = format!("{head}Expect: 100-continue\r\nContent-Length: 999999\r\n\r\n");
    let reply = exchange(hooks, expecting.as_bytes()).await.expect("an answer");
    assert_eq!(reply.status, 413);
    // It says less than it sends: what is too much is no second request either.
    let lying = format!("{head}Content-Length: 10\r\n\r\n{}", good());
    let reply = exchange(hooks, lying.as_bytes()).await.expect("an answer");
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn an_answer_says_what_it_is() {
    let bridge = bridge().await;
    let reply = post(bridge.hooks(), "/hooks/payos", good().as_bytes()).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    let mut keys: Vec<&String> = body.as_object().expect("an object").keys().collect();
    keys.sort();
    assert_eq!(keys, ["message", "status", "timestamp"]);
    let reply = post(bridge.hooks(), "/hooks/payos", b"{}").await;
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(body.get("status"), Some(&json!(reply.status)));
}

#[tokio::test]
async fn a_flood_of_forgeries_is_slowed_down_and_a_good_webhook_never() {
    let bridge = bridge_with(Wishes { http: "forged_per_s = 5", ..Wishes::default() }).await;
    let hooks = bridge.hooks();
    let mut statuses = Vec::new();
    for _ in 0..40 {
        let reply = post(hooks, "/hooks/payos", forged().as_bytes()).await;
        assert_eq!(reply.header("retry-after").is_some(), reply.status == 429);
        statuses.push(reply.status);
        let reply = post(hooks, "/hooks/payos", good().as_bytes()).await;
        assert_eq!(reply.status, 200);
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert!(statuses.contains(&429), "{statuses:?}");
    // Not even a malformed one is.
    assert_eq!(post(hooks, "/hooks/payos", b"{").await.status, 400);
    eventually("the source is forgiven", async || {
        let reply = post(hooks, "/hooks/payos", forged().as_bytes()).await;
        // Asking again at once would keep it from ever being forgiven.
        tokio::time::sleep(Duration::from_millis(400)).await;
        (reply.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_forwarded_source_is_counted_for_itself() {
    let http = "forged_per_s = 1\ntrusted_proxies = [\"127.0.0.0/8\"]";
    let bridge = bridge_with(Wishes { http, ..Wishes::default() }).await;
    let hooks = bridge.hooks();
    for number in 0..20 {
        let from = format!("X-Forwarded-For: 6.6.6.6, 203.0.113.{number}\r\n");
        let reply = post_with(hooks, "/hooks/payos", &from, forged().as_bytes()).await;
        assert_eq!(reply.status, 401);
    }
    let from = "X-Forwarded-For: 1.1.1.1, 203.0.113.19\r\n";
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(post_with(hooks, "/hooks/payos", from, forged().as_bytes()).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn p9_slow_clients_are_let_go_and_do_not_keep_others_from_being_served() {
    let bridge = bridge().await;
    let head = "POST /hooks/payos HTTP/1.1\r\nHost: b\r\n";
    let mut slow = Vec::new();
    for sent in ["", "POST /ho", head, &format!("{head}Content-Length: 100\r\n\r\n{{")] {
        let mut stream = TcpStream::connect(bridge.hooks()).await.expect("a connection");
        stream.write_all(sent.as_bytes()).await.expect("a part of a request");
        slow.push(stream);
    }
    let began = Instant::now();
    assert_eq!(bridge.post(&good()).await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(2));
    let mut answers = Vec::new();
    for mut stream in slow {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the end of the connection");
        answers.push(answer);
    }
    assert!(began.elapsed() < Duration::from_secs(15));
    let body = answers.pop().unwrap_or_default();
    assert!(body.starts_with("HTTP/1.1 408 "), "{body}");
}

#[tokio::test]
async fn the_operator_s_pages_say_how_the_bridge_is() {
    let bridge = bridge().await;
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/metrics", 200), ("/x", 404)] {
        assert_eq!(get(bridge.admin(), path).await.status, status, "{path}");
    }
    assert_eq!(post(bridge.admin(), "/metrics", b"").await.status, 405);
    let page = get(bridge.admin(), "/metrics").await;
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in page.body.lines() {
        let comment = line.starts_with("# ");
        let sample = line
            .rsplit_once(' ')
            .is_some_and(|(name, value)| name.starts_with("till_bridge_") && value.parse::<f64>().is_ok());
        assert!(comment || sample, "{line}");
    }
}

#[tokio::test]
async fn p2_a_burst_of_webhooks_is_taken_whole() {
    let bridge = bridge().await;
    let hooks = bridge.hooks();
    let began = Instant::now();
    let tasks: Vec<_> = (0..300)
        .map(|number| {
            let body = webhook(&payment(ORDER, &format!("TF{number}")));
            tokio::spawn(async move { post(hooks, "/hooks/payos", body.as_bytes()).await.status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("no panic"), 200);
    }
    eprintln!("300 webhooks at once took {:?}", began.elapsed());
    assert_eq!(bridge.metric("till_bridge_journal_undelivered").await, 300);
}
