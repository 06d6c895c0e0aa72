//! `GET /openapi.json`: the description of every call, as a text. What makes it of the calls is in no program, but in a
//! test (`description.rs`), which holds the text against the calls, and its packed form, which is what the program has, against
//! the text.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use miniz_oxide::inflate::{DecompressError, decompress_to_vec_zlib_with_limit};

#[cfg(test)]
mod description;

/// `openapi/openapi.json`, packed (RFC 1950).
const PACKED: &[u8] = include_bytes!("openapi/openapi.zlib");

/// The longest that the text may be, in bytes.
const LONGEST: usize = 1024 * 1024;

fn unpacked() -> Result<Vec<u8>, DecompressError> {
    decompress_to_vec_zlib_with_limit(PACKED, LONGEST)
}

/// Describes every call of this interface.
#[utoipa::path(
    get, path = "/openapi.json", tag = "terminal", operation_id = "describe",
    responses((status = 200, description = "This document", body = Object, content_type = "application/json"))
)]
pub(super) async fn openapi() -> Response {
    match unpacked() {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        // The test keeps this from happening.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
