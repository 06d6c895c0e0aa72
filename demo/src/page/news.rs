//! Tells open pages what is new, and gives them the display's picture. It must not know what is told.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde_json::json;
use tokio::sync::watch;

use super::Desk;
use super::board::{self, Board};

/// How often a quiet stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The picture of the display.
pub(super) async fn screen(State(desk): State<Arc<Desk>>) -> impl IntoResponse {
    let picture = Bytes::copy_from_slice(&desk.board.picture());
    ([(header::CONTENT_TYPE, "image/png")], picture)
}

/// Everything that is known, then every change.
pub(super) async fn news(State(desk): State<Arc<Desk>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut changes = desk.board.changes();
    changes.mark_changed();
    let reader = Reader { board: desk.board.clone(), changes, told: 0, state: None };
    Sse::new(stream::unfold(reader, Reader::next)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Reader {
    board: Arc<Board>,
    changes: watch::Receiver<u64>,
    /// The number of the last line that was told.
    told: u64,
    /// The state as it was told.
    state: Option<board::State>,
}

impl Reader {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            self.changes.changed().await.ok()?;
            let (state, lines) = self.board.since(self.told);
            if lines.is_empty() && self.state.as_ref() == Some(&state) {
                continue;
            }
            let data = json!({ "state": state, "lines": lines }).to_string();
            self.told = lines.last().map_or(self.told, |line| line.number);
            self.state = Some(state);
            return Some((Ok(Event::default().data(data)), self));
        }
    }
}
