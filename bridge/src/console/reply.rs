//! What goes back to a browser, each with the headers that keep a page to itself. It must not know what a page says.

use axum::body::Body;
use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    LOCATION, REFERRER_POLICY, SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};

use super::html::Html;

/// Nothing is loaded from elsewhere, nothing is run that stands in a page, and nobody frames us.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
/// For what a terminal has made: not even our own files are used by it.
const POLICY_OF_STRANGERS: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A page.
pub(crate) fn page(status: StatusCode, html: Html) -> Response<Body> {
    of(status, "text/html; charset=utf-8", html.finish().into_bytes())
}

/// A few words for whoever came the wrong way.
pub(crate) fn plain(status: StatusCode, words: &'static str) -> Response<Body> {
    of(status, "text/plain; charset=utf-8", words.as_bytes().to_vec())
}

/// One of our own files, which a browser may keep for a while.
pub(crate) fn file(kind: &'static str, text: &'static str) -> Response<Body> {
    let mut response = of(StatusCode::OK, kind, text.as_bytes().to_vec());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    response
}

/// Something that a terminal has made: shown as a picture, or kept as a file.
pub(crate) fn foreign(kind: &'static str, file_name: Option<String>, bytes: Vec<u8>) -> Response<Body> {
    let mut response = of(StatusCode::OK, kind, bytes);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_OF_STRANGERS));
    let disposition = file_name.map(|name| HeaderValue::try_from(format!("attachment; filename=\"{name}\"")));
    if let Some(Ok(disposition)) = disposition {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Sends the browser to one of our own pages.
pub(crate) fn see(path: &str) -> Response<Body> {
    let mut response = of(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Vec::new());
    if let Ok(path) = HeaderValue::try_from(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}

/// Adds a cookie.
pub(crate) fn with_cookie(mut response: Response<Body>, cookie: &str) -> Response<Body> {
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Says that the browser is to come over TLS alone from now on.
pub(crate) fn over_tls(headers: &mut HeaderMap) {
    headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
}

fn of(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`, with which browsers send forms without their origin.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (PERMISSIONS, "camera=(), geolocation=(), microphone=(), payment=()"),
        (OPENER, "same-origin"),
        (RESOURCE, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
