//! Configurations from afar against files on the disk: what is taken up, refused, tried and taken back.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use till_wire::fleet::{DesiredBroker, FleetSigner};

use super::*;

/// A terminal's folder with its file, its fleet's key and a second one.
pub(crate) struct Place {
    folder: PathBuf,
    fleet: FleetSigner,
    second: FleetSigner,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn signer() -> FleetSigner {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a new key");
    FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's own")
}

fn pem(kind: &str, der: &[u8]) -> String {
    use base64::Engine;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n")
}

impl Place {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("tilld-desired-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("store")).expect("a folder");
        let place = Self { folder, fleet: signer(), second: signer() };
        for (name, key) in [("fleet.pub", &place.fleet), ("broker.pub", &place.second)] {
            fs::write(place.folder.join(name), pem("PUBLIC KEY", &key.key().to_spki())).expect("a key's file");
        }
        for name in ["a", "b", "c"] {
            till_settings::replace_file(&place.folder.join(name), b"secret", 0o600, |_| Ok(())).expect("a secret");
        }
        place.write_file("[sale]\nchannel = \"payos\"\n");
        place
    }

    fn write_file(&self, sale: &str) {
        let at = self.folder.display();
        let text = format!(
            "[terminal]\nnumber = 1017\n[store]\npath = \"{at}/store\"\n[display]\ndriver = \"none\"\n\
             [mqtt]\nurl = \"mqtt://localhost\"\n{sale}\
             [fleet]\ntrusted_keys = [ \"{at}/fleet.pub\" ]\nbroker_keys = [ \"{at}/broker.pub\" ]\n\
             groups = [ \"north\" ]\n[[channel]]\nid = \"payos\"\nprovider = \"payos\"\n\
             client_id = {{ file = \"{at}/a\" }}\napi_key = {{ file = \"{at}/b\" }}\n\
             checksum_key = {{ file = \"{at}/c\" }}\n\
             return_url = \"https://shop.example/ok\"\ncancel_url = \"https://shop.example/no\"\n"
        );
        fs::write(self.file(), text).expect("a file");
    }

    fn file(&self) -> PathBuf {
        self.folder.join("tilld.toml")
    }

    /// What a start makes of it.
    fn start(&self) -> (Settings, Keeper) {
        let (settings, _) = Settings::read(&self.file(), Mode::Run).expect("the file is right");
        Keeper::start(&self.file(), settings)
    }

    /// A start that comes as far as the loop, and reaches the broker.
    pub(crate) fn start_well(&self) -> (Settings, Keeper) {
        let (settings, mut keeper) = self.start();
        keeper.has_started().and_then(|()| keeper.has_broker()).expect("the folder can be used");
        (settings, keeper)
    }

    /// A start after the terminal was led to another broker.
    pub(crate) fn start_led_away(&self) -> Keeper {
        let (_, mut keeper) = self.start_well();
        let version = keeper.kept.newest.as_ref().map_or(1, |newest| newest.version + 1);
        let url = "mqtts://other.example:8883".to_owned();
        let broker = DesiredBroker { aud: "0001017".parse().expect("one"), version, url, ca: None };
        let broker = Some(broker.sign(&self.second).expect("a document"));
        let document = self.sign(&Desired { broker, ..desired(version, label("a")) });
        assert_eq!(keeper.take(&document).ok(), Some(Taken::ToBeTried));
        let (_, mut keeper) = self.start();
        keeper.has_started().expect("the folder can be used");
        keeper
    }

