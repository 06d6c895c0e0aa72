//! What an operator does with `till fleet` over a broker as operators have it: the real program, real tills, and terminals
//! that only say something. It must not know how the program asks.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tests::peer::Peer;
use tests::process::Process;
use tests::wait::{SOON, wait_for};
use till_wire::fleet::{Desired, Reported, ReportedFault};

use super::desk::{Desk, entry, health, numbers, said, says};

#[test]
fn one_list_says_which_counters_cannot_take_money_and_why() {
    let desk = Desk::open();
    let (one, two) = (desk.place.peer("0001017"), desk.place.peer("0001018"));
    says(&one, "0001017", "ready", &health(1017, "Quầy 1"));
    let mut broken = health(1018, "Chợ Lớn");
    broken["display"] = json!({ "ok": false, "driver": "drm", "reason": "no such device\u{1b}[2J" });
    broken["attention"] = json!(2);
    says(&two, "0001018", "ready", &broken);

    let list = desk.json(0, &["list", "--json"]);
    assert_eq!(numbers(&list), [1017, 1018]);
    let first = entry(&list, 1017);
    let want = json!({
        "number": 1017, "state": "ready", "session": 7, "at": "2026-11-20T03:04:05Z", "sells": true, "standing": "fine",
        "label": "Quầy 1", "version": "1.4.2", "broker_since": "2026-11-20T03:00:00Z", "queue": 3, "attention": 0,
        "last_payment_at": "2026-11-20T02:59:00Z", "wrong": []
    });
    assert_eq!(first, want);
    let second = entry(&list, 1018);
    assert_eq!(second["sells"], false);
    assert_eq!(second["wrong"][0]["kind"], "display", "{second}");

    let table = desk.done(&["list"]);
    assert!(table.contains("cannot sell: display: no such device"), "{table}");
    assert!(!table.contains('\u{1b}'), "{table:?}");
    assert!(table.ends_with("2 terminals; 1 cannot sell; 2 sales and receipts to be looked at\n"), "{table}");

    for (words, want) in [
        (&["list", "--json", "--unable"][..], vec![1018]),
        (&["list", "--json", "--attention"], vec![1018]),
        (&["list", "--json", "--search", "CHỢ"], vec![1018]),
        (&["list", "--json", "--search", "1017"], vec![1017]),
        (&["list", "--json", "--state", "lost"], vec![]),
        (&["list", "--json", "--version", "1.4.2"], vec![1017, 1018]),
        (&["list", "--json", "--sort", "trouble"], vec![1018, 1017]),
    ] {
        assert_eq!(numbers(&desk.json(0, words)), want, "{words:?}");
    }

    // What a terminal took back, and a will.
    one.publish(
        "till/v1/0001017/up/state",
        true,
        json!({"state":"lost","session":7,"at":"2026-11-20T04:00:00Z"}).to_string(),
    );
    let list = desk.json(0, &["list", "--json", "--unable", "--sort", "state"]);
    assert_eq!(entry(&list, 1017)["wrong"], json!([{ "kind": "lost", "stops_selling": true }]));
    // Who sleeps on purpose is not meant to sell.
    let sleeping = json!({"state":"sleeping","session":7,"at":"2026-11-20T04:00:00Z"});
    two.publish("till/v1/0001018/up/state", true, sleeping.to_string());
    assert_eq!(numbers(&desk.json(0, &["list", "--json", "--unable"])), [1017]);
    assert_eq!(entry(&desk.json(0, &["list", "--json"]), 1018)["standing"], "asleep");
    let shown = desk.json(0, &["show", "1018", "--json"]);
    assert_eq!(shown["health"]["display"]["driver"], "drm", "{shown}");
    let told = said(&desk.fleet(&["show", "42"]));
    assert!(told.contains("the broker knows nothing of it"), "{told}");
}

