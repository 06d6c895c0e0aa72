//! `/healthz`, `/readyz` and `/metrics` for whoever runs a server of this program. Changes nothing. It must not know which
//! server it is.

use axum::body::Body;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::watch;

use crate::server::{Answer, Visitor};

/// A server that somebody runs.
pub(crate) trait Operated: Send + Sync + 'static {
    /// Says what keeps it from its work, if anything does.
    fn hindrance(&self) -> Option<String>;
    /// Its figures, as Prometheus reads them.
    fn exposition(&self) -> String;
}

/// The operator's side of a server.
pub(crate) struct Admin<O> {
    pub(crate) of: O,
    /// True once the server is going to end.
    pub(crate) stopping: watch::Receiver<bool>,
}

const TEXT: &str = "text/plain; charset=utf-8";
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

impl<O: Operated> Answer for Admin<O> {
    async fn answer(&self, _visitor: Visitor<'_>, request: Request<Incoming>) -> Response<Body> {
        if request.method() != Method::GET {
            return page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n".into());
        }
        match request.uri().path() {
            "/healthz" => page(StatusCode::OK, TEXT, "ok\n".into()),
            "/readyz" => self.ready(),
            "/metrics" => page(StatusCode::OK, EXPOSITION, self.of.exposition()),
            _ => page(StatusCode::NOT_FOUND, TEXT, "no such page\n".into()),
        }
    }
}

impl<O: Operated> Admin<O> {
    fn ready(&self) -> Response<Body> {
        let hindrance = if *self.stopping.borrow() { Some("stopping".to_owned()) } else { self.of.hindrance() };
        match hindrance {
            None => page(StatusCode::OK, TEXT, "ready\n".into()),
            Some(why) => page(StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("{why}\n")),
        }
    }
}

fn page(status: StatusCode, kind: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
