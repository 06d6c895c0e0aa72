//! A fleet that is larger than what a broker lets wait for one client: what is missing is said. It must not know how the
//! program notices.

use std::process::{Command, Output};

use serde_json::Value;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::plain_client::PeerPlan;
use tests::process::{program, run};

use super::desk::{health, numbers, said};

/// More than a broker has room for when its file says nothing.
const TERMINALS: u32 = 1_100;

/// A broker with so many messages in a queue, which everybody may use, and the operator beside it.
struct Large {
    _broker: Mosquitto,
    folder: Folder,
}

impl Large {
    fn with_room_for(messages: usize) -> Self {
        let folder = Folder::make();
        let broker = Mosquitto::start_with(&folder, format!("max_queued_messages {messages}"));
        let url = broker.url();
        folder
            .write("fleet.toml", format!("[enrol]\nurl = \"https://enrol.example/enrol\"\n[mqtt]\nurl = \"{url}\"\n"));
        let peer = PeerPlan::new("everybody", broker.address(), &[]).connect();
        for number in 1..=TERMINALS {
            let state = r#"{"state":"ready","session":7,"at":"2026-11-20T03:04:05Z"}"#;
            peer.send(&format!("till/v1/{number:07}/up/state"), state, true);
            peer.send(&format!("till/v1/{number:07}/up/health"), health(number, "Quầy").to_string(), true);
        }
        peer.wait_taken(TERMINALS as usize * 2);
        Self { _broker: broker, folder }
    }

    fn fleet(&self, words: &[&str]) -> Output {
        let mut command = Command::new(program("till"));
        command.arg("--config").arg(self.folder.file("fleet.toml")).arg("fleet").args(words);
        run(command.env("TILL_LANG", "en").env("HOME", self.folder.path()))
    }
}

#[track_caller]
fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

#[test]
fn everybody_is_listed_where_the_broker_has_room_for_their_states() {
    let large = Large::with_room_for(2_000);
    let output = large.fleet(&["list", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let list = json(&output);
    assert_eq!(list["complete"], true);
    assert!(numbers(&list).into_iter().eq(1..=u64::from(TERMINALS)), "each once, in order");
    // Their healths together are more than the broker lets wait.
    let entries = list["terminals"].as_array().expect("a list");
    assert!(entries.iter().all(|entry| entry["version"] == "1.4.2" && entry["sells"] == true));
}

#[test]
fn a_list_of_which_the_broker_has_thrown_away_the_end_says_so() {
    let large = Large::with_room_for(1_000);
    let output = large.fleet(&["list", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["complete"], false);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("terminals are missing here") && told.contains("max_queued_messages"), "{told}");
    // Nobody is told anything when not everybody can be.
    assert!(large.fleet(&["keygen"]).status.success());
    let output = large.fleet(&["command", "--all", "identify"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("terminals are missing here"), "{}", said(&output));
}
