//! What a large fleet costs: the memory of the view, and the time that its list takes. It must not judge what it measures.

use jiff::tz::TimeZone;
use serde_json::json;
use till_wire::{TerminalNumber, Topic};

use super::*;
use crate::clock;
use crate::console::language::Language;
use crate::console::pages::Place;
use crate::console::users::Role;
use crate::console::view::Link;

/// Sales of today of each terminal.
const SALES: u32 = 8;

/// Run it alone with `--ignored --nocapture`.
#[test]
#[ignore = "it measures"]
fn a_measure_of_the_view_and_of_its_list() {
    for terminals in [3_000, 100_000] {
        let before = resident();
        let fleet = fleet_of(terminals);
        let each = resident().saturating_sub(before) / u64::from(terminals);
        println!("{terminals} terminals with {SALES} sales each: {each} bytes a terminal");
        for query in ["", "q=bat+dan", "group=north", "standing=attention&page=2"] {
            let mut times: Vec<_> = (0..9).map(|_| time_of_list(&fleet, query)).collect();
            times.sort_unstable();
            println!("  list `?{query}`: {} µs", times[4]);
        }
    }
}

fn time_of_list(fleet: &Fleet, query: &str) -> u128 {
    let frame = Frame {
        language: Language::Vietnamese,
        user: "lan",
        role: Role::Operator,
        csrf: "",
        place: Place::Terminals,
        now: clock::now(),
        timezone: TimeZone::UTC,
        link: Link { up: true, since: clock::now() },
        signs: true,
    };
    let began = clock::instant();
    let html = page(&frame, fleet, &Fields::read(query)).finish();
    let spent = began.elapsed().as_micros();
    assert!(html.contains("class=\"terminals\""), "the list has somebody in it");
    spent
}

/// A fleet that is nearly all well, each with health as terminals send it.
fn fleet_of(terminals: u32) -> Fleet {
    let now = clock::now();
    let mut fleet = Fleet::new(TimeZone::UTC, now);
    for number in 1..=terminals {
        let number = TerminalNumber::new(number).expect("a number");
        let mut say = |topic: &Topic, body: serde_json::Value| {
            fleet.hear(topic, body.to_string().as_bytes(), true, now);
        };
        let at = now.to_string();
        say(&Topic::State(number), json!({"state": "ready", "session": 7, "at": at}));
        let is_odd = number.value() % 20 == 0;
        let health = json!({
            "terminal": {"number": number, "label": format!("Phở Bát Đàn {number}"), "groups": [if is_odd { "north" } else { "south" }],
                         "version": "0.1.0", "boot_id": "a2f9b1d4-7c1e-4f53-9f0e-0d7a6f1c2b3e", "uptime_s": 90_000},
            "links": {"broker": {"up": true, "since": at}, "payos": {"up": true, "since": at}, "finan": {"up": true, "since": at}},
            "queue": {"entries": 0, "bytes": 0}, "clock": {"synchronised": true, "offset_ms": 12},
            "certificate": {"not_after": "2028-11-30T00:00:00Z", "renew_at": "2028-03-30T00:00:00Z"},
            "store": {"bytes": 9_000_000, "free_bytes": 900_000_000, "sales": 12_000},
            "display": {"ok": true, "driver": "fbdev", "size": "800x480"}, "sound": {"ok": true, "driver": "alsa"},
            "last_payment_at": at, "attention": u32::from(is_odd), "memory_bytes": 14_000_000, "temperature_c": 51,
        });
        say(&Topic::Health(number), health);
        say(&Topic::Reported(number), json!({"version": 1_795_143_845, "hash": "0".repeat(64), "at": at}));
        for sequence in 1..=SALES {
            let id = format!("{number}-{sequence:09}");
            let sale = json!({
                "id": id, "revision": 7, "state": "paid", "amount": 50_000, "currency": "VND", "paid_amount": 50_000,
                "refunded_amount": 0, "flags": [], "channel": "payos", "attempt": 1, "order": id, "provider_id": null,
                "reference": null, "note": null, "qr": null, "qr_kind": null, "waiting_for": null, "created_at": at,
                "expires_at": null, "finished_at": at, "failure": null, "payments": [], "refunds": [],
            });
            let topic = format!("till/v1/{number}/up/sale/{id}").parse().expect("a topic");
            say(&topic, sale);
        }
    }
    let messages = u64::from(terminals) * u64::from(SALES + 3);
    assert_eq!((fleet.counts.taken, fleet.counts.refused), (messages, 0), "all of it was taken");
    fleet
}

/// The memory of this process that is in use, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it tells the memory");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib * 1024
}
