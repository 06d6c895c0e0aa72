//! `till-bridge enrol`: who gets a certificate for a claim, who does not, and what he is told.

mod support;

use serde_json::{Value, json};
use support::enrolment::{Server, Wishes, granted, post_of, refused};
use support::fleet::{Fleet, days_from_now, key, now, request};
use support::{Folder, http};
use till_authority::{Key, Leaf};
use till_wire::UnixTime;
use till_wire::fleet::Claim;

fn leaf(chain: &str) -> Leaf {
    Leaf::read(chain.as_bytes()).expect("a certificate")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_terminal_gets_a_certificate_for_its_claim_and_its_own_key() {
    let server = Server::started(Wishes { claims: "valid_days = 30", ..Wishes::default() }).await;
    let (claim, key) = (server.fleet.claim(1017), key());
    let document = server.fleet.signed(&claim);
    let chain = granted(&server.enrol(&document, &request(&key, 1017)).await);
    let made = leaf(&chain);
    assert_eq!(made.common_name.as_deref(), Some("0001017"));
    assert!(made.not_after.secs().abs_diff(days_from_now(30).secs()) < 60, "{made:?}");
    assert!(chain.ends_with(server.fleet.issuer.certificate()), "the issuer's certificate comes with it");
    // TLS believes it, with that key and no other: it can renew.
    let renewed = server.renew(server.fleet.terminal(&chain, &key), &request(&key, 1017)).await;
    assert_eq!(leaf(&granted(&renewed)).public_key, made.public_key);

    // What was done can be told: by the log, the store and the metrics.
    let line = server.log().into_iter().find(|line| line.contains(&hex(&made.serial))).expect("a line of the log");
    for part in ["number=0001017".to_owned(), format!("claim={}", claim.jti), "source=127.0.0.1".to_owned()] {
        assert!(line.contains(&part), "{line}");
    }
    let file = std::fs::read_to_string(server.store().join(format!("claims/{}.json", claim.jti))).expect("a record");
    let record: Value = serde_json::from_str(&file).expect("JSON");
    assert_eq!((&record["number"], &record["serial"]), (&json!(1017), &json!(hex(&made.serial))));
    let names = server.stored("certificates");
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&format!("0001017-{}-{}.pem", made.not_after.secs(), hex(&made.serial))), "{names:?}");
    assert_eq!(server.metric("till_enrol_answers_total{outcome=\"enrolled\"}").await, 1);
    assert_eq!(server.metric("till_enrol_answers_total{outcome=\"renewed\"}").await, 1);
    assert_eq!((server.metric("till_enrol_used_claims").await, server.metric("till_enrol_certificates").await), (1, 2));
    assert!(server.stored("parts").is_empty());
}

/// Nobody shows a certificate to a server without TLS: there a claim is the only way.
#[tokio::test]
async fn on_loopback_claims_are_taken_without_tls() {
    let mut server = Server::new(Wishes::default());
    let text = std::fs::read_to_string(server.config()).expect("a configuration");
    let plain: String = text.lines().filter(|line| !line.starts_with("tls")).map(|line| format!("{line}\n")).collect();
    std::fs::write(server.config(), plain).expect("a configuration");
    server.start().await;
    let asked = json!({"claim": server.fleet.signed(&server.fleet.claim(3)), "csr": request(&key(), 3)});
    let headers = "Content-Type: application/json\r\n";
    let reply = http::post_with(server.terminals(), "/enrol", headers, asked.to_string().as_bytes()).await;
    assert_eq!(leaf(&granted(&reply)).common_name.as_deref(), Some("0000003"));
    let asked = json!({"csr": request(&key(), 3)});
    let reply = http::post_with(server.terminals(), "/enrol", headers, asked.to_string().as_bytes()).await;
    assert_eq!(refused(&reply), (401, "no-certificate".into()));
}

