//! Keys of the cashier's keypad over HTTP.

use serde_json::json;

use super::raw::{call, get, post};
use crate::api::fake::{Mood, TOKEN, Terminal, rules, rules_with_token, sale, sale_id};
use crate::till::Key;

const KEYPAD: &str = "/v1/keypad";

#[tokio::test]
async fn every_key_has_a_name_and_keys_keep_their_order() {
    let terminal = Terminal::start(rules(), None).await;
    let body = r#"{"keys":["0","1","9","00","000","plus","times","back","escape","last","report"]}"#;
    let reply = post(&terminal, KEYPAD, body).await;
    assert_eq!(
        (reply.status, reply.json()),
        (
            200,
            json!({
                "entry": {"text": "999.999.999.999", "amount": 999_999_999_999u64, "problem": "too_large", "reference": null},
                "sale": null,
            })
        )
    );
    let digits = [Key::Digit(0), Key::Digit(1), Key::Digit(9), Key::DoubleZero, Key::TripleZero];
    let others = [Key::Plus, Key::Times, Key::Back, Key::Escape, Key::Last, Key::Report];
    assert_eq!(terminal.memory().pressed, [&digits[..], &others[..]].concat());
}

#[tokio::test]
async fn the_description_names_every_key_that_is_taken() {
    let terminal = Terminal::start(rules(), None).await;
    let document = get(&terminal, "/openapi.json").await.json();
    let names = document["components"]["schemas"]["Key"]["enum"].as_array().expect("the names of keys").clone();
    assert_eq!(names.len(), 20);
    assert_eq!(post(&terminal, KEYPAD, &json!({ "keys": names }).to_string()).await.status, 200);
    let pressed = terminal.memory().pressed.clone();
    assert!(pressed.iter().enumerate().all(|(at, key)| !pressed[..at].contains(key)), "{pressed:?}");
}

#[tokio::test]
async fn enter_makes_a_sale_and_the_answer_carries_it() {
    let terminal = Terminal::start(rules(), None).await;
    let reply = post(&terminal, KEYPAD, r#"{"keys":["5","0","000","enter"]}"#).await;
    let json = reply.json();
    assert_eq!((reply.status, &json["entry"]), (200, &json!(null)));
    assert_eq!((&json["sale"]["id"], &json["sale"]["amount"]), (&json!("0001017-029727122"), &json!(50_000)));
}

#[tokio::test]
async fn what_is_no_list_of_keys_is_refused_with_its_place() {
    let terminal = Terminal::start(rules(), None).await;
    let many = format!(r#"{{"keys":[{}"5"]}}"#, r#""5","#.repeat(32));
    for (body, field) in [
        (r#"{}"#, "keys"),
        (r#"{"keys":null}"#, "keys"),
        (r#"{"keys":"5"}"#, "keys"),
        (r#"{"keys":[]}"#, "keys"),
        (many.as_str(), "keys"),
        (r#"{"keys":["5",5]}"#, "keys[1]"),
        (r#"{"keys":["5","0000"]}"#, "keys[1]"),
        (r#"{"keys":["Enter"]}"#, "keys[0]"),
        (r#"{"keys":[""]}"#, "keys[0]"),
        (r#"{"keys":["５"]}"#, "keys[0]"),
        (r#"{"keys":["5"],"amount":5}"#, "amount"),
    ] {
        let reply = post(&terminal, KEYPAD, body).await;
        assert_eq!(reply.problem(), (422, "invalid".into(), Some(field.into())), "{body}");
    }
    assert_eq!(terminal.memory().pressed, []);
}

#[tokio::test]
async fn a_sale_in_progress_and_a_broken_store_refuse_keys() {
    let terminal = Terminal::start(rules(), None).await;
    for (mood, kind) in [
        (Mood::StoreFault, "store-fault"),
        (Mood::Gone, "unavailable"),
        (Mood::ClockNotSet, "clock-not-set"),
        (Mood::NumbersUsedUp, "numbers-used-up"),
        (Mood::QueueFull, "queue-full"),
        (Mood::Disabled, "disabled"),
    ] {
        terminal.feel(mood);
        let reply = post(&terminal, KEYPAD, r#"{"keys":["5","enter"]}"#).await;
        assert_eq!(reply.problem(), (503, kind.into(), None), "{mood:?}");
    }
    terminal.feel(Mood::Well);
    terminal.keep(sale(29_727_122));
    let reply = post(&terminal, KEYPAD, r#"{"keys":["5"]}"#).await;
    assert_eq!(reply.problem(), (409, "busy".into(), None));
    assert_eq!(reply.json()["sale"], sale_id(29_727_122).to_string());
}

#[tokio::test]
async fn keys_pass_the_same_guards_as_every_changing_call() {
    let terminal = Terminal::start(rules_with_token(), None).await;
    let (line, body) = ("POST /v1/keypad", br#"{"keys":["5"]}"#);
    let json = ("Content-Type", "application/json");
    let bearer = format!("Bearer {TOKEN}");
    let token = ("Authorization", bearer.as_str());
    let foreign = ("Origin", "https://shop.example");
    assert_eq!(call(terminal.address, line, &[json], body).await.problem().0, 401);
    assert_eq!(call(terminal.address, line, &[token], body).await.problem().0, 403);
    assert_eq!(call(terminal.address, line, &[json, token, foreign], body).await.problem().0, 403);
    assert_eq!(terminal.memory().pressed, []);
    assert_eq!(call(terminal.address, line, &[json, token], body).await.status, 200);
}
