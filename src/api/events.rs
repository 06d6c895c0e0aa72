//! `GET /v1/events`: every change as a server-sent event, first what a listener has missed, then what comes, without a
//! gap or a repetition. It must not know where missed changes are kept.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use till_wire::sale as wire;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use super::desk::Desk;
use super::port::Announced;
use super::problem::{Kind, Problem, ProblemBody};
use crate::till::{Change, Missed};

/// How often a line is sent while nothing happens, so that both ends notice a dead connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a browser is to wait before it comes back.
const COME_BACK: Duration = Duration::from_secs(1);

/// Sends every change of a sale (`event: sale`) and of a receipt (`event: receipt`).
#[utoipa::path(
    get, path = "/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<u64>, Header, description = "The last `id` that was heard: what came since is sent first. Without it, or when it is unknown or too old, the newest revision of every sale that is not ended is sent first")),
    responses(
        (status = 200, description = "Server-sent events; `id` grows with every event and survives restarts; data is the sale or the receipt. The stream ends when the listener is too slow: come back with `Last-Event-ID`", body = till_wire::Sale, content_type = "text/event-stream"),
        (status = 503, description = "`unavailable`: too many listen already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = desk.listeners.clone().try_acquire_owned().map_err(|_| {
        Problem::new(Kind::Unavailable, "too many listen to events already").retry_after(Duration::from_secs(5))
    })?;
    let after =
        headers.get("Last-Event-ID").and_then(|value| value.to_str().ok()).and_then(|value| value.trim().parse().ok());
    // Listening begins before the question, so that nothing can happen in between unheard.
    let live = desk.port.listen();
    let missed = desk.port.missed(after).await?;
    let listener = Listener::new(live, missed, after, desk.closing.clone(), place);
    let changes = stream::unfold(listener, Listener::next);
    Ok(Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here")))
}

/// One who listens.
struct Listener {
    /// What is sent before anything live.
    waiting: VecDeque<Event>,
    live: broadcast::Receiver<Arc<Announced>>,
    /// The last number that was sent, or is in `waiting`.
    last: u64,
    closing: watch::Receiver<()>,
    /// Gives the place back when the listener goes.
    _place: OwnedSemaphorePermit,
}

impl Listener {
    fn new(
        live: broadcast::Receiver<Arc<Announced>>,
        missed: Missed,
        after: Option<u64>,
        closing: watch::Receiver<()>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let (missed, heard) = match missed {
            Missed::Since(missed) => (missed, after.unwrap_or_default()),
            Missed::Open(missed) => (missed, 0),
        };
        let last = missed.iter().fold(heard, |last, (number, _)| last.max(*number));
        let greeting = Event::default().retry(COME_BACK).comment("listening");
        let told = missed.iter().map(|(number, change)| event(*number, change));
        Self { waiting: std::iter::once(greeting).chain(told).collect(), live, last, closing, _place: place }
    }

    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if let Some(event) = self.waiting.pop_front() {
            return Some((Ok(event), self));
        }
        loop {
            let heard = tokio::select! {
                heard = self.live.recv() => heard,
                _ = self.closing.changed() => return None,
            };
            match heard {
                Ok(announced) if announced.number > self.last => {
                    self.last = announced.number;
                    let event = event(announced.number, &announced.change);
                    return Some((Ok(event), self));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::info!(missed, "a listener was too slow and has to come back");
                    return None;
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn event(number: u64, change: &Change) -> Event {
    match change {
        Change::Sale(sale) => told("sale", number, &wire::Sale::from(sale.as_ref())),
        Change::Receipt(receipt) => told("receipt", number, &wire::Receipt::from(receipt.as_ref())),
    }
}

fn told(kind: &str, number: u64, body: &impl Serialize) -> Event {
    let event = Event::default().id(number.to_string()).event(kind);
    match serde_json::to_string(body) {
        Ok(json) => event.data(json),
        // The types have no maps and no fallible parts; a listener that gets no data asks for the sale itself.
        Err(error) => event.comment(error.to_string()),
    }
}
