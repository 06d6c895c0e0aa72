//! An update by command, from the operator to the request that the system's installer finds, and back; the test is the
//! installer. It must not know how the till fetches.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::file_server::FileServer;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

use super::post::{Post, command};

/// The version of the program under test, which is what an installation makes of it here.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn file() -> Vec<u8> {
    (0..1_500_000).map(|at| u8::try_from(at % 253).expect("small")).collect()
}

fn args(server: &FileServer, file: &[u8]) -> Value {
    let digest: String = Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"url": server.url("tilld.deb"), "size": file.len(), "sha256": digest, "version": VERSION})
}

/// What the test does in the installer's place.
impl Post {
    fn own(&self, name: &str) -> PathBuf {
        self.till.store.join("updates").join(name)
    }

    fn wait_for_file(&self, name: &str) -> Vec<u8> {
        let path = self.own(name);
        wait_for(&format!("{name} is there"), SOON * 6, || fs::read(&path).map_err(|error| error.to_string()))
    }

    fn say(&self, name: &str, said: &Value) {
        let folder = self.place.folder.file("installer");
        fs::create_dir_all(&folder).expect("a folder");
        let part = folder.join("part");
        fs::write(&part, said.to_string()).expect("written");
        fs::rename(part, folder.join(name)).expect("renamed");
    }

    /// Takes the request up, as the installer does, and says that it is at it.
    fn take_up(&self) {
        self.say("installing.json", &json!({}));
        fs::remove_file(self.own("request.jwt")).expect("the request is there");
    }

    fn end(&self, said: &Value) {
        self.say("result.json", said);
        fs::remove_file(self.place.folder.file("installer").join("installing.json")).expect("it was at it");
    }
}

/// P2, P12: connections break, the till is killed in the middle, and a sale is open; in the end the installer has the file and
/// the operator's own words, and the new process says what came of it.
#[test]
fn p12_an_update_comes_whole_is_installed_between_sales_and_told_of() {
    let mut post = Post::open();
    let file = file();
    let server = FileServer::start(file.clone(), 400_000);
    let mut wanted = args(&server, &file);
    let version = format!("{VERSION}+test2");
    wanted["version"] = json!(version);
    let document = post.sign(&command("u-1", "update", wanted));
    let sale = post.till.sell_and_show(50_000);
    server.set_open(false);
    post.send("u-1", document.clone());
    post.wait_status("u-1", "running");
    wait_for("the server is asked", SOON * 2, || {
        if server.asked().is_empty() { Err("it is not".to_owned()) } else { Ok(()) }
    });
    server.set_open(true);
    wait_for("a part is there", SOON * 6, || match fs::metadata(post.own("download")) {
        Ok(part) if part.len() >= 400_000 => Ok(()),
        found => Err(format!("{found:?}")),
    });
    post.till.kill();
    post.till.start_again();
    post.till.wait_for_broker();
    let waits = |said: &Value| said["progress"].as_str().is_some_and(|words| words.contains("sale"));
    post.operator.wait("the update waits for the sale", "up/command/u-1", waits);
    assert_eq!(fs::read(post.own("download")).ok(), Some(file));
    let asked = server.asked();
    assert!(asked.iter().any(|range| range.starts_with("400000-")), "it went on: {asked:?}");
    assert!(!post.own("request.jwt").exists(), "a sale is open");

    post.till.cancel(id_of(&sale));
    assert_eq!(post.wait_for_file("request.jwt"), document.as_bytes(), "the installer gets what was signed");
    assert!(!post.own("healthy.json").exists(), "the old program proves nothing");
    post.take_up();
    post.till.kill();
    post.till.start_again();
    let healthy: Value = serde_json::from_slice(&post.wait_for_file("healthy.json")).expect("JSON");
    assert_eq!(healthy, json!({"command": "u-1", "version": VERSION}));
    post.till.sell_and_show(60_000);
    post.end(&json!({"command": "u-1", "status": "succeeded", "version": version}));
    let result = json!({"version": version, "program": VERSION});
    assert_eq!(post.fate("u-1"), json!({"status": "succeeded", "result": result}));
}

/// What is not what the command says is never handed over, and the installer's refusal is told.
#[test]
fn p12_an_update_fails_with_its_reason() {
    let mut post = Post::open();
    let file = file();
    let server = FileServer::start(file.clone(), file.len());
    let mut wrong = args(&server, &file);
    wrong["sha256"] = json!("00".repeat(32));
    let fate = post.order("u-hash", "update", wrong);
    assert!(fate["status"] == "failed" && fate["reason"].as_str().is_some_and(|why| why.contains("sha256")), "{fate}");
    wait_for("nothing of it is left", SOON, || {
        let left = fs::read_dir(post.own("")).map_or(0, Iterator::count);
        if left == 0 { Ok(()) } else { Err(format!("{left} files")) }
    });
    let mut large = args(&server, &file);
    large["size"] = json!(file.len() + 1);
    assert_eq!(post.order("u-size", "update", large)["status"], "failed");

    post.send("u-2", post.sign(&command("u-2", "update", args(&server, &file))));
    post.wait_for_file("request.jwt");
    post.take_up();
    post.end(&json!({"command": "u-2", "status": "failed", "reason": "the old one is back"}));
    assert_eq!(post.fate("u-2"), json!({"status": "failed", "reason": "the old one is back"}));

    // Whatever is said: what runs must be what was asked for.
    for (id, said) in [("u-4", "9.9.9"), ("u-5", VERSION)] {
        let mut wanted = args(&server, &file);
        wanted["version"] = json!("9.9.9");
        post.send(id, post.sign(&command(id, "update", wanted)));
        post.wait_for_file("request.jwt");
        post.take_up();
        post.end(&json!({"command": id, "status": "succeeded", "version": said}));
        let fate = post.fate(id);
        assert!(
            fate["status"] == "failed" && fate["reason"].as_str().is_some_and(|why| why.contains(VERSION)),
            "{fate}"
        );
    }

    post.send("u-3", post.sign(&command("u-3", "update", args(&server, &file))));
    post.wait_for_file("request.jwt");
    post.take_up();
    post.till.kill();
    post.till.start_again();
    post.wait_for_file("healthy.json");
    post.end(&json!({"command": "u-3", "status": "succeeded", "version": VERSION}));
    let succeeded = json!({"status": "succeeded", "result": {"version": VERSION, "program": VERSION}});
    assert_eq!(post.fate("u-3"), succeeded);
}
