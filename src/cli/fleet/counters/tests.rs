//! What is made of what terminals say, message by message.

use std::borrow::Cow;

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

#[track_caller]
fn check(states: &[(&str, u64)], want: &[Why<'_>], standing: Standing) {
    let counter = counter(states, &well());
    assert_eq!((counter.whys().as_slice(), counter.standing()), (want, standing));
}

#[test]
fn a_will_of_a_connection_that_was_replaced_is_not_believed() {
    check(&[("ready", 7), ("lost", 6)], &[], Standing::Fine);
    check(&[("ready", 7), ("lost", 7)], &[Why::Lost(NOW)], Standing::CannotSell);
    check(&[("lost", 7), ("ready", 8)], &[], Standing::Fine);
    // A store that was wiped begins anew with a smaller number; only wills are judged by it.
    check(&[("ready", 7), ("disconnected", 3)], &[Why::SwitchedOff(NOW)], Standing::CannotSell);
    check(&[], &[Why::NoState], Standing::CannotSell);
}

#[test]
fn p11_a_terminals_texts_are_bounded_and_command_nobody() {
    let mut health = well();
    health["display"] = json!({ "ok": false, "driver": "x", "reason": "\u{1b}[2J".repeat(500) });
    health["links"] = json!({ "\u{202e}".repeat(500): { "up": false } });
    health["terminal"]["label"] = json!("\u{202e}".repeat(500));
    health["terminal"]["version"] = json!("9".repeat(500));
    let counter = counter(&[("ready", 1)], &health);
    let kept = counter.health.as_ref().expect("it said how it is");
    assert_eq!(kept.label.as_ref().map(|label| label.chars().count()), Some(LONGEST_LABEL + 1));
    assert_eq!(kept.version.chars().count(), LONGEST_VERSION + 1);
    let whys = counter.whys();
    let reasons: Vec<_> = whys.iter().filter_map(Why::reason).map(Cow::into_owned).collect();
    assert_eq!(reasons.len(), 2);
    for text in kept.label.iter().chain(&reasons) {
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
