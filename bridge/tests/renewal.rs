//! `till-bridge enrol`: who gets the next certificate for the one that he has, and who does not any more.

mod support;

use serde_json::json;
use support::enrolment::{Server, Wishes, connect, granted, read_reply, refused};
use support::fleet::{DAY, Fleet, days_from_now, key, now, request};
use support::{Folder, eventually, http};
use till_authority::{ClientName, Leaf};
use tokio::io::AsyncWriteExt;

fn leaf(chain: &str) -> Leaf {
    Leaf::read(chain.as_bytes()).expect("a certificate")
}

const WITH_LISTS: Wishes =
    Wishes { authority: "crl = \"FOLDER/crl.pem\"", claims: "", limits: "certificates_per_h = 1000" };

#[tokio::test]
async fn a_terminal_renews_with_its_certificate_for_the_same_key_or_another() {
    let server = Server::started(Wishes::default()).await;
    let (old, new) = (key(), key());
    let chain = server.fleet.certificate(&old, 1017, days_from_now(-200), DAY * 365);
    let terminal = || server.fleet.terminal(&chain, &old);
    for key in [&old, &new] {
        let csr = request(key, 1017);
        let renewed = granted(&server.renew(terminal(), &csr).await);
        let (before, after) = (leaf(&chain), leaf(&renewed));
        assert_eq!(after.common_name, before.common_name);
        assert!(after.not_after > before.not_after && after.serial != before.serial);
        // The new one is as good.
        granted(&server.renew(server.fleet.terminal(&renewed, key), &csr).await);
    }
    // It uses no claim.
    assert!(server.stored("claims").is_empty());
    assert_eq!(server.stored("certificates").len(), 4);
}

#[tokio::test]
async fn p12_nobody_renews_for_another_number_or_without_a_certificate_of_a_terminal() {
    let server = Server::started(Wishes::default()).await;
    let fleet = &server.fleet;
    let key = key();
    let chain = fleet.certificate(&key, 1017, days_from_now(-1), DAY * 365);
    let reply = server.renew(fleet.terminal(&chain, &key), &request(&key, 1018)).await;
    assert_eq!(refused(&reply), (422, "wrong-name".into()));
    let reply = server.renew(fleet.stranger(), &request(&key, 1017)).await;
    assert_eq!(refused(&reply), (401, "no-certificate".into()));
    // A bridge's certificate is no terminal's, though the same root has signed it.
    let name = ClientName::new("bridge-1").expect("a name");
    let bridge = fleet.root.client(&name, &key, now(), DAY).expect("a certificate");
    let reply = server.renew(fleet.terminal(&bridge, &key), &request(&key, 1017)).await;
    assert_eq!(refused(&reply), (403, "not-a-terminal".into()));
    // The claim of another terminal counts, whoever brings it.
    let claim = fleet.signed(&fleet.claim(1018));
    let body = json!({"claim": claim, "csr": request(&key, 1018)}).to_string();
    let chain = granted(&server.post(fleet.terminal(&chain, &key), &body).await);
    assert_eq!(leaf(&chain).common_name.as_deref(), Some("0001018"));
}

#[tokio::test]
async fn p12_a_certificate_that_is_over_to_come_or_of_another_fleet_ends_the_handshake() {
    let server = Server::started(Wishes::default()).await;
    let fleet = &server.fleet;
    let key = key();
    let elsewhere = Folder::new();
    let foreign = Fleet::make(elsewhere.path());
    for (chain, alert) in [
        (fleet.certificate(&key, 1017, days_from_now(-3), DAY), "CertificateExpired"),
        (fleet.certificate(&key, 1017, days_from_now(3), DAY * 9), "CertificateExpired"),
        (foreign.certificate(&key, 1017, days_from_now(-1), DAY * 9), "fatal alert"),
    ] {
        let terminal = fleet.terminal(&chain, &key);
        let error = server.try_post(terminal, &json!({"csr": request(&key, 1017)}).to_string()).await;
        let error = error.expect_err("no answer");
        assert!(error.contains(alert), "{alert}: {error}");
    }
    assert!(server.stored("certificates").is_empty());
}

