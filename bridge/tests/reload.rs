//! Configurations that are changed while the bridge runs: keys under load, channels, certificates, mistakes.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use support::bridge::{BridgeProcess, Wishes};
use support::http::{post, post_over_tls, post_with};
use support::payos::{KEY, NEXT_KEY, ORDER, payment, signature, webhook_signed};
use support::tls::Certificate;
use support::{Folder, LIMIT, eventually, finan, free_port};

const RELOAD_OK: &str = "till_bridge_config_reload_ok";

fn signed_with(key: &str, reference: &str) -> String {
    let data = payment(ORDER, reference);
    webhook_signed(&data, &signature(key, &data))
}

async fn status(bridge: &BridgeProcess, key: &str, reference: &str) -> u16 {
    bridge.post(&signed_with(key, reference)).await.status
}

/// Takes the lines with the key that comes next out of a configuration.
fn without_next(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("checksum_key_next")).flat_map(|line| [line, "\n"]).collect()
}

/// Those who send webhooks without a pause, signed with whichever keys are to be used at the moment.
struct Load {
    /// Which keys: bit 0 for the old one, bit 1 for the new one.
    keys: Arc<AtomicU64>,
    sent: Arc<Vec<AtomicU64>>,
    writers: Vec<tokio::task::JoinHandle<()>>,
}

const OLD: u64 = 1;
const NEW: u64 = 2;

impl Load {
    fn on(bridge: &BridgeProcess, writers: u64) -> Self {
        let keys = Arc::new(AtomicU64::new(OLD));
        let sent: Arc<Vec<AtomicU64>> = Arc::new((0..writers).map(|_| AtomicU64::default()).collect());
        let hooks = bridge.hooks();
        let write = |writer: u64| {
            let (keys, sent) = (Arc::clone(&keys), Arc::clone(&sent));
            tokio::spawn(async move {
                for number in 0_u64.. {
                    let key = match keys.load(Ordering::SeqCst) {
                        0 => return,
                        OLD => KEY,
                        NEW => NEXT_KEY,
                        _ => [KEY, NEXT_KEY][usize::from(number % 2 == 0)],
                    };
                    let body = signed_with(key, &format!("TF{writer}-{number}"));
                    let reply = post(hooks, "/hooks/payos", body.as_bytes()).await;
                    assert_eq!(reply.status, 200, "a key that is valid: {}", reply.body);
                    let index = usize::try_from(writer).expect("a few");
                    sent[index].fetch_add(1, Ordering::SeqCst);
                }
            })
        };
        let writers = (0..writers).map(write).collect();
        Self { keys, sent, writers }
    }

    /// Has these keys used from now on, and returns once everybody has sent some with them.
    async fn use_keys(&self, keys: u64) {
        self.keys.store(keys, Ordering::SeqCst);
        let counts = || self.sent.iter().map(|count| count.load(Ordering::SeqCst)).collect::<Vec<_>>();
        let before = counts();
        let enough = || counts().iter().zip(&before).all(|(now, before)| *now >= before + 4);
        eventually("all writers go on", async || {
            let ended = self.writers.iter().any(|writer| writer.is_finished());
            (enough() || ended).then_some(())
        })
        .await;
        assert!(enough(), "a writer has ended");
    }

    async fn end(self) -> u64 {
        self.keys.store(0, Ordering::SeqCst);
        for writer in self.writers {
            writer.await.expect("no webhook was refused");
        }
        self.sent.iter().map(|count| count.load(Ordering::SeqCst)).sum()
    }
}

#[tokio::test]
async fn p2_keys_are_changed_under_load_and_nothing_that_is_signed_with_a_valid_one_is_refused() {
    let mut bridge = BridgeProcess::new(free_port(), &Wishes::default());
    let place = bridge.folder.path().display().to_string();
    bridge.edit(|text| without_next(&text));
    bridge.start().await;
    let load = Load::on(&bridge, 6);
    load.use_keys(OLD).await;
    assert_eq!(status(&bridge, NEXT_KEY, "early").await, 401);

    let old = format!("checksum_key = {{ file = \"{place}/key\" }}");
    let both = format!("{old}\nchecksum_key_next = {{ file = \"{place}/next\" }}");
    bridge.edit(|text| text.replace(&old, &both));
    bridge.reload().await;
    load.use_keys(OLD | NEW).await;
    load.use_keys(NEW).await;

    // A webhook that has begun ends as it began.
    let body = signed_with(KEY, "on the way");
    let (first, second) = body.split_at(60);
    let mut stream = TcpStream::connect(bridge.hooks()).await.expect("a connection");
    let head = "POST /hooks/payos HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\nConnection: close\r\n";
    let sent = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    stream.write_all(sent.as_bytes()).await.expect("a head");
    let mut go_on = [0; 25];
    timeout(LIMIT, stream.read_exact(&mut go_on)).await.expect("an answer in time").expect("its head was read");
    stream.write_all(first.as_bytes()).await.expect("half of it");
    bridge.edit(|text| without_next(&text).replace(&old, &old.replace("/key", "/next")));
    bridge.reload().await;
    stream.write_all(second.as_bytes()).await.expect("the rest");
    let mut answer = String::new();
    timeout(LIMIT, stream.read_to_string(&mut answer)).await.expect("an answer in time").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    load.use_keys(NEW).await;
    assert_eq!(status(&bridge, KEY, "late").await, 401);
    assert_eq!(status(&bridge, NEXT_KEY, "new").await, 200);
    let sent = load.end().await;
    assert_eq!(bridge.metric("till_bridge_journal_undelivered").await, sent + 2);
    assert_eq!(bridge.metric("till_bridge_config_reloads_total").await, 2);
}

