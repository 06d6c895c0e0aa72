//! The body of a request, as strict JSON of at most 64 KiB that arrives within ten seconds. It must not know its fields.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::fields::Fields;
use super::problem::{Kind, Problem};
use super::strict::{Json, NotJson};

/// The largest body that is read (contract §4), in bytes.
const LARGEST: usize = 65_536;
/// How much of a too large body is thrown away before the refusal: a client that is still sending when the connection
/// closes would lose the answer.
const THROWN_AWAY: usize = 16 * 1024 * 1024;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that must be JSON.
pub(super) struct JsonBody(pub(super) Json);

/// A body that is an object, or absent, which means an empty object.
pub(super) struct OptionalBody(pub(super) Fields);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        parse(&read(request.into_body()).await?).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let bytes = read(request.into_body()).await?;
        let json = if bytes.is_empty() { Json::Object(Vec::new()) } else { parse(&bytes)? };
        Fields::of_body(json).map(Self)
    }
}

fn parse(bytes: &[u8]) -> Result<Json, Problem> {
    Json::parse(bytes).map_err(|not_json| match not_json {
        NotJson::Malformed(reason) => Problem::new(Kind::Malformed, format!("the body is not JSON: {reason}")),
        NotJson::Number { field } => Problem::field(field, "a number of a possible size"),
    })
}

async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let late = || Problem::new(Kind::Malformed, format!("the body did not arrive within {} s", PATIENCE.as_secs()));
    timeout(PATIENCE, collect(body)).await.unwrap_or_else(|_| Err(late()))
}

async fn collect(body: Body) -> Result<Vec<u8>, Problem> {
    let mut kept: Vec<u8> = Vec::new();
    let mut length = 0usize;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece: Bytes =
            piece.map_err(|_| Problem::new(Kind::Malformed, "the body ended before its announced end"))?;
        length = length.saturating_add(piece.len());
        if length <= LARGEST {
            kept.extend_from_slice(&piece);
        } else if length > THROWN_AWAY {
            break;
        }
    }
    if length > LARGEST {
        return Err(Problem::new(Kind::TooLarge, format!("a body may have at most {LARGEST} bytes")));
    }
    Ok(kept)
}
