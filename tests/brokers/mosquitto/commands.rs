//! Commands from an operator to a real till over a broker as operators have it: each one once, each way in which one is not
//! obeyed once, and a till that is killed between hearing and doing. It must not know how the till decides.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::folder::Folder;
use tests::shop::TERMINAL;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};
use till_wire::fleet::Command;

use super::post::{Post, command, now};

#[test]
fn p12_each_command_does_what_it_says_and_its_status_is_kept() {
    let mut post = Post::open();
    let succeeded = json!({"status": "succeeded"});
    assert_eq!(post.order("c-identify", "identify", json!({})), succeeded);
    assert_eq!(
        post.order("c-message", "show-message", json!({"text": "Nghỉ trưa đến 13:00", "seconds": 5})),
        succeeded
    );
    let sale = post.till.sell_and_show(50_000);
    let cancelled = post.order("c-cancel", "cancel-sale", json!({}));
    assert_eq!(cancelled, json!({"status": "succeeded", "result": {"sale": id_of(&sale)}}));
    post.till.wait_state(id_of(&sale), "cancelled", SOON * 4);
    let report = post.order("c-report", "report", json!({}));
    assert_eq!((&report["status"], &report["result"]["sales"]["count"]), (&json!("succeeded"), &json!(1)), "{report}");
    assert_eq!(post.order("c-level", "set-log-level", json!({"level": "debug", "minutes": 5})), succeeded);

    let shot = post.order("c-shot", "screenshot", json!({}));
    let picture = post.pieces("c-shot", shot["result"]["pieces"].as_u64().expect("a number"));
    assert!(picture.starts_with(b"\x89PNG") && picture.len() as u64 == shot["result"]["bytes"], "{shot}");
    let diagnosed = post.order("c-diagnose", "diagnose", json!({}));
    let bundle = post.pieces("c-diagnose", diagnosed["result"]["pieces"].as_u64().expect("a number"));
    let bundle = String::from_utf8(bundle).expect("text");
    let keys = post.payos.credentials();
    for secret in [&keys.client_id, &keys.api_key, &keys.checksum_key] {
        assert!(!bundle.contains(secret.as_str()), "a bundle has no secret in it");
    }
    let lines: Vec<Value> = bundle.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0]["status"]["terminal"]["number"], TERMINAL);
    assert!(lines.iter().any(|line| line.get("event").is_some()), "it has the newest events");
    let logs = post.order("c-logs", "collect-logs", json!({"minutes": 5}));
    let is_honest = logs["status"] == "succeeded" || logs["reason"].as_str().is_some_and(|why| why.contains("log"));
    assert!(is_honest, "{logs}");

    assert_eq!(post.order("c-disable", "disable", json!({})), succeeded);
    let refused = post.till.post("/v1/sales", r#"{"amount":50000}"#);
    assert_eq!((refused.status, &refused.json()["type"]), (503, &json!("urn:tilld:problem:disabled")));
    assert_eq!(post.till.status()["disabled"], true);
    post.till.kill();
    post.till.start_again();
    assert_eq!(post.till.status()["disabled"], true, "it is durable");
    post.till.wait_for_broker();
    assert_eq!(post.order("c-enable", "enable", json!({})), succeeded);
    let sale = post.till.sell_and_show(60_000);
    post.send("c-restart", post.sign(&command("c-restart", "restart", json!({}))));
    post.wait_status("c-restart", "running");
    assert!(post.till.runs(), "a sale is in progress");
    post.till.cancel(id_of(&sale));
    wait_for("the till ends", SOON * 4, || post.till.ended().ok_or_else(|| "it runs".to_owned()));
    assert_eq!(post.till.terminate().code(), Some(0));
    post.till.start_again();
    assert_eq!(post.fate("c-restart"), succeeded);

    // Whoever comes later hears how each ended, and no pieces.
    let later = post.another();
    let ends = later.wait("the last status is kept", "up/command/c-restart", |said| said["status"] == "succeeded");
    assert!(ends.retained);
    assert_eq!(later.seen_on("up/log/").len(), 0);
}