#[tokio::test]
async fn p12_a_revoked_terminal_renews_no_more_also_on_a_connection_that_was_open_before() {
    let mut server = Server::new(WITH_LISTS);
    server.fleet.revoke(&[]);
    server.start().await;
    let fleet = &server.fleet;
    let (stolen, other) = (key(), key());
    let (lost, kept) = [&stolen, &other].map(|key| fleet.certificate(key, 1017, days_from_now(-1), DAY * 365)).into();
    let body = json!({"csr": request(&stolen, 1017)}).to_string();
    let head = "POST /enrol HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let question = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let mut open = connect(server.terminals(), fleet.terminal(&lost, &stolen)).await.expect("a connection");
    open.write_all(question.as_bytes()).await.expect("a request");
    granted(&read_reply(&mut open).await.expect("an answer"));
    fleet.revoke(&[leaf(&lost).serial]);
    eventually("the list is read", async || {
        open.write_all(question.as_bytes()).await.expect("a request");
        let reply = read_reply(&mut open).await.expect("an answer");
        (reply.status != 200).then(|| assert_eq!(refused(&reply), (403, "certificate-revoked".into())))
    })
    .await;
    let error = server.try_post(fleet.terminal(&lost, &stolen), &body).await.expect_err("no answer");
    assert!(error.contains("CertificateRevoked"), "{error}");
    granted(&server.renew(fleet.terminal(&kept, &other), &request(&other, 1017)).await);
}

#[tokio::test]
async fn broken_new_lists_change_nothing_and_are_told() {
    let mut server = Server::new(WITH_LISTS);
    let key = key();
    let elsewhere = Folder::new();
    let foreign = Fleet::make(elsewhere.path());
    let chain = server.fleet.certificate(&key, 1017, days_from_now(-1), DAY * 365);
    server.fleet.revoke(&[leaf(&chain).serial]);
    server.start().await;
    assert_eq!(server.metric("till_enrol_lists_current").await, 1);
    foreign.revoke(&[]);
    let strangers = std::fs::read_to_string(elsewhere.path().join("crl.pem")).expect("a list");
    let own = std::fs::read_to_string(server.fleet.folder.join("crl.pem")).expect("a list");
    let mut faults = 0;
    for broken in ["", "x", &strangers] {
        server.fleet.put("crl.pem", broken);
        faults += 1;
        eventually("the fault is told", async || {
            (server.metric("till_enrol_list_faults_total").await == faults).then_some(())
        })
        .await;
        assert_eq!(server.metric("till_enrol_lists_current").await, 0);
        let asked = server.try_post(server.fleet.terminal(&chain, &key), "{}").await.expect_err("still revoked");
        assert!(asked.contains("CertificateRevoked"), "{asked}");
    }
    // A file that is gone is told once, not once a second.
    std::fs::remove_file(server.fleet.folder.join("crl.pem")).expect("the list is ours");
    eventually("the fault is told", async || {
        (server.metric("till_enrol_list_faults_total").await > faults).then_some(())
    })
    .await;
    // Several lists may stand in one file: an older issuer's, also of the same name, and this one's.
    server.fleet.put("crl.pem", &format!("{strangers}{own}"));
    eventually("the lists are read", async || (server.metric("till_enrol_lists_current").await == 1).then_some(()))
        .await;
    assert_eq!(server.metric("till_enrol_list_faults_total").await, faults + 1);
    let asked = server.try_post(server.fleet.terminal(&chain, &key), "{}").await.expect_err("still revoked");
    assert!(asked.contains("CertificateRevoked"), "{asked}");
    let good = server.fleet.certificate(&key, 1017, days_from_now(-1), DAY * 365);
    granted(&server.renew(server.fleet.terminal(&good, &key), &request(&key, 1017)).await);
    assert_eq!(http::get(server.admin(), "/readyz").await.status, 200);
}

#[tokio::test]
async fn p9_a_terminal_gets_so_many_certificates_an_hour_by_either_road_and_others_get_theirs() {
    let server = Server::started(Wishes { limits: "certificates_per_h = 3", ..Wishes::default() }).await;
    let (key, thief) = (key(), key());
    let claim = server.fleet.signed(&server.fleet.claim(1017));
    let csr = request(&key, 1017);
    let chain = granted(&server.enrol(&claim, &csr).await);
    granted(&server.enrol(&claim, &csr).await);
    // Whoever has the claim and not the key does not count.
    for _ in 0..4 {
        assert_eq!(refused(&server.enrol(&claim, &request(&thief, 1017)).await), (409, "claim-used".into()));
    }
    granted(&server.renew(server.fleet.terminal(&chain, &key), &csr).await);
    for reply in [server.renew(server.fleet.terminal(&chain, &key), &csr).await, server.enrol(&claim, &csr).await] {
        assert_eq!(refused(&reply), (429, "too-many-certificates".into()));
        assert_eq!(reply.header("retry-after"), Some("3600"));
    }
    let other = server.fleet.signed(&server.fleet.claim(1018));
    granted(&server.enrol(&other, &request(&thief, 1018)).await);
    assert_eq!(server.stored("certificates").len(), 4);
}