#[tokio::test]
async fn p11_a_configuration_with_mistakes_changes_nothing_and_every_one_is_said() {
    let bridge = BridgeProcess::started(free_port(), &Wishes::default()).await;
    let place = bridge.folder.path().display().to_string();
    let text = std::fs::read_to_string(bridge.folder.path().join("bridge.toml")).expect("a configuration");
    bridge.edit(|text| text.replace("/next\"", "/nowhere\"").replace("[http]", "[http]\nforged_per_s = 0"));
    bridge.reload().await;
    assert_eq!(bridge.metric(RELOAD_OK).await, 0);
    assert_eq!(bridge.metric("till_bridge_config_reload_failed_total").await, 1);
    for (reference, key) in [("TF1", KEY), ("TF2", NEXT_KEY)] {
        assert_eq!(status(&bridge, key, reference).await, 200);
    }
    let said = |key: &str| bridge.log().iter().any(|line| line.contains(" ERROR ") && line.contains(key));
    assert!(said("http.forged_per_s") && said("channel[0].checksum_key_next"), "{:#?}", bridge.log());
    assert!(!bridge.log().iter().any(|line| line.contains(KEY) || line.contains(NEXT_KEY)));

    // A file that is not even TOML, and one that is gone.
    bridge.edit(|_| "[[[".to_owned());
    bridge.reload().await;
    std::fs::remove_file(bridge.folder.path().join("bridge.toml")).expect("it was there");
    bridge.reload().await;
    assert_eq!(bridge.metric("till_bridge_config_reload_failed_total").await, 3);
    assert_eq!(status(&bridge, KEY, "TF3").await, 200);

    let moved = text.replacen("127.0.0.1:0", "127.0.0.2:0", 1).replace("bridge-1", "bridge-2");
    std::fs::write(bridge.folder.path().join("bridge.toml"), moved.replace("/journal\"", "/elsewhere\""))
        .expect("a file");
    bridge.reload().await;
    assert_eq!(bridge.metric(RELOAD_OK).await, 1);
    let said = |key: &str| bridge.log().iter().any(|line| line.contains(" WARN ") && line.contains(key));
    for key in ["http.listen", "mqtt.client_id", "journal.path"] {
        assert!(said(key), "{key}: {:#?}", bridge.log());
    }
    assert!(!said("admin.listen") && !said("journal.keep_h") && !said("key=\"mqtt\""));
    assert_eq!(status(&bridge, KEY, "TF4").await, 200);
    assert!(!std::path::Path::new(&place).join("elsewhere").exists());
}

#[tokio::test]
async fn channels_come_and_go_and_keep_what_was_counted() {
    let bridge = BridgeProcess::started(free_port(), &Wishes::default()).await;
    let place = bridge.folder.path().display().to_string();
    let send = async |id: &str| {
        let body = finan::payment(finan::ORDER, id).to_string();
        let headers = finan::signed("/hooks/finan", body.as_bytes());
        post_with(bridge.hooks(), "/hooks/finan", &headers, body.as_bytes()).await.status
    };
    let channel = finan::CHANNEL.replace("FOLDER", &place);
    let routed = "till_bridge_webhooks_total{channel=\"finan\",outcome=\"routed\"}";
    assert_eq!(send("p1").await, 404);
    for (id, count) in [("p2", 1), ("p3", 2)] {
        bridge.edit(|text| text + &channel);
        bridge.reload().await;
        assert_eq!(send(id).await, 200);
        bridge.edit(|text| text.replace(&channel, ""));
        bridge.reload().await;
        assert_eq!(send(id).await, 404);
        assert_eq!(bridge.metric(routed).await, count);
    }
    assert!(
        bridge.log().iter().any(|line| line.contains("configuration reloaded") && line.contains("removed=\"finan\""))
    );
}

#[tokio::test]
async fn limits_and_proxies_hold_from_the_reload_on() {
    let bridge =
        BridgeProcess::started(free_port(), &Wishes { http: "forged_per_s = 1000", ..Wishes::default() }).await;
    let forged = async || status(&bridge, "another", "TF1").await;
    for _ in 0..5 {
        assert_eq!(forged().await, 401);
    }
    bridge.edit(|text| text.replace("forged_per_s = 1000", "forged_per_s = 1\nmax_connections_per_source = 1"));
    bridge.reload().await;
    eventually("forgeries are slowed down", async || (forged().await == 429).then_some(())).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(TcpStream::connect(bridge.hooks()).await.expect("a connection"));
    }
    let evicted = "till_bridge_connections_ended_total{reason=\"evicted\"}";
    eventually("three made place", async || (bridge.metric(evicted).await >= 3).then_some(())).await;
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_those_who_come() {
    let made = Folder::new();
    let [old, new] = ["old", "new"].map(|name| Certificate::make(made.path(), name));
    let wishes = Wishes { http: old.line().leak(), ..Wishes::default() };
    let bridge = BridgeProcess::started(free_port(), &wishes).await;
    let post = async |certificate: &Certificate, reference: &str| {
        let body = signed_with(KEY, reference);
        let reply = post_over_tls(bridge.hooks(), certificate.client(), "localhost", "/hooks/payos", &body).await;
        reply.map(|reply| reply.status)
    };
    assert_eq!((post(&old, "TF1").await, post(&new, "TF2").await), (Some(200), None));
    bridge.edit(|text| text.replace(&old.line(), &new.line()));
    bridge.reload().await;
    assert_eq!((post(&old, "TF3").await, post(&new, "TF4").await), (None, Some(200)));
}
