//! Who is not let in, or not any more, and what a terminal can do with another's name. It must not know topics beyond a
//! till's own.

use std::time::Duration;

use tests::authority::Authority;
use tests::nats_cluster::users;
use tests::plain_client::{Peer, PeerPlan};
use tests::wait::{SOON, holds_for, wait_for, wait_until};

use super::{Place, names};

/// A client that tries again and again and is never let in.
fn is_never_let_in(peer: &Peer, who: &str) {
    wait_until(&format!("{who} has been turned away twice"), SOON, || peer.ends().len() >= 2);
    assert_eq!(peer.sessions(), Vec::<bool>::new(), "{who} gets no answer to its connection: {:?}", peer.ends());
}

/// P12: no certificate, one of another authority, or one whose name is not on the fleet's list: no connection. A terminal
/// that is taken off the list is put out at once and stays out, and others do not notice.
#[test]
fn p12_strangers_and_revoked_terminals_are_not_let_in() {
    let mut place = Place::make(&names(&["0001017", "0001018", "bridge-1"]));
    let own = ["till/v1/0001017/down/#"];
    let strangers = Authority::make(&place.folder, "strangers");
    let foreign = strangers.issue(&place.folder, "0001017");
    let at = place.cluster.addresses().first().copied().expect("three nodes");
    is_never_let_in(
        &PeerPlan::new("0001017", at, &own).tls(&foreign, &place.authority).begin(),
        "a foreign certificate",
    );
    is_never_let_in(&PeerPlan::new("0001017", at, &own).begin(), "one without a certificate");
    is_never_let_in(&place.client("0009999", 0, &own).begin(), "one that is not on the list");

    let stolen = place.client("0001017", 0, &own).connect();
    let other = place.client("0001018", 1, &["till/v1/0001018/down/#"]).connect();
    let bridge = place.client("bridge-1", 0, &["till/v1/+/up/replay"]).connect();
    place.cluster.revoke("0001017");
    wait_until("the stolen terminal is put out", SOON, || !stolen.ends().is_empty());
    let ends = stolen.ends().len();
    wait_until("it tries to come back", SOON, || stolen.ends().len() > ends + 1);
    assert_eq!(stolen.sessions().len(), 1, "it is not let in again: {:?}", stolen.ends());
    for node in 0..3 {
        is_never_let_in(&place.client("0001017", node, &own).begin(), "the stolen terminal");
    }
    bridge.publish("till/v1/0001018/down/webhook", "still here", false);
    wait_until("others go on", SOON, || other.bodies("till/v1/0001018/down/webhook") == ["still here"]);
    assert_eq!((other.ends(), bridge.ends()), (Vec::new(), Vec::new()), "others have noticed nothing");
}

/// NATS does not bind a client id to a certificate: who has any certificate of the fleet can take over another's session
/// and throw it away. It hears nothing of what is in it, and what it throws away the till asks the bridges for.
#[test]
fn p12_who_takes_anothers_client_id_hears_nothing_and_can_only_disturb() {
    let place = Place::make(&names(&["0001017", "0001018", "bridge-1"]));
    let (topic, own) = ("till/v1/0001017/down/webhook", ["till/v1/0001017/down/#"]);
    let bridge = place.client("bridge-1", 0, &[]).connect();
    let plan = place.client("0001017", 0, &own);
    plan.connect().die();
    bridge.publish(topic, "first", false);

    let thief = place.client_called("0001018", "0001017", 1, &own).connect();
    assert_eq!(
        (thief.sessions(), thief.granted()),
        (vec![true], vec![false]),
        "it has the session and no right to read"
    );
    bridge.publish(topic, "second", false);
    holds_for("it hears nothing", Duration::from_secs(1), || {
        let seen = thief.seen();
        if seen.is_empty() { Ok(()) } else { Err(format!("{seen:?}")) }
    });
    thief.leave();
    let till = plan.connect();
    wait_for("the till has everything", SOON, || {
        let bodies = till.bodies(topic);
        if bodies == ["first", "second"] { Ok(()) } else { Err(format!("{bodies:?}, sessions {:?}", till.sessions())) }
    });
    till.leave();

    place.client_called("0001018", "0001017", 1, &own).clean().connect().leave();
    let till = plan.connect();
    assert_eq!(till.sessions(), [false], "the till is told that its session is gone, and asks for a replay");
}

/// `config/nats/users` checks the fleet's list before it writes anything.
#[test]
fn the_command_for_the_rights_refuses_a_list_with_a_fault() {
    let folder = tests::folder::Folder::make();
    for (line, fault) in [
        ("1017", "seven digits"),
        ("0000000", "seven digits"),
        ("9007199", "seven digits"),
        ("bridge", "bridge-N"),
        ("0001018\" }", "seven digits"),
        ("0001017", "comes twice"),
    ] {
        let told = users(&names(&["0001017", line]), folder.path()).expect_err(line);
        assert!(told.contains("line 2") && told.contains(fault), "`{line}`: {told}");
    }
    let written = users(&names(&["# the fleet", "", "9007198 # the last", "bridge-2"]), folder.path());
    let written = written.expect("a sound list");
    assert_eq!(written.matches("user:").count(), 2, "{written}");
}
