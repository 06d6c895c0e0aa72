//! What a caller of a hook hears: statuses and bodies of contract §6. Knows nothing of why.

use axum::body::Body;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde_json::json;
use till_wire::UnixTime;

use crate::metrics::Outcome;

/// The answers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Taken,
    UnknownPath,
    WrongMethod,
    NotVerified,
    NotFresh,
    TooManyForgeries,
    Malformed,
    TooLarge,
    TooSlow,
    NotNow,
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Routed | Outcome::Fallback | Outcome::Unrouted | Outcome::Ping => Self::Taken,
            Outcome::Forged => Self::NotVerified,
            Outcome::Stale => Self::NotFresh,
            Outcome::Throttled => Self::TooManyForgeries,
            Outcome::Malformed => Self::Malformed,
            Outcome::TooLarge => Self::TooLarge,
            Outcome::Incomplete => Self::TooSlow,
            Outcome::NotTaken => Self::NotNow,
        }
    }
}

impl Reply {
    pub(super) fn response(self, now: UnixTime) -> Response<Body> {
        let (status, text) = match self {
            Self::Taken => (StatusCode::OK, "webhook taken"),
            Self::UnknownPath => (StatusCode::NOT_FOUND, "no such channel"),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "webhooks are sent with POST"),
            Self::NotVerified => (StatusCode::UNAUTHORIZED, "the signature is missing or wrong"),
            Self::NotFresh => (StatusCode::UNAUTHORIZED, "the signature is too old, or from a time to come"),
            Self::TooManyForgeries => (StatusCode::TOO_MANY_REQUESTS, "too many wrong signatures"),
            Self::Malformed => (StatusCode::BAD_REQUEST, "not a webhook of this provider"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the webhook is too large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
            Self::NotNow => (StatusCode::SERVICE_UNAVAILABLE, "cannot be taken now, send it again"),
        };
        let (kind, body) = if status == StatusCode::OK {
            let body = json!({"status": "success", "message": text, "timestamp": now});
            ("application/json", body)
        } else {
            let body = json!({"type": "about:blank", "title": text, "status": status.as_u16()});
            ("application/problem+json", body)
        };
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        match self {
            Self::WrongMethod => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            Self::TooManyForgeries | Self::NotNow => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // What is left of such a body is not worth reading.
            Self::TooLarge | Self::TooSlow => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::Taken | Self::UnknownPath | Self::NotVerified | Self::NotFresh | Self::Malformed => {}
        }
        response
    }
}
