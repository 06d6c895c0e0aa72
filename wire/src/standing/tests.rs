//! What is made of what a terminal says.

use serde_json::{Value, json};

use super::*;

const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

fn said(key: &str, value: Value) -> Status {
    let mut health = json!({
        "terminal": { "number": 1017, "version": "1.4.2", "uptime_s": 5 },
        "links": { "broker": { "up": true }, "payos": { "up": true }, "finan": { "up": true } },
        "store": { "free_bytes": 64_000_000 },
        "attention": 0
    });
    health[key] = value;
    serde_json::from_value(health).expect("a terminal's health")
}

fn well() -> Status {
    said("sound", Value::Null)
}

#[track_caller]
fn check(state: Option<Presence>, status: &Status, want: &[Why<'_>], standing: Standing) {
    let state = state.map(|state| TillState { state, session: 1, at: NOW });
    let whys = judge(state, Some(ailments(status, NOW)));
    assert_eq!((whys.as_slice(), Standing::of(&whys)), (want, standing));
}

fn ready(key: &str, value: Value, want: &[Why<'_>], standing: Standing) {
    check(Some(Presence::Ready), &said(key, value), want, standing);
}

#[test]
fn each_thing_that_is_wrong_is_told_and_whether_it_stops_selling() {
    use Standing::{Attention, CannotSell, Fine};
    ready("sound", Value::Null, &[], Fine);
    let broken = |reason: &str| json!({ "ok": false, "driver": "drm", "reason": reason });
    ready("display", broken("gone"), &[Why::Display(Some("gone".into()))], CannotSell);
    ready("display", broken(""), &[Why::Display(None)], CannotSell);
    ready("disabled", json!(true), &[Why::Disabled], CannotSell);
    ready("store", Value::Null, &[Why::Store], CannotSell);
    ready("store", json!({ "free_bytes": 63_999_999 }), &[Why::DiskSpace(63_999_999)], Attention);
    ready("store", json!({}), &[], Fine);
    ready("attention", json!(2), &[Why::Attention(2)], Attention);
    ready("clock", json!({ "synchronised": false }), &[Why::Clock], Attention);
    ready("queue", json!({ "entries": 2, "oldest_s": 600 }), &[Why::Queue(600)], Attention);
    ready("queue", json!({ "entries": 2, "oldest_s": 599 }), &[], Fine);
    ready("queue", json!({ "entries": 0, "oldest_s": 700 }), &[], Fine);
    ready("sound", broken("no card"), &[Why::Sound(Some("no card".into()))], Attention);
    ready("configuration", json!({ "version": 3 }), &[], Fine);
    ready("configuration", json!({ "fault": "`mqtt.url`" }), &[Why::Configuration("`mqtt.url`".into())], Attention);
}

#[test]
fn a_certificate_is_told_of_two_weeks_before_its_end_and_for_ever_after() {
    for (days, is_told) in [(14, false), (13, true), (-1, true)] {
        let ends = UnixTime::from_secs(NOW.secs() + days * 86_400);
        let want = [Why::Certificate(ends)];
        let (want, standing) = if is_told { (&want[..], Standing::Attention) } else { (&[][..], Standing::Fine) };
        ready("certificate", json!({ "not_after": ends }), want, standing);
    }
}

#[test]
fn a_counter_sells_while_one_of_its_providers_is_reached() {
    let links = |down: &[&str]| {
        let mut links = json!({ "broker": { "up": false }, "payos": { "up": true }, "finan": { "up": true } });
        down.iter().for_each(|name| links[*name] = json!({ "up": false, "reason": "refused" }));
        links
    };
    let refused = || Some("refused".into());
    ready("links", links(&[]), &[], Standing::Fine);
    ready("links", links(&["payos"]), &[Why::Provider("payos".into(), refused())], Standing::Attention);
    let none = [Why::NoProvider("finan".into(), refused())];
    ready("links", links(&["payos", "finan"]), &none, Standing::CannotSell);
    // One that tells why is better than the first.
    let mut links = links(&["payos", "finan"]);
    links["finan"] = json!({ "up": false });
    ready("links", links, &[Why::NoProvider("payos".into(), refused())], Standing::CannotSell);
    // Of a terminal without channels nobody knows whether it sells.
    ready("links", json!({}), &[], Standing::Fine);
}

#[test]
fn presence_comes_first_and_what_was_said_before_going_is_old() {
    let broken = said("display", json!({ "ok": false, "driver": "drm" }));
    check(None, &broken, &[Why::NoState], Standing::CannotSell);
    check(Some(Presence::Init), &broken, &[Why::Starting(NOW), Why::Display(None)], Standing::CannotSell);
    check(Some(Presence::Lost), &broken, &[Why::Lost(NOW)], Standing::CannotSell);
    check(Some(Presence::Disconnected), &broken, &[Why::SwitchedOff(NOW)], Standing::CannotSell);
    check(Some(Presence::Sleeping), &broken, &[Why::Asleep(NOW)], Standing::Asleep);
    // But not what stays true: that it is shut, that money waits for a person, that it cannot come back.
    let disabled = said("disabled", json!(true));
    check(Some(Presence::Sleeping), &disabled, &[Why::Asleep(NOW), Why::Disabled], Standing::Asleep);
    check(
        Some(Presence::Lost),
        &said("attention", json!(2)),
        &[Why::Lost(NOW), Why::Attention(2)],
        Standing::CannotSell,
    );
    let ended = said("certificate", json!({ "not_after": NOW }));
    check(Some(Presence::Lost), &ended, &[Why::Lost(NOW), Why::Certificate(NOW)], Standing::CannotSell);
}

#[test]
fn who_says_nothing_of_its_health_needs_a_look() {
    let state = |state| Some(TillState { state, session: 1, at: NOW });
    let nothing = None::<Vec<Why<'_>>>;
    assert_eq!(judge(state(Presence::Ready), nothing.clone()), [Why::NoHealth]);
    assert_eq!(judge(state(Presence::Init), nothing.clone()), [Why::Starting(NOW)]);
    assert_eq!(judge(state(Presence::Lost), nothing), [Why::Lost(NOW)]);
    let later = |seconds| UnixTime::from_secs(NOW.secs() + seconds);
    assert_eq!(silence(NOW, later(300)), None);
    assert_eq!(silence(NOW, later(301)), Some(Why::Silent(NOW)));
    // A clock that goes back says nothing.
    assert_eq!(silence(NOW, later(-5)), None);
    check(Some(Presence::Ready), &well(), &[], Standing::Fine);
}

#[test]
fn the_words_for_programs_are_all_different_and_texts_are_kept_as_told() {
    let all = [
        Why::NoState,
        Why::Lost(NOW),
        Why::SwitchedOff(NOW),
        Why::Starting(NOW),
        Why::Asleep(NOW),
        Why::Disabled,
        Why::Display(Some("dark".into())),
        Why::Store,
        Why::NoProvider("payos".into(), Some("gone".into())),
        Why::Attention(1),
        Why::Provider("payos".into(), None),
        Why::Clock,
        Why::Queue(1),
        Why::DiskSpace(1),
        Why::Certificate(NOW),
        Why::Sound(None),
        Why::Configuration("odd".into()),
        Why::NoHealth,
        Why::Silent(NOW),
    ];
    let words: std::collections::BTreeSet<_> = all.iter().map(Why::as_str).collect();
    assert_eq!(words.len(), all.len());
    let reasons: Vec<_> = all.iter().filter_map(Why::reason).collect();
    assert_eq!(reasons, ["dark", "payos: gone", "payos", "odd"]);
    for why in all {
        assert_eq!(why.clone().kept(str::to_owned), why);
        let shouted = why.clone().kept(str::to_uppercase).reason().map(Cow::into_owned);
        assert_eq!(shouted, why.reason().map(|reason| reason.to_uppercase()));
    }
}
