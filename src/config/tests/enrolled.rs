//! A terminal that is enrolled, or is to be: what its claim says in place of the file, and what the file may not say then.

use std::path::Path;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use till_authority::{Authority, Key, Request};
use till_settings::Mode;
use till_wire::fleet::{Claim, ClaimChannel, ClaimId, FleetSigner};
use till_wire::{ChannelId, TerminalNumber, UnixTime};

use super::files::FLEET_KEY;
use super::{Folder, SMALLEST, document, edited, lines};
use crate::config::{EnrolSettings, Provider, Reading, Settings};
use crate::identity::Place;

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
const NOW: UnixTime = UnixTime::from_secs(1_795_000_000);

struct Member {
    folder: Folder,
    claim: Claim,
}

fn place(folder: &Folder) -> Place {
    Place::new(folder.0.join("identity"))
}

/// A folder with what enrolment gives.
fn member() -> Member {
    let folder = Folder::new();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    let signer = FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's");
    let root = Authority::root("Root", Key::generate().expect("a key"), NOW, DAY * 365).expect("a root");
    let claim = Claim {
        jti: ClaimId::new([3; 16]),
        number: TerminalNumber::new(1017).expect("a number"),
        label: "Quầy 7".into(),
        iat: NOW.secs(),
        exp: NOW.secs() + 60,
        enrol_url: "https://enrol.example/enrol".into(),
        ca: root.certificate().into(),
        broker: "mqtts://broker.example:8883".into(),
        channels: vec![ClaimChannel {
            id: ChannelId::new("payos").expect("an id"),
            base_url: "https://payos.example".into(),
        }],
        trusted_keys: vec![signer.key()],
    };
    let key = Key::generate().expect("a key");
    let request = Request::make(&key, claim.number).expect("a request");
    let request = Request::read(request.as_bytes()).expect("a good request");
    let chain = root.terminal(&request, claim.number, NOW, DAY).expect("a certificate");
    place(&folder).join(&claim.sign(&signer).expect("signed"), &claim, &key, &chain).expect("joined");
    Member { folder, claim }
}

/// The smallest file of a terminal that is enrolled, with these lines more.
fn file(folder: &Folder, edits: &[(&str, &str)]) -> String {
    let bare = SMALLEST.replace("number = 1017\n", "").replace("url = \"mqtt://localhost\"\n", "");
    let identity = format!("identity = {:?}", place(folder).path());
    let edits: Vec<_> = [("[fleet]", identity.as_str())].into_iter().chain(edits.iter().copied()).collect();
    edited(&bare, &edits)
}

fn read(toml: &str) -> Result<Reading, Vec<String>> {
    document(toml, Mode::Run)
        .and_then(|document| Reading::from_document(document, None))
        .map(|(reading, _)| reading)
        .map_err(lines)
}

fn ready(toml: &str) -> Settings {
    match read(toml).expect("it is right") {
        Reading::Ready(settings) => *settings,
        Reading::Unenrolled(unenrolled) => panic!("it is enrolled: {unenrolled:?}"),
    }
}

#[test]
fn a_claim_says_what_the_file_leaves_out() {
    let Member { folder, claim } = member();
    let settings = ready(&file(&folder, &[]));
    assert_eq!((settings.terminal.number, settings.terminal.label.as_str()), (claim.number, "Quầy 7"));
    assert_eq!(settings.mqtt.address(), "broker.example:8883");
    assert!(settings.mqtt.has_tls());
    assert_eq!(settings.fleet.trusted_keys, claim.trusted_keys);
    let Some(Provider::PayOs(payos)) = settings.channels.first().map(|channel| &channel.provider) else {
        panic!("the channel is payOS's")
    };
    assert_eq!(payos.base_url.as_str(), "https://payos.example");
    assert_eq!(settings.claim.as_deref(), Some(&claim));
    // The label is the shop's own business.
    let settings = ready(&file(&folder, &[("[terminal]", "label = \"Cạnh cửa\"")]));
    assert_eq!(settings.terminal.label, "Cạnh cửa");
}