    fn sign(&self, desired: &Desired) -> Vec<u8> {
        desired.sign(&self.fleet).expect("a document").into_bytes()
    }
}

fn desired(version: u64, config: Value) -> Desired {
    Desired {
        aud: "0001017".parse().expect("an audience"),
        iat: clock::wall().secs(),
        exp: None,
        version,
        config: config.as_object().cloned().expect("an object"),
        broker: None,
    }
}

fn label(text: &str) -> Value {
    json!({ "terminal": { "label": text } })
}

#[track_caller]
fn reason(keeper: &Keeper) -> String {
    keeper.reported().fault.expect("a fault").reasons.join("; ")
}

#[test]
fn what_is_taken_up_counts_from_the_next_start_and_is_reported() {
    let place = Place::new();
    let (before, mut keeper) = place.start_well();
    assert_eq!(keeper.reported(), Reported { version: None, hash: None, at: None, fault: None });
    assert_eq!(before.terminal.label, "Quầy 1");
    let wanted = desired(
        7,
        json!({
            "terminal": {"label": "Quầy 9", "locale": "en"}, "sale": {"expire_s": 120},
            "display": {"theme": "dark", "dim_percent": 10}, "fleet": {"groups": ["south"]},
            "offline.mode": "refuse",
        }),
    );
    let document = place.sign(&wanted);
    assert_eq!(keeper.take(&document).ok(), Some(Taken::ToBeTried));
    assert_eq!(keeper.take(&document).ok(), Some(Taken::Known), "the broker brings it with every connection");
    let (with, keeper) = place.start_well();
    assert_eq!((with.terminal.label.as_str(), with.sale.expire.as_secs()), ("Quầy 9", 120));
    assert_eq!(with.fleet.groups, [GroupName::new("south").expect("a name")]);
    let reported = keeper.reported();
    assert_eq!((reported.version, reported.hash, reported.fault), (Some(7), Some(wanted.hash()), None));
    assert!(reported.at.is_some());
}

/// P12: what is not signed for this terminal, or is older than what it has, changes nothing.
#[test]
fn p12_each_way_in_which_a_configuration_is_not_taken_up() {
    let place = Place::new();
    let (_, mut keeper) = place.start_well();
    let now = clock::wall().secs();
    let first = desired(7, label("Quầy 2"));
    assert_eq!(keeper.take(&place.sign(&first)).ok(), Some(Taken::ToBeTried));
    let (_, mut keeper) = place.start_well();
    let forged = desired(8, label("x")).sign(&signer()).expect("a document").into_bytes();
    let cases: Vec<(Vec<u8>, &str, Option<u64>)> = vec![
        (forged, "not trusted", None),
        (b"a.b.c".to_vec(), "base64url", None),
        (vec![b'x'; 65_537], "longer than 65536", None),
        (place.sign(&desired(7, label("x"))), "not above 7", Some(7)),
        (place.sign(&desired(6, label("x"))), "not above 7", Some(6)),
        (place.sign(&Desired { iat: first.iat - 1, ..desired(8, label("x")) }), "made (`iat`) before", Some(8)),
        (place.sign(&Desired { iat: now + 3600, ..desired(8, label("x")) }), "in the future", Some(8)),
        (place.sign(&Desired { exp: Some(now), ..desired(8, label("x")) }), "expired", Some(8)),
        (place.sign(&desired(8, json!({"sale.supervisor_pin": "x"}))), "cannot be changed from afar", Some(8)),
        (place.sign(&desired(8, json!({"sale": {"expire_s": 60}, "sale.expire_s": 61}))), "twice", Some(8)),
        (
            place.sign(&Desired { aud: "0001018".parse().expect("one"), ..desired(8, label("x")) }),
            "another terminal",
            Some(8),
        ),
        (
            place.sign(&Desired { aud: "group:south".parse().expect("one"), ..desired(8, label("x")) }),
            "another terminal",
            Some(8),
        ),
        (place.sign(&desired(8, json!({"sale": {"expire_s": 5}}))), "sale.expire_s = 5: expected", Some(8)),
        (place.sign(&desired(8, json!({"sale": {"channel": "other"}}))), "sale.channel", Some(8)),
        (place.sign(&desired(8, json!({"sale": {"supervisor_pin": "x"}}))), "cannot be changed from afar", Some(8)),
        (place.sign(&desired(8, json!({"fleet": {"trusted_keys": []}}))), "cannot be changed from afar", Some(8)),
        (place.sign(&desired(8, json!({"mqtt": {"url": "mqtts://evil"}}))), "cannot be changed from afar", Some(8)),
        (place.sign(&desired(8, json!({"offline": {"account": {}}}))), "cannot be changed from afar", Some(8)),
        (place.sign(&desired(8, json!({"channel": []}))), "cannot be changed from afar", Some(8)),
        (place.sign(&desired(8, json!({"terminal": {"label": null}}))), "cannot be changed from afar", Some(8)),
    ];
    for (document, part, version) in cases {
        let taken = keeper.take(&document).expect("the folder can be used");
        let said = reason(&keeper);
        assert!(said.contains(part), "{part}: {taken:?} {said}");
        assert_eq!(keeper.reported().fault.and_then(|fault| fault.version), version, "{part}");
        let applied = (keeper.reported().version, keeper.reported().hash);
        assert_eq!(applied, (Some(7), Some(first.hash())), "{part}: nothing has changed");
    }
    assert_eq!(place.start_well().0.terminal.label, "Quầy 2");
    let north = Desired { aud: "group:north".parse().expect("one"), ..desired(8, label("Quầy 3")) };
    assert_eq!(keeper.take(&place.sign(&north)).ok(), Some(Taken::ToBeTried), "a group's members take it up");
    assert_eq!(keeper.reported().fault, None, "and the fault is over");
}

#[test]
fn a_newer_version_that_says_the_same_needs_no_new_start() {
    let place = Place::new();
    let (_, mut keeper) = place.start_well();
    assert_eq!(keeper.take(&place.sign(&desired(7, label("a")))).ok(), Some(Taken::ToBeTried));
    let (_, mut keeper) = place.start_well();
    assert_eq!(keeper.take(&place.sign(&desired(8, label("a")))).ok(), Some(Taken::Same));
    assert_eq!(keeper.reported().version, Some(8));
}

/// A configuration that makes the daemon die before its loop turns is tried three times: a power cut may end one of them.
#[test]
fn a_configuration_that_does_not_start_is_taken_back() {
    let place = Place::new();
    let (_, mut keeper) = place.start_well();
    keeper.take(&place.sign(&desired(7, label("good")))).expect("the folder can be used");
    let (_, mut keeper) = place.start_well();
    let bad = place.sign(&desired(8, label("bad")));
    assert_eq!(keeper.take(&bad).ok(), Some(Taken::ToBeTried));
    for start in 0..3 {
        assert_eq!(place.start().0.terminal.label, "bad", "start {start}");
    }
    let (settings, mut keeper) = place.start_well();
    assert_eq!(settings.terminal.label, "good");
    assert!(reason(&keeper).contains("did not start"), "{:?}", keeper.reported());
    assert_eq!((keeper.reported().version, keeper.reported().hash), (Some(7), Some(desired(7, label("good")).hash())));
    // The broker still keeps it: it is not tried again, and why stays said.
    assert_eq!(keeper.take(&bad).ok(), Some(Taken::Known));
    assert!(reason(&keeper).contains("did not start"));
    assert_eq!(keeper.take(&place.sign(&desired(9, label("better")))).ok(), Some(Taken::ToBeTried));
    assert_eq!(place.start_well().0.terminal.label, "better");
}

#[test]
fn another_broker_needs_a_second_signature_and_is_taken_back_unless_it_is_reached() {
    let place = Place::new();
    let (_, mut keeper) = place.start_well();
    let broker = |version: u64, url: &str| DesiredBroker {
        aud: "0001017".parse().expect("one"),
        version,
        url: url.to_owned(),
        ca: None,
    };
    let with = |version: u64, broker: &DesiredBroker, signer: &FleetSigner| {
        let broker = Some(broker.sign(signer).expect("a document"));
        place.sign(&Desired { broker, ..desired(version, label("a")) })
    };
    let other = broker(7, "mqtts://other.example:8883");
    for (document, part) in [
        (with(7, &other, &place.fleet), "not trusted"),
        (with(7, &broker(8, "mqtts://other.example"), &place.second), "above the document's"),
        (with(7, &broker(7, "mqtt://other.example"), &place.second), "mqtt.url"),
        (
            with(7, &DesiredBroker { aud: "0001018".parse().expect("one"), ..other.clone() }, &place.second),
            "another terminal",
        ),
        (with(7, &DesiredBroker { ca: Some("no PEM".to_owned()), ..other.clone() }, &place.second), "mqtt.ca"),
    ] {
        keeper.take(&document).expect("the folder can be used");
        assert!(reason(&keeper).contains(part), "{part}: {}", reason(&keeper));
    }
    assert_eq!(keeper.take(&with(7, &other, &place.second)).ok(), Some(Taken::ToBeTried));
    let (settings, mut keeper) = place.start();
    assert_eq!(settings.mqtt.address(), "other.example:8883");
    keeper.has_started().expect("the folder can be used");
    assert!(keeper.awaits_broker(), "it has started, and must still be reached");
    keeper.take_back("not reached").expect("the folder can be used");
    let (settings, mut keeper) = place.start_well();
    assert_eq!(settings.mqtt.address(), "localhost:1883");
    assert_eq!((reason(&keeper).as_str(), keeper.awaits_broker()), ("not reached", false));
    // One that is reached stays, also under later documents that carry it on, and an older one does not come back.
    let newer = broker(8, "mqtts://new.example:8883");
    keeper.take(&with(8, &newer, &place.second)).expect("the folder can be used");
    let (_, mut keeper) = place.start_well();
    assert_eq!(keeper.take(&with(9, &newer, &place.second)).ok(), Some(Taken::Same));
    assert_eq!(keeper.reported().version, Some(9));
    keeper.take(&with(10, &other, &place.second)).expect("the folder can be used");
    assert!(reason(&keeper).contains("below the last broker's"), "{}", reason(&keeper));
    assert_eq!(place.start_well().0.mqtt.address(), "new.example:8883");
}

#[test]
fn a_file_that_has_changed_counts_more_than_what_no_longer_fits_it() {
    let place = Place::new();
    let (_, mut keeper) = place.start_well();
    let wanted = desired(7, json!({"sale": {"result_s": 20}}));
    keeper.take(&place.sign(&wanted)).expect("the folder can be used");
    assert_eq!(place.start_well().0.sale.result.as_secs(), 20);
    let key = fs::read(place.folder.join("fleet.pub")).expect("the key");
    fs::write(place.folder.join("fleet.pub"), pem("PUBLIC KEY", &signer().key().to_spki())).expect("another key");
    let (settings, keeper) = place.start_well();
    assert_eq!(settings.sale.result.as_secs(), 8, "who signed it is not believed any more");
    assert!(reason(&keeper).contains("not trusted"), "{}", reason(&keeper));
    fs::write(place.folder.join("fleet.pub"), key).expect("the key");
    let (settings, keeper) = place.start_well();
    assert_eq!((settings.sale.result.as_secs(), keeper.reported().version), (20, Some(7)));
    assert_eq!(keeper.reported().fault, None, "it fits again");
    fs::write(place.folder.join("store/desired.json"), "{\"newest\":").expect("damage");
    assert_eq!(place.start_well().0.sale.result.as_secs(), 8, "a terminal always starts with its file at least");
    forget(&place.folder.join("store")).expect("it can be forgotten");
}

/// A disk that is full when a configuration is to be taken back takes it later.
#[test]
fn what_cannot_be_taken_back_yet_is_not_given_up() {
    let place = Place::new();
    let mut keeper = place.start_led_away();
    let store = place.folder.join("store");
    let elsewhere = place.folder.join("elsewhere");
    fs::rename(&store, &elsewhere).expect("the folder is ours");
    assert!(keeper.take_back("not reached").is_err());
    assert!(keeper.awaits_broker(), "nothing has happened");
    fs::rename(&elsewhere, &store).expect("the folder is ours");
    keeper.take_back("not reached").expect("the folder can be used");
    assert_eq!(place.start_well().0.mqtt.address(), "localhost:1883");
}
