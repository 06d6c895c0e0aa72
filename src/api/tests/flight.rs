//! What the flight recorder holds.

use std::sync::Arc;

use super::raw::get;
use crate::api::fake::{Terminal, rules};

#[tokio::test]
async fn the_recording_is_told_line_by_line_as_it_is() {
    let terminal = Terminal::start(rules(), None).await;
    let lines: [&[u8]; 2] = [b"{\"flight\":1}\n", b"{\"event\":{}}\n"];
    terminal.memory().flight = lines.iter().map(|line| Arc::from(*line)).collect();
    let told = get(&terminal, "/v1/flight").await;
    assert_eq!(told.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(told.body, b"{\"flight\":1}\n{\"event\":{}}\n");
}
