//! Everybody tries everything: each name publishes on each topic, in each way, and hears all that it is given. The table of
//! what is allowed is the contract's, written down here a second time.

use std::collections::{BTreeMap, BTreeSet};

use tests::peer::Peer;

use super::place::{NAMES, Place};

/// Every topic of the contract for both terminals, and some that are nobody's.
const TOPICS: [&str; 36] = [
    "till/v1/0001017/down/webhook",
    "till/v1/0001017/down/command/c-1",
    "till/v1/0001017/down/desired",
    "till/v1/0001017/up/state",
    "till/v1/0001017/up/health",
    "till/v1/0001017/up/reported",
    "till/v1/0001017/up/sale/0001017-029727122",
    "till/v1/0001017/up/replay",
    "till/v1/0001017/up/receipt/000102030405060708090a0b0c0d0e0f",
    "till/v1/0001017/up/command/c-1",
    "till/v1/0001017/up/log/c-1/12",
    "till/v1/0001018/down/webhook",
    "till/v1/0001018/down/command/c-1",
    "till/v1/0001018/down/desired",
    "till/v1/0001018/up/state",
    "till/v1/0001018/up/sale/0001018-029727122",
    "till/v1/0001018/up/replay",
    "till/v1/0001018/up/command/c-1",
    "till/v1/0001018/up/log/c-1/12",
    "till/v1/0001018/state",
    "till/v1/unrouted/payos",
    "till/v1/unrouted/payos/0001017",
    "till/v1/unrouted/up/state",
    "till/v1/bridge-1/up/replay",
    "till/v1/bridge-1/down/webhook",
    "till/v1/operator-1/up/state",
    "till/v1/operator-1/down/webhook",
    "till/v1/console-1/up/state",
    "till/v1/console-1/up/command/c-1",
    "till/v1/console-1/down/command/c-1",
    "till/v1/0001017/up",
    "till/v1/0001017/down",
    "till/v2/0001017/up/state",
    "till/0001017/up/state",
    "anything",
    "$SYS/broker/anything",
];

/// What each name asks to hear: everything, in several words.
const FILTERS: [&str; 8] = [
    "#",
    "+/+/+/+/#",
    "till/v1/+/down/#",
    "till/v1/+/up/#",
    "till/v1/0001018/#",
    "till/v1/0001017/down/webhook",
    "till/v1/unrouted/#",
    "$SYS/#",
];

/// The levels of a topic of the contract: the terminal, or `unrouted`, and the rest.
fn levels(topic: &str) -> Option<(&str, &str)> {
    topic.strip_prefix("till/v1/")?.split_once('/')
}

/// Whether `up/#` or `down/#` names this, which includes `up` and `down` themselves.
fn is_below(rest: &str, direction: &str) -> bool {
    rest.strip_prefix(direction).is_some_and(|more| more.is_empty() || more.starts_with('/'))
}

/// A terminal may write its own `up/#`; the bridge `down/webhook` and `unrouted/+`; an operator commands, configurations,
/// and what became of commands; a console the same without configurations.
fn may_write(name: &str, topic: &str) -> bool {
    let Some((owner, rest)) = levels(topic) else { return false };
    match name {
        "bridge-1" => owner != name && (rest == "down/webhook" || (owner == "unrouted" && !rest.contains('/'))),
        "operator-1" => {
            let commands = rest.starts_with("down/command/") || rest.starts_with("up/command/");
            owner != name && (commands || rest == "down/desired")
        }
        "console-1" => owner != name && (rest.starts_with("down/command/") || rest.starts_with("up/command/")),
        terminal => owner == terminal && is_below(rest, "up"),
    }
}

/// A terminal may read its own `down/#`; the bridge wishes for a replay; an operator all that terminals say, the
/// configurations that they are to have, and what belongs to nobody.
fn may_read(name: &str, topic: &str) -> bool {
    let Some((owner, rest)) = levels(topic) else { return false };
    match name {
        "bridge-1" => owner != name && rest == "up/replay",
        "operator-1" => owner != name && (is_below(rest, "up") || rest == "down/desired" || owner == "unrouted"),
        "console-1" => owner != name && (is_below(rest, "up") || owner == "unrouted"),
        terminal => owner == terminal && is_below(rest, "down"),
    }
}

/// What a message says: who sent it where.
fn text(from: &str, topic: &str) -> String {
    format!("{from} on {topic}")
}

