//! Server-sent events: nothing missed, nothing twice, and an end for those who cannot keep up.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::raw::{LONG, get};
use crate::api::fake::{Terminal, ended, receipt, rules, sale};
use crate::till::{Change, Ending, Sale};

/// One who listens.
struct Ear(BufReader<TcpStream>);

impl Ear {
    async fn open(terminal: &Terminal, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(terminal.address).await.expect("the API accepts");
        let last = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
        let request = format!("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n{last}\r\n");
        stream.write_all(request.as_bytes()).await.expect("the API takes a request");
        let mut ear = Self(BufReader::new(stream));
        while ear.line().await.as_deref() != Some(": listening") {}
        ear
    }

    /// Returns a line; nothing at the end, which a chunk of no bytes announces on a connection that is kept.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(LONG, self.0.read_line(&mut line)).await.expect("the API goes on in time");
        let line = line.trim_end().to_owned();
        (read.expect("the connection holds") > 0 && line != "0").then_some(line)
    }

    /// Returns the next event: id, kind, and the sale's or receipt's revision.
    async fn event(&mut self) -> Option<(u64, String, u64)> {
        let (mut id, mut kind) = (0, String::new());
        loop {
            let line = self.line().await?;
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.parse().expect("an id is a number");
            } else if let Some(text) = line.strip_prefix("event: ") {
                kind = text.to_owned();
            } else if let Some(text) = line.strip_prefix("data: ") {
                let body: serde_json::Value = serde_json::from_str(text).expect("data is JSON");
                return Some((id, kind, body["revision"].as_u64().unwrap_or_default()));
            }
        }
    }
}

fn changed(revision: u64) -> Change {
    Change::Sale(Box::new(Sale { revision, ..sale(1) }))
}

#[tokio::test]
async fn changes_are_told_as_they_come() {
    let terminal = Terminal::start(rules(), None).await;
    let mut ear = Ear::open(&terminal, None).await;
    terminal.announce(5, changed(1));
    terminal.announce(6, Change::Receipt(Box::new(receipt("one"))));
    assert_eq!(ear.event().await, Some((5, "sale".into(), 1)));
    assert_eq!(ear.event().await, Some((6, "receipt".into(), 1)));
}

#[tokio::test]
async fn a_listener_that_comes_back_hears_what_it_missed_and_nothing_twice() {
    let terminal = Terminal::start(rules(), None).await;
    for number in 1..=4 {
        terminal.announce(number, changed(number));
    }
    let mut ear = Ear::open(&terminal, Some("2")).await;
    terminal.tell(4, changed(4));
    terminal.announce(5, changed(5));
    for number in 3..=5 {
        assert_eq!(ear.event().await, Some((number, "sale".into(), number)));
    }
}

#[tokio::test]
async fn a_listener_with_a_strange_id_hears_every_open_sale_and_then_what_comes() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.announce(7, Change::Sale(Box::new(ended(2, Ending::Paid))));
    terminal.announce(8, changed(8));
    for last in [None, Some("999"), Some("abc"), Some("-1")] {
        let mut ear = Ear::open(&terminal, last).await;
        let number = 10 + u64::try_from(terminal.memory().events.len()).unwrap_or_default();
        terminal.announce(number, Change::Sale(Box::new(ended(3, Ending::Paid))));
        assert_eq!(ear.event().await, Some((8, "sale".into(), 8)), "{last:?}");
        assert_eq!(ear.event().await, Some((number, "sale".into(), 2)), "{last:?}");
    }
}

#[tokio::test]
async fn p9_a_listener_that_lags_is_sent_away_to_resume() {
    let terminal = Terminal::start(rules(), None).await;
    let mut ear = Ear::open(&terminal, None).await;
    // One thread runs the test: the API hears nothing of these until the test waits.
    for number in 1..=400 {
        terminal.announce(number, changed(number));
    }
    let mut last = 0;
    while let Some((number, _, _)) = ear.event().await {
        assert_eq!(number, last + 1);
        last = number;
    }
    assert!(last < 400, "{last}");
    let mut ear = Ear::open(&terminal, Some(&last.to_string())).await;
    for number in last + 1..=400 {
        assert_eq!(ear.event().await, Some((number, "sale".into(), number)));
    }
}

#[tokio::test]
async fn a_stop_ends_the_listening() {
    let terminal = Terminal::start(rules(), None).await;
    let mut ear = Ear::open(&terminal, None).await;
    assert_eq!(terminal.listeners(), 1);
    timeout(LONG, terminal.stop()).await.expect("a stop does not wait for listeners");
    assert_eq!(ear.event().await, None);
}

#[tokio::test]
async fn p9_listeners_leave_room_for_cashiers() {
    let terminal = Terminal::start(rules(), None).await;
    let mut ears = Vec::new();
    for _ in 0..256 {
        ears.push(Ear::open(&terminal, None).await);
    }
    let refused = get(&terminal, "/v1/events").await;
    assert_eq!(refused.problem(), (503, "unavailable".into(), None));
    assert_eq!((refused.header("retry-after"), refused.header("connection")), (Some("5"), Some("close")));
    assert_eq!(get(&terminal, "/v1/sales").await.status, 200);
}

#[tokio::test]
async fn p9_what_a_listener_missed_is_fetched_in_portions_and_told_whole() {
    let terminal = Terminal::start(rules(), None).await;
    for number in 1..=130 {
        terminal.announce(number, changed(number));
    }
    let mut ear = Ear::open(&terminal, Some("3")).await;
    terminal.announce(131, changed(131));
    for number in 4..=131 {
        assert_eq!(ear.event().await, Some((number, "sale".into(), number)));
    }
}
