//! `GET /v1/flight`: what the flight recorder holds, line by line. It must not know what the lines say.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};

use super::desk::Desk;
use super::problem::{Problem, ProblemBody};

/// Tells the newest events that the till judged, for a support case: `till-demo --replay` runs them through a till again.
/// Ids and amounts, no names, notes, codes, keys or PINs.
#[utoipa::path(
    get, path = "/v1/flight", tag = "terminal", operation_id = "flight",
    responses(
        (status = 200, description = "JSON, one object a line; the first line has the version of the format", body = String, content_type = "application/x-ndjson"),
        (status = 503, description = "`unavailable`: too many listen already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn flight(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    // A slow reader holds old lines in memory as long as he reads, so he has a place as those have who listen.
    let place = desk.place_to_listen()?;
    let lines = desk.port.flight().await?;
    let length: usize = lines.iter().map(|line| line.len()).sum();
    let lines = stream::iter(lines).map(move |line| {
        let _ = &place;
        Ok::<_, Infallible>(Bytes::from_owner(line))
    });
    let kind =
        [(header::CONTENT_TYPE, "application/x-ndjson".to_owned()), (header::CONTENT_LENGTH, length.to_string())];
    Ok((kind, Body::from_stream(lines)).into_response())
}
