//! The configuration that an operator wants, on its way to a real till over a broker as operators have it: taken up between
//! sales, kept, refused with reasons, and taken back. It must not know how the till judges.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tests::folder::Folder;
use tests::listener::Listener;
use tests::mosquitto::Mosquitto;
use tests::process::{program, run};
use tests::shop::TERMINAL;
use tests::till::{TillPlan, id_of};
use tests::wait::SOON;
use till_wire::fleet::{Desired, DesiredBroker, FleetSigner};

use super::post::{Post, now};

const REPORTED: &str = "till/v1/0001017/up/reported";

fn desired(version: u64, config: Value) -> Desired {
    Desired {
        aud: format!("{TERMINAL:07}").parse().expect("an audience"),
        iat: now(),
        exp: None,
        version,
        config: config.as_object().cloned().expect("an object"),
        broker: None,
    }
}

impl Post {
    fn want_signed(&self, desired: &Desired) {
        self.want(desired.sign(&self.key).expect("a document"));
    }

    #[track_caller]
    fn reported(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.operator.wait(what, REPORTED, is_it).json()
    }
}

/// P1, P2: a sale that is in progress is not disturbed; the configuration counts after it, in the same process.
#[test]
fn p2_a_configuration_waits_for_the_customer_and_is_kept() {
    let mut post = Post::open();
    let first = post.reported("that there is none", |said| said.get("version").is_none());
    assert_eq!(first, json!({}));
    let process = post.till.process_id();
    let sale = post.till.sell_and_show(50_000);
    let wanted = desired(7, json!({"terminal": {"label": "Quầy 9"}, "sale": {"expire_s": 61, "result_s": 1}}));
    post.want_signed(&wanted);
    // What comes after it is answered, so it was heard of.
    assert_eq!(post.order("c-1", "report", json!({}))["status"], "succeeded");
    assert_eq!(post.till.status()["terminal"]["label"], "Quầy 1");
    assert_eq!(post.till.sale(id_of(&sale))["state"], "showing");
    post.till.cancel(id_of(&sale));
    let said = post.reported("it is applied", |said| said["version"] == 7);
    assert_eq!((&said["hash"], said.get("fault")), (&json!(wanted.hash()), None), "{said}");
    assert_eq!(post.till.status()["terminal"]["label"], "Quầy 9");
    assert_eq!(post.till.status()["configuration"], json!({"version": 7}));
    let mut till = Command::new(program("till"));
    let told = run(till.arg("--config").arg(&post.till.config).arg("status").env("LC_ALL", "en_US.UTF-8"));
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("the operator's, version 7, on top of the file"), "{told}");
    assert_eq!(post.till.process_id(), process);
    assert!(post.till.runs(), "it is the same process");
    assert_eq!(post.till.sale(id_of(&sale))["state"], "cancelled");
    let sale = post.till.sell_and_show(60_000);
    let at = |key: &str| sale[key].as_str().expect("a time").parse::<till_wire::UnixTime>().expect("a time").secs();
    assert!((60..=63).contains(&(at("expires_at") - at("created_at"))), "{sale}");
    post.till.cancel(id_of(&sale));
    post.till.wait_state(id_of(&sale), "cancelled", SOON * 4);

    post.till.kill();
    post.till.start_again();
    assert_eq!(post.till.status()["terminal"]["label"], "Quầy 9", "it is kept");
    let later = post.another().wait("what is kept", REPORTED, |said| said["version"] == 7);
    assert!(later.retained);
}

