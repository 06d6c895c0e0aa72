//! The calls about the terminal itself. It must not know how anything is measured.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use till_wire::Status;
use tokio::time::timeout;

use super::answers::{ReplayBody, respond};
use super::body::OptionalBody;
use super::desk::Desk;
use super::metrics;
use super::problem::{Kind, Problem};
use crate::port::Unavailable;

/// How long the driver may take before it counts as stuck.
const HEALTHY: Duration = Duration::from_secs(2);

/// What `/healthz` says.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

/// Says how the terminal is doing; what is not known is left out.
#[utoipa::path(
    get, path = "/v1/status", tag = "terminal",
    responses((status = 200, description = "The status", body = Status))
)]
pub(super) async fn status(State(desk): State<Arc<Desk>>) -> Result<Json<Status>, Problem> {
    Ok(Json(desk.port.status().await?))
}

/// Asks the bridges again for what they have for this terminal.
#[utoipa::path(
    post, path = "/v1/replay", tag = "terminal",
    responses((status = 202, description = "The bridges are asked as soon as the broker can be reached", body = ReplayBody))
)]
pub(super) async fn replay(
    State(desk): State<Arc<Desk>>,
    OptionalBody(fields): OptionalBody,
) -> Result<Response, Problem> {
    fields.finish()?;
    respond(desk.port.replay().await?)
}

/// Tells whether the till answers and can use its store.
#[utoipa::path(
    get, path = "/healthz", tag = "terminal",
    responses((status = 200, description = "The till answers and can use its store", body = Health))
)]
pub(super) async fn healthz(State(desk): State<Arc<Desk>>) -> Result<Json<Health>, Problem> {
    let answered = timeout(HEALTHY, desk.port.status()).await;
    let status = answered.map_err(|_| {
        Problem::new(Kind::Unavailable, format!("the till did not answer within {} s", HEALTHY.as_secs()))
    })??;
    status.store.ok_or(Unavailable::StoreFault)?;
    Ok(Json(Health { status: "ok" }))
}

/// Counts and measures, as text for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "terminal",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain"))
)]
pub(super) async fn metrics(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    let status = desk.port.status().await?;
    let counters = desk.port.counters().await?;
    let text = metrics::text(&status, &desk.counts, &counters);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((kind, text).into_response())
}
