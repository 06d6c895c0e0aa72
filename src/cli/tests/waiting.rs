//! `till sale --wait` and `till watch`: following changes to the end.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{Counter, Paper};
use crate::api::fake::{Mood, Terminal, ended, receipt, rules, sale};
use crate::till::{Change, Ending, Failure, Sale};

const LONG: Duration = Duration::from_secs(30);
const MADE: u32 = 29_727_122;

/// Waits for a condition.
async fn until(condition: impl Fn() -> bool) {
    let met = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, met).await.expect("the condition comes true");
}

/// Waits until the sale is made, and listened to, then ends it.
async fn end(terminal: &Terminal, ending: Ending) {
    until(|| terminal.listeners() == 1).await;
    let sale = Sale { revision: 2, ..ended(MADE, ending) };
    terminal.keep(sale.clone());
    terminal.announce(2, Change::Sale(Box::new(ended(1, Ending::Paid))));
    terminal.announce(3, Change::Sale(Box::new(sale)));
}

#[tokio::test]
async fn waiting_for_a_paid_sale_ends_with_0() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("paid", &terminal);
    let (came, ()) = tokio::join!(counter.till(&["sale", "50000", "--wait"]), end(&terminal, Ending::Paid));
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    let lines: Vec<&str> = came.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", came.out);
    assert!(
        lines[0].contains("50.000 ₫  … waiting for the code") && lines[1].contains("50.000 ₫  ✓ PAID"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn waiting_for_a_sale_that_ends_unpaid_ends_with_3() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("unpaid", &terminal);
    let failure = Failure::new(crate::till::FailureCode::ProviderRefused, "closed");
    let (came, ()) =
        tokio::join!(counter.till(&["sale", "50000", "--wait", "--json"]), end(&terminal, Ending::Failed(failure)));
    assert_eq!((came.code, came.err.as_str()), (3, ""));
    let json: serde_json::Value = serde_json::from_str(&came.out).expect("the output is one JSON text");
    assert_eq!((json["state"].as_str(), json["failure"]["code"].as_str()), (Some("failed"), Some("provider_refused")));
}

#[tokio::test]
async fn waiting_ends_although_events_do_not_come() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("polled", &terminal);
    let silently = async {
        until(|| terminal.listeners() == 1).await;
        // The end is kept but never announced, and the stream is lost.
        terminal.keep(ended(MADE, Ending::Cancelled(None)));
        for number in 1..=400 {
            terminal.tell(number, Change::Sale(Box::new(sale(1))));
        }
    };
    let (came, ()) = tokio::join!(timeout(LONG, counter.till(&["sale", "50000", "--wait"])), silently);
    assert_eq!(came.map(|came| came.code).ok(), Some(3));
}

#[tokio::test]
async fn waiting_for_a_daemon_that_went_away_ends_with_4() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("away", &terminal);
    let goes_away = async {
        until(|| terminal.listeners() == 1).await;
        terminal.stop().await;
    };
    let (came, ()) = tokio::join!(timeout(LONG, counter.till(&["sale", "50000", "--wait"])), goes_away);
    let came = came.expect("the command gives up");
    assert_eq!(came.code, 4, "{came:?}");
    assert!(came.err.contains("cannot wait for the end of sale 0001017-029727122"), "{}", came.err);
}

#[tokio::test]
async fn a_sale_that_the_store_refuses_is_a_fault() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.feel(Mood::StoreFault);
    let came = Counter::at("fault", &terminal).till(&["sale", "50000", "--wait"]).await;
    assert_eq!(came.code, 1);
    assert!(came.err.contains("(store-fault)"), "{}", came.err);
}

#[tokio::test]
async fn watching_tells_every_change_once_across_a_lost_stream() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("watch", &terminal);
    let paper = Paper::default();
    let changes = async {
        until(|| terminal.listeners() == 1).await;
        // More than a listener may lag behind: the stream is closed and resumed.
        for number in 1..=400 {
            terminal.announce(number, Change::Sale(Box::new(Sale { revision: number, ..sale(1) })));
        }
        until(|| paper.text().lines().count() == 400).await;
        terminal.announce(401, Change::Receipt(Box::new(receipt("one"))));
        until(|| paper.text().lines().count() == 401).await;
        terminal.stop().await;
    };
    let (came, ()) = tokio::join!(timeout(LONG, counter.till_on(&paper, &["watch", "--json"])), changes);
    let came = came.expect("the command gives up");
    assert_eq!(came.code, 4, "{}", came.err);
    let revisions: Vec<u64> = came
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line is JSON"))
        .filter(|change| change["id"].is_string())
        .filter_map(|change| change["revision"].as_u64())
        .collect();
    assert_eq!(revisions, (1..=400).collect::<Vec<u64>>());
    assert_eq!(came.out.lines().count(), 401);
}
