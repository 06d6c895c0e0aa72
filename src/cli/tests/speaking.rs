//! In which language, how wide and in which colours it is said.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{Counter, Language, nobody};
use crate::api::fake::{Mood, PIN, Terminal, ended, receipt, rules, rules_with_pin, sale, sale_id};
use crate::cli::text::width;
use crate::till::{Change, Ending, Failure, FailureCode};

/// Names and what is typed: the same in every language.
const NAMES: &str = "till tilld payos api help sale show sales receipts match RECEIPT pin AMOUNT STATE SALE LIMIT TIME state since limit json note \
     requesting showing unconfirmed cancelling paid cancelled expired failed not-found already-ended busy invalid \
     provider_refused already-matched needs-double-proof PIN file nonsense nowhere closed";

fn failed(sequence: u32) -> crate::till::Sale {
    let failure = Failure::new(FailureCode::ProviderRefused, "closed");
    ended(sequence, Ending::Failed(failure))
}

fn words(text: &str) -> BTreeSet<String> {
    let ascii = text.split(|c: char| !c.is_alphabetic() && c != '_').filter(|word| word.len() >= 3 && word.is_ascii());
    ascii.map(str::to_lowercase).collect()
}

/// A terminal with sales that ended in every way, an open one, and receipts that can and cannot be matched.
async fn busy_terminal() -> Terminal {
    let terminal = Terminal::start(rules_with_pin(), None).await;
    for sale in
        [ended(1, Ending::Paid), failed(2), ended(3, Ending::Cancelled(None)), ended(4, Ending::Expired(None)), sale(5)]
    {
        terminal.keep(sale);
    }
    let known = crate::till::Receipt { sale: Some(sale_id(1)), ..receipt("two") };
    let much = crate::till::Receipt { amount: till_wire::Amount::vnd(1_000_000), ..receipt("three") };
    terminal.memory().receipts = vec![receipt("one"), known, much];
    terminal
}

/// Every verb in both languages, and everything that can be wrong with it. A word that both say is a name, or has been
/// forgotten.
#[tokio::test]
async fn no_english_is_left_in_what_is_said_in_vietnamese() {
    let terminal = busy_terminal().await;
    let counter = Counter::at("languages", &terminal);
    let screen = counter.folder.join("screen.png");
    let screen = screen.to_str().expect("the folder's name is text");
    let pin = counter.folder.join("pin");
    fs::write(&pin, format!("{PIN}\n")).expect("the folder takes a file");
    let pin = pin.to_str().expect("the folder's name is text");
    let [key, matched, large] = ["one", "two", "three"].map(|reference| receipt(reference).key.to_string());
    let names = [NAMES, screen, pin, &key, &matched, &large];
    let names: BTreeSet<String> = names.into_iter().flat_map(words).collect();
    let lines: [&[&str]; 43] = [
        &["show", "1"],
        &["show", "2"],
        &["show", "2", "--qr"],
        &["show", "5"],
        &["show", "0001017-000000009"],
        &["show", "999"],
        &["show", "x"],
        &["sales"],
        &["sales", "--state", "expired"],
        &["sales", "--state", "unconfirmed"],
        &["sales", "--state", "PAID"],
        &["sales", "--limit", "201"],
        &["sales", "--limit"],
        &["sales", "--since", "nowhere"],
        &["status"],
        &["receipts"],
        &["match", "x", "1"],
        &["match", &key, "x"],
        &["match", "0123456789", "1"],
        &["match", &key, "1", "--pin-file", "/nowhere/nowhere"],
        &["match", &key, "5"],
        &["match", &key, "9", "--pin-file", pin],
        &["match", &matched, "5", "--pin-file", pin],
        &["match", &large, "5", "--pin-file", pin],
        &["match"],
        &["replay"],
        &["screen", screen],
        &["screen", "/nowhere/nowhere.png"],
        &["cancel", "5"],
        &["cancel", "1"],
        &["cancel"],
        &["sale", "50k"],
        &["sale", "0"],
        &["sale", "-5k"],
        &["sale", "1.5"],
        &["sale", "nonsense"],
        &["sale", "10000001"],
        &["sale", "999999999"],
        &["sale", "9999999999999"],
        &["sale", "5", "--nonsense"],
        &["sale", "5", "--qr", "--json"],
        &["nonsense"],
        &[],
    ];
    for line in lines {
        let english = counter.till(&[&["--lang", "en"], line].concat()).await;
        let vietnamese = counter.till(&[&["--lang", "vi"], line].concat()).await;
        assert_eq!(english.code, vietnamese.code, "{line:?}");
        let both = |came: &super::Came| words(&format!("{}\n{}", came.out, came.err));
        let left: Vec<String> = both(&english).intersection(&both(&vietnamese)).cloned().collect();
        let left: Vec<&String> = left.iter().filter(|word| !names.contains(*word)).collect();
        assert_eq!(left, Vec::<&String>::new(), "{line:?}: {vietnamese:?}");
        assert!(!vietnamese.out.is_ascii() || !vietnamese.err.is_ascii(), "{line:?}: {vietnamese:?}");
    }
}

