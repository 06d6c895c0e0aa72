//! How a sale came to be what it is, for people.

use super::Counter;
use crate::api::fake::{Terminal, ended, journal, rules};
use crate::cli::Language;
use crate::till::{Ending, JournalPage};

#[tokio::test]
async fn each_change_is_a_line_with_its_cause_and_its_proof() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("journal", &terminal);
    terminal.keep(ended(1, Ending::Paid));
    terminal.memory().journal = journal();
    let told = counter.till(&["journal", "001"]).await;
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!(lines.first(), Some(&"Sale 0001017-000000001"));
    let has = |line: usize, parts: &[&str]| {
        let line = lines.get(line).copied().unwrap_or_default();
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    };
    has(
        2,
        &[
            "r2",
            "▣ code on the display",
            "signed webhook (transfer), 50.000 ₫ reported, not counted (TF1), envelope 3f0c9b6de1a24785906b1f2a3c4d5e6f",
        ],
    );
    has(3, &["r2", "answer when asked (later): the answer of payOS is lost: the connection broke"]);
    has(4, &["r3", "✓ PAID", "answer when asked (paid), 50.000 ₫ counted (TF1, poll), late"]);
    assert_eq!(lines.get(5), Some(&"2 lines after the first were dropped: 200 are kept."));
    let json = counter.till(&["journal", "001", "--json"]).await.out;
    assert!(json.starts_with("{\"sale\":\"0001017-000000001\",\"entries\":[{\"revision\":2,"), "{json}");
    let unknown = counter.till(&["journal", "0001017-000000009"]).await;
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("cannot show the journal of sale 0001017-000000009"), "{}", unknown.err);
    assert_eq!(counter.till(&["journal"]).await.code, 2);

    terminal.memory().journal = JournalPage::default();
    let empty = counter.speaking(Language::Vietnamese).till(&["journal", "001"]).await.out;
    assert_eq!(empty, "Đơn 0001017-000000001\n  Đơn này không có nhật ký: phiên bản cũ đã lập nó.\n");
}