/// Documents that are not obeyed: what their topic calls them, each, and a part of the reason that is told.
fn refused(post: &Post) -> Vec<(&'static str, String, &'static str)> {
    let (thief, _) = tests::jws::key(&post.place.folder, "thief");
    let thief_key = post.place.folder.file("thief.key");
    let disable = |id: &str| command(id, "disable", json!({}));
    let by_thief =
        |id: &str, kid: &str| tests::jws::sign(&serde_json::to_string(&disable(id)).expect("JSON"), kid, &thief_key);
    let to = |aud: &str, id: &str| post.sign(&Command { aud: aud.parse().expect("an audience"), ..disable(id) });
    let lives =
        |id: &str, from: i64, until: i64| post.sign(&Command { iat: now() + from, exp: now() + until, ..disable(id) });
    vec![
        ("r-audience", to("0001018", "r-audience"), "another terminal"),
        ("r-group", to("group:south", "r-group"), "another terminal"),
        ("r-backwards", lives("r-backwards", 0, -1), "at most 24 h"),
        ("r-long", lives("r-long", 0, 90_000), "at most 24 h"),
        ("r-future", lives("r-future", 120, 180), "not yet valid"),
        ("r-old", lives("r-old", -3600, 600), "older than this terminal's store"),
        ("r-unknown-key", by_thief("r-unknown-key", &thief.key().kid()), "not trusted"),
        ("r-signature", by_thief("r-signature", &post.key.key().kid()), "signature is wrong"),
        ("r-dance", post.sign(&command("r-dance", "dance", json!({}))), "unknown command `dance`"),
        ("r-arguments", post.sign(&command("r-arguments", "disable", json!({"now": true}))), "unknown field"),
        ("r-update", post.sign(&command("r-update", "update", json!({}))), "url"),
        ("r-topic", post.sign(&disable("r-other")), "`jti`"),
        ("r-nonsense", "a.b.c".to_owned(), "base64url"),
    ]
}

/// P12: what is not signed for this terminal, or not for now, does nothing. That is said, and what anybody could have made
/// up is not kept by the broker.
#[test]
fn p12_each_way_in_which_a_command_is_not_obeyed() {
    let post = Post::open();
    let short = Command { exp: now() + 1, ..command("r-late", "disable", json!({})) };
    let cases = refused(&post);
    for (id, document, part) in cases {
        post.send(id, document);
        let said = post.fate(id);
        let reason = said["reason"].as_str().unwrap_or_default();
        assert!(said["status"] == "rejected" && reason.contains(part), "{id}: {said}");
    }
    wait_for("a command expires", SOON, || if now() >= short.exp { Ok(()) } else { Err("not yet".to_owned()) });
    post.send("r-late", post.sign(&short));
    assert_eq!(post.fate("r-late")["status"], "expired");
    // The broker does not even pass on what is too large.
    post.send("r-large", vec![b'x'; 65_537]);
    let north = "group:north".parse().expect("an audience");
    let enable = Command { aud: north, ..command("g-enable", "enable", json!({})) };
    post.send("g-enable", post.sign(&enable));
    assert_eq!(post.fate("g-enable")["status"], "succeeded", "a group is obeyed by its members");
    assert!(post.operator.seen_on("r-large").is_empty());
    assert_eq!(post.till.status().get("disabled"), None, "nothing was done");

    let later = post.another();
    later.wait("what is kept", "up/command/g-enable", |said| said["status"] == "succeeded");
    let kept: BTreeSet<String> = later.seen_on("up/command/").into_iter().map(|message| message.topic).collect();
    let kept: BTreeSet<&str> = kept.iter().filter_map(|topic| topic.rsplit('/').next()).collect();
    let want =
        ["g-enable", "r-arguments", "r-backwards", "r-dance", "r-future", "r-late", "r-long", "r-old", "r-update"];
    assert_eq!(kept, BTreeSet::from(want));
}

/// P12: the same command again, after its end, does nothing, and nothing new is said.
#[test]
fn p12_a_command_that_comes_again_does_nothing() {
    let post = Post::open();
    let once = post.sign(&command("c-once", "screenshot", json!({})));
    post.send("c-once", once.clone());
    assert_eq!(post.fate("c-once")["status"], "succeeded");
    let before = post.operator.seen_on("c-once").len();
    post.send("c-once", once);
    assert_eq!(post.order("c-after", "identify", json!({}))["status"], "succeeded");
    assert_eq!(post.operator.seen_on("c-once").len(), before);
}

/// P9: a flood of what nobody has signed is acknowledged, makes the till say a bounded number of words, and holds up neither
/// sales nor commands.
#[test]
fn p9_a_flood_of_forged_commands_fills_nothing() {
    let post = Post::open();
    for number in 0..400 {
        post.send(&format!("f-{number}"), "e30.e30.AAAA");
    }
    assert_eq!(post.order("c-1", "identify", json!({}))["status"], "succeeded");
    let said = post.operator.seen_on("up/command/f-").len();
    assert!((1..=60).contains(&said), "{said} words");
    let metrics = post.till.get("/metrics").text();
    assert!(metrics.contains("tilld_commands_total{outcome=\"unproven\"} 400"), "{metrics}");
    post.till.sell_and_show(50_000);
}

