//! The description of every call, made of the calls themselves, and the text that is served, which must be that. It must not
//! describe what is not there.

use std::path::Path;

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::super::problem::ProblemBody;
use super::super::{
    events, flight, journal, keypad, openapi, picture, queue, receipts, report, sales, screen, terminal,
};

const TEXT: &str = include_str!("openapi.json");

#[test]
fn the_text_describes_the_calls_as_they_are() {
    // On many lines, for whoever compares two versions; without the third of it that would be spaces before them.
    let mut made = Vec::new();
    let mut lines = Serializer::with_formatter(&mut made, PrettyFormatter::with_indent(b""));
    Api::openapi().serialize(&mut lines).expect("the description can be written");
    made.push(b'\n');
    let made = String::from_utf8(made).expect("JSON is text");
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/openapi");
        std::fs::write(folder.join("openapi.json"), &made).expect("the text can be written");
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(made.as_bytes(), 10);
        std::fs::write(folder.join("openapi.zlib"), packed).expect("its packed form can be written");
        return;
    }
    let served = String::from_utf8(super::unpacked().expect("it can be unpacked")).expect("a text");
    assert!(served == TEXT, "src/api/openapi/openapi.zlib is not openapi.json, packed");
    let differs = served.lines().zip(made.lines()).find(|(old, new)| old != new);
    assert!(
        served == made,
        "src/api/openapi/openapi.json is not what the calls say; make it anew: \
         UPDATE_DOCS=1 cargo test --workspace --lib -- openapi\n{differs:?}"
    );
}

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
        openapi::openapi,
    ),
    components(schemas(till_wire::Receipt, ProblemBody)),
    modifiers(&Common),
    security((), ("token" = []))
)]
struct Api;

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