#[tokio::test]
async fn what_a_daemon_that_is_away_or_ill_leaves_to_say_is_vietnamese_too() {
    let gone = Counter::new("gone", &super::listen(nobody().await)).speaking(Language::Vietnamese);
    let came = gone.till(&["status"]).await;
    assert_eq!(came.code, 4);
    assert!(came.err.starts_with("till: không thể hỏi tình trạng của máy: tilld ở 127.0.0.1:"), "{}", came.err);
    assert!(came.err.contains("có đang chạy không? (systemctl status tilld)"), "{}", came.err);
    let terminal = Terminal::start(rules(), None).await;
    terminal.feel(Mood::StoreFault);
    let ill = Counter::at("ill", &terminal).speaking(Language::Vietnamese);
    let came = ill.till(&["sale", "50k"]).await;
    let told =
        "till: không thể lập đơn 50.000 ₫: bộ nhớ của máy bị lỗi, chưa có gì thay đổi; xin xem nhật ký (store-fault)\n";
    assert_eq!((came.code, came.err.as_str()), (1, told));
    terminal.feel(Mood::Well);
    let large = ill.till(&["sale", "10000001"]).await;
    let told = "till: không thể lập đơn 10.000.001 ₫: số tiền phải từ 1 ₫ đến 10.000.000 ₫ (invalid)\n";
    assert_eq!((large.code, large.err.as_str()), (2, told));
    let short = ill.till_typing("24", &["pin"]).await;
    assert_eq!((short.code, short.err.as_str()), (2, "till: mã PIN có từ 4 đến 64 ký tự\n"));
    let check = ill.till(&["--check"]).await;
    assert!(check.code == 0 && check.out.ends_with("[api] hợp lệ\n"), "{check:?}");
}

#[tokio::test]
async fn json_has_no_language_and_no_colour() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(failed(1));
    terminal.memory().receipts = vec![receipt("one")];
    let counter = Counter::at("json-language", &terminal);
    for verb in ["show", "sales", "receipts", "status"] {
        let english = counter.till(&["--lang", "en", verb, "--json"]).await;
        let vietnamese = counter.till(&["--lang=vi", "--color", "always", verb, "--json"]).await;
        assert_eq!((english.code, &english.out), (0, &vietnamese.out), "{verb}");
        assert!(serde_json::from_str::<serde_json::Value>(&english.out).is_ok(), "{verb}: {}", english.out);
    }
}

#[tokio::test]
async fn lines_fit_the_terminal_and_colour_repeats_what_marks_say() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(failed(1));
    terminal.keep(crate::till::Sale { note: Some("bàn số bốn, khách quen".into()), ..ended(2, Ending::Paid) });
    terminal.memory().receipts = vec![receipt("one")];
    for language in [Language::Vietnamese, Language::English] {
        let mut counter = Counter::at("fitting", &terminal).speaking(language);
        counter.style.columns = Some(80);
        for line in [&["sales"][..], &["receipts"], &["status"], &["show", "1"], &["show", "2"]] {
            let plain = counter.till(line).await.out;
            assert!(plain.lines().all(|line| width(line) <= 80), "{plain}");
            let coloured = counter.till(&[&["--color", "always"], line].concat()).await.out;
            assert!(coloured.contains("\x1b["), "{coloured}");
            assert_eq!(uncoloured(&coloured), plain);
        }
    }
}

fn uncoloured(text: &str) -> String {
    let mut pieces = text.split('\x1b');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
}

/// P11: a payer writes the note of a receipt.
#[tokio::test]
async fn p11_a_payers_note_cannot_command_the_cashiers_terminal() {
    let terminal = Terminal::start(rules(), None).await;
    let note = Some("\u{1b}[2J\u{1b}]0;PAID\u{7}\r\n0001017-000000009  ✓ PAID".into());
    terminal.memory().receipts = vec![crate::till::Receipt { note, ..receipt("one") }];
    let came = Counter::at("note", &terminal).till(&["receipts"]).await;
    assert_eq!(came.out.lines().count(), 2, "{}", came.out);
    assert!(!came.out.contains(['\x1b', '\x07', '\r']), "{:?}", came.out);
}

#[tokio::test]
async fn watched_lines_stand_under_each_other() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("aligned", &terminal).speaking(Language::Vietnamese);
    let paper = super::Paper::default();
    let changes = async {
        while terminal.listeners() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
        terminal.announce(1, Change::Sale(Box::new(sale(1))));
        terminal.announce(2, Change::Sale(Box::new(ended(1, Ending::Paid))));
        terminal.announce(3, Change::Receipt(Box::new(receipt("one"))));
        while paper.text().lines().count() < 3 {
            sleep(Duration::from_millis(5)).await;
        }
        terminal.stop().await;
    };
    let watching = timeout(Duration::from_secs(30), counter.till_on(&paper, &["watch"]));
    let (came, ()) = tokio::join!(watching, changes);
    let came = came.expect("the command gives up");
    let columns: Vec<(Option<usize>, usize)> = came
        .out
        .lines()
        .map(|line| (line.find('₫'), width(line.split(['…', '✓', '?']).next().unwrap_or_default())))
        .collect();
    assert_eq!(columns.len(), 3, "{}", came.out);
    assert!(columns.iter().all(|place| Some(place) == columns.first()), "{}", came.out);
}
