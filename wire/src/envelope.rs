//! The envelope in which a bridge hands a provider's webhook to a till, byte for byte (contract §5).
//! It must not know whether what it carries is true: only the provider's signature says so.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelId, IdError, digest16, read_hex16, write_hex};
use crate::json;
use crate::text::{bounded, text_form};
use crate::time::UnixTime;

/// The largest MQTT message, in bytes: 64 KiB.
pub const MAX_MESSAGE: usize = 65_536;

/// What an envelope has beside the body, about: enough for one allocation.
const ROOM_AROUND: usize = 512;

/// The version of the envelope that this program writes and reads.
const VERSION: u64 = 1;

/// The id of an envelope, for logs only: the first sixteen bytes of SHA-256(channel \n body).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvelopeId([u8; 16]);

impl fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl FromStr for EnvelopeId {
    type Err = IdError;

    /// Reads exactly 32 lower-case hex digits.
    fn from_str(text: &str) -> Result<Self, IdError> {
        read_hex16(text).map(Self).ok_or_else(|| IdError::new(text, "an envelope id (32 lower-case hex digits)"))
    }
}

text_form!(EnvelopeId, "3f0c9b6de1a24785906b1f2a3c4d5e6f", pattern("^[0-9a-f]{32}$"));

/// One webhook as it came in. Nothing in it is proof of anything: the till verifies the provider's signature itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Names the envelope in logs; never used to tell payments apart.
    pub id: EnvelopeId,
    /// The channel on whose address it came in.
    pub channel: ChannelId,
    /// The provider's name as in the configuration, e.g. `payos`.
    pub provider: String,
    /// When the bridge took it, to the second.
    pub received_at: UnixTime,
    /// The HTTP method.
    pub method: String,
    /// The public path with its query string: Finan's signature covers it.
    pub path: String,
    /// The headers that the provider's signature needs, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The raw body, byte for byte.
    pub body: String,
}

/// The envelope's JSON as it is read; the version stands apart so that it is judged before all else.
#[derive(Deserialize)]
struct Written {
    id: EnvelopeId,
    channel: ChannelId,
    provider: String,
    received_at: UnixTime,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// The envelope's JSON as it is written, in this order.
#[derive(Serialize)]
struct Writing<'a> {
    v: u64,
    id: EnvelopeId,
    channel: &'a ChannelId,
    provider: &'a str,
    received_at: UnixTime,
    method: &'a str,
    path: &'a str,
    headers: &'a BTreeMap<String, String>,
    body: &'a str,
}

impl<'a> Writing<'a> {
    fn of(envelope: &'a Envelope) -> Self {
        let Envelope { id, channel, provider, received_at, method, path, headers, body } = envelope;
        Self { v: VERSION, id: *id, channel, provider, received_at: *received_at, method, path, headers, body }
    }
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// An envelope that is larger than a message may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the envelope has {bytes} bytes, a message may have 65536")]
pub struct TooLarge {
    /// How large it is.
    pub bytes: usize,
}

/// Why bytes are no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The message is larger than 64 KiB; nothing of it was read.
    #[error("cannot read the envelope")]
    Size {
        /// How large it is.
        #[source]
        source: TooLarge,
    },
    /// It was written by a newer or a broken program.
    #[error("the envelope has version {found}, this program reads version 1")]
    Version {
        /// The version that it states.
        found: u64,
    },
    /// It is not JSON, has a key twice, or a field is missing or of the wrong type.
    #[error("cannot read the envelope: {reason}")]
    Malformed {
        /// What the JSON reader says, cut to a line.
        reason: String,
    },
}

impl Envelope {
    /// Returns the envelope of a webhook, its id computed from channel and body.
    pub fn new(
        channel: ChannelId,
        provider: String,
        received_at: UnixTime,
        method: String,
        path: String,
        headers: BTreeMap<String, String>,
        body: String,
    ) -> Self {
        Self {
            id: EnvelopeId(digest16(&[channel.as_str(), &body])),
            channel,
            provider,
            received_at: UnixTime::from_secs(received_at.secs()),
            method,
            path,
            headers,
            body,
        }
    }

    /// Returns the JSON.
    ///
    /// # Errors
    /// Refuses an envelope whose JSON is larger than [`MAX_MESSAGE`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, TooLarge> {
        let mut bytes = Vec::with_capacity(self.body.len() + self.body.len() / 4 + ROOM_AROUND);
        // Texts and names alone are written, and to memory: neither can fail.
        serde_json::to_writer(&mut bytes, &Writing::of(self)).expect("an envelope is JSON");
        if bytes.len() > MAX_MESSAGE {
            return Err(TooLarge { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads an envelope; fields that it does not know are tolerated.
    ///
    /// # Errors
    /// Refuses more than [`MAX_MESSAGE`] bytes, another version, and whatever lacks a field.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_MESSAGE {
            let source = TooLarge { bytes: bytes.len() };
            return Err(EnvelopeError::Size { source });
        }
        let malformed =
            |reason: &dyn fmt::Display| EnvelopeError::Malformed { reason: bounded(&reason.to_string(), 200) };
        let text = std::str::from_utf8(bytes).map_err(|error| malformed(&error))?;
        let value = json::parse(text).map_err(|error| malformed(&error))?;
        let Version { v: found } = Version::deserialize(&value).map_err(|e| malformed(&e))?;
        if found != VERSION {
            return Err(EnvelopeError::Version { found });
        }
        let written = Written::deserialize(value).map_err(|error| malformed(&error))?;
        Ok(Self {
            id: written.id,
            channel: written.channel,
            provider: written.provider,
            received_at: UnixTime::from_secs(written.received_at.secs()),
            method: written.method,
            path: written.path,
            headers: written.headers,
            body: written.body,
        })
    }
}
