//! What the console makes of what terminals say, and of what they should not say.

use super::*;
use till_wire::{Presence, Why};

const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

fn fleet() -> Fleet {
    Fleet::new(TimeZone::UTC, NOW)
}

fn hear(fleet: &mut Fleet, topic: &str, body: &str) {
    fleet.hear(&topic.parse().expect("a topic"), body.as_bytes(), true, NOW);
}

fn number() -> TerminalNumber {
    TerminalNumber::new(1017).expect("a number")
}

fn say(fleet: &mut Fleet, state: &str, session: u64) {
    let body = format!(r#"{{"state":"{state}","session":{session},"at":"2026-11-20T03:04:05Z"}}"#);
    hear(fleet, "till/v1/0001017/up/state", &body);
}

fn health(fleet: &mut Fleet, more: &str) {
    health_with_store(fleet, r#"{"free_bytes":900000000}"#, more);
}

fn health_with_store(fleet: &mut Fleet, store: &str, more: &str) {
    let body = format!(
        r#"{{"terminal":{{"number":1017,"label":"Quầy Đỏ","version":"0.1.0","uptime_s":5}},"links":{{"broker":{{"up":true}},"payos":{{"up":true}},"finan":{{"up":true}}}},"store":{store}{more}}}"#
    );
    hear(fleet, "till/v1/0001017/up/health", &body);
}

fn standing(fleet: &Fleet) -> Standing {
    judge(fleet.get(number()).expect("it is known"), NOW).0
}

#[test]
fn a_will_of_a_session_that_is_over_says_nothing() {
    let mut fleet = fleet();
    say(&mut fleet, "ready", 7);
    say(&mut fleet, "lost", 6);
    let presence = |fleet: &Fleet| fleet.get(number()).and_then(|terminal| terminal.presence).map(|said| said.state);
    assert_eq!(presence(&fleet), Some(Presence::Ready));
    say(&mut fleet, "lost", 7);
    assert_eq!(presence(&fleet), Some(Presence::Lost));
    // A new store counts anew.
    say(&mut fleet, "ready", 1);
    say(&mut fleet, "lost", 1);
    assert_eq!(presence(&fleet), Some(Presence::Lost));
    hear(&mut fleet, "till/v1/0001017/up/state", "");
    assert!(fleet.get(number()).is_none(), "the operator has cleared it");
}

#[test]
fn who_cannot_sell_comes_before_who_needs_a_look() {
    let mut fleet = fleet();
    say(&mut fleet, "ready", 1);
    assert_eq!(standing(&fleet), Standing::Attention, "it has not told how it is");
    health(&mut fleet, "");
    assert_eq!(standing(&fleet), Standing::Fine);
    for (more, want) in [
        (r#","attention":2"#, Standing::Attention),
        (r#","clock":{"synchronised":false}"#, Standing::Attention),
        (r#","queue":{"entries":3,"oldest_s":700}"#, Standing::Attention),
        (r#","configuration":{"fault":"mqtt.url"}"#, Standing::Attention),
        (r#","display":{"ok":false,"driver":"fbdev"}"#, Standing::CannotSell),
        (r#","disabled":true"#, Standing::CannotSell),
    ] {
        health(&mut fleet, more);
        assert_eq!(standing(&fleet), want, "{more}");
    }
    for (store, want) in [("null", Standing::CannotSell), (r#"{"free_bytes":1000}"#, Standing::Attention)] {
        health_with_store(&mut fleet, store, "");
        assert_eq!(standing(&fleet), want, "{store}");
    }
    health(&mut fleet, "");
    let later = UnixTime::from_secs(NOW.secs() + 301);
    let (silent, whys) = judge(fleet.get(number()).expect("known"), later);
    assert_eq!((silent, whys), (Standing::Attention, vec![Why::Silent(NOW)]));
    say(&mut fleet, "sleeping", 1);
    health(&mut fleet, r#","disabled":true"#);
    assert_eq!(standing(&fleet), Standing::Asleep);
    say(&mut fleet, "lost", 1);
    assert_eq!(standing(&fleet), Standing::CannotSell);
}

#[test]
fn p9_what_is_too_large_or_no_message_is_refused_and_counted() {
    let mut fleet = fleet();
    hear(&mut fleet, "till/v1/0001017/up/state", "{}");
    hear(&mut fleet, "till/v1/0001017/up/state", &"x".repeat(600));
    hear(&mut fleet, "till/v1/0001017/up/health", &" ".repeat(9000));
    hear(&mut fleet, "till/v1/0001017/up/sale/0001017-000000001", "[]");
    hear(&mut fleet, "till/v1/0001017/up/log/c-1/0", "nobody asked");
    hear(&mut fleet, "till/v1/unrouted/payos", "{}");
    hear(&mut fleet, "till/v1/0001017/down/webhook", "{}");
    assert_eq!(fleet.counts, Counts { taken: 0, refused: 7 });
}

#[test]
fn p9_a_label_and_groups_are_cut_to_what_can_be_configured() {
    let mut fleet = fleet();
    let groups: Vec<String> = (0..100).map(|group| format!("\"g-{group}\"")).collect();
    let (label, groups) = ("Ẵ".repeat(2000), groups.join(","));
    let body = format!(
        r#"{{"terminal":{{"number":1017,"label":"{label}","groups":["No Name",{groups}],"version":"0.1.0","uptime_s":5}},"links":{{}}}}"#
    );
    hear(&mut fleet, "till/v1/0001017/up/health", &body);
    let terminal = fleet.get(number()).expect("it is known");
    assert_eq!(terminal.label(), "Ẵ".repeat(40));
    assert_eq!(terminal.groups().count(), 32);
    assert_eq!(terminal.groups().next(), Some("g-0"));
}

#[test]
fn one_terminal_with_many_commands_costs_the_others_nothing() {
    let mut fleet = fleet();
    hear(&mut fleet, "till/v1/0001018/up/command/real", r#"{"status":"succeeded"}"#);
    for made_up in 0..5000 {
        let topic = format!("till/v1/0001017/up/command/c-{made_up}");
        hear(&mut fleet, &topic, r#"{"status":"failed","reason":"x"}"#);
    }
    assert_eq!(fleet.commands.of(number()).count(), 12);
    assert_eq!(fleet.commands.newest().count(), 13);
    hear(&mut fleet, "till/v1/0001017/up/command/c-4999", "");
    assert_eq!(fleet.commands.of(number()).count(), 11);
}

#[test]
fn a_picture_is_shown_when_it_is_whole_and_what_was_said() {
    use sha2::{Digest, Sha256};
    let id = CommandId::new("c-1").expect("an id");
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 100]].concat();
    let digest: String = Sha256::digest(&png).iter().map(|byte| format!("{byte:02x}")).collect();
    let told = |digest: &str| {
        format!(
            r#"{{"status":"succeeded","result":{{"type":"image/png","bytes":108,"pieces":2,"sha256":"{digest}"}}}}"#
        )
    };
    for (digest, is_shown) in [(digest.as_str(), true), (&"0".repeat(64), false)] {
        let mut fleet = fleet();
        fleet.bundles.expect(number(), id);
        for (piece, bytes) in [(1, &png[50..]), (0, &png[..50])] {
            let topic = Topic::Log(number(), id, piece);
            fleet.hear(&topic, bytes, true, NOW);
            // Another terminal cannot add to it.
            let foreign = Topic::Log(TerminalNumber::new(1018).expect("a number"), id, piece);
            fleet.hear(&foreign, b"other", true, NOW);
        }
        assert!(fleet.bundles.whole(&id).is_none());
        hear(&mut fleet, "till/v1/0001017/up/command/c-1", &told(digest));
        assert_eq!(fleet.bundles.whole(&id).is_some(), is_shown);
        assert_eq!(fleet.bundles.newest_picture(number()).is_some(), is_shown);
    }
}
