//! Matching money by hand: naming the receipt and the sale, typing the PIN or leaving it to a file.

use std::fs;

use super::Counter;
use crate::api::fake::{PIN, Terminal, receipt, rules_with_pin, sale, sale_id};
use crate::till::Receipt;

/// A terminal with one open sale and money that fits none.
async fn terminal() -> Terminal {
    let terminal = Terminal::start(rules_with_pin(), None).await;
    terminal.keep(sale(1_000_122));
    terminal.memory().receipts = vec![receipt("one"), receipt("two")];
    terminal
}

#[tokio::test]
async fn money_is_matched_by_first_and_last_digits_and_a_typed_pin() {
    let terminal = terminal().await;
    let counter = Counter::at("match", &terminal);
    let key = receipt("one").key.to_string();
    let digits = key[..8].to_uppercase();
    let came = counter.till_typing(PIN, &["match", &digits, "122"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    assert!(came.out.starts_with("Sale 0001017-001000122  50.000 ₫  ✓ PAID"), "{}", came.out);
    let again = counter.till_typing(PIN, &["match", &key, "122"]).await;
    let told = format!(
        "till: cannot match receipt {key} to sale 0001017-001000122: the money counts for a sale already \
         (already-matched): this money counts for sale 0001017-001000122\n"
    );
    assert_eq!((again.code, again.err), (1, told));
    let listed = counter.till(&["receipts"]).await.out;
    let line = listed.lines().find(|line| line.starts_with(&key)).unwrap_or_default();
    assert!(line.contains("+70.000 ₫  ✓ matched"), "{listed}");
    assert!(line.ends_with(" 0001017-001000122 payos"), "{listed}");
    let unmatched = counter.till(&["receipts", "--unmatched"]).await.out;
    assert!(!unmatched.contains(&key) && unmatched.contains(&receipt("two").key.to_string()), "{unmatched}");
}

#[tokio::test]
async fn the_pin_can_stand_in_a_file_and_the_answer_be_json() {
    let terminal = terminal().await;
    let counter = Counter::at("match-file", &terminal);
    let (key, pin) = (receipt("one").key.to_string(), counter.folder.join("pin"));
    let pin_file = pin.to_str().expect("the folder's name is text");
    let words = ["match", &key, "0001017-001000122", "--pin-file", pin_file, "--json"];
    let missing = counter.till(&words).await;
    assert_eq!(missing.code, 1);
    assert!(missing.err.starts_with("till: cannot read the PIN in `"), "{}", missing.err);
    fs::write(&pin, "1111\n").expect("the folder takes a file");
    let wrong = counter.till(&words).await;
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("(wrong-pin)") && !wrong.err.contains("1111"), "{}", wrong.err);
    fs::write(&pin, format!("{PIN}\r\nnot the PIN\n")).expect("the folder takes a file");
    let came = counter.till(&words).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    assert!(came.out.starts_with("{\"id\":\"0001017-001000122\"") && came.out.ends_with("}\n"), "{}", came.out);
    assert_eq!(terminal.memory().receipts[0].sale, Some(sale_id(1_000_122)));
}

#[tokio::test]
async fn what_names_no_receipt_or_several_is_said() {
    let terminal = terminal().await;
    let key = |reference: &str| receipt(reference).key.to_string();
    // Of all the receipts with these references, two begin with the same digit.
    let twins = (0..17).map(|number| receipt(&number.to_string())).collect::<Vec<Receipt>>();
    let first = |receipt: &Receipt| receipt.key.to_string()[..1].to_owned();
    let twice = twins.iter().map(first).find(|digit| twins.iter().filter(|twin| first(twin) == *digit).count() > 1);
    let twice = twice.expect("there are sixteen digits and seventeen receipts");
    terminal.memory().receipts = twins;
    let counter = Counter::at("match-names", &terminal);
    let unclear = counter.till_typing(PIN, &["match", &twice, "122"]).await;
    assert_eq!(unclear.code, 2);
    assert!(unclear.err.contains("type more digits"), "{}", unclear.err);
    let unknown = counter.till_typing(PIN, &["match", &key("one")[..20], "122"]).await;
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("`till receipts` lists them"), "{}", unknown.err);
    let whole = counter.till_typing(PIN, &["match", &key("one"), "122"]).await;
    assert_eq!(whole.code, 1);
    assert!(whole.err.contains("(not-found)"), "{}", whole.err);
    for words in [["match", "x", "122"], ["match", "", "122"], ["match", "0g", "122"], ["match", "0", "x"]] {
        let came = counter.till_typing(PIN, &words).await;
        assert_eq!(came.code, 2, "{words:?}");
        assert!(came.err.contains(" is named by its "), "{words:?}: {}", came.err);
    }
}
