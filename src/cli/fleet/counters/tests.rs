//! What is made of what terminals say, message by message.

use serde_json::{Value, json};

use super::*;

const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

fn n() -> TerminalNumber {
    TerminalNumber::new(1017).expect("a terminal's number")
}

fn state(word: &str, session: u64) -> Vec<u8> {
    json!({ "state": word, "session": session, "at": NOW }).to_string().into_bytes()
}

/// A counter that said these states, then this health.
fn counter(states: &[(&str, u64)], health: &Value) -> Counter {
    let mut counters = Counters::default();
    for (word, session) in states {
        counters.take(&Topic::State(n()), &state(word, *session), NOW);
    }
    counters.take(&Topic::Health(n()), health.to_string().as_bytes(), NOW);
    counters.known.remove(&n()).unwrap_or_default()
}

fn well() -> Value {
    json!({
        "terminal": { "number": 1017, "version": "1.4.2", "uptime_s": 5 },
        "links": { "broker": { "up": true }, "payos": { "up": true }, "finan": { "up": true } },
        "store": {}
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut health = well();
    health[key] = value;
    health
}

#[track_caller]
fn check(states: &[(&str, u64)], health: &Value, want: &[Wrong], sells: bool) {
    let counter = counter(states, health);
    assert_eq!((counter.wrong().as_slice(), counter.sells()), (want, sells));
}

#[test]
fn a_will_of_a_connection_that_was_replaced_is_not_believed() {
    let ready = [("ready", 7), ("lost", 6)];
    check(&ready, &well(), &[], true);
    check(&[("ready", 7), ("lost", 7)], &well(), &[Wrong::Away(Presence::Lost, NOW)], false);
    check(&[("lost", 7), ("ready", 8)], &well(), &[], true);
    // A store that was wiped begins anew with a smaller number; only wills are judged by it.
    check(&[("ready", 7), ("disconnected", 3)], &well(), &[Wrong::Away(Presence::Disconnected, NOW)], false);
}

#[test]
fn each_thing_that_is_wrong_is_told_and_whether_it_stops_selling() {
    let ready = [("ready", 1)];
    let broken = json!({ "ok": false, "driver": "drm", "reason": "gone" });
    check(&ready, &with("display", broken), &[Wrong::Display("gone".into())], false);
    check(&ready, &with("disabled", json!(true)), &[Wrong::Disabled], false);
    check(&ready, &with("store", Value::Null), &[Wrong::Store], false);
    check(&ready, &with("clock", json!({ "synchronised": false })), &[Wrong::Clock], true);
    let ends = UnixTime::from_secs(NOW.secs() + 86_400);
    check(&ready, &with("certificate", json!({ "not_after": ends })), &[Wrong::Certificate(ends)], true);
    check(&ready, &with("queue", json!({ "entries": 2, "oldest_s": 700 })), &[Wrong::Owes(700)], true);
    check(&ready, &with("queue", json!({ "entries": 0, "oldest_s": 700 })), &[], true);
    let sound = json!({ "ok": false, "driver": "alsa", "reason": "no card" });
    check(&ready, &with("sound", sound), &[Wrong::Sound("no card".into())], true);
    let down = |names: &[&str]| {
        let mut links = json!({ "broker": { "up": false }, "payos": { "up": true }, "finan": { "up": true } });
        names.iter().for_each(|name| links[*name] = json!({ "up": false, "reason": "refused" }));
        with("links", links)
    };
    check(&ready, &down(&["payos"]), &[Wrong::Provider("payos: refused".into())], true);
    check(&ready, &down(&["payos", "finan"]), &[Wrong::NoProvider("finan: refused".into())], false);
    check(&[("init", 1)], &well(), &[Wrong::NotReady], false);
    check(&[], &well(), &[Wrong::Unheard], false);
    // What somebody said who is away is old.
    check(&[("sleeping", 1)], &with("disabled", json!(true)), &[Wrong::Away(Presence::Sleeping, NOW)], false);
}

#[test]
fn p11_a_terminals_texts_are_bounded_and_command_nobody() {
    let mut health = with("display", json!({ "ok": false, "driver": "x", "reason": "\u{1b}[2J".repeat(500) }));
    health["terminal"]["label"] = json!("\u{202e}".repeat(500));
    health["terminal"]["version"] = json!("9".repeat(500));
    let counter = counter(&[("ready", 1)], &health);
    let kept = counter.health.as_ref().expect("it said how it is");
    assert_eq!(kept.label.as_ref().map(|label| label.chars().count()), Some(LONGEST_LABEL + 1));
    assert_eq!(kept.version.chars().count(), LONGEST_VERSION + 1);
    let texts = [kept.label.clone(), counter.wrong().first().and_then(Wrong::reason).map(str::to_owned)];
    for text in texts.into_iter().flatten() {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        assert!(text.chars().count() <= LONGEST_REASON + 1);
    }
}

#[test]
fn what_is_not_understood_is_counted_and_what_is_taken_back_is_gone() {
    let mut counters = Counters::default();
    for body in [&b"{"[..], b"[]", b"\xff", br#"{"state":"away","session":1,"at":"2026-11-20T03:04:05Z"}"#] {
        assert_eq!(counters.take(&Topic::State(n()), body, NOW), Change::Nothing);
    }
    assert_eq!((counters.odd, counters.known.len()), (4, 0));
    assert_eq!(counters.take(&Topic::State(n()), &state("ready", 1), NOW), Change::Of(n()));
    assert_eq!(counters.take(&Topic::State(n()), b"", NOW), Change::Of(n()));
    assert_eq!(counters.known.get(&n()).and_then(|counter| counter.state), None);
}