#[test]
fn three_tills_obey_one_command_and_a_group_its_own() {
    let mut desk = Desk::open();
    desk.start(1017, "\"north\"");
    desk.start(1018, "\"north\", \"south\"");
    desk.start(1019, "");
    [1017, 1018, 1019].into_iter().for_each(|number| desk.wait_listed(number, "ready"));

    let all = desk.json(0, &["command", "--all", "identify", "--json"]);
    assert_eq!((&all["succeeded"], &all["told"], &all["aborted"]), (&json!(3), &json!(3), &json!(false)), "{all}");
    let told: BTreeSet<u64> = numbers(&all).into_iter().collect();
    assert_eq!(told, BTreeSet::from([1017, 1018, 1019]));
    // Answers of success are cleared.
    let shown = desk.json(0, &["show", "1017", "--json"]);
    assert_eq!(shown["commands"], json!({}), "{shown}");

    // No file of the fleet names a group, so terminals themselves say who is meant.
    wait_for("all have said how they are, and sell", SOON, || {
        let list = desk.json(0, &["list", "--json"]);
        let sells = |number| entry(&list, number)["sells"] == true && entry(&list, number)["version"].is_string();
        if [1017, 1018, 1019].into_iter().all(sells) { Ok(()) } else { Err(list.to_string()) }
    });
    assert_eq!(numbers(&desk.json(0, &["list", "--json", "--group", "north"])), [1017, 1018]);
    assert!(said(&desk.fleet(&["list", "--group", "east"])).contains("no terminal names the group `east`"));
    let group = desk.ends(0, &["command", "--group", "north", "identify"]);
    assert!(group.contains("2 of 2 told, 2 succeeded, 0 failed."), "{group}");

    let report = desk.json(0, &["command", "1018", "report", "--wait", "--json", "--keep"]);
    assert_eq!((&report["status"], &report["number"]), (&json!("succeeded"), &json!(1018)), "{report}");
    let id = report["id"].as_str().expect("a name").to_owned();
    assert_eq!(desk.json(0, &["show", "1018", "--json"])["commands"][&id]["status"], "succeeded");
    assert!(desk.done(&["command", "--clear", "1018"]).contains("1 answers of 0001018 are cleared."));
    assert_eq!(desk.json(0, &["show", "1018", "--json"])["commands"], json!({}));

    let story = desk.done(&["command", "1017", "show-message", "text=12", "seconds=5", "--wait"]);
    assert!(story.contains("0001017  received") && story.contains("0001017  succeeded"), "{story}");
    let refused = said(&desk.fleet(&["command", "--all", "disable"]));
    assert!(refused.contains("--yes"), "{refused}");
    desk.ends(2, &["command", "--all", "disable"]);
    desk.ends(2, &["command", "1017", "dance"]);
    desk.ends(2, &["command", "1017", "show-message"]);
    assert_eq!(desk.tills[0].status().get("disabled"), None);
    assert_eq!(desk.json(0, &["command", "--all", "--yes", "disable", "--json"])["succeeded"], 3);
    assert_eq!(desk.tills[0].status()["disabled"], true);
}

#[test]
fn a_rollout_stops_when_too_many_fail() {
    let mut desk = Desk::open();
    for number in [1017, 1018, 1019] {
        desk.start(number, "");
        desk.wait_listed(number, "ready");
    }
    // No sale is open, so each fails.
    let words = ["command", "--all", "cancel-sale", "--percent", "30", "--abort-over", "10"];
    let output = desk.fleet(&words);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = said(&output);
    assert!(told.contains("1 of 3 told, 0 succeeded, 1 failed. Stopped: too many failed; 2 were not told."), "{told}");
    assert!(told.contains("0001017  failed: "), "{told}");
    let all = desk.json(1, &["command", "--all", "cancel-sale", "--rate", "6000", "--json"]);
    assert_eq!((&all["failed"], &all["aborted"]), (&json!(3), &json!(false)), "{all}");
    // A terminal that is away is told of, and what is sent waits for it.
    desk.tills[2].kill();
    desk.wait_listed(1019, "lost");
    let sent = desk.fleet(&["command", "1019", "identify"]);
    let told = said(&sent);
    assert!(sent.status.success() && told.contains("0001019 has not been connected since"), "{told}");
    desk.tills[2].start_again();
    wait_for("the till obeys what has waited for it", SOON * 2, || {
        let commands = &desk.json(0, &["show", "1019", "--json"])["commands"];
        let states: Vec<_> =
            commands.as_object().into_iter().flatten().map(|(_, said)| said["status"].clone()).collect();
        if states.contains(&json!("succeeded")) { Ok(()) } else { Err(commands.to_string()) }
    });
}

