//! The page's own files, which are part of the program. It must not know what they show.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const FILES: [(&str, &str, &[u8]); 7] = [
    ("/", "text/html; charset=utf-8", include_bytes!("../web/page.html")),
    ("/page.css", "text/css; charset=utf-8", include_bytes!("../web/page.css")),
    ("/page.js", "text/javascript; charset=utf-8", include_bytes!("../web/page.js")),
    ("/words.js", "text/javascript; charset=utf-8", include_bytes!("../web/words.js")),
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
