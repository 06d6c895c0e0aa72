//! Passes the keys that are pressed on the page to the till's keypad. It must not know what they do.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Desk;
use crate::http::Request;

const PATIENCE: Duration = Duration::from_secs(5);

/// Answers with what the till answers; 503 while the till has no power or does not answer.
pub(super) async fn press(State(desk): State<Arc<Desk>>, keys: Bytes) -> Response {
    let till = *desk.board.till().borrow();
    let Some(till) = till else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match Request::post_json(format!("http://{till}/v1/keypad"), keys).send(PATIENCE).await {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
