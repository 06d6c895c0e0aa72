//! Joining with a claim: what is believed of the claim, and what of the answer.

use serde_json::{Value, json};
use till_authority::{Key, Request};
use till_settings::tls::whole_chain;
use till_wire::UnixTime;
use till_wire::fleet::Claim;

use super::{DAY, Fleet, Folder, Reply, Server, days_ago, long_ago, number};
use crate::clock;
use crate::enrol::{EnrolError, Joining, join};
use crate::identity::Place;

/// How a server of a fleet answers a request.
type Answer = Box<dyn Fn(&Fleet, &Value) -> Value + Send>;

fn joining(place: &Place) -> Joining<'_> {
    Joining { place, pinned: &[], own: None, now: clock::wall(), clock_is_plausible: true }
}

async fn refused(document: &str, joining: &Joining<'_>) -> String {
    whole_chain(&join(document, joining).await.expect_err("refused"))
}

#[tokio::test]
async fn a_claim_makes_a_member_with_a_key_of_its_own() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let place = folder.place();
    let signing = Fleet { signer: Fleet::make().signer, root: Fleet::make().root, issuer: issuer_of(&fleet) };
    let server =
        Server::start(move |asked| Reply::Status(200, signing.certificate(asked, 1017, days_ago(0), DAY * 365)));
    let claim = fleet.claim(&server.url);
    let document = fleet.signed(&claim);
    let joined = join(&format!(" {document}\n"), &joining(&place)).await.expect("joined");
    assert_eq!(joined, claim);
    assert_eq!(place.claim(&[fleet.signer.key()]).expect("believed"), Some(claim));
    let leaf = place.leaf().expect("a certificate");
    assert_eq!(leaf.common_name.as_deref(), Some("0001017"));
    let [asked] = server.requests().try_into().expect("one request");
    assert_eq!(asked["claim"], document);
    let request = Request::read(asked["csr"].as_str().expect("PEM").as_bytes()).expect("a good request");
    assert_eq!((request.common_name(), request.public_key()), (Some("0001017"), leaf.public_key.as_slice()));
    let sent = asked.to_string();
    assert!(!sent.contains("PRIVATE KEY"), "the key leaves the terminal: {sent}");
}

/// The fleet's issuer, for the server's thread.
fn issuer_of(fleet: &Fleet) -> till_authority::Authority {
    let (certificate, key) = (fleet.issuer.certificate(), fleet.issuer.key_pem());
    till_authority::Authority::read(certificate.as_bytes(), key.as_bytes()).expect("an issuer")
}

#[tokio::test]
async fn after_an_answer_that_was_lost_the_same_claim_is_asked_with_the_same_key() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let place = folder.place();
    let issuer = Fleet { issuer: issuer_of(&fleet), ..Fleet::make() };
    let mut tries = 0;
    let server = Server::start(move |asked| {
        tries += 1;
        if tries == 1 {
            return Reply::Silence;
        }
        Reply::Status(200, issuer.certificate(asked, 1017, days_ago(0), DAY))
    });
    let document = fleet.signed(&fleet.claim(&server.url));
    let error = join(&document, &joining(&place)).await.expect_err("no answer");
    assert!(matches!(error, EnrolError::NotReached { .. }) && error.passes(), "{error:?}");
    assert_eq!(place.claim(&[]).expect("nothing yet"), None);
    join(&document, &joining(&place)).await.expect("joined");
    let keys: Vec<_> = server.requests().iter().map(|asked| public_key(asked["csr"].as_str())).collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys.first(), keys.last());
}

fn public_key(request: Option<&str>) -> Vec<u8> {
    let request = Request::read(request.expect("a request").as_bytes()).expect("a good request");
    request.public_key().to_vec()
}