/// P12: killed between hearing and doing, the till does it once or says that it does not know.
#[test]
fn p12_a_till_that_is_killed_does_not_do_twice_what_it_may_have_done() {
    let mut post = Post::open();
    let sale = post.till.sell_and_show(50_000);
    let message = command("k-message", "show-message", json!({"text": "Chào", "seconds": 60}));
    post.send("k-message", post.sign(&message));
    post.wait_status("k-message", "running");
    post.till.kill();
    post.till.start_again();
    post.till.wait_for_broker();
    post.till.cancel(id_of(&sale));
    assert_eq!(post.fate("k-message")["status"], "succeeded", "it was not shown, so it is shown once");
    for round in 0..3 {
        let id = format!("k-{round}");
        let document = post.sign(&command(&id, "screenshot", json!({})));
        post.send(&id, document.clone());
        // Whoever is late hears only the newest.
        post.operator.wait(&format!("{id} is known"), &format!("up/command/{id}"), |said| said["status"].is_string());
        post.till.kill();
        post.till.start_again();
        post.till.wait_for_broker();
        post.send(&id, document);
        let fate = post.fate(&id);
        let why = fate["reason"].as_str().unwrap_or_default();
        assert!(fate["status"] == "succeeded" || why.contains("started again"), "{fate}");
        assert!(post.operator.seen_on(&format!("up/log/{id}/1")).len() <= 1, "it is done once");
    }
}

/// P2: a terminal that is wiped has delivered its sales before it forgets them; then it is shut, has nothing, and does not
/// obey the same command again.
#[test]
fn p2_a_till_that_is_wiped_forgets_what_others_have_and_stays_shut() {
    let mut post = Post::open();
    let sale = post.till.sell_and_show(50_000);
    post.till.cancel(id_of(&sale));
    let ended = post.till.wait_state(id_of(&sale), "cancelled", SOON * 4);
    let slip = post.order("w-slip", "wipe", json!({"confirm": "0001018"}));
    assert_eq!(slip["status"], "rejected", "{slip}");
    assert_eq!(post.till.status().get("disabled"), None);

    let document = post.sign(&command("w-1", "wipe", json!({"confirm": TERMINAL})));
    post.send("w-1", document.clone());
    assert_eq!(post.fate("w-1")["status"], "succeeded");
    wait_for("the till ends", SOON * 2, || post.till.ended().ok_or_else(|| "it runs".to_owned()));
    assert_eq!(post.till.terminate().code(), Some(0), "{}", post.till.printed());
    post.operator.wait("the sale was delivered", &format!("up/sale/{}", id_of(&sale)), |said| *said == ended);

    post.till.start_again();
    post.till.wait_for_broker();
    assert_eq!((post.till.sales(), &post.till.status()["disabled"]), (Vec::new(), &json!(true)));
    assert_eq!(post.till.post("/v1/sales", r#"{"amount":50000}"#).status, 503);
    post.operator.forget();
    post.send("w-1", document);
    assert_eq!(post.fate("w-1")["status"], "expired", "it is not obeyed again");
    assert!(post.till.runs());
    let enable = Command { exp: now() + 900, ..command("w-2", "enable", json!({})) };
    post.send("w-2", post.sign(&enable));
    assert_eq!(post.fate("w-2")["status"], "succeeded");
    post.till.sell_and_show(60_000);
}

/// P12: a console's key, whose holder faces browsers, is obeyed as far as it can do no harm.
#[test]
fn p12_a_key_for_harmless_commands_can_do_no_harm() {
    let folder = Folder::make();
    let (console, public) = tests::jws::key(&folder, "console");
    let post = Post::open_with(|plan| plan.tables = format!("{}\nharmless_keys = [{public:?}]", plan.tables));
    let signed = |id: &str, cmd: &str, args: Value| command(id, cmd, args).sign(&console).expect("a command");
    post.send("h-1", signed("h-1", "identify", json!({})));
    assert_eq!(post.fate("h-1")["status"], "succeeded");
    for (id, cmd, args) in [
        ("h-2", "disable", json!({})),
        ("h-3", "show-message", json!({"text": "x"})),
        ("h-4", "wipe", json!({"confirm": TERMINAL})),
    ] {
        post.send(id, signed(id, cmd, args));
        let fate = post.fate(id);
        assert!(fate["reason"].as_str().is_some_and(|why| why.contains("can do harm")), "{id}: {fate}");
    }
    assert_eq!(post.till.status().get("disabled"), None);
    for number in 0..40 {
        let id = format!("many-{number}");
        post.send(&id, signed(&id, "report", json!({})));
    }
    let why = |said: &Value| said["reason"].as_str().is_some_and(|why| why.contains("too many commands"));
    post.operator.wait("more are not obeyed", "up/command/many-", why);
    assert_eq!(post.order("h-5", "identify", json!({}))["status"], "succeeded", "the operator's are");
}
