//! Making and cancelling sales.

use serde_json::Value;
use till_wire::Amount;

use super::Counter;
use crate::api::fake::{Terminal, ended, rules, sale};
use crate::till::Ending;

#[tokio::test]
async fn a_sale_is_made_with_what_was_typed() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("made", &terminal);
    let came =
        counter.till(&["sale", "1tr5", "--note", "bàn 3", "--reference", "ORDER-77", "--channel", "payos"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    let first = came.out.lines().next();
    assert_eq!(first, Some("Sale 0001017-029727122  1.500.000 ₫  … waiting for the code"));
    let memory = terminal.memory();
    let made = memory.requests.first().expect("the driver was asked");
    assert_eq!(
        (made.amount, made.note.as_deref(), made.reference.as_deref()),
        (Amount::vnd(1_500_000), Some("bàn 3"), Some("ORDER-77"))
    );
}

#[tokio::test]
async fn json_is_exactly_what_the_api_says() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("json", &terminal);
    let made = counter.till(&["sale", "50k", "--json"]).await;
    let shown = counter.till(&["show", "--json"]).await;
    assert_eq!((made.code, &made.out), (0, &shown.out));
    let json: Value = serde_json::from_str(&made.out).expect("the output is JSON");
    assert_eq!((json["amount"].as_u64(), json["id"].as_str()), (Some(50_000), Some("0001017-029727122")));
}

#[tokio::test]
async fn a_key_makes_one_sale() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("key", &terminal);
    let first = counter.till(&["sale", "50000", "--key", "k-1"]).await;
    let again = counter.till(&["sale", "50.000", "--key", "k-1"]).await;
    assert_eq!((first.code, again.code, first.out), (0, 0, again.out));
    let other = counter.till(&["sale", "60000", "--key", "k-1"]).await;
    assert_eq!(other.code, 1);
    assert!(other.err.contains("(idempotency-mismatch)"), "{}", other.err);
}

#[tokio::test]
async fn a_refused_amount_is_a_usage_fault() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("amount", &terminal);
    for amount in [
        "0",
        "-5",
        "-5k",
        "-1tr5",
        "-0",
        "1.5",
        "50,5",
        "1e3",
        "mười",
        "",
        "500000000",
        "10000001",
        "99999999999999999999",
    ] {
        let came = counter.till(&["sale", amount]).await;
        assert_eq!((came.code, came.out.as_str()), (2, ""), "{amount}: {}", came.err);
        assert_ne!(came.err, "", "{amount}");
        let is_told = ["đồng", "amount", "10.000.000 ₫"].iter().any(|word| came.err.contains(word));
        assert!(is_told, "{amount}: {}", came.err);
    }
    for amount in ["-5", "-5k", "-1tr5"] {
        let told = format!("till: `{amount}` is negative; expected an amount of at least 1 đồng\n");
        assert_eq!(counter.till(&["sale", amount]).await.err, told);
    }
    assert_eq!(terminal.memory().requests, []);
}

#[tokio::test]
async fn a_busy_terminal_says_what_to_do() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(sale(1));
    let came = Counter::at("busy", &terminal).till(&["sale", "50000"]).await;
    assert_eq!(
        (came.code, came.err.as_str()),
        (
            1,
            "till: cannot make a sale of 50.000 ₫: another sale is in progress (busy): \
             sale 0001017-000000001 is in progress; wait for its end or cancel it\n"
        )
    );
}

#[tokio::test]
async fn a_sale_is_cancelled_by_its_last_digits() {
    let terminal = Terminal::start(rules(), None).await;
    for sequence in [1_000_122, 1_000_222, 1_000_333] {
        terminal.keep(ended(sequence, Ending::Paid));
    }
    terminal.keep(sale(1_000_444));
    let counter = Counter::at("cancel", &terminal);
    let came = counter.till(&["cancel", "444"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    assert!(came.out.starts_with("Sale 0001017-001000444") && came.out.contains("being cancelled"), "{}", came.out);
    let unclear = counter.till(&["cancel", "22"]).await;
    assert_eq!(unclear.code, 2);
    assert!(unclear.err.contains("type more digits"), "{}", unclear.err);
    assert_eq!(counter.till(&["cancel", "999"]).await.code, 1);
    assert_eq!(counter.till(&["cancel", "abc"]).await.code, 2);
    let ended = counter.till(&["cancel", "0001017-001000333"]).await;
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("(already-ended)"), "{}", ended.err);
}

#[tokio::test]
async fn a_pin_becomes_a_hash_that_it_fits() {
    let counter = Counter::new("pin", "this is no configuration");
    let came = counter.till_typing("2468", &["pin"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    assert!(crate::pin::fits("2468", came.out.trim_end()), "{}", came.out);
    assert!(crate::config::PinHash::new(came.out.trim_end()).is_some(), "{}", came.out);
    assert_eq!(counter.till_typing("24", &["pin"]).await.code, 2);
    let letters = counter.till_typing("hai bốn", &["pin"]).await;
    assert_eq!(letters.code, 0);
    assert!(letters.err.contains("keypad"), "{}", letters.err);
}
