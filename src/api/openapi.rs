//! `GET /openapi.json`: the description of every call, as a text. What makes it of the calls is in no program, but in a
//! test (`description.rs`), which holds the text against the calls.

use axum::http::header;
use axum::response::{IntoResponse, Response};

#[cfg(test)]
mod description;

const TEXT: &str = include_str!("openapi/openapi.json");

/// Describes every call of this interface.
#[utoipa::path(
    get, path = "/openapi.json", tag = "terminal", operation_id = "describe",
    responses((status = 200, description = "This document", body = Object, content_type = "application/json"))
)]
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT).into_response()
}
