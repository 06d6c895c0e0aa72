//! `GET /v1/events`: every change as a server-sent event, first what a listener has missed, then what comes, without a
//! gap or a repetition. It must not know where missed changes are kept.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use super::desk::Desk;
use super::problem::{Problem, ProblemBody};
use crate::port::{Announced, Port};
use crate::till::{Change, Missed};

/// How often a line is sent while nothing happens, so that both ends notice a dead connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a browser is to wait before it comes back.
const COME_BACK: Duration = Duration::from_secs(1);
/// How many missed changes are asked for at a time: what hundreds of listeners hold in memory is bounded by it.
const PORTION: usize = 50;

/// The data of an event.
#[expect(dead_code, reason = "describes the data for openapi.json")]
#[derive(utoipa::ToSchema)]
#[schema(as = EventData)]
#[serde(untagged)]
enum Told {
    /// Of `event: sale`.
    Sale(till_wire::Sale),
    /// Of `event: receipt`.
    Receipt(till_wire::Receipt),
}

/// Sends every change of a sale (`event: sale`) and of a receipt (`event: receipt`).
#[utoipa::path(
    get, path = "/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<u64>, Header, description = "The last `id` that was heard: what came since is sent first. Without it, or when it is unknown or too old, the newest revision of every sale that is not ended is sent first")),
    responses(
        (status = 200, description = "Server-sent events; `id` grows with every event and survives restarts; data is the sale or the receipt. The stream ends when the listener is too slow: come back with `Last-Event-ID`", body = Told, content_type = "text/event-stream"),
        (status = 503, description = "`unavailable`: too many listen already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = desk.place_to_listen()?;
    let after =
        headers.get("Last-Event-ID").and_then(|value| value.to_str().ok()).and_then(|value| value.trim().parse().ok());
    // Listening begins before the question, so that nothing can happen in between unheard.
    let live = desk.port.listen();
    let missed = desk.port.missed(after, PORTION).await?;
    let mut listener = Listener {
        waiting: VecDeque::new(),
        more: false,
        live,
        last: after.unwrap_or_default(),
        port: desk.port.clone(),
        closing: desk.closing.clone(),
        _place: place,
    };
    listener.take(missed);
    let greeting = stream::iter([Ok(Event::default().retry(COME_BACK).comment("listening"))]);
    let changes = greeting.chain(stream::unfold(listener, Listener::next));
    Ok(Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here")))
}

/// One who listens.
struct Listener {
    /// What is sent before anything live.
    waiting: VecDeque<Announced>,
    /// Whether there may be more that was missed than waits.
    more: bool,
    live: broadcast::Receiver<Arc<Announced>>,
    /// The last number that was sent, or that the listener has heard earlier.
    last: u64,
    port: Port,
    closing: watch::Receiver<()>,
    /// Gives the place back when the listener goes.
    _place: OwnedSemaphorePermit,
}

impl Listener {
    fn take(&mut self, missed: Missed) {
        let missed = match missed {
            Missed::Since(missed) => {
                self.more = missed.len() >= PORTION;
                missed
            }
            Missed::Open(missed) => {
                // What it named is unknown: it begins anew.
                self.last = 0;
                missed
            }
        };
        self.waiting.extend(missed.into_iter().map(|(number, change)| Announced::new(number, change)));
    }

    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.waiting.is_empty() && self.more {
            self.more = false;
            match self.port.missed(Some(self.last), PORTION).await {
                Ok(missed @ Missed::Since(_)) => self.take(missed),
                // What it heard last is forgotten meanwhile, or cannot be read: it comes back and begins anew.
                Ok(Missed::Open(_)) | Err(_) => return None,
            }
        }
        if let Some(missed) = self.waiting.pop_front() {
            return Some((Ok(self.tell(&missed)), self));
        }
        loop {
            let heard = tokio::select! {
                heard = self.live.recv() => heard,
                _ = self.closing.changed() => return None,
            };
            match heard {
                Ok(announced) if announced.number > self.last => {
                    return Some((Ok(self.tell(&announced)), self));
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

    fn tell(&mut self, announced: &Announced) -> Event {
        self.last = self.last.max(announced.number);
        let kind = match announced.change {
            Change::Sale(_) => "sale",
            Change::Receipt(_) => "receipt",
        };
        Event::default().id(announced.number.to_string()).event(kind).data(announced.json())
    }
}
