//! The broker goes away while an operator waits for a terminal. It must not know how the connection is made again.

use std::fs;

use serde_json::json;
use sha2::{Digest, Sha256};
use tests::peer::Peer;
use tests::process::Process;
use tests::wait::{SOON, wait_for};
use till_wire::fleet::{CommandState, CommandStatus, Desired, Reported};

use super::desk::{Desk, health, says};

const DOWN: &str = "till/v1/0001017/down/command/";

/// Waits for the command and returns its name.
#[track_caller]
fn told(peer: &Peer) -> String {
    wait_for("the command comes", SOON * 2, || {
        let seen = peer.seen();
        let found = seen.iter().find_map(|message| message.topic.strip_prefix(DOWN));
        found.map(str::to_owned).ok_or_else(|| format!("{seen:?}"))
    })
}

#[track_caller]
fn wait_until_away(waiting: &Process) {
    wait_for("it is said that the broker is away", SOON, || {
        let printed = waiting.printed();
        if printed.contains("trying again") { Ok(()) } else { Err(printed) }
    });
}

/// The terminal hears a command and says nothing; the broker goes away and comes back; the terminal hears it again.
fn lose_the_broker(desk: &mut Desk, words: &[&str]) -> (Peer, String, Process) {
    let plan = desk.place.plan("0001017");
    let peer = desk.place.connect(&plan);
    peer.subscribe("till/v1/0001017/down/#");
    says(&peer, "0001017", "ready", &health(1017, "Quầy 1"));
    let waiting = Process::start("till", &mut desk.command(words), &desk.file("waiting.log"));
    let id = told(&peer);
    desk.place.broker.stop();
    drop(peer);
    wait_until_away(&waiting);
    desk.place.broker.start_again();
    let peer = desk.place.connect(&plan);
    assert_eq!(told(&peer), id, "it is the same command, which is carried out once");
    (peer, id, waiting)
}

fn says_it_is_done(peer: &Peer, id: &str, result: Option<serde_json::Value>) {
    let status = CommandStatus { result, ..CommandStatus::plain(CommandState::Succeeded) };
    let body = serde_json::to_string(&status).expect("JSON");
    peer.publish(&format!("till/v1/0001017/up/command/{id}"), true, body);
}

#[track_caller]
fn ends_well(waiting: &mut Process) {
    let ended = wait_for("it ends", SOON * 2, || waiting.ended().ok_or_else(|| waiting.printed()));
    assert!(ended.success(), "{}", waiting.printed());
}

#[test]
fn a_command_is_waited_for_through_an_outage() {
    let mut desk = Desk::open();
    let (peer, id, mut waiting) = lose_the_broker(&mut desk, &["command", "1017", "identify", "--wait"]);
    says_it_is_done(&peer, &id, None);
    ends_well(&mut waiting);
    assert!(waiting.printed().contains("0001017  succeeded"), "{}", waiting.printed());
}

#[test]
fn a_file_is_fetched_through_an_outage() {
    let mut desk = Desk::open();
    let file = desk.file("quay.log").display().to_string();
    let (peer, id, mut waiting) = lose_the_broker(&mut desk, &["logs", "1017", "--out", &file]);
    let digest: [u8; 32] = Sha256::digest(b"all is well\n").into();
    let sum: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    peer.publish(&format!("till/v1/0001017/up/log/{id}/1"), false, "all is well\n");
    says_it_is_done(&peer, &id, Some(json!({ "type": "text/plain", "bytes": 12, "pieces": 1, "sha256": sum })));
    ends_well(&mut waiting);
    assert_eq!(fs::read_to_string(&file).ok().as_deref(), Some("all is well\n"));
}

#[test]
fn a_configuration_is_waited_for_through_an_outage() {
    let mut desk = Desk::open();
    desk.place.folder.folder("fleet");
    desk.place.folder.folder("fleet/terminals");
    desk.place.folder.write("fleet/terminals/0001017.toml", "[terminal]\nlabel = \"Quầy 9\"\n");
    let plan = desk.place.plan("0001017");
    let peer = desk.place.connect(&plan);
    peer.subscribe("till/v1/0001017/down/#");
    let mut waiting = Process::start("till", &mut desk.command(&["set", "--all"]), &desk.file("set.log"));
    let body = wait_for("the configuration comes", SOON * 2, || {
        let seen = peer.seen();
        let found = seen.iter().find(|message| message.topic.ends_with("down/desired"));
        found.map(|message| message.body.clone()).ok_or_else(|| waiting.printed())
    });
    let desired = Desired::open(&body, &[desk.key()]).expect("the operator has signed it");
    desk.place.broker.stop();
    drop(peer);
    wait_until_away(&waiting);
    desk.place.broker.start_again();
    let reported = Reported { version: Some(desired.version), hash: Some(desired.hash()), at: None, fault: None };
    let peer = desk.place.connect(&plan);
    peer.publish("till/v1/0001017/up/reported", true, serde_json::to_string(&reported).expect("JSON"));
    ends_well(&mut waiting);
    assert!(waiting.printed().contains("0001017  applied"), "{}", waiting.printed());
}
