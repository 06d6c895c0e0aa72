//! `till fleet` on the NATS cluster: a real till is listed, obeys and is configured. What the verbs do else is tried with
//! mosquitto; here it is that this broker keeps and hands over what they read.

use std::process::{Command, Output};

use serde_json::Value;
use tests::process::{program, run};
use tests::shop::{TERMINAL, sandbox};
use tests::till::TillPlan;
use tests::wait::{SOON, wait_for};

use super::{Place, names};

const TILL: &str = "0001017";
const OPERATOR: &str = "operator-1";

fn fleet(place: &Place, words: &[&str]) -> Output {
    let mut command = Command::new(program("till"));
    command.arg("--config").arg(place.folder.file("fleet.toml")).arg("fleet").args(words);
    run(command.env("TILL_LANG", "en").env("HOME", place.folder.path()))
}

#[track_caller]
fn json(place: &Place, words: &[&str]) -> Value {
    let output = fleet(place, words);
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{words:?}: {told}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}: {told}"))
}

#[test]
fn an_operator_lists_commands_and_configures_a_till_on_the_cluster() {
    let place = Place::make(&names(&[TILL, OPERATOR]));
    let payos = sandbox();
    let [first, .., last] = place.cluster.addresses()[..] else { panic!("there are three nodes") };
    let mqtt = place.authority.issue(&place.folder, OPERATOR).settings(&place.authority);
    // At another node than the till.
    let text = format!("[enrol]\nurl = \"https://enrol.example/enrol\"\n[mqtt]\nurl = \"mqtts://{last}\"\n{mqtt}\n");
    place.folder.write("fleet.toml", text);
    assert!(fleet(&place, &["keygen"]).status.success());
    let public = place.folder.file("keys/fleet.pub");
    let mut plan = TillPlan::new(TERMINAL, &format!("mqtts://{first}"), &payos);
    plan.mqtt = place.authority.issue(&place.folder, TILL).settings(&place.authority);
    plan.tables = format!("[fleet]\ntrusted_keys = [{public:?}]\ngroups = [\"north\"]");
    let till = plan.start(&place.folder);
    till.wait_for_broker();

    wait_for("the till is listed and sells", SOON * 2, || {
        let list = json(&place, &["list", "--json"]);
        let one = &list["terminals"][0];
        let is_there = one["number"] == TERMINAL && one["state"] == "ready" && one["sells"] == true;
        if is_there && one["groups"][0] == "north" { Ok(()) } else { Err(list.to_string()) }
    });
    let done = json(&place, &["command", "--group", "north", "identify", "--json"]);
    assert_eq!((&done["succeeded"], &done["told"]), (&1.into(), &1.into()), "{done}");

    place.folder.folder("fleet");
    place.folder.folder("fleet/terminals");
    place.folder.write("fleet/terminals/0001017.toml", "[terminal]\nlabel = \"Quầy 9\"\n");
    let set = json(&place, &["set", "--all", "--json"]);
    assert_eq!(set["terminals"][0]["outcome"], "applied", "{set}");
    assert_eq!(till.status()["terminal"]["label"], "Quầy 9");
    let again = json(&place, &["set", "--all", "--json"]);
    assert_eq!(again["terminals"][0]["outcome"], "same", "{again}");
}
