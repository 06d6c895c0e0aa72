//! The page's own files, which are part of the program. It must not know what they show.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The kind of the scripts.
const SCRIPT: &str = "text/javascript; charset=utf-8";

const FILES: [(&str, &str, &[u8]); 15] = [
    ("/", "text/html; charset=utf-8", include_bytes!("../web/page.html")),
    ("/page.css", "text/css; charset=utf-8", include_bytes!("../web/page.css")),
    ("/page.js", SCRIPT, include_bytes!("../web/page.js")),
    ("/common.js", SCRIPT, include_bytes!("../web/common.js")),
    ("/counter.js", SCRIPT, include_bytes!("../web/counter.js")),
    ("/english.js", SCRIPT, include_bytes!("../web/english.js")),
    ("/faults.js", SCRIPT, include_bytes!("../web/faults.js")),
    ("/money.js", SCRIPT, include_bytes!("../web/money.js")),
    ("/phone.js", SCRIPT, include_bytes!("../web/phone.js")),
    ("/travels.js", SCRIPT, include_bytes!("../web/travels.js")),
    ("/vietnamese.js", SCRIPT, include_bytes!("../web/vietnamese.js")),
    ("/words.js", SCRIPT, include_bytes!("../web/words.js")),
    ("/icon.svg", "image/svg+xml", include_bytes!("../web/icon.svg")),
    ("/regular.ttf", "font/ttf", notosans::REGULAR_TTF),
    ("/bold.ttf", "font/ttf", notosans::BOLD_TTF),
];

pub(super) fn routes() -> Router {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, bytes)| {
        router.route(path, get(move || async move { answer(kind, bytes) }))
    })
}

fn answer(kind: &'static str, bytes: &'static [u8]) -> Response {
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}