#[test]
fn a_file_may_say_the_same_as_the_claim_and_nothing_else() {
    let Member { folder, .. } = member();
    let same = [
        ("[terminal]", "number = 1017"),
        ("[mqtt]", "url = \"mqtts://broker.example:8883\""),
        ("[[channel]]", "base_url = \"https://payos.example/\""),
    ];
    ready(&file(&folder, &same));
    let other = [
        ("[terminal]", "number = 1018"),
        ("[mqtt]", "url = \"mqtts://other.example\"\nca = \"/etc/ca.pem\""),
        ("[[channel]]", "base_url = \"https://other.example\""),
    ];
    let faults = read(&file(&folder, &other)).expect_err("it says something else");
    let ca = place(&folder).authority_file();
    assert_eq!(
        faults.get(..4).unwrap_or_default(),
        [
            "f: terminal.number = 1018: expected what the claim in fleet.identity says, 1017, or the key left out"
                .into(),
            "f: mqtt.url = \"mqtts://other.example\": expected what the claim in fleet.identity says, \
             \"mqtts://broker.example:8883\", or the key left out"
                .into(),
            format!(
                "f: mqtt.ca = \"/etc/ca.pem\": expected what enrolment has put into fleet.identity, {ca:?}, or the key \
                 left out"
            ),
            "f: channel[0].base_url = \"https://other.example\": expected what the claim in fleet.identity says, \
             \"https://payos.example\", or the key left out"
                .into(),
        ]
    );
}

#[test]
fn p12_a_claim_that_cannot_be_believed_is_a_fault() {
    let Member { folder, .. } = member();
    folder.file("fleet.pub", FLEET_KEY);
    let pinned = format!("trusted_keys = [ {:?} ]", folder.0.join("fleet.pub"));
    let faults = read(&file(&folder, &[("[fleet]", &pinned)])).expect_err("another fleet's claim");
    let said = faults.first().expect("a fault");
    assert!(said.contains("fleet.identity") && said.contains("not trusted") && said.contains("tilld enrol"), "{said}");
    std::fs::write(place(&folder).path().join("ca.pem"), "changed").expect("written");
    let faults = read(&file(&folder, &[])).expect_err("changed");
    assert!(faults.concat().contains("not what the claim says"), "{faults:?}");
}

#[test]
fn a_terminal_without_its_claim_is_not_enrolled_and_the_rest_of_its_file_is_checked() {
    let folder = Folder::new();
    let Reading::Unenrolled(unenrolled) = read(&file(&folder, &[])).expect("it is right") else {
        panic!("nobody has enrolled it")
    };
    assert_eq!((unenrolled.own, unenrolled.place), (None, place(&folder)));
    let numbered = file(&folder, &[("[terminal]", "number = 1018")]);
    let Reading::Unenrolled(unenrolled) = read(&numbered).expect("it is right") else {
        panic!("nobody has enrolled it")
    };
    assert_eq!(unenrolled.own, TerminalNumber::new(1018));
    let faults = read(&file(&folder, &[("[display]", "driver = \"wall\"")])).err();
    assert!(faults.is_some_and(|faults| faults.concat().contains("display.driver")));
}

#[test]
fn without_the_key_nothing_may_be_left_out() {
    let toml = SMALLEST.replace("number = 1017\n", "");
    assert!(read(&toml).expect_err("no number").concat().contains("terminal.number = (missing)"));
}

#[test]
fn enrolling_needs_little_of_the_file() {
    let folder = Folder::new();
    let at = |text: &str| {
        folder.file("tilld.toml", text);
        EnrolSettings::read(&folder.0.join("tilld.toml")).map_err(lines)
    };
    let settings = at("[fleet]\nidentity = \"/x\"\n[display]\ndriver = \"wall\"\n").expect("enough");
    assert_eq!((settings.place.path(), settings.own, settings.pinned.len()), (Path::new("/x"), None, 0));
    assert!(at("[terminal]\nnumber = 0\n[fleet]\nidentity = \"/x\"\n").is_err());
    let faults = at("").map(drop).expect_err("no folder");
    assert!(faults.concat().contains("fleet.identity = (missing)"), "{faults:?}");
}

#[test]
fn a_certificate_of_another_terminal_is_remarked_on() {
    let Member { folder, .. } = member();
    let said = |number: &str| {
        let (ca, pem) = (place(&folder).authority_file(), place(&folder).certificate_file());
        let mqtt = format!("url = \"mqtts://broker.example\"\nca = {ca:?}\ncert = {pem:?}\nkey = {{ file = {pem:?} }}");
        let toml = SMALLEST.replace("url = \"mqtt://localhost\"", &mqtt).replace("number = 1017", number);
        ready(&toml).remarks()
    };
    assert_eq!(said("number = 1017"), Vec::<String>::new());
    let remarks = said("number = 1018");
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert!(remarks.concat().contains("common name is \"0001017\" and not \"0001018\""), "{remarks:?}");
}
