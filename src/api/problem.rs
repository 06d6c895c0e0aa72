//! What the API says when it says no: problem details (RFC 9457) with stable types, each with one status.
//! It must not know which call was refused.

use std::fmt;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use till_wire::SaleId;

use crate::port::Unavailable;

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Malformed,
    Invalid,
    TooLarge,
    Unauthorised,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Busy,
    IdempotencyMismatch,
    ClockNotSet,
    AlreadyEnded,
    NotEnded,
    AlreadyMatched,
    NeedsDoubleProof,
    StoreFault,
    WrongPin,
    TooManyPins,
    NumbersUsedUp,
    QueueFull,
    Disabled,
    Unavailable,
}

impl Kind {
    /// Returns what stands after `urn:tilld:problem:`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Invalid => "invalid",
            Self::TooLarge => "too-large",
            Self::Unauthorised => "unauthorised",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Busy => "busy",
            Self::IdempotencyMismatch => "idempotency-mismatch",
            Self::ClockNotSet => "clock-not-set",
            Self::AlreadyEnded => "already-ended",
            Self::NotEnded => "not-ended",
            Self::AlreadyMatched => "already-matched",
            Self::NeedsDoubleProof => "needs-double-proof",
            Self::StoreFault => "store-fault",
            Self::WrongPin => "wrong-pin",
            Self::TooManyPins => "too-many-pins",
            Self::NumbersUsedUp => "numbers-used-up",
            Self::QueueFull => "queue-full",
            Self::Disabled => "disabled",
            Self::Unavailable => "unavailable",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request cannot be read",
            Self::Invalid => "The request asks for something that is not allowed",
            Self::TooLarge => "The request is too large",
            Self::Unauthorised => "The token is missing or wrong",
            Self::Forbidden => "This caller may not do that",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "The call has another method",
            Self::Busy => "Another sale is in progress",
            Self::IdempotencyMismatch => "The idempotency key was used for another request",
            Self::ClockNotSet => "The terminal's clock is not set",
            Self::AlreadyEnded => "The sale has ended already",
            Self::NotEnded => "The sale has not ended",
            Self::AlreadyMatched => "The money counts for a sale already",
            Self::NeedsDoubleProof => "So much money needs the provider's own answer",
            Self::StoreFault => "The store cannot take it",
            Self::WrongPin => "The PIN is wrong",
            Self::TooManyPins => "The PIN was wrong too often",
            Self::NumbersUsedUp => "The terminal's order numbers are used up",
            Self::QueueFull => "Too much waits for the broker",
            Self::Disabled => "The terminal is shut",
            Self::Unavailable => "The till does not answer",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthorised => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::WrongPin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Busy | Self::AlreadyEnded | Self::NotEnded | Self::AlreadyMatched | Self::NeedsDoubleProof => {
                StatusCode::CONFLICT
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid | Self::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyPins => StatusCode::TOO_MANY_REQUESTS,
            Self::ClockNotSet
            | Self::StoreFault
            | Self::NumbersUsedUp
            | Self::QueueFull
            | Self::Disabled
            | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A refusal. Its text never quotes a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) kind: Kind,
    detail: String,
    field: Option<String>,
    sale: Option<SaleId>,
    retry_after: Option<Duration>,
    closing: bool,
}

/// A refusal as it is sent, `application/problem+json`.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// `urn:tilld:problem:` and a stable name.
    #[serde(rename = "type")]
    kind: String,
    /// The type in words, always the same for a type.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// The field, query key or header that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The sale that stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    sale: Option<SaleId>,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), field: None, sale: None, retry_after: None, closing: false }
    }

    /// Refuses a field: `expected` ends the sentence "`field` must be …".
    pub(super) fn field(field: impl Into<String>, expected: impl fmt::Display) -> Self {
        let field = field.into();
        Self { field: Some(field.clone()), ..Self::new(Kind::Invalid, format!("`{field}` must be {expected}")) }
    }

    /// Refuses a field, query key or form key that does not exist.
    pub(super) fn unknown_field(field: impl Into<String>) -> Self {
        let field = shortened(&field.into());
        Self { field: Some(field.clone()), ..Self::new(Kind::Invalid, format!("`{field}` is not known here")) }
    }

    /// Names the sale that stands in the way.
    pub(super) fn about(self, sale: SaleId) -> Self {
        Self { sale: Some(sale), ..self }
    }

    /// Says when to come back.
    pub(super) fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }

    /// Ends the connection after the refusal.
    pub(super) fn closing(self) -> Self {
        Self { closing: true, ..self }
    }
}

/// Keeps outside text short in answers.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut chars = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut kept: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::StoreFault => Self::new(Kind::StoreFault, "nothing was changed; see the daemon's log"),
            Unavailable::Gone => Self::new(Kind::Unavailable, "the till is stopping"),
            Unavailable::Late => Self::new(
                Kind::Unavailable,
                "the till did not answer in time; whether it did what was asked is not known",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let body = ProblemBody {
            kind: format!("urn:tilld:problem:{}", self.kind.name()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            field: self.field,
            sale: self.sale,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(after) = self.retry_after {
            let secs = after.as_millis().div_ceil(1000).max(1);
            if let Ok(value) = HeaderValue::from_str(&secs.to_string()) {
                headers.insert(header::RETRY_AFTER, value);
            }
        }
        if self.closing {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.kind == Kind::Unauthorised {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tilld\""));
        }
        response
    }
}
