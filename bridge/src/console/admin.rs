//! `/healthz`, `/readyz` and `/metrics` for whoever runs the console. Changes nothing.

use std::sync::{Arc, PoisonError};

use axum::body::Body;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use till_wire::Standing;
use tokio::sync::watch;

use super::desk::Desk;
use super::metrics::Told;
use crate::admin::{EXPOSITION, TEXT, page};
use crate::clock;
use crate::server::{Answer, Visitor};

/// The operator's side.
pub(crate) struct Admin {
    pub(crate) desk: Arc<Desk>,
    /// True once the console is going to end.
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
            "/metrics" => page(StatusCode::OK, EXPOSITION, self.desk.metrics.exposition(&self.told())),
            _ => page(StatusCode::NOT_FOUND, TEXT, "no such page\n".into()),
        }
    }
}

impl Admin {
    /// Says why what the console shows may be old.
    fn hindrance(&self) -> Option<&'static str> {
        if *self.stopping.borrow() {
            return Some("stopping");
        }
        let fleet = self.desk.fleet.lock().unwrap_or_else(PoisonError::into_inner);
        (!fleet.link.up).then_some("the broker is not connected")
    }

    fn told(&self) -> Told {
        let fleet = self.desk.fleet.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut cannot_sell, mut attention) = (0, 0);
        for judged in fleet.judged(clock::now()) {
            match judged.standing {
                Standing::CannotSell => cannot_sell += 1,
                Standing::Attention => attention += 1,
                Standing::Asleep | Standing::Fine => {}
            }
        }
        Told {
            terminals: fleet.len(),
            cannot_sell,
            attention,
            broker_up: fleet.link.up,
            messages: fleet.counts.taken,
            refused: fleet.counts.refused,
            unrouted: fleet.unrouted.seen,
            sessions: self.desk.sessions.count(clock::instant()),
        }
    }
}