/// What a name is to hear when everybody has said everything once.
fn allowed(name: &str) -> BTreeSet<String> {
    let said = NAMES.into_iter().flat_map(|from| TOPICS.into_iter().map(move |topic| (from, topic)));
    said.filter(|(from, topic)| may_write(from, topic) && may_read(name, topic))
        .map(|(from, topic)| text(from, topic))
        .collect()
}

fn asks_for_everything(peer: &Peer) {
    FILTERS.iter().for_each(|filter| peer.subscribe(filter));
}

/// Where somebody may send each name a message, which then is the last that it hears.
const LAST: [(&str, &str, &str); 5] = [
    ("bridge-1", "till/v1/0001017/down/webhook", "0001017"),
    ("bridge-1", "till/v1/0001018/down/webhook", "0001018"),
    ("0001017", "till/v1/0001017/up/replay", "bridge-1"),
    ("operator-1", "till/v1/0001017/up/command/last", "operator-1"),
    ("console-1", "till/v1/0001017/up/command/last-one", "console-1"),
];

/// Lets everybody hear a last message and compares what came before it with what is allowed.
#[track_caller]
fn assert_heard(peers: &BTreeMap<&str, Peer>, allowed: impl Fn(&str) -> BTreeSet<String>) {
    LAST.iter().for_each(|(from, topic, _)| peers[from].publish(topic, false, "the last"));
    for (_, _, name) in LAST {
        // A message that fits several of its filters comes several times.
        let mut heard: BTreeSet<_> = peers[name].texts_until("the last").into_iter().collect();
        heard.remove("the last");
        assert_eq!(heard, allowed(name), "what {name} hears");
    }
}

fn everybody(place: &Place) -> BTreeMap<&'static str, Peer> {
    NAMES.into_iter().map(|name| (name, place.peer(name))).collect()
}

#[test]
fn p12_everybody_hears_and_says_what_the_contract_allows_and_nothing_else() {
    let place = Place::make();
    let peers = everybody(&place);
    peers.values().for_each(asks_for_everything);
    for (name, peer) in &peers {
        TOPICS.iter().for_each(|topic| peer.publish(topic, false, text(name, topic)));
    }
    assert_heard(&peers, allowed);
}

/// What is retained is heard by who comes later: the newest word of somebody who may say it there.
#[test]
fn p12_a_retained_message_is_kept_and_given_by_the_same_rights() {
    let place = Place::make();
    let peers = everybody(&place);
    let mut kept = BTreeMap::new();
    for (name, peer) in &peers {
        for topic in TOPICS {
            peer.publish(topic, true, text(name, topic));
            if may_write(name, topic) {
                kept.insert(topic, text(name, topic));
            }
        }
    }
    peers.values().for_each(asks_for_everything);
    assert_heard(&peers, |name| {
        kept.iter().filter(|(topic, _)| may_read(name, topic)).map(|(_, text)| text.clone()).collect()
    });
}

/// A last will is published by the broker, with the rights of who left it.
#[test]
fn p12_a_last_will_reaches_nobody_whom_its_owner_could_not_reach() {
    let place = Place::make();
    let mut peers = everybody(&place);
    peers.values().for_each(asks_for_everything);
    let mut heard_before: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for name in NAMES {
        let peer = peers.remove(name).expect("everybody is there");
        heard_before.entry(name).or_default().extend(peer.texts());
        peer.leave();
        let mut plan = place.plan(name);
        for topic in TOPICS {
            plan.will = Some((topic.to_owned(), text(name, topic)));
            let dying = place.connect(&plan);
            place.cut(name, dying);
        }
        plan.will = None;
        peers.insert(name, place.connect(&plan));
    }
    LAST.iter().for_each(|(from, topic, _)| peers[from].publish(topic, false, "the last"));
    for (_, _, name) in LAST {
        // What it left itself came to one of its short lives.
        let by_others = |text: &String| !text.starts_with(&format!("{name} on "));
        let mut heard = heard_before.remove(name).unwrap_or_default();
        heard.extend(peers[name].texts_until("the last").into_iter().filter(by_others));
        heard.remove("the last");
        let allowed: BTreeSet<_> = allowed(name).into_iter().filter(by_others).collect();
        assert_eq!(heard, allowed, "what {name} hears");
    }
}
