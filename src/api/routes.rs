//! Which path and method leads to which call. It must not know what the calls do.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use super::desk::Desk;
use super::guard::{Gate, Road, guard};
use super::problem::{Kind, Problem};
use super::{events, flight, journal, keypad, openapi, picture, queue, receipts, report, sales, screen, terminal};

/// Returns the calls for those who come by this road.
pub(super) fn routes(desk: Arc<Desk>, road: Road) -> Router {
    let gate = Arc::new(Gate::new(road, desk.rules.token.as_ref(), desk.pages.clone()));
    Router::new()
        .route("/v1/sales", get(sales::list).post(sales::sell))
        .route("/v1/sales/{id}", get(sales::show))
        .route("/v1/sales/{id}/journal", get(journal::journal))
        .route("/v1/sales/{id}/cancel", post(sales::cancel))
        .route("/v1/sales/{id}/acknowledge", post(sales::acknowledge))
        .route("/v1/sales/{id}/confirm", post(sales::confirm))
        .route("/v1/keypad", post(keypad::press))
        .route("/v1/receipts", get(receipts::list))
        .route("/v1/receipts/{key}/match", post(receipts::match_to_sale))
        .route("/v1/report", get(report::report))
        .route("/v1/report.csv", get(report::csv))
        .route("/v1/events", get(events::events))
        .route("/v1/status", get(terminal::status))
        .route("/v1/queue", get(queue::queue))
        .route("/v1/flight", get(flight::flight))
        .route("/v1/replay", post(terminal::replay))
        .route("/v1/screen.png", get(picture::picture))
        .route("/screen", get(screen::page))
        .route("/healthz", get(terminal::healthz))
        .route("/metrics", get(terminal::metrics))
        .route("/openapi.json", get(openapi::openapi))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(gate, guard))
        .layer(from_fn_with_state(desk.clone(), count))
        .with_state(desk)
}

async fn count(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    desk.counts.count(response.status());
    response
}

async fn not_found() -> Problem {
    Problem::new(Kind::NotFound, "there is no such call; `/openapi.json` lists those that there are")
}

async fn method_not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "the header `Allow` says which methods this call has")
}
