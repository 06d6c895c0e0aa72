//! `GET /openapi.json`: the description of every call. It must not describe what is not there.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::problem::ProblemBody;
use super::{events, flight, journal, keypad, picture, queue, receipts, report, sales, screen, terminal};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "tilld",
        description = "The interface of a counter terminal that takes money by QR code. Errors are problem details (RFC 9457) whose `type` is `urn:tilld:problem:` and a stable name. Consumers tolerate fields that they do not know.",
    ),
    paths(
        sales::sell, sales::list, sales::show, journal::journal, sales::cancel, sales::acknowledge, sales::confirm,
        receipts::list, receipts::match_to_sale,
        report::report, report::csv,
        keypad::press,
        events::events, terminal::status, queue::queue, flight::flight, terminal::replay, picture::picture, screen::page, terminal::healthz, terminal::metrics,
        openapi,
    ),
    components(schemas(till_wire::Receipt, ProblemBody)),
    modifiers(&Common),
    security((), ("token" = []))
)]
struct Api;

/// Describes every call of this interface.
#[utoipa::path(
    get, path = "/openapi.json", tag = "terminal", operation_id = "describe",
    responses((status = 200, description = "This document", body = Object, content_type = "application/json"))
)]
pub(super) async fn openapi() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    match Api::openapi().to_json() {
        Ok(text) => (kind, text).into_response(),
        Err(error) => super::problem::Problem::new(
            super::problem::Kind::Unavailable,
            format!("the description cannot be written: {error}"),
        )
        .into_response(),
    }
}

/// What every call has in common.
struct Common;

/// Refusals of every call.
const EVERY: [(&str, &str); 3] = [
    ("401", "`unauthorised`: the token is missing or wrong"),
    ("403", "`forbidden`: the `Host` is not this terminal's"),
    ("503", "`unavailable` or `store-fault`"),
];

/// Refusals of every call that changes something.
const CHANGING: [(&str, &str); 4] = [
    ("400", "`malformed`: the body is not JSON"),
    ("403", "`forbidden`: `Content-Type` is not `application/json`, or a browser came from another origin"),
    ("413", "`too-large`: the body has more than 64 KiB"),
    ("422", "`invalid`: names the field"),
];

impl Modify for Common {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some("Needed over TCP when `api.token` is configured"))
                    .build(),
            ),
        );
        for path in document.paths.paths.values_mut() {
            if let Some(post) = &mut path.post {
                refuse(post, &CHANGING);
                refuse(post, &EVERY);
            }
            if let Some(get) = &mut path.get {
                refuse(get, &EVERY);
            }
        }
    }
}

/// Adds refusals to a call; what it says itself stays and is said first.
fn refuse(call: &mut Operation, refusals: &[(&str, &str)]) {
    for (status, description) in refusals {
        let mut said = (*description).to_owned();
        if let Some(utoipa::openapi::RefOr::T(own)) = call.responses.responses.get(*status) {
            if own.description.contains(description) {
                continue;
            }
            said = format!("{}; {description}", own.description);
        }
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description(said).content("application/problem+json", body).build();
        call.responses.responses.insert((*status).to_owned(), response.into());
    }
}
