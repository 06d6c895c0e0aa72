//! The public listener over TLS: with a server's name and without, and what happens to those who never finish.

mod support;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use support::bridge::{BridgeProcess, Wishes};
use support::http::post_over_tls;
use support::payos::{ORDER, payment, webhook};
use support::tls::Certificate;
use support::{Folder, LIMIT, free_port};

async fn bridge(certificate: &Certificate, more: &str) -> BridgeProcess {
    let http = format!("{}\n{more}", certificate.line()).leak();
    BridgeProcess::started(free_port(), &Wishes { http, ..Wishes::default() }).await
}

fn ended(reason: &str) -> String {
    format!("till_bridge_connections_ended_total{{reason=\"{reason}\"}}")
}

#[tokio::test]
async fn hooks_are_served_over_tls_whether_the_client_names_the_server_or_not() {
    let made = Folder::new();
    let certificate = Certificate::make(made.path(), "hooks");
    let bridge = bridge(&certificate, "").await;
    // An address is no name that may be sent (RFC 6066), so the first client sends none.
    for (name, reference) in [("127.0.0.1", "TF1"), ("localhost", "TF2")] {
        let body = webhook(&payment(ORDER, reference));
        let reply = post_over_tls(bridge.hooks(), certificate.client(), name, "/hooks/payos", &body).await;
        assert_eq!(reply.map(|reply| reply.status), Some(200), "{name}");
    }
    assert_eq!(bridge.metric(&ended("tls_failed")).await, 0);
}

#[tokio::test]
async fn p9_handshakes_that_fail_or_never_end_are_counted_and_block_nobody() {
    let made = Folder::new();
    let certificate = Certificate::make(made.path(), "hooks");
    let bridge = bridge(&certificate, "max_connections = 8").await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(bridge.hooks()).await.expect("a connection"));
    }
    let body = webhook(&payment(ORDER, "TF1"));
    let reply = post_over_tls(bridge.hooks(), certificate.client(), "localhost", "/hooks/payos", &body).await;
    assert_eq!(reply.map(|reply| reply.status), Some(200), "silent ones make place");
    assert!(bridge.metric(&ended("evicted")).await >= 12);

    let mut plain = TcpStream::connect(bridge.hooks()).await.expect("a connection");
    plain.write_all(b"POST /hooks/payos HTTP/1.1\r\n\r\n").await.expect("no TLS");
    let mut answer = Vec::new();
    timeout(LIMIT, plain.read_to_end(&mut answer)).await.expect("the end").ok();
    assert!(!answer.starts_with(b"HTTP"));
    bridge.wait_for_metric(&ended("tls_failed"), 1).await;
    // Those that are left say nothing to the end of their time.
    bridge.wait_for_metric("till_bridge_open_connections", 0).await;
    assert!(bridge.metric(&ended("tls_slow")).await >= 5);
}
