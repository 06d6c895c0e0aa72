//! `/healthz`, `/readyz` and `/metrics` for whoever runs the enrolment server. Changes nothing.

use std::sync::Arc;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use till_authority::Authority;
use tokio::sync::watch;

use super::metrics::{Metrics, Told};
use super::store::{Health, Store};
use crate::admin::{EXPOSITION, TEXT, page};
use crate::clock;
use crate::server::{Answer, Visitor};

/// The operator's side.
pub(crate) struct Admin {
    pub(crate) store: Arc<Store>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) max_records: u64,
    pub(crate) metrics: Arc<Metrics>,
    /// True once the server is going to end.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Answer for Admin {
    async fn answer(&self, _visitor: Visitor<'_>, request: Request<Incoming>) -> Response<Body> {
        if request.method() != Method::GET {
            return page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n".into());
        }
        match request.uri().path() {
            "/healthz" => page(StatusCode::OK, TEXT, "ok\n".into()),
            "/readyz" => match self.hindrance() {
                None => page(StatusCode::OK, TEXT, "ready\n".into()),
                Some(why) => page(StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("{why}\n")),
            },
            "/metrics" => page(StatusCode::OK, EXPOSITION, self.metrics.exposition(&self.told())),
            _ => page(StatusCode::NOT_FOUND, TEXT, "no such page\n".into()),
        }
    }
}

impl Admin {
    /// Says why no certificates can be made.
    fn hindrance(&self) -> Option<String> {
        if *self.stopping.borrow() {
            return Some("stopping".into());
        }
        if !clock::is_plausible() {
            return Some("the clock is not set".into());
        }
        if clock::now() >= self.authority.ends() {
            return Some("the issuer's certificate has expired".into());
        }
        match self.store.health() {
            Health::Good => None,
            Health::Full => Some("the store is full (claims.max_records)".into()),
            Health::Faulty(why) => Some(format!("the store does not work: {why}")),
        }
    }

    fn told(&self) -> Told {
        Told {
            counts: self.store.counts(),
            max_records: self.max_records,
            health: self.store.health(),
            issuer_ends: self.authority.ends(),
        }
    }
}
