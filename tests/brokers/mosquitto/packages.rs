//! `till fleet update`: what a terminal is told of a package that the operator has built. It must not know how a terminal
//! installs one (`updates.rs`).

use std::process::Command as Program;

use serde_json::json;
use sha2::{Digest, Sha256};
use tests::process::{Process, run, system_program};
use tests::wait::{SOON, wait_for};
use till_wire::fleet::{Command, CommandState, CommandStatus};

use super::desk::{Desk, health, said, says};

const URL: &str = "https://packages.example/x.deb";

/// Builds a package of nothing.
fn package(desk: &Desk) -> String {
    desk.place.folder.folder("package");
    desk.place.folder.folder("package/DEBIAN");
    let text = "Package: x\nVersion: 1:0.2.0-1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n";
    desk.place.folder.write("package/DEBIAN/control", text);
    let control = desk.file("package/DEBIAN");
    for folder in [desk.file("package"), control] {
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder, open).expect("it is ours");
    }
    let file = desk.file("x.deb");
    let mut command = Program::new(system_program("dpkg-deb", "dpkg"));
    let built = run(command.args(["--root-owner-group", "-b"]).arg(desk.file("package")).arg(&file));
    assert!(built.status.success(), "{}", said(&built));
    file.display().to_string()
}

#[test]
fn a_package_is_measured_and_terminals_are_told_of_it() {
    let desk = Desk::open();
    let file = package(&desk);
    let peer = desk.place.peer("0001017");
    peer.subscribe("till/v1/0001017/down/#");
    says(&peer, "0001017", "ready", &health(1017, "Quầy 1"));
    let words = ["update", &file, "--url", URL, "--all", "--percent", "10", "--abort-over", "5"];
    let mut updating = Process::start("till", &mut desk.command(&words), &desk.file("update.log"));
    let (topic, body) = wait_for("the command comes", SOON * 2, || {
        let seen = peer.seen();
        let found = seen.iter().find(|message| message.topic.contains("/down/command/update-"));
        found.map(|message| (message.topic.clone(), message.body.clone())).ok_or_else(|| updating.printed())
    });
    let told = Command::open(&body, &[desk.key()]).expect("the operator has signed it");
    let bytes = std::fs::read(&file).expect("it was built");
    let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let want = json!({ "url": URL, "size": bytes.len(), "sha256": sum, "version": "1:0.2.0-1", "kind": "deb" });
    assert_eq!((told.cmd.as_str(), json!(told.args)), ("update", want));
    let status = serde_json::to_string(&CommandStatus::plain(CommandState::Succeeded)).expect("JSON");
    peer.publish(&topic.replace("/down/", "/up/"), true, status);
    let ended = wait_for("it ends", SOON, || updating.ended().ok_or_else(|| updating.printed()));
    let printed = updating.printed();
    assert!(ended.success() && printed.contains("1 of 1 told, 1 succeeded"), "{printed}");
    assert!(printed.contains(&format!("Version 1:0.2.0-1, {} bytes, SHA-256 {sum}", bytes.len())), "{printed}");
}

#[test]
fn what_is_no_package_is_refused_before_anybody_is_told() {
    let desk = Desk::open();
    let write = |name: &str, text: &str| desk.place.folder.write(name, text).display().to_string();
    let (empty, text) = (write("empty.deb", ""), write("text.deb", "no package"));
    for (file, url, code, want) in [
        (&empty, URL, 1, "an update has 1 to"),
        (&text, URL, 1, "say it with --version"),
        (&desk.file("none.deb").display().to_string(), URL, 1, "none.deb"),
        (&text, "http://packages.example/x.deb", 2, "does not fit `--url <URL>`"),
    ] {
        let output = desk.fleet(&["update", file, "--url", url, "--number", "1017"]);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains(want), "{want} is not in {}", said(&output));
    }
    desk.ends(2, &["update", &text, "--url", URL]);
}