#[tokio::test]
async fn a_claim_works_once_and_its_first_key_gets_a_certificate_again_also_after_a_restart() {
    let mut server = Server::started(Wishes::default()).await;
    let claim = server.fleet.signed(&server.fleet.claim(1017));
    let (first, other) = (key(), key());
    let one = granted(&server.enrol(&claim, &request(&first, 1017)).await);
    assert_eq!(refused(&server.enrol(&claim, &request(&other, 1017)).await), (409, "claim-used".into()));
    for restart in [false, true] {
        if restart {
            assert_eq!(server.terminate().await, Some(0));
            server.start().await;
        }
        let again = granted(&server.enrol(&claim, &request(&first, 1017)).await);
        assert_ne!(leaf(&again).serial, leaf(&one).serial);
        assert_eq!(leaf(&again).public_key, leaf(&one).public_key);
        assert_eq!(refused(&server.enrol(&claim, &request(&other, 1017)).await), (409, "claim-used".into()));
    }
    // The other has not left a certificate behind.
    assert_eq!(server.stored("certificates").len(), 3);
    // A second claim is another matter.
    let second = server.fleet.signed(&server.fleet.claim(1017));
    granted(&server.enrol(&second, &request(&other, 1017)).await);
}

/// Each claim that is not believed, with its answer.
fn wrong_claims(fleet: &Fleet, foreign: &Fleet) -> Vec<(String, u16, &'static str)> {
    let claim = fleet.claim(1017);
    let document = fleet.signed(&claim);
    let changed = |change: fn(&mut Claim)| {
        let mut claim = fleet.claim(1017);
        change(&mut claim);
        fleet.signed(&claim)
    };
    let (message, signature) = document.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{message}.{first}{}", &signature[1..]);
    // Signed by a stranger who names our key as trusted.
    let strangers = claim.sign(&foreign.signer).expect("a claim");
    vec![
        (forged, 401, "claim-not-believed"),
        (strangers, 401, "claim-not-believed"),
        (foreign.signed(&foreign.claim(1017)), 401, "claim-not-believed"),
        (changed(|claim| (claim.iat, claim.exp) = (now().secs() - 7200, now().secs() - 1)), 403, "claim-expired"),
        (changed(|claim| claim.iat = now().secs() + 3600), 403, "claim-early"),
        ("not a claim".into(), 400, "not-a-claim"),
        (String::new(), 400, "not-a-claim"),
        (format!("{document}.x"), 400, "not-a-claim"),
        ("x".repeat(20_000), 400, "not-a-claim"),
    ]
}

#[tokio::test]
async fn p12_a_claim_that_is_forged_foreign_over_or_none_gives_nothing() {
    let server = Server::started(Wishes::default()).await;
    let elsewhere = Folder::new();
    let foreign = Fleet::make(elsewhere.path());
    for (claim, status, name) in wrong_claims(&server.fleet, &foreign) {
        let reply = server.enrol(&claim, &request(&key(), 1017)).await;
        assert_eq!(refused(&reply), (status, name.into()), "{claim}: {}", reply.body);
        let metric = format!("till_enrol_answers_total{{outcome=\"{name}\"}}");
        assert!(server.metric(&metric).await > 0, "{name}");
    }
    assert!(server.stored("claims").is_empty() && server.stored("certificates").is_empty());
}

#[tokio::test]
async fn p12_a_request_must_be_for_the_claim_s_number_and_by_a_key_on_p256() {
    let server = Server::started(Wishes::default()).await;
    let claim = server.fleet.signed(&server.fleet.claim(1017));
    assert_eq!(refused(&server.enrol(&claim, &request(&key(), 1018)).await), (422, "wrong-name".into()));
    for csr in ["", "x", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"] {
        assert_eq!(refused(&server.enrol(&claim, csr).await), (400, "malformed".into()), "{csr}");
    }
    let folder = Folder::new();
    for kind in ["ed25519", "rsa:2048"] {
        let output = std::process::Command::new("openssl")
            .args(["req", "-new", "-nodes", "-subj", "/CN=0001017", "-newkey", kind, "-keyout"])
            .arg(folder.path().join("key"))
            .output()
            .expect("the program `openssl` is needed: apt install openssl");
        let csr = String::from_utf8(output.stdout).expect("PEM");
        assert_eq!(refused(&server.enrol(&claim, &csr).await), (422, "wrong-key".into()), "{kind}");
    }
    // None of them has used the claim.
    granted(&server.enrol(&claim, &request(&key(), 1017)).await);
}