#[tokio::test]
async fn p12_a_server_that_was_broken_into_hands_over_nothing_but_our_certificate() {
    let fleet = Fleet::make();
    let (other, stranger) = (Fleet::make(), Key::generate().expect("a key"));
    let theirs = Request::make(&stranger, number(1017)).expect("a request");
    let cases: Vec<(&str, Answer)> = vec![
        ("not for terminal 0001017", Box::new(|us, asked| us.certificate(asked, 1018, days_ago(0), DAY))),
        ("private key", Box::new(move |us, _| us.certificate(&json!({ "csr": theirs }), 1017, days_ago(0), DAY))),
        ("does not vouch", Box::new(move |_, asked| other.certificate(asked, 1017, days_ago(0), DAY))),
        ("expired", Box::new(|us, asked| us.certificate(asked, 1017, long_ago(), DAY))),
        ("there is none", Box::new(|_, _| json!({ "certificate": "" }))),
        ("there is none in the answer", Box::new(|_, _| json!({ "chain": "" }))),
        ("more than 12288 bytes", Box::new(|_, _| json!({ "certificate": "x".repeat(12_289) }))),
        (
            "there is a private key in it",
            Box::new(|us, asked| {
                let chain = us.certificate(asked, 1017, days_ago(0), DAY)["certificate"].as_str().map(str::to_owned);
                json!({ "certificate": chain.expect("PEM") + &us.issuer.key_pem() })
            }),
        ),
    ];
    for (said, answer) in cases {
        let folder = Folder::make();
        let place = folder.place();
        let us = Fleet { issuer: issuer_of(&fleet), ..Fleet::make() };
        let server = Server::start(move |asked| Reply::Status(200, answer(&us, asked)));
        let document = fleet.signed(&fleet.claim(&server.url));
        let error = join(&document, &joining(&place)).await.expect_err(said);
        let text = whole_chain(&error);
        let fits = matches!(error, EnrolError::Answer { .. });
        assert!(fits && text.to_lowercase().contains(&said.to_lowercase()), "{said}: {text}");
        assert_eq!(place.claim(&[]).expect("nothing is kept"), None, "{said}");
        assert_eq!(place.current().expect("nothing is kept"), None, "{said}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_words() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let place = folder.place();
    let mut answers = vec![
        (503, json!({ "title": "later\nplease" })),
        (409, json!({ "title": "used", "detail": "the claim was used by another key" })),
        (302, json!("elsewhere")),
        (500, json!({ "title": "x".repeat(70_000) })),
    ];
    let server = Server::start(move |_| {
        let (status, body) = answers.remove(0);
        Reply::Status(status, body)
    });
    let document = fleet.signed(&fleet.claim(&server.url));
    for (said, passes) in [
        ("refuses (503): later please", true),
        ("refuses (409): the claim was used by another key", false),
        ("refuses (302): it does not say why", false),
        ("larger than 65536 bytes", true),
    ] {
        let error = join(&document, &joining(&place)).await.expect_err("refused");
        assert!(error.to_string().contains(said), "{said}: {error}");
        assert_eq!(error.passes(), passes, "{said}");
    }
}

#[tokio::test]
async fn p12_a_claim_is_believed_from_the_right_hands_at_the_right_time_alone() {
    let (folder, fleet, other) = (Folder::make(), Fleet::make(), Fleet::make());
    let place = folder.place();
    let server = Server::start(|_| Reply::Silence);
    let claim = fleet.claim(&server.url);
    let document = fleet.signed(&claim);
    let plain = joining(&place);
    let pinned = [other.signer.key()];
    assert!(refused(&document, &Joining { pinned: &pinned, ..joining(&place) }).await.contains("not trusted"));
    assert!(refused(&document[1..], &plain).await.contains("claim"));
    assert!(refused(&document, &Joining { clock_is_plausible: false, ..joining(&place) }).await.contains("clock"));
    let at = |secs| Joining { now: UnixTime::from_secs(secs), ..joining(&place) };
    assert!(refused(&document, &at(claim.exp)).await.contains("expired"));
    assert!(refused(&document, &at(claim.iat - 301)).await.contains("still to come"));
    assert!(
        refused(&document, &Joining { own: Some(number(7)), ..joining(&place) })
            .await
            .contains("this is terminal 0000007")
    );
    let changed = |change: fn(&mut Claim)| {
        let mut claim = claim.clone();
        change(&mut claim);
        fleet.signed(&claim)
    };
    assert!(
        refused(&changed(|claim| claim.enrol_url = "http://enrol.example".into()), &plain)
            .await
            .contains("`enrol_url`")
    );
    assert!(
        refused(&changed(|claim| claim.broker = "mqtt://broker.example".into()), &plain).await.contains("`broker`")
    );
    assert!(
        refused(&changed(|claim| claim.channels[0].base_url = "ftp://x".into()), &plain).await.contains("`channels`")
    );
    assert!(refused(&changed(|claim| claim.ca = "none".into()), &plain).await.contains("`ca`"));
    assert!(server.requests().is_empty(), "nothing of it is worth asking");
}

#[tokio::test]
async fn p12_a_member_believes_a_new_claim_only_from_its_own_fleet() {
    let (folder, fleet, other) = (Folder::make(), Fleet::make(), Fleet::make());
    let place = folder.place();
    let us = Fleet { issuer: issuer_of(&fleet), ..Fleet::make() };
    let server = Server::start(move |asked| Reply::Status(200, us.certificate(asked, 1017, days_ago(0), DAY)));
    let first = fleet.claim(&server.url);
    join(&fleet.signed(&first), &joining(&place)).await.expect("joined");
    let theirs = other.signed(&other.claim(&server.url));
    assert!(refused(&theirs, &joining(&place)).await.contains("not trusted"));
    let elsewhere = Claim { number: number(1018), ..first.clone() };
    assert!(refused(&fleet.signed(&elsewhere), &joining(&place)).await.contains("this is terminal 0001017"));
    let again = Claim { jti: till_wire::fleet::ClaimId::new([10; 16]), label: "Quầy 2".into(), ..first };
    join(&fleet.signed(&again), &joining(&place)).await.expect("joined again");
    assert_eq!(place.claim(&[]).expect("believed").map(|claim| claim.label), Some("Quầy 2".to_owned()));
}
