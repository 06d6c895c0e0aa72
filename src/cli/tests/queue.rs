//! What is owed to others, for people.

use std::time::Duration;

use super::Counter;
use crate::api::fake::{Terminal, rules, sale_id};
use crate::cli::Language;
use crate::till::{Due, Outstanding};

#[tokio::test]
async fn what_is_owed_is_listed_with_its_age() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("queue", &terminal);
    assert_eq!(counter.till(&["queue"]).await.out, "Nothing is owed to anybody.\n");
    let (sale, order) = (sale_id(1), sale_id(2).order());
    let cancellation = Due::Cancellation { channel: rules().channel, sale, order, tries: 3 };
    terminal.memory().owed = vec![
        Outstanding { what: Due::Sale { sale, revision: 7 }, age: None },
        Outstanding { what: cancellation, age: Some(Duration::from_secs(90)) },
    ];
    let want = "\
Owed                 To           For  About
news of a sale       broker         ?  0001017-000000001
cancelling an order  payos   1 min 30 s  0001017-000000001 0001017-000000002 (3 tries)
2 KiB of at most 16384 KiB of messages wait for the broker.
";
    let told = counter.till(&["queue"]).await.out;
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&told), words(want), "{told}");
    let json = counter.till(&["queue", "--json"]).await.out;
    assert!(json.starts_with("{\"count\":2,\"bytes\":1800,\"max_count\":10000,\"max_bytes\":16777216,\"more\":false,\"entries\":[{\"kind\":\"sale\","), "{json}");
    let vietnamese = counter.speaking(Language::Vietnamese).till(&["queue"]).await.out;
    assert!(vietnamese.contains("hủy lệnh thu") && vietnamese.contains("(đã thử 3 lần)"), "{vietnamese}");
}
