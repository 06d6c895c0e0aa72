//! A real till on the NATS cluster as its operator has it: commands, a configuration from afar, and what the till says of itself.
//! What each of them does is tried with mosquitto; here it is that the way there and back is the same.

use serde_json::{Value, json};
use tests::jws::now;
use tests::plain_client::Peer;
use tests::shop::{TERMINAL, sandbox};
use tests::till::TillPlan;
use tests::wait::{SOON, wait_for};
use till_wire::CommandId;
use till_wire::fleet::{Command, Desired};

use super::{Place, names};

const TILL: &str = "0001017";
const OPERATOR: &str = "operator-1";

/// Waits for the newest message of a topic whose JSON fits.
#[track_caller]
fn heard(operator: &Peer, topic: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let topic = format!("till/v1/{TILL}/up/{topic}");
    wait_for(&topic, SOON * 2, || {
        let bodies = operator.bodies(&topic);
        let found = bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).find(|said| fits(said));
        found.ok_or_else(|| format!("{bodies:#?}"))
    })
}

fn command(id: &str, cmd: &str) -> Command {
    Command {
        jti: CommandId::new(id).expect("an id"),
        aud: TILL.parse().expect("an audience"),
        iat: now(),
        nbf: None,
        exp: now() + 600,
        cmd: cmd.to_owned(),
        args: serde_json::Map::new(),
    }
}

#[test]
fn p12_a_till_on_the_cluster_obeys_is_configured_and_says_how_it_is() {
    let place = Place::make(&names(&[TILL, OPERATOR]));
    let payos = sandbox();
    let (key, public) = tests::jws::key(&place.folder, "signing");
    let address = place.cluster.addresses().first().copied().expect("a node");
    let mut plan = TillPlan::new(TERMINAL, &format!("mqtts://{address}"), &payos);
    plan.mqtt = place.authority.issue(&place.folder, TILL).settings(&place.authority);
    plan.tables = format!("[fleet]\ntrusted_keys = [{public:?}]");
    let till = plan.start(&place.folder);
    till.wait_for_broker();
    let operator = place.client(OPERATOR, 1, &["till/v1/+/up/#"]).connect();
    heard(&operator, "state", |said| said["state"] == "ready");
    heard(&operator, "health", |said| said["links"]["broker"]["up"] == true);
    heard(&operator, "reported", |said| *said == json!({}));

    for (id, cmd) in [("n-1", "disable"), ("n-2", "enable"), ("n-3", "report")] {
        let document = command(id, cmd).sign(&key).expect("a document");
        operator.send(&format!("till/v1/{TILL}/down/command/{id}"), document, false);
        heard(&operator, &format!("command/{id}"), |said| said["status"] == "succeeded");
    }
    let config = json!({"terminal": {"label": "Quầy 9"}});
    let config = config.as_object().cloned().expect("an object");
    let wanted =
        Desired { aud: TILL.parse().expect("an audience"), iat: now(), exp: None, version: 7, config, broker: None };
    operator.send(&format!("till/v1/{TILL}/down/desired"), wanted.sign(&key).expect("a document"), true);
    let said = heard(&operator, "reported", |said| said["version"] == 7);
    assert_eq!(said["hash"], wanted.hash());
    assert_eq!(till.status()["terminal"]["label"], "Quầy 9");
    drop(operator);
    // Whoever comes later, at another node, hears what was kept.
    let later = place.client(OPERATOR, 2, &["till/v1/+/up/#"]).clean().connect();
    heard(&later, "reported", |said| said["version"] == 7);
    heard(&later, "command/n-3", |said| said["status"] == "succeeded");
}
