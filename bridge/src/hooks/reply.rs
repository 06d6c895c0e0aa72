//! What a caller of a hook hears: statuses and bodies of contract §6. Knows nothing of why.

use axum::body::Body;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use till_wire::UnixTime;

use crate::metrics::Outcome;

/// A problem of RFC 9457 as it is sent.
macro_rules! problem {
    ($status:literal, $title:literal) => {
        concat!(r#"{"status":"#, $status, r#","title":""#, $title, r#"","type":"about:blank"}"#)
    };
}

/// The answers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Taken,
    UnknownPath,
    WrongMethod,
    /// The head of the request is not one that is sent to this server.
    WrongHead,
    Encoded,
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
            Outcome::Encoded => Self::Encoded,
            Outcome::Crowded | Outcome::NotTaken => Self::NotNow,
        }
    }
}

impl Reply {
    pub(super) fn response(self, now: UnixTime) -> Response<Body> {
        let (status, body) = self.refusal();
        let (kind, body) = match body {
            Some(problem) => ("application/problem+json", Body::from(problem)),
            None => {
                // The time is digits and signs that JSON does not escape.
                let body = format!(r#"{{"status":"success","message":"webhook taken","timestamp":"{now}"}}"#);
                ("application/json", Body::from(body))
            }
        };
        let mut response = Response::new(body);
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
            // What is left of such a request is not worth reading.
            Self::WrongHead | Self::Encoded | Self::TooLarge | Self::TooSlow => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::Taken | Self::UnknownPath | Self::NotVerified | Self::NotFresh | Self::Malformed => {}
        }
        response
    }

    /// Returns the status and the problem, which is written here once and not for every forgery.
    fn refusal(self) -> (StatusCode, Option<&'static str>) {
        let (status, problem) = match self {
            Self::Taken => return (StatusCode::OK, None),
            Self::UnknownPath => (StatusCode::NOT_FOUND, problem!(404, "no such channel")),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, problem!(405, "webhooks are sent with POST")),
            Self::WrongHead => {
                (StatusCode::BAD_REQUEST, problem!(400, "the target must be a path, and there is one Host"))
            }
            Self::Encoded => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, problem!(415, "webhooks are sent without compression"))
            }
            Self::NotVerified => (StatusCode::UNAUTHORIZED, problem!(401, "the signature is missing or wrong")),
            Self::NotFresh => {
                (StatusCode::UNAUTHORIZED, problem!(401, "the signature is too old, or from a time to come"))
            }
            Self::TooManyForgeries => (StatusCode::TOO_MANY_REQUESTS, problem!(429, "too many wrong signatures")),
            Self::Malformed => (StatusCode::BAD_REQUEST, problem!(400, "not a webhook of this provider")),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, problem!(413, "the webhook is too large")),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, problem!(408, "the body did not come in time")),
            Self::NotNow => (StatusCode::SERVICE_UNAVAILABLE, problem!(503, "cannot be taken now, send it again")),
        };
        (status, Some(problem))
    }
}
