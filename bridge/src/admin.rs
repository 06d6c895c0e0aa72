//! `/healthz`, `/readyz` and `/metrics` for whoever runs the bridge. Changes nothing.

use std::sync::Arc;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::watch;

use crate::journal::{Health, Reader};
use crate::metrics::Metrics;
use crate::server::{Answer, Visitor};

/// The operator's side.
pub(crate) struct Admin {
    pub(crate) journal: Reader,
    pub(crate) metrics: Arc<Metrics>,
    /// True once the bridge is going to end and takes no more webhooks.
    pub(crate) stopping: watch::Receiver<bool>,
}

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

impl Answer for Admin {
    async fn answer(&self, _visitor: Visitor<'_>, request: Request<Incoming>) -> Response<Body> {
        if request.method() != Method::GET {
            return page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n".into());
        }
        match request.uri().path() {
            "/healthz" => page(StatusCode::OK, TEXT, "ok\n".into()),
            "/readyz" => self.ready(),
            "/metrics" => {
                let text = self.metrics.exposition(&self.journal.status());
                page(StatusCode::OK, EXPOSITION, text)
            }
            _ => page(StatusCode::NOT_FOUND, TEXT, "no such page\n".into()),
        }
    }
}

impl Admin {
    /// Says whether webhooks can be taken; the broker does not matter for that.
    fn ready(&self) -> Response<Body> {
        let not_ready = |why: String| page(StatusCode::SERVICE_UNAVAILABLE, TEXT, why);
        if *self.stopping.borrow() {
            return not_ready("stopping\n".into());
        }
        match self.journal.status().health {
            Health::Good => page(StatusCode::OK, TEXT, "ready\n".into()),
            Health::Full => not_ready("the journal is full of undelivered entries\n".into()),
            Health::Faulty(why) => not_ready(format!("the journal cannot be written: {why}\n")),
        }
    }
}

pub(crate) fn page(status: StatusCode, kind: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
