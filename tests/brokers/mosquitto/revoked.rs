//! A terminal is stolen: what its certificate is good for after each step of docs/brokers.md. It must not know what a
//! terminal does.

use std::fs;

use tests::peer::{Peer, PeerPlan};

use super::place::Place;

const STOLEN: &str = "0001017";

/// The stolen terminal, another one, one that is away and for which a message waits, and the bridge.
struct Fleet {
    place: Place,
    stolen_plan: PeerPlan,
    away_plan: PeerPlan,
    stolen: Peer,
    other: Peer,
    bridge: Peer,
    operator: Peer,
}

fn down(name: &str) -> String {
    format!("till/v1/{name}/down/webhook")
}

impl Fleet {
    fn make() -> Self {
        let place = Place::make();
        let (stolen_plan, away_plan) = (place.plan(STOLEN), place.plan("0001019"));
        let (stolen, other) = (place.connect(&stolen_plan), place.peer("0001018"));
        let (bridge, operator) = (place.peer("bridge-1"), place.peer("operator-1"));
        stolen.subscribe("till/v1/0001017/down/#");
        other.subscribe("till/v1/0001018/down/#");
        operator.subscribe("till/v1/+/up/#");
        let away = place.connect(&away_plan);
        away.subscribe("till/v1/0001019/down/#");
        away.leave();
        bridge.publish(&down("0001019"), false, "before");
        Self { place, stolen_plan, away_plan, stolen, other, bridge, operator }
    }

    /// Puts the stolen terminal's certificate into the list of revoked ones.
    fn revoke(&self) {
        let Place { authority, folder, broker } = &self.place;
        let identity = self.stolen_plan.identity.as_ref().expect("it has one");
        authority.revoke(folder, &[identity], &broker.shipped().revoked());
    }

    #[track_caller]
    fn assert_stolen_is_refused(&self) {
        let answer = self.stolen_plan.try_connect(&self.place.broker, &self.place.authority).map(|_| "let in");
        assert!(answer.is_err(), "{answer:?}");
    }

    /// The others, connected or away, have noticed nothing.
    #[track_caller]
    fn assert_others_go_on(&self, word: &str) {
        self.bridge.publish(&down("0001018"), false, word);
        self.other.texts_until(word);
        self.other.publish("till/v1/0001018/up/health", false, word);
        self.operator.texts_until(word);
        assert_eq!((self.other.end(), self.bridge.end(), self.operator.end()), (None, None, None));
        self.bridge.publish(&down("0001019"), false, word);
        let away = self.place.connect(&self.away_plan);
        assert!(away.session_present(), "a session that waits is kept");
        assert_eq!(away.texts_until(word), ["before", word]);
    }
}

/// With the reload a revoked certificate is not let in any more. A connection that is open stays open: mosquitto looks at
/// the list when a client connects.
#[test]
fn p12_a_revoked_certificate_is_refused_after_a_reload() {
    let fleet = Fleet::make();
    fleet.revoke();
    fleet.place.broker.reload();
    fleet.assert_stolen_is_refused();
    fleet.assert_others_go_on("after the reload");
    fleet.bridge.publish(&down(STOLEN), false, "to the open connection");
    fleet.stolen.texts_until("to the open connection");
}

/// The lines at the end of `tilld.acl` take its rights from a terminal that is connected, at once.
#[test]
fn p12_a_stolen_terminal_that_stays_connected_loses_its_rights_with_a_reload() {
    let fleet = Fleet::make();
    let file = fleet.place.broker.shipped().rights();
    let mut rights = fs::read_to_string(&file).expect("it is installed");
    for (line, with) in
        [("#user 0009999\n", "user 0001017\n"), ("#topic deny till/v1/0009999/#\n", "topic deny till/v1/0001017/#\n")]
    {
        assert_eq!(rights.matches(line).count(), 1, "{line}");
        rights = rights.replace(line, with);
    }
    fs::write(&file, rights).expect("it can be written");
    fleet.place.broker.reload();

    fleet.bridge.publish(&down(STOLEN), false, "to the stolen one");
    fleet.stolen.publish("till/v1/0001017/up/state", true, "by the stolen one");
    fleet.assert_others_go_on("after the reload");
    assert_eq!(fleet.stolen.texts(), Vec::<String>::new());
    assert!(!fleet.operator.texts().contains(&"by the stolen one".to_owned()), "{:?}", fleet.operator.texts());
    // Subscribing again, or coming again, does not help.
    fleet.stolen.subscribe("#");
    let again = fleet.place.connect(&fleet.stolen_plan);
    again.subscribe("till/v1/0001017/down/#");
    fleet.bridge.publish(&down(STOLEN), true, "to the stolen one again");
    fleet.bridge.publish(&down("0001018"), false, "the last");
    fleet.other.texts_until("the last");
    assert_eq!((fleet.stolen.texts(), again.texts()), (Vec::new(), Vec::new()));
}

/// A restart ends all connections; whoever is not revoked comes back to its session.
#[test]
fn p12_a_restart_shuts_a_revoked_terminal_out_and_lets_the_others_back_to_their_sessions() {
    let mut fleet = Fleet::make();
    fleet.revoke();
    let other_plan = PeerPlan { lasting: true, ..fleet.place.plan("0001018") };
    fleet.place.broker.stop();
    fleet.stolen.wait_for_end();
    fleet.bridge.wait_for_end();
    fleet.place.broker.start_again();
    fleet.assert_stolen_is_refused();
    fleet.other = fleet.place.connect(&other_plan);
    fleet.bridge = fleet.place.peer("bridge-1");
    fleet.operator = fleet.place.peer("operator-1");
    let (other, bridge, operator) = (&fleet.other, &fleet.bridge, &fleet.operator);
    assert_eq!((other.session_present(), bridge.session_present(), operator.session_present()), (true, true, true));
    fleet.assert_others_go_on("after the restart");
}
