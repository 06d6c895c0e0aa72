//! An operator's desk at a broker as operators have it: `till fleet`, and terminals, real ones and such that only say
//! something. It must not know what a test does there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use demo::payos::Sandbox;
use serde_json::{Value, json};
use tests::peer::Peer;
use tests::process::{program, run};
use tests::shop::sandbox;
use tests::till::{Till, TillPlan};
use tests::wait::{SOON, wait_for};
use till_wire::fleet::FleetKey;

use super::place::Place;

/// An operator's desk. Parts are stopped in the order of the fields.
pub(crate) struct Desk {
    pub(crate) tills: Vec<Till>,
    payos: Sandbox,
    pub(crate) place: Place,
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

impl Desk {
    pub(crate) fn open() -> Self {
        let place = Place::make();
        let mqtt = place.identity("operator-1").settings(&place.authority);
        let url = place.broker.secure_url();
        let text = format!("[enrol]\nurl = \"https://enrol.example/enrol\"\n[mqtt]\nurl = \"{url}\"\n{mqtt}\n");
        place.folder.write("fleet.toml", text);
        let desk = Self { tills: Vec::new(), payos: sandbox(), place };
        desk.done(&["keygen"]);
        desk
    }

    /// Starts a real till that believes the fleet's key.
    pub(crate) fn start(&mut self, number: u32, groups: &str) {
        let Place { broker, authority, folder } = &self.place;
        let mut plan = TillPlan::new(number, &broker.secure_url(), &self.payos);
        plan.mqtt = authority.issue(folder, &format!("{number:07}")).settings(authority);
        let public = folder.file("keys/fleet.pub");
        plan.tables = format!("[fleet]\ntrusted_keys = [{public:?}]\ngroups = [{groups}]");
        let till = plan.start(folder);
        till.wait_for_broker();
        self.tills.push(till);
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program("till"));
        command.arg("--config").arg(self.place.folder.file("fleet.toml")).arg("fleet").args(words);
        command.env("TILL_LANG", "en").env("HOME", self.place.folder.path());
        command
    }

    pub(crate) fn fleet(&self, words: &[&str]) -> Output {
        run(&mut self.command(words))
    }

    #[track_caller]
    pub(crate) fn ends(&self, code: i32, words: &[&str]) -> String {
        let output = self.fleet(words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[track_caller]
    pub(crate) fn done(&self, words: &[&str]) -> String {
        self.ends(0, words)
    }

    #[track_caller]
    pub(crate) fn json(&self, code: i32, words: &[&str]) -> Value {
        let text = self.ends(code, words);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Waits until `till fleet list` says of a terminal what is wanted.
    #[track_caller]
    pub(crate) fn wait_listed(&self, number: u32, state: &str) {
        wait_for(&format!("{number} is listed as {state}"), SOON, || {
            let list = self.json(0, &["list", "--json"]);
            if entry(&list, number)["state"] == state { Ok(()) } else { Err(list.to_string()) }
        });
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.place.folder.file(name)
    }

    pub(crate) fn key(&self) -> FleetKey {
        let pem = fs::read(self.file("keys/fleet.pub")).expect("it was made");
        let text = String::from_utf8(pem).expect("PEM");
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).expect("base64");
        FleetKey::from_spki(&der).expect("a key")
    }
}

pub(crate) fn entry(list: &Value, number: u32) -> Value {
    let entries = list["terminals"].as_array().cloned().unwrap_or_default();
    entries.into_iter().find(|entry| entry["number"] == number).unwrap_or_default()
}

pub(crate) fn numbers(list: &Value) -> Vec<u64> {
    list["terminals"].as_array().into_iter().flatten().filter_map(|entry| entry["number"].as_u64()).collect()
}

/// A terminal that says how it is.
pub(crate) fn says(peer: &Peer, number: &str, state: &str, health: &Value) {
    let at = "2026-11-20T03:04:05Z";
    let body = json!({ "state": state, "session": 7, "at": at }).to_string();
    peer.publish(&format!("till/v1/{number}/up/state"), true, body);
    peer.publish(&format!("till/v1/{number}/up/health"), true, health.to_string());
}

pub(crate) fn health(number: u32, label: &str) -> Value {
    json!({
        "terminal": { "number": number, "label": label, "version": "1.4.2", "uptime_s": 5 },
        "links": { "broker": { "up": true, "since": "2026-11-20T03:00:00Z" }, "payos": { "up": true } },
        "queue": { "entries": 3, "bytes": 900, "oldest_s": 20 },
        "clock": { "synchronised": true },
        "store": { "sales": 9 },
        "display": { "ok": true, "driver": "drm", "size": "800x480" },
        "last_payment_at": "2026-11-20T02:59:00Z",
        "attention": 0
    })
}