#[tokio::test]
async fn p11_what_is_no_request_is_refused_with_a_reason() {
    let server = Server::started(Wishes { limits: "refused_per_s = 1000", ..Wishes::default() }).await;
    let csr = request(&key(), 1017);
    let json = "Content-Type: application/json\r\n";
    let padded = |length: usize| {
        format!("{}{}", json!({"csr": &csr}), " ".repeat(length - json!({"csr": &csr}).to_string().len()))
    };
    let (largest, larger) = (padded(65_536), padded(65_537));
    for (request, status, name) in [
        (post_of("/enrol", json, ""), 400, "malformed"),
        (post_of("/enrol", json, "[]"), 400, "malformed"),
        (post_of("/enrol", json, r#"{"csr":1}"#), 400, "malformed"),
        (post_of("/enrol", json, r#"{"claim":"x"}"#), 400, "malformed"),
        (post_of("/enrol", json, r#"{"csr":"a","csr":"b"}"#), 400, "malformed"),
        (post_of("/enrol", json, r#"{"csr":"a","clam":"b"}"#), 400, "malformed"),
        (post_of("/enrol", json, "{\"csr\":\"a\"} x"), 400, "malformed"),
        (post_of("/enrol", "", "{}"), 415, "not-json"),
        (post_of("/enrol", "Content-Type: text/plain\r\n", "{}"), 415, "not-json"),
        (post_of("/enrol", &format!("{json}Content-Encoding: gzip\r\n"), "{}"), 415, "not-json"),
        (post_of("/enrol", json, &largest), 401, "no-certificate"),
        (post_of("/enrol", json, &larger), 413, "too-large"),
        (post_of("/enrol", &format!("{json}Expect: 100-continue\r\n"), &larger), 413, "too-large"),
        (post_of("/", json, "{}"), 404, "no-such-path"),
        (post_of("/enrol/", json, "{}"), 404, "no-such-path"),
        ("GET /enrol HTTP/1.1\r\nHost: x\r\n\r\n".into(), 405, "wrong-method"),
    ] {
        let reply = server.exchange(server.fleet.stranger(), &request).await;
        let reply = reply.unwrap_or_else(|error| unreachable!("{name}: {error}"));
        assert_eq!(refused(&reply), (status, name.into()), "{} {}", &request[..60.min(request.len())], reply.body);
    }
    // In chunks no length is announced.
    let chunks = format!(
        "POST /enrol HTTP/1.1\r\nHost: x\r\n{json}Transfer-Encoding: chunked\r\n\r\n10001\r\n{larger}\r\n0\r\n\r\n"
    );
    let reply = server.exchange(server.fleet.stranger(), &chunks).await.expect("an answer");
    assert_eq!(refused(&reply), (413, "too-large".into()));
}

#[tokio::test]
async fn p9_a_source_of_many_refusals_is_told_to_wait_and_what_is_right_is_taken_all_the_same() {
    let server = Server::started(Wishes { limits: "refused_per_s = 3", ..Wishes::default() }).await;
    let ask = || async { server.post(server.fleet.stranger(), "{}").await };
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.extend(futures_of(&ask, 8).await);
    }
    let told = |status: u16| answers.iter().filter(|reply| reply.status == status).count();
    assert!(told(400) >= 3 && told(429) > 0 && told(400) + told(429) == 32, "{} {}", told(400), told(429));
    let late = answers.iter().find(|reply| reply.status == 429).expect("one of them");
    assert_eq!((refused(late), late.header("retry-after")), ((429, "too-many-refusals".into()), Some("1")));
    let claim = server.fleet.signed(&server.fleet.claim(1017));
    granted(&server.enrol(&claim, &request(&key(), 1017)).await);
}

/// Asks so many times at once.
async fn futures_of<F: Future<Output = http::Reply>>(ask: &impl Fn() -> F, count: usize) -> Vec<http::Reply> {
    let mut asked: Vec<_> = (0..count).map(|_| Box::pin(ask())).collect();
    let mut replies = Vec::new();
    std::future::poll_fn(|context| {
        asked.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(reply) => {
                replies.push(reply);
                false
            }
            std::task::Poll::Pending => true,
        });
        if asked.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    replies
}

#[tokio::test]
async fn p2_a_store_that_cannot_be_written_gives_nothing_and_says_so_until_it_works_again() {
    let server = Server::started(Wishes::default()).await;
    let (claims, away) = (server.store().join("claims"), server.store().join("away"));
    std::fs::rename(&claims, &away).expect("the folder is ours");
    let claim = server.fleet.signed(&server.fleet.claim(1017));
    let csr = request(&key(), 1017);
    let reply = server.enrol(&claim, &csr).await;
    assert_eq!((refused(&reply), reply.header("retry-after")), ((503, "store-fault".into()), Some("5")));
    assert_eq!(http::get(server.admin(), "/readyz").await.status, 503);
    assert_eq!(server.metric("till_enrol_store_healthy").await, 0);
    assert!(server.stored("certificates").is_empty());
    std::fs::rename(&away, &claims).expect("the folder is ours");
    granted(&server.enrol(&claim, &csr).await);
    assert_eq!(http::get(server.admin(), "/readyz").await.status, 200);
}

#[tokio::test]
async fn a_damaged_record_opens_its_claim_for_nobody_and_locks_no_other() {
    let server = Server::started(Wishes::default()).await;
    let (claim, key) = (server.fleet.claim(1017), key());
    let document = server.fleet.signed(&claim);
    granted(&server.enrol(&document, &request(&key, 1017)).await);
    let record = server.store().join(format!("claims/{}.json", claim.jti));
    let whole = std::fs::read(&record).expect("a record");
    for damaged in [&b""[..], &whole[..whole.len() / 2], b"{}"] {
        std::fs::write(&record, damaged).expect("the record is ours");
        assert_eq!(refused(&server.enrol(&document, &request(&key, 1017)).await), (503, "store-fault".into()));
        let log = server.log().join("\n");
        assert!(log.contains(&record.display().to_string()), "the log names the file: {log}");
    }
    let other = server.fleet.signed(&server.fleet.claim(1018));
    granted(&server.enrol(&other, &request(&self::key(), 1018)).await);
}

#[tokio::test]
async fn p9_records_are_bounded_and_dropped_a_day_after_their_end() {
    let mut server = Server::new(Wishes { claims: "max_records = 100", ..Wishes::default() });
    for folder in ["claims", "certificates", "parts"] {
        std::fs::create_dir_all(server.store().join(folder)).expect("a folder");
    }
    let record = |days: i64| {
        let claim = Claim { exp: days_from_now(days).secs(), ..server.fleet.claim(1) };
        let jti = claim.jti.to_string();
        let text = json!({"v": 1, "jti": jti, "number": 1, "exp": claim.exp, "key": "AAAA", "at": 1, "serial": "01"});
        std::fs::write(server.store().join(format!("claims/{jti}.json")), text.to_string()).expect("a record");
    };
    (0..98).for_each(|_| record(1));
    (0..50).for_each(|_| record(-2));
    let certificate = |until: UnixTime, serial: &str| {
        let name = format!("certificates/0000001-{}-{serial}.pem", until.secs());
        std::fs::write(server.store().join(name), "").expect("a record");
    };
    certificate(days_from_now(-2), "01");
    certificate(days_from_now(2), "02");
    server.start().await;
    assert_eq!((server.stored("claims").len(), server.stored("certificates").len()), (98, 1));
    let mut claims = (0..3).map(|_| server.fleet.signed(&server.fleet.claim(1017)));
    let mut next = || claims.next().expect("three claims");
    let (first, key) = (next(), key());
    granted(&server.enrol(&first, &request(&key, 1017)).await);
    granted(&server.enrol(&next(), &request(&key, 1017)).await);
    assert_eq!(refused(&server.enrol(&next(), &request(&key, 1017)).await), (503, "store-full".into()));
    // Whoever is in the book is served.
    granted(&server.enrol(&first, &request(&key, 1017)).await);
    assert_eq!(http::get(server.admin(), "/readyz").await.status, 503);
    assert_eq!(server.metric("till_enrol_used_claims").await, 100);
}

/// The key is checked by whoever has it: no secret of anybody's stands in a log.
#[tokio::test]
async fn no_secret_and_no_claim_is_in_the_log() {
    let mut server = Server::started(Wishes::default()).await;
    let claim = server.fleet.signed(&server.fleet.claim(1017));
    let key: Key = key();
    granted(&server.enrol(&claim, &request(&key, 1017)).await);
    server.enrol(&claim[..claim.len() - 3], &request(&key, 1017)).await;
    server.terminate().await;
    let log = server.log().join("\n");
    let (_, signature) = claim.rsplit_once('.').expect("three parts");
    assert!(log.contains("certificate made"), "{log}");
    assert!(!log.contains(&signature[..20]) && !log.contains("PRIVATE KEY"), "{log}");
    let secret = server.fleet.issuer.key_pem();
    assert!(secret.lines().filter(|line| !line.starts_with('-')).all(|line| !log.contains(line)), "{log}");
}
