//! Reads the body of a request within bounds of size and time. Knows nothing of what it says.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::HttpBody;
use hyper::HeaderMap;
use hyper::body::Incoming;
use hyper::header::EXPECT;
use tokio::time::timeout;

/// Why there is no body to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLarge,
    TooSlow,
    Broken,
}

const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// So much of a body that is too large is read and thrown away, since a client that is cut off
/// while it sends may never see the answer.
const MAX_DISCARDED: u64 = 64 * 1024 * 1024;

/// Reads the whole body, of at most `largest` bytes. A client that expects to be told to go on is not told so in vain.
pub(crate) async fn read(headers: &HeaderMap, body: Incoming, largest: usize) -> Result<Vec<u8>, BodyFault> {
    let announced = body.size_hint().lower();
    let large = announced > u64::try_from(largest).unwrap_or(u64::MAX);
    if large && (headers.contains_key(EXPECT) || announced > MAX_DISCARDED) {
        return Err(BodyFault::TooLarge);
    }
    timeout(BODY_TIMEOUT, collect(body, largest)).await.unwrap_or(Err(BodyFault::TooSlow))
}

async fn collect(mut body: Incoming, largest: usize) -> Result<Vec<u8>, BodyFault> {
    let mut bytes = Vec::new();
    let mut seen: u64 = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| BodyFault::Broken)?;
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
