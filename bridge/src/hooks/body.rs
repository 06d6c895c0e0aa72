//! Reads the body of a request within bounds of size and time. Knows nothing of what it says.

use std::error::Error;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::time::Duration;

use axum::body::HttpBody;
use hyper::HeaderMap;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, EXPECT};
use tokio::time::timeout;

/// Why there is no body to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLarge,
    TooSlow,
    /// The connection broke; nobody hears the answer.
    Broken,
    /// Its frames are none of HTTP.
    Malformed,
    /// It is compressed. What it would be without that is nobody's to find out before it is proven.
    Encoded,
}

/// From the head to the end of the body, however large it is: 32 KiB must come at 3.3 KiB a second.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// So much of a body that is too large is read and thrown away, since a client that is cut off
/// while it sends may never see the answer.
const MAX_DISCARDED: u64 = 64 * 1024 * 1024;

/// Reads the whole body, of at most `largest` bytes. A client that expects to be told to go on is not told so in vain.
pub(crate) async fn read(headers: &HeaderMap, body: Incoming, largest: usize) -> Result<Vec<u8>, BodyFault> {
    if headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(BodyFault::Encoded);
    }
    let announced = body.size_hint().lower();
    let large = announced > u64::try_from(largest).unwrap_or(u64::MAX);
    if large && (headers.contains_key(EXPECT) || announced > MAX_DISCARDED) {
        return Err(BodyFault::TooLarge);
    }
    timeout(BODY_TIMEOUT, collect(body, largest)).await.unwrap_or(Err(BodyFault::TooSlow))
}

/// The library says the same of a body that ended early and of one that cannot be read, but for the cause.
fn fault(error: &hyper::Error) -> BodyFault {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        Some(ErrorKind::InvalidInput | ErrorKind::InvalidData) => BodyFault::Malformed,
        Some(_) | None => BodyFault::Broken,
    }
}

async fn collect(mut body: Incoming, largest: usize) -> Result<Vec<u8>, BodyFault> {
    let mut bytes = Vec::new();
    let mut seen: u64 = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| fault(&error))?;
        let Ok(part) = frame.into_data() else {
            continue;
        };
        seen = seen.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        if seen > MAX_DISCARDED {
            return Err(BodyFault::TooLarge);
        }
        if bytes.len().saturating_add(part.len()) <= largest {
            bytes.extend_from_slice(&part);
        } else {
            bytes.clear();
        }
    }
    match usize::try_from(seen) {
        Ok(seen) if seen <= largest => Ok(bytes),
        Ok(_) | Err(_) => Err(BodyFault::TooLarge),
    }
}
