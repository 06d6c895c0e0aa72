//! Looking at sales, receipts, the status, the screen.

use std::fs;

use super::Counter;
use crate::api::fake::{Mood, Terminal, ended, receipt, rules, sale};
use crate::till::Ending;

#[tokio::test]
async fn a_sale_is_shown_by_id_by_digits_or_as_the_newest() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("show", &terminal);
    let none = counter.till(&["show"]).await;
    assert_eq!((none.code, none.out.as_str()), (1, ""));
    terminal.keep(ended(1, Ending::Paid));
    terminal.keep(sale(2));
    for (words, first) in [
        (&["show"][..], "Sale 0001017-000000002  50.000 ₫  … waiting for the code"),
        (&["show", "1"], "Sale 0001017-000000001  50.000 ₫  ✓ PAID"),
        (&["show", "0001017-000000001"], "Sale 0001017-000000001  50.000 ₫  ✓ PAID"),
    ] {
        let came = counter.till(words).await;
        assert_eq!((came.code, came.out.lines().next()), (0, Some(first)), "{}", came.err);
    }
    let unknown = counter.till(&["show", "0001017-000000009"]).await;
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("(not-found)"), "{}", unknown.err);
}

#[tokio::test]
async fn sales_are_listed_by_state_and_time() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("sales", &terminal);
    assert_eq!(counter.till(&["sales"]).await.out, "No sales.\n");
    terminal.keep(ended(1, Ending::Paid));
    terminal.keep(sale(2));
    let ids = |out: &str| -> Vec<String> { out.lines().skip(1).map(|line| line[..17].to_owned()).collect() };
    let all = counter.till(&["sales", "--since", "2026-11-20T10:04:05+07:00"]).await;
    assert_eq!(ids(&all.out), ["0001017-000000002", "0001017-000000001"]);
    let paid = counter.till(&["sales", "--state", "paid", "--limit", "5"]).await;
    assert_eq!(ids(&paid.out), ["0001017-000000001"]);
    let json = counter.till(&["sales", "--state", "failed", "--json"]).await;
    assert_eq!(json.out, "{\"sales\":[],\"next\":null}\n");
    for words in [["sales", "--state", "PAID"], ["sales", "--limit", "201"], ["sales", "--since", "today"]] {
        assert_eq!(counter.till(&words).await.code, 2, "{words:?}");
    }
}

#[tokio::test]
async fn the_status_is_told_in_words_or_as_json() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("status", &terminal);
    assert_eq!(
        counter.till(&["status"]).await.out,
        "Terminal 0001017 (Quầy 1)\n  tilld 0.1.0, running for 5 s\nLinks\n  ✓ broker     up\nMachine\n    store      1 sales\nWork\n  ✓ attention  0 to be looked at\n"
    );
    let json = counter.till(&["status", "--json"]).await.out;
    assert!(json.starts_with("{\"terminal\":{\"number\":1017,"), "{json}");
    terminal.feel(Mood::StoreFault);
    let broken = counter.till(&["status"]).await;
    assert!(broken.code == 0 && broken.out.contains("  ✗ store      DOES NOT WORK"), "{broken:?}");
}

#[tokio::test]
async fn receipts_replay_and_screen_do_what_they_say() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("others", &terminal);
    assert_eq!(counter.till(&["receipts"]).await.out, "No receipts.\n");
    terminal.memory().receipts = vec![receipt("one")];
    let receipts = counter.till(&["receipts", "--unmatched"]).await.out;
    assert!(receipts.contains("+70.000 ₫  ? fits no sale"), "{receipts}");
    let replay = counter.till(&["replay"]).await;
    assert!(replay.code == 0 && replay.out.starts_with("The bridges are asked"), "{replay:?}");
    let file = counter.folder.join("screen.png");
    let screen = counter.till(&["screen", file.to_str().expect("the folder's name is text")]).await;
    let saved = fs::read_to_string(&file).expect("the picture of tests is text");
    assert!(screen.code == 0 && saved.starts_with("\u{89}PNG picture "), "{screen:?} {saved}");
    let nowhere = counter.till(&["screen", "/nowhere/at/all.png"]).await;
    assert_eq!(nowhere.code, 1);
}
