//! Who may call: a browser on this machine that shows this page, and nobody's page from elsewhere. It must not know the
//! calls, only whether they change something.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What every answer carries: nothing from elsewhere is loaded, nobody frames the page, nothing is kept.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Refuses strangers before any call is looked at.
pub(super) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut response = match admit(port, request.method().is_safe(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(reason) => (StatusCode::FORBIDDEN, reason).into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A page whose name was made to point at this machine is told by the `Host`, another page by the `Origin`.
fn admit(port: u16, is_safe: bool, headers: &HeaderMap) -> Result<(), &'static str> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    if host != format!("127.0.0.1:{port}") && host != format!("localhost:{port}") {
        return Err("the header `Host` must name this machine's loopback address and the page's port\n");
    }
    if is_safe {
        return Ok(());
    }
    if text(header::ORIGIN) != Some(&format!("http://{host}")) {
        return Err("this can be done only from the page itself\n");
    }
    if text(header::CONTENT_TYPE) != Some("application/json") {
        return Err("the header `Content-Type` must be `application/json`\n");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::admit;

    fn is_admitted(is_safe: bool, headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        admit(8400, is_safe, &headers).is_ok()
    }

    #[test]
    fn only_the_page_itself_on_this_machine_is_admitted() {
        let own = ("host", "127.0.0.1:8400");
        let json = ("content-type", "application/json");
        assert!(is_admitted(true, &[own]));
        assert!(is_admitted(true, &[("host", "localhost:8400")]));
        assert!(is_admitted(false, &[own, ("origin", "http://127.0.0.1:8400"), json]));
        for host in ["shop.example", "127.0.0.1", "127.0.0.1:80", "localhost.shop.example:8400"] {
            assert!(!is_admitted(true, &[("host", host)]), "{host}");
        }
        assert!(!is_admitted(true, &[]));
        for origin in ["http://shop.example", "null", "http://localhost:8400", "https://127.0.0.1:8400"] {
            assert!(!is_admitted(false, &[own, ("origin", origin), json]), "{origin}");
        }
        assert!(!is_admitted(false, &[own, json]));
        assert!(!is_admitted(false, &[own, ("origin", "http://127.0.0.1:8400"), ("content-type", "text/plain")]));
        assert!(!is_admitted(false, &[own, ("origin", "http://127.0.0.1:8400")]));
    }
}
