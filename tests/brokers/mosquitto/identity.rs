//! Who is let in, and as whom. It must not know what is allowed inside.

use std::io::{Read, Write};
use std::net::TcpStream;

use tests::authority::Authority;
use tests::peer::{Peer, PeerPlan};
use tests::wait::SOON;

use super::place::Place;

const OWN: &str = "till/v1/0001017/down/webhook";
const VICTIMS: &str = "till/v1/0001018/down/webhook";

/// Fails when a terminal that did nothing wrong misses this, hears anything after it, or has lost its connection.
#[track_caller]
fn assert_undisturbed(victim: &Peer, bridge: &Peer, topic: &str, word: &str) {
    bridge.publish(topic, false, word);
    let heard = victim.texts_until(word);
    assert_eq!(heard.last().map(String::as_str), Some(word), "{heard:?}");
    assert_eq!(victim.end(), None, "after {word}");
}

#[test]
fn p12_only_a_certificate_of_the_fleet_that_is_in_force_is_let_in() {
    let place = Place::make();
    let strangers = Authority::make(&place.folder, "strangers");
    // A stranger may call his authority what he likes, in a folder of his own.
    let elsewhere = tests::folder::Folder::make();
    let namesake = Authority::make(&elsewhere, "fleet");
    let bridge = place.peer("bridge-1");
    let good = place.peer("0001017");
    good.subscribe("till/v1/0001017/down/#");
    for (what, identity) in [
        ("expired", Some(place.authority.issue_expired(&place.folder, "0001017"))),
        ("expired bridge", Some(place.authority.issue_expired(&place.folder, "bridge-1"))),
        ("foreign", Some(strangers.issue(&place.folder, "0001017"))),
        ("foreign bridge", Some(strangers.issue(&place.folder, "bridge-1"))),
        ("namesake", Some(namesake.issue(&place.folder, "0001017"))),
        ("none", None),
    ] {
        let mut plan = place.plan("0001017");
        plan.identity = identity;
        let answer = plan.try_connect(&place.broker, &place.authority).map(|_| "let in");
        assert!(answer.is_err(), "{what}: {answer:?}");
        assert_undisturbed(&good, &bridge, OWN, what);
    }
}

/// The listener speaks nothing but TLS.
#[test]
fn p12_a_client_without_tls_gets_no_answer() {
    let place = Place::make();
    let mut stream = TcpStream::connect(place.broker.address()).expect("the broker listens");
    stream.set_read_timeout(Some(SOON)).expect("a limit");
    stream.write_all(b"\x10\x13\x00\x04MQTT\x04\x02\x00\x3c\x00\x070001017").expect("a CONNECT is sent");
    let mut answer = Vec::new();
    // A connection that is reset is an end as well.
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(&[0x20]), "a CONNACK: {answer:?}");
}

/// What a client says its id and its user name are changes nothing of who it is.
#[test]
fn p12_a_terminal_that_says_anothers_name_is_itself_and_disturbs_nobody() {
    let place = Place::make();
    let bridge = place.peer("bridge-1");
    let victim_plan = place.plan("0001018");
    let victim = place.connect(&victim_plan);
    victim.subscribe("till/v1/0001018/down/#");
    let thief_plan = |name: &str, lasting: bool| {
        let username = Some(name.to_owned());
        PeerPlan { client_id: name.to_owned(), lasting, username, ..place.plan("0001017") }
    };
    let steals = |name: &str, lasting: bool| {
        let thief = place.connect(&thief_plan(name, lasting));
        for filter in ["#", "till/v1/0001018/down/#", VICTIMS, "till/v1/+/up/#"] {
            thief.subscribe(filter);
        }
        thief.publish("till/v1/0001018/up/state", true, "forged");
        thief.publish(VICTIMS, false, "forged");
        thief
    };
    for (name, lasting) in [("0001018", false), ("0001018", true), ("bridge-1", false), ("operator-1", true)] {
        let thief = steals(name, lasting);
        assert_undisturbed(&victim, &bridge, VICTIMS, &format!("to the victim beside {name} {lasting}"));
        bridge.publish(OWN, false, "to the thief");
        assert_eq!(thief.texts_until("to the thief").into_iter().find(|text| text != "to the thief"), None);
        assert_eq!(bridge.end(), None, "the bridge stays");
        thief.leave();
    }
    assert!(!victim.texts().contains(&"forged".to_owned()), "{:?}", victim.texts());

    // A session that waits is neither taken nor emptied.
    victim.leave();
    bridge.publish(VICTIMS, false, "kept for the victim");
    for lasting in [false, true] {
        let thief = steals("0001018", lasting);
        bridge.publish(OWN, false, "to the thief again");
        let heard = thief.texts_until("to the thief again");
        assert!(heard.iter().all(|text| text.starts_with("to the thief")), "{heard:?}");
        thief.leave();
    }
    let victim = place.connect(&victim_plan);
    assert!(victim.session_present());
    assert_eq!(victim.texts_until("kept for the victim"), ["kept for the victim"]);
}

/// No certificate of the fleet has such a name; if one had, it would not be a wildcard.
#[test]
fn p12_a_name_that_is_a_wildcard_opens_nothing() {
    let place = Place::make();
    let (bridge, operator) = (place.peer("bridge-1"), place.peer("operator-1"));
    operator.subscribe("till/v1/+/up/#");
    for common_name in ["#", "\\+"] {
        let wild = place.peer(common_name);
        for filter in ["#", "till/v1/+/down/#"] {
            wild.subscribe(filter);
        }
        bridge.publish(OWN, true, "to a terminal");
        wild.publish("till/v1/0001017/up/state", true, "forged");
        let honest = place.peer("0001017");
        honest.publish("till/v1/0001017/up/health", false, common_name);
        assert!(!operator.texts_until(common_name).contains(&"forged".to_owned()));
        assert_eq!(wild.texts(), Vec::<String>::new());
    }
}