#[test]
fn files_are_fetched_from_a_till() {
    let mut desk = Desk::open();
    desk.start(1017, "");
    let path = |name: &str| desk.file(name).display().to_string();
    let (picture, bundle) = (path("shot.png"), path("bundle.jsonl"));
    assert!(desk.done(&["screenshot", "1017", &picture]).contains(&picture));
    assert!(fs::read(&picture).expect("it was written").starts_with(b"\x89PNG"));
    desk.done(&["diagnose", "1017", &bundle]);
    let lines = fs::read_to_string(&bundle).expect("it was written");
    let first: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["status"]["terminal"]["number"], 1017);
    // Whether this machine has a journal that may be read or not: it is the log, or the reason.
    let logs = desk.fleet(&["logs", "1017", "--minutes", "5"]);
    let told = said(&logs);
    assert!(logs.status.success() || told.contains("failed: ") && told.contains("log"), "{told}");
    let taken = desk.fleet(&["screenshot", "1017", &path("no-folder/shot.png")]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(said(&taken).contains("cannot write"), "{}", said(&taken));
}

/// Reports as a terminal does, and returns what it was sent.
fn report_on(desk: &Desk, peer: &Peer, number: &str, count: usize, fault: Option<&str>) -> Desired {
    let body = wait_for("a configuration comes", SOON, || {
        let seen = peer.seen();
        let mut bodies = seen.iter().filter(|message| message.topic.ends_with("down/desired"));
        bodies.nth(count).map(|message| message.body.clone()).ok_or_else(|| format!("{} came", seen.len()))
    });
    let desired = Desired::open(&body, &[desk.key()]).expect("the operator has signed it");
    let reasons = |why: &str| ReportedFault { version: Some(desired.version), reasons: vec![why.to_owned()] };
    let reported = match fault {
        None => Reported { version: Some(desired.version), hash: Some(desired.hash()), at: None, fault: None },
        Some(why) => Reported { version: None, hash: None, at: None, fault: Some(reasons(why)) },
    };
    let text = serde_json::to_string(&reported).expect("JSON");
    peer.publish(&format!("till/v1/{number}/up/reported"), true, text);
    desired
}

