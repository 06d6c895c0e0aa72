//! Hundreds who listen to one till while it sells. It must not know how their places are kept.

use serde_json::{Value, json};
use tests::events::{Event, Events};
use tests::http;
use tests::shop::Shop;
use tests::till::{Till, id_of};
use tests::wait::{SOON, wait_for};

/// How many may listen or wait at a time (CHANGELOG).
const LISTENERS: usize = 256;

/// P9: what hundreds of listeners cost is bounded, and a call is never behind them.
#[test]
fn p9_two_hundred_listeners_hear_every_revision_and_calls_are_answered_meanwhile() {
    let shop = Shop::open();
    let till = &shop.till;
    let (files, memory) = (open_files(till), memory(till));
    let mut ears: Vec<Events> = (0..200).map(|_| Events::open(till.api(), None)).collect();
    let sale = till.sell_and_show(50_000);
    till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
    shop.pay(&sale, 50_000);
    let paid = till.wait_state(id_of(&sale), "paid", SOON);
    for ear in &ears {
        assert_heard_all(ear, &paid);
    }

    ears.extend((ears.len()..LISTENERS).map(|_| Events::open(till.api(), None)));
    for _ in 0..80 {
        // More than there are places for other calls: those who are refused must not stay.
        let refused = http::get(till.api(), "/v1/events").expect("an answer");
        assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
        assert_eq!((refused.header("retry-after"), refused.header("connection")), (Some("5"), Some("close")));
    }
    let waiting = [("If-None-Match", "*"), ("Prefer", "wait=20")];
    let refused = http::send(till.api(), "GET", "/v1/screen.png", &waiting, b"").expect("an answer");
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    let second = till.sell(20_000);
    assert_eq!(till.sale(id_of(&second))["id"], second["id"]);
    assert_eq!(till.get("/v1/screen.png").status, 200);
    let grown = self::memory(till).saturating_sub(memory);
    assert!(grown < 24 * 1024 * 1024, "{grown} bytes for {LISTENERS} listeners");

    drop(ears);
    wait_for("the listeners' connections are closed", SOON, || {
        let now = open_files(till);
        if now <= files + 4 { Ok(()) } else { Err(format!("{now} open files, {files} before")) }
    });
    let again: Vec<Events> = (0..LISTENERS).map(|_| Events::open(till.api(), None)).collect();
    assert_eq!(again.len(), LISTENERS);
}

/// Every revision of the sale, in order, each once, under growing ids.
#[track_caller]
fn assert_heard_all(ear: &Events, paid: &Value) {
    ear.wait("the event that says paid", SOON, |event| event.data == *paid);
    let own: Vec<Event> = ear.seen().into_iter().filter(|event| event.data["id"] == paid["id"]).collect();
    let revisions: Vec<Value> = own.iter().map(|event| event.data["revision"].clone()).collect();
    let last = paid["revision"].as_u64().expect("a sale has a revision");
    assert_eq!(revisions, (1..=last).map(|revision| json!(revision)).collect::<Vec<_>>());
    let ids: Vec<u64> = own.iter().filter_map(|event| event.id.parse().ok()).collect();
    assert!(ids.len() == own.len() && ids.is_sorted_by(|a, b| a < b), "{ids:?}");
}

fn open_files(till: &Till) -> usize {
    let process = till.process_id().expect("the till runs");
    std::fs::read_dir(format!("/proc/{process}/fd")).expect("Linux tells the open files").count()
}

fn memory(till: &Till) -> u64 {
    till.status()["memory_bytes"].as_u64().expect("the till knows its memory")
}

/// A picture is waited for over a real connection, and is another one when it comes.
#[test]
fn who_waits_for_another_picture_gets_it_when_the_display_changes() {
    let shop = Shop::open();
    let till = &shop.till;
    // The idle picture shows a clock, which may turn at any moment: what counts is that a code comes.
    let idle = till.get("/v1/screen.png");
    let sale = till.sell(30_000);
    let mut tag = idle.header("etag").expect("a picture has a name").to_owned();
    let code = till.wait_state(id_of(&sale), "showing", SOON)["qr"].clone();
    wait_for("a picture with the code", SOON * 3, || {
        let headers = [("If-None-Match", tag.as_str()), ("Prefer", "wait=20")];
        let answer =
            http::send(till.api(), "GET", "/v1/screen.png", &headers, b"").map_err(|error| error.to_string())?;
        let name = answer.header("etag").unwrap_or_default().to_owned();
        if answer.status == 304 {
            assert_eq!((&name, answer.body.len()), (&tag, 0));
            return Err("the same picture".to_owned());
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_ne!(name, tag);
        tag = name;
        let sight = demo::eye::look(&answer.body).map_err(|error| error.to_string())?;
        if sight.texts() == [code.as_str().unwrap_or_default()] { Ok(()) } else { Err(format!("{:?}", sight.texts())) }
    });
}