/// P12: what is not the operator's, not newer or not right changes nothing, and the fleet hears why.
#[test]
fn p12_a_configuration_that_is_refused_changes_nothing_and_says_why() {
    let post = Post::open();
    post.want_signed(&desired(7, json!({"terminal": {"label": "Quầy 2"}})));
    post.reported("it is applied", |said| said["version"] == 7 && said.get("fault").is_none());
    let (thief, _) = tests::jws::key(&post.place.folder, "thief");
    let forged = desired(8, json!({"terminal": {"label": "x"}})).sign(&thief).expect("a document");
    let broker = DesiredBroker {
        aud: "0001017".parse().expect("an audience"),
        version: 8,
        url: "mqtts://localhost:1".to_owned(),
        ca: None,
    };
    let broker = Some(broker.sign(&post.key).expect("a document"));
    let signed = |desired: &Desired| desired.sign(&post.key).expect("a document");
    for (document, part) in [
        (forged, "not trusted"),
        (signed(&desired(7, json!({}))), "not above 7"),
        (signed(&desired(8, json!({"sale": {"expire_s": 5}}))), "sale.expire_s = 5"),
        (signed(&desired(8, json!({"fleet": {"trusted_keys": []}}))), "cannot be changed from afar"),
        (signed(&Desired { broker, ..desired(8, json!({})) }), "fleet.broker_keys"),
    ] {
        post.want(document);
        let is_it = |said: &Value| said["fault"]["reasons"][0].as_str().is_some_and(|reason| reason.contains(part));
        let said = post.reported(part, is_it);
        let status = post.till.status();
        assert_eq!((&said["version"], &status["terminal"]["label"]), (&json!(7), &json!("Quầy 2")), "{said}");
        assert!(status["configuration"]["fault"].as_str().is_some_and(|fault| fault.contains(part)), "{status}");
    }
    post.operator.forget();
    post.want_signed(&desired(9, json!({"terminal": {"label": "Quầy 3"}})));
    let said = post.reported("a right one is applied", |said| said["version"] == 9);
    assert_eq!(said.get("fault"), None, "{said}");
}

/// What leads the till of a post to a broker at this address, signed by the second key as well.
fn led_to(url: &str, ca: Option<String>, version: u64, key: &FleetSigner) -> Desired {
    let broker = DesiredBroker { aud: "group:north".parse().expect("one"), version, url: url.to_owned(), ca };
    Desired { broker: Some(broker.sign(key).expect("a document")), ..desired(version, json!({})) }
}

/// A post whose till goes to another broker when this key has signed it, too. The folder is the key's.
fn open_for_two(change: impl FnOnce(&mut TillPlan)) -> (Post, FleetSigner, Folder) {
    let folder = Folder::make();
    let (key, public) = tests::jws::key(&folder, "second");
    let post = Post::open_with(|plan| {
        plan.tables = format!("{}\nbroker_keys = [{public:?}]", plan.tables);
        change(plan);
    });
    (post, key, folder)
}

/// A till that is led to another broker goes there, and says so there.
#[test]
fn another_broker_takes_two_signatures() {
    let (mut post, key, folder) = open_for_two(|_| {});
    let place = &post.place;
    let other = Mosquitto::start_shipped(&folder, &place.authority);
    let there = Listener::connect_as(&other, &place.authority, &place.identity("operator-1"), &["till/v1/+/up/#"]);
    let pem = std::fs::read_to_string(&place.authority.certificate).expect("a certificate");
    post.want_signed(&led_to(&other.secure_url(), Some(pem), 7, &key));
    let said = there.wait("it is reached", REPORTED, |said| said["version"] == 7).json();
    assert_eq!(said.get("fault"), None, "{said}");
    let kept = std::fs::read_to_string(post.till.store.join("desired.json")).expect("the record");
    assert!(kept.contains("\"trial\":null"), "it is settled: {kept}");
    let sale = post.till.sell_and_show(50_000);
    there.wait("sales go there", &format!("up/sale/{}", id_of(&sale)), |said| said["state"] == "showing");
    assert!(post.till.runs());
}

/// P9: a flood of what nobody has signed changes nothing, and makes the till say a bounded number of words.
#[test]
fn p9_a_flood_of_forged_configurations_fills_nothing() {
    let post = Post::open();
    post.reported("that there is none", |said| *said == json!({}));
    for number in 0..400 {
        // Each names another key, so that each has something else to be said of it.
        let header = format!(r#"{{"alg":"EdDSA","kid":"{number:016x}"}}"#);
        let document = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header));
        post.operator.publish("till/v1/0001017/down/desired", document);
    }
    assert_eq!(post.order("c-1", "identify", json!({}))["status"], "succeeded");
    let said = post.operator.seen_on(REPORTED).len();
    assert!((2..=60).contains(&said), "{said} words");
    assert!(!post.till.store.join("desired.json").exists(), "nothing is kept of them");
    post.till.sell_and_show(50_000);
}