#[test]
fn configurations_are_made_of_files_sent_and_compared() {
    let desk = Desk::open();
    for folder in ["fleet", "fleet/groups", "fleet/terminals"] {
        desk.place.folder.folder(folder);
    }
    let write = |name: &str, text: &str| _ = desk.place.folder.write(&format!("fleet/{name}"), text);
    write("defaults.toml", "[sale]\nexpire_s = 120\n[display]\ntheme = \"dark\"\n");
    write("groups/north.toml", "[sale]\nexpire_s = 90\nresult_s = 5\n");
    write("terminals/0001017.toml", "[terminal]\nlabel = \"Quầy 1\"\n[fleet]\ngroups = [\"north\"]\n");
    write("terminals/1018.toml", "");

    let plans = desk.json(0, &["set", "--all", "--dry-run", "--json"]);
    let want = json!({
        "sale": { "expire_s": 90, "result_s": 5 }, "display": { "theme": "dark" }, "terminal": { "label": "Quầy 1" },
        "fleet": { "groups": ["north"] }
    });
    assert_eq!(entry(&plans, 1017)["config"], want);
    assert_eq!(entry(&plans, 1018)["config"], json!({ "sale": { "expire_s": 120 }, "display": { "theme": "dark" } }));

    let (one, two) = (desk.place.peer("0001017"), desk.place.peer("0001018"));
    one.subscribe("till/v1/0001017/down/#");
    two.subscribe("till/v1/0001018/down/#");
    let differs = desk.json(1, &["diff", "--json"]);
    assert_eq!(entry(&differs, 1017)["outcome"], "no-answer");

    let log = desk.file("set.log");
    let mut setting = Process::start("till", &mut desk.command(&["set", "--all"]), &log);
    let first = report_on(&desk, &one, "0001017", 0, None);
    report_on(&desk, &two, "0001018", 0, Some("sale.expire_s: too long for Finan"));
    let ended = wait_for("the command ends", SOON, || setting.ended().ok_or_else(|| setting.printed()));
    let printed = setting.printed();
    assert_eq!(ended.code(), Some(1), "{printed}");
    assert!(printed.contains("0001017  applied") && printed.contains("0001018  refused"), "{printed}");
    assert!(printed.contains("    sale.expire_s: too long for Finan"), "{printed}");
    assert_eq!(Value::Object(first.config.clone()), want);

    let differs = desk.json(1, &["diff", "--json"]);
    assert_eq!(
        (&entry(&differs, 1017)["outcome"], &entry(&differs, 1018)["outcome"]),
        (&json!("same"), &json!("refused"))
    );
    let done = desk.json(0, &["set", "--group", "north", "--json"]);
    assert_eq!(entry(&done, 1017)["outcome"], "same", "it is not sent again");
    assert_eq!(numbers(&done), [1017]);

    write("groups/north.toml", "[sale]\nexpire_s = 91\n");
    let mut setting = Process::start("till", &mut desk.command(&["set", "--number", "1017"]), &log);
    let second = report_on(&desk, &one, "0001017", 1, None);
    let ended = wait_for("the command ends", SOON, || setting.ended().ok_or_else(|| setting.printed()));
    assert!(ended.success() && second.version > first.version, "{}", setting.printed());

    write("terminals/1018.toml", "[sale]\nexpire_s = 5\n[mqtt]\nurl = \"mqtt://localhost\"\n");
    write("defaults.toml", "[fleet]\ngroups = [\"all\"]\n");
    let told = said(&desk.fleet(&["set", "--all", "--dry-run"]));
    desk.ends(64, &["set", "--all", "--dry-run"]);
    for part in ["1018.toml: sale.expire_s = 5: expected", "1018.toml: mqtt = ", "defaults.toml: fleet.groups = "] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}

#[test]
fn watching_goes_on_and_says_who_threw_it_out() {
    let desk = Desk::open();
    let one = desk.place.peer("0001017");
    says(&one, "0001017", "ready", &health(1017, "Quầy 1"));
    let log = desk.file("watch.log");
    let watching = Process::start("till", &mut desk.command(&["watch"]), &log);
    let printed = |part: &str| {
        wait_for(&format!("`{part}` is printed"), SOON * 2, || {
            let printed = watching.printed();
            if printed.contains(part) { Ok(()) } else { Err(printed) }
        });
    };
    printed("0001017 (Quầy 1)  ✓ ready");
    let mut disabled = health(1017, "Quầy 1");
    disabled["disabled"] = json!(true);
    says(&one, "0001017", "ready", &disabled);
    printed("cannot sell: shut by the operator");
    // The broker takes one connection of each name.
    desk.done(&["list"]);
    printed("connected as `operator-1`?");
    says(&one, "0001017", "sleeping", &health(1017, "Quầy 1"));
    printed("asleep since");
}
