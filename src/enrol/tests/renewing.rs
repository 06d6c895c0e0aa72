//! Renewing: when, with what, and what waits for being tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use till_authority::{Key, Request};
use till_settings::{Broker, Document, Mode};
use till_wire::UnixTime;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{DAY, Fleet, Folder, Reply, Server, days_ago, number};
use crate::clock;
use crate::enrol::{Renewal, Renewed};
use crate::identity::Place;

/// How long a test waits for what has to come.
const SOON: Duration = Duration::from_secs(20);

fn broker() -> Broker {
    let text = "[mqtt]\nurl = \"mqtt://localhost\"\n";
    let document = Document::parse(std::path::Path::new("f"), text, Mode::Run).expect("TOML");
    let broker = Broker::read(&document.root().table("mqtt"));
    broker.expect("a broker")
}

/// Makes a member whose certificate is so many days old of 90.
fn member(folder: &Folder, fleet: &Fleet, url: &str, age: i64) -> Renewal {
    let (place, claim) = (folder.place(), fleet.claim(url));
    let key = place.key_to_ask_with(&claim.jti).expect("a key");
    let request = Request::make(&key, number(1017)).expect("a request");
    let request = Request::read(request.as_bytes()).expect("a good request");
    let chain = fleet.issuer.terminal(&request, number(1017), days_ago(age), DAY * 90).expect("a certificate");
    place.join(&fleet.signed(&claim), &claim, &key, &chain).expect("joined");
    Renewal { place, claim, broker: broker(), clock: clock::wall, clock_is_plausible: || true }
}

/// A server of the fleet's that signs whatever it is asked, and counts.
fn signing(fleet: &Fleet) -> (Server, Arc<AtomicUsize>) {
    let issuer = (fleet.issuer.certificate().to_owned(), fleet.issuer.key_pem());
    let issuer = till_authority::Authority::read(issuer.0.as_bytes(), issuer.1.as_bytes()).expect("an issuer");
    let us = Fleet { issuer, ..Fleet::make() };
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = Server::start(move |asked| {
        counted.fetch_add(1, Ordering::SeqCst);
        Reply::Status(200, us.certificate(asked, 1017, days_ago(0), DAY * 90))
    });
    (server, count)
}

async fn first(renewal: Renewal) -> Option<Renewed> {
    let (say, mut renewed) = mpsc::channel(1);
    let task = tokio::spawn(renewal.run(say));
    let first = timeout(SOON, renewed.recv()).await.expect("soon");
    task.abort();
    first
}

fn keys(place: &Place) -> (Vec<u8>, Option<Vec<u8>>) {
    (place.current().expect("read").expect("there"), place.next().expect("read"))
}

#[tokio::test]
async fn at_two_thirds_of_its_life_a_certificate_is_renewed_and_the_old_one_kept() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let (server, _) = signing(&fleet);
    let renewal = member(&folder, &fleet, &server.url, 61);
    let place = renewal.place.clone();
    let (old, _) = keys(&place);
    first(renewal).await.expect("a way with the renewed certificate");
    let (current, next) = keys(&place);
    assert_eq!(current, old);
    let next = next.expect("a renewed certificate");
    let fresh = till_authority::Leaf::read(&next).expect("a certificate");
    assert!(fresh.not_after > place.leaf().expect("a certificate").not_after);
    assert_ne!(Key::from_pem(&next).map(|key| key.to_pem()).ok(), Key::from_pem(&old).map(|key| key.to_pem()).ok());
    let [asked] = server.requests().try_into().expect("one request");
    assert!(asked.get("claim").is_none() && asked["csr"].is_string(), "{asked}");
}

#[tokio::test]
async fn before_that_nobody_is_asked() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let (server, count) = signing(&fleet);
    let renewal = member(&folder, &fleet, &server.url, 58);
    assert!(renewal.look().await.expect("nothing to do").is_none());
    let unset = Renewal { clock_is_plausible: || false, ..member(&folder, &fleet, &server.url, 61) };
    assert!(unset.look().await.expect("nothing can be judged").is_none());
    let in_1970 = Renewal { clock: || UnixTime::from_secs(0), ..member(&folder, &fleet, &server.url, 61) };
    assert!(in_1970.look().await.expect("nothing to do").is_none());
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_renewed_certificate_that_waits_is_tried_first_and_not_asked_for_again() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let (server, count) = signing(&fleet);
    let renewal = member(&folder, &fleet, &server.url, 61);
    renewal.look().await.expect("renewed").expect("a way");
    assert!(renewal.look().await.expect("it waits").is_none());
    assert_eq!(count.load(Ordering::SeqCst), 1);
    // The terminal was switched off before the broker was asked.
    first(renewal).await.expect("the same way");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn half_a_renewed_certificate_is_dropped_and_asked_for_again() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let (server, count) = signing(&fleet);
    let renewal = member(&folder, &fleet, &server.url, 61);
    std::fs::write(renewal.place.path().join("next.pem"), "-----BEGIN").expect("written");
    first(renewal).await.expect("a way");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn p12_a_renewed_certificate_for_another_terminal_is_not_kept() {
    let (folder, fleet) = (Folder::make(), Fleet::make());
    let issuer = (fleet.issuer.certificate().to_owned(), fleet.issuer.key_pem());
    let issuer = till_authority::Authority::read(issuer.0.as_bytes(), issuer.1.as_bytes()).expect("an issuer");
    let us = Fleet { issuer, ..Fleet::make() };
    let server = Server::start(move |asked| Reply::Status(200, us.certificate(asked, 1018, days_ago(0), DAY)));
    let renewal = member(&folder, &fleet, &server.url, 61);
    let error = renewal.look().await.expect_err("another terminal's").to_string();
    assert!(error.contains("not for terminal 0001017"), "{error}");
    assert_eq!(renewal.place.next().expect("read"), None);
}
