//! What a webhook costs, measured: a forged one must cost less than a good one, or whoever knows no key could do the bridge
//! more harm than the provider itself. Not run by default, since it measures:
//! `cargo test --release -p till-bridge --test cost -- --ignored --nocapture`.

mod support;

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use support::bridge::{BridgeProcess, Wishes};
use support::finan;
use support::free_port;
use support::payos::{ORDER, payment, signature, webhook_signed};

const COUNT: usize = 5_000;
const CONNECTIONS: usize = 8;

/// Sends requests over a few connections that stay open, and returns the processor's time for each, in microseconds.
async fn cost(bridge: &BridgeProcess, requests: Vec<String>, want: u16) -> f64 {
    let before = bridge.processor_ns();
    let count = requests.len();
    let mut senders = Vec::new();
    let requests = std::sync::Arc::new(requests);
    for sender in 0..CONNECTIONS {
        let requests = std::sync::Arc::clone(&requests);
        senders.push(tokio::spawn(send(bridge.hooks(), requests, sender, want)));
    }
    for sender in senders {
        sender.await.expect("every answer is the one that was wanted");
    }
    let spent = bridge.processor_ns() - before;
    spent as f64 / count as f64 / 1000.0
}

async fn send(hooks: SocketAddr, requests: std::sync::Arc<Vec<String>>, sender: usize, want: u16) {
    let mut stream = TcpStream::connect(hooks).await.expect("a connection");
    let mut answer = vec![0; 4096];
    for request in requests.iter().skip(sender).step_by(CONNECTIONS) {
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut length = 0;
        while answer[..length].last() != Some(&b'}') {
            let more = stream.read(&mut answer[length..]).await.expect("an answer");
            assert!(more > 0, "the connection ended");
            length += more;
        }
        let status = std::str::from_utf8(&answer[9..12]).expect("a status");
        // A forgery is forged, whether its source is told to slow down or not.
        assert!(status == want.to_string() || (want == 401 && status == "429"), "{status}");
    }
}

fn request(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: b\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
#[ignore = "it measures"]
async fn a_forged_webhook_costs_less_than_a_good_one() {
    let wishes = Wishes { channel: finan::CHANNEL, http: "forged_per_s = 20", ..Wishes::default() };
    let bridge = BridgeProcess::started(free_port(), &wishes).await;
    let payos = |round: &str, key: &str| -> Vec<String> {
        let body = |number| {
            let data = payment(ORDER, &format!("{round}-{number}"));
            webhook_signed(&data, &signature(key, &data))
        };
        (0..COUNT).map(|number| request("/hooks/payos", "", &body(number))).collect()
    };
    let finan = |round: &str, secret: &str| -> Vec<String> {
        let now = finan::timestamp(0);
        let one = |number| {
            let body = finan::payment(finan::ORDER, &format!("{round}-{number}")).to_string();
            let signature = finan::signature(secret, "/hooks/finan", body.as_bytes(), &now);
            request("/hooks/finan", &finan::lines(&signature, &now), &body)
        };
        (0..COUNT).map(one).collect()
    };
    cost(&bridge, payos("warm", support::payos::KEY), 200).await;
    let rounds = [
        ("payOS", payos("a", support::payos::KEY), payos("b", "another")),
        ("Finan", finan("a", finan::SECRET), finan("b", "another")),
    ];
    for (provider, good, forged) in rounds {
        let good = cost(&bridge, good, 200).await;
        let forged = cost(&bridge, forged, 401).await;
        println!("{provider}: good {good:.1} µs, forged {forged:.1} µs, ratio {:.2}", forged / good);
        assert!(forged < good, "a forged webhook of {provider} costs {forged} µs, a good one {good} µs");
    }
}
