//! `GET /v1/screen.png`: what the display shows, at once or as soon as it shows something else. It must not know what is
//! to be seen.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::timeout;

use super::desk::Desk;
#[cfg(test)]
use super::problem::ProblemBody;
use super::problem::{Kind, Problem};
use crate::clock;

/// The longest that a caller may wait for another picture.
const LONGEST: u64 = 20;

/// What a picture is in the document: bytes, not JSON.
#[cfg(test)]
struct Bytes;

#[cfg(test)]
impl utoipa::PartialSchema for Bytes {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let bytes = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(bytes)).into()
    }
}

#[cfg(test)]
impl utoipa::ToSchema for Bytes {}

/// Shows what the display shows: now, or, to one who knows it already, as soon as it shows another picture.
#[cfg_attr(test, utoipa::path(
    get, path = "/v1/screen.png", tag = "terminal", operation_id = "screen_picture",
    params(
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the picture that the caller has"),
        ("Prefer" = Option<String>, Header, description = "`wait=N` (RFC 7240): while the display shows the picture that `If-None-Match` names, wait up to N seconds, at most 20, for another one"),
    ),
    responses(
        (status = 200, description = "The picture", body = inline(Bytes), content_type = "image/png", headers(("ETag" = String, description = "Names the picture"))),
        (status = 304, description = "The display still shows the picture that `If-None-Match` names", headers(("ETag" = String, description = "Names the picture"))),
        (status = 404, description = "`not-found`: there is no display", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: too many wait already", body = ProblemBody, content_type = "application/problem+json"),
    )
))]
pub(super) async fn picture(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, Problem> {
    let mut numbers = desk.port.pictures();
    let number = *numbers.borrow_and_update();
    // Before there is a display there is no picture that anybody could have.
    if number != 0 && has_it(&headers, &tag(&desk, number)) && !changes(&desk, numbers, patience(&headers)).await? {
        return Ok((StatusCode::NOT_MODIFIED, about(&desk, number)).into_response());
    }
    let picture = desk.port.screen().await?.ok_or_else(|| {
        Problem::new(Kind::NotFound, "the terminal shows nothing: it has no display (`display.driver`)")
    })?;
    let kind = [(header::CONTENT_TYPE, "image/png")];
    Ok((kind, about(&desk, picture.number), picture.png.to_vec()).into_response())
}

/// Waits until the display shows another picture; returns whether it does.
async fn changes(desk: &Desk, mut numbers: watch::Receiver<u64>, patience: Duration) -> Result<bool, Problem> {
    if patience.is_zero() {
        return Ok(false);
    }
    let _place = desk.place_to_listen()?;
    let mut closing = desk.closing.clone();
    let changed = async {
        tokio::select! {
            changed = numbers.changed() => changed.is_ok(),
            _ = closing.changed() => false,
        }
    };
    Ok(timeout(patience, changed).await.unwrap_or(false))
}

/// Names a picture. The number alone could come again after the machine has started again.
fn tag(desk: &Desk, number: u64) -> String {
    format!("\"{}-{number}\"", clock::boot_text(desk.boot))
}

fn about(desk: &Desk, number: u64) -> [(HeaderName, String); 2] {
    [(header::ETAG, tag(desk, number)), (header::CACHE_CONTROL, "no-store".to_owned())]
}

/// Tells whether the caller has the picture already (RFC 9110 §13.1.2).
fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    words(headers, &header::IF_NONE_MATCH).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// Returns how long the caller would wait. What is not understood is ignored (RFC 7240 §2).
fn patience(headers: &HeaderMap) -> Duration {
    let wait = words(headers, &HeaderName::from_static("prefer")).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let digits = value.trim().trim_matches('"');
        let digits =
            Some(digits).filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        // More digits than a number takes are a long wait too.
        name.trim().eq_ignore_ascii_case("wait").then(|| digits.parse().unwrap_or(u64::MAX))
    });
    Duration::from_secs(wait.unwrap_or(0).min(LONGEST))
}

/// Returns the words of a header that is a list.
fn words<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferring(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (HeaderName::from_static("prefer"), line.parse().expect("a header's value"))).collect()
    }

    #[test]
    fn a_wait_is_read_as_rfc_7240_has_it_and_never_longer_than_allowed() {
        for (lines, secs) in [
            (&["wait=5"][..], 5),
            (&["respond-async, wait=10"], 10),
            (&["respond-async", "Wait = \"7\"; foo"], 7),
            (&["wait=20"], 20),
            (&["wait=3600"], 20),
            (&["wait=99999999999999999999999"], 20),
            (&["wait=0"], 0),
            (&["wait=-5"], 0),
            (&["wait=soon, handling=lenient"], 0),
            (&["wait"], 0),
            (&["wait="], 0),
            (&["waiting=5"], 0),
            (&[], 0),
        ] {
            assert_eq!(patience(&preferring(lines)), Duration::from_secs(secs), "{lines:?}");
        }
    }
}
