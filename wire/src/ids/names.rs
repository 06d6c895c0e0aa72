//! Names that are text or a digest: channels, receipts, commands.
//! It must not know which channels or commands exist.

use std::fmt::{self, Write};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::IdError;
use crate::text::text_form;

/// The id of a channel (one merchant account at one provider): 1 … 32 of `a-z`, `0-9`, `_`, `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(String);

impl ChannelId {
    /// Returns the channel id, or nothing when the text cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=32).contains(&text.len());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        (fits && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChannelId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::new(text).ok_or_else(|| IdError::new(text, "a channel id (1 to 32 of `a-z`, `0-9`, `_` and `-`)"))
    }
}

text_form!(ChannelId, "payos", pattern("^[a-z0-9_-]{1,32}$"));

/// The id of a command to a terminal, also the name of its topic: 1 … 64 of `A-Z`, `a-z`, `0-9`, `_`, `-`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId {
    /// The text, and zeros behind it, so that ids sort as their texts do.
    bytes: [u8; MAX_COMMAND_ID],
    length: u8,
}

/// The longest id of a command.
const MAX_COMMAND_ID: usize = 64;

impl CommandId {
    /// Returns the command id, or nothing when the text cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || !text.bytes().all(plain) {
            return None;
        }
        let length = u8::try_from(text.len()).ok()?;
        let mut bytes = [0; MAX_COMMAND_ID];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length })
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        // What was taken in is ASCII.
        self.bytes.get(..usize::from(self.length)).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

impl fmt::Debug for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CommandId").field(&self.as_str()).finish()
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CommandId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::new(text)
            .ok_or_else(|| IdError::new(text, "a command id (1 to 64 letters, digits, `_` and `-`, without accents)"))
    }
}

text_form!(CommandId, "c0ffee01", pattern("^[A-Za-z0-9_-]{1,64}$"));

/// The name of a group of terminals: 1 … 32 of `a-z`, `0-9`, `_`, `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

impl GroupName {
    /// Returns the name, or nothing when the text cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        ChannelId::new(text).map(|ChannelId(text)| Self(text))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key under which money without a sale is kept: the first sixteen bytes of
/// SHA-256(channel \n provider_id \n provider_ref), written as 32 hex digits (contract §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptKey([u8; 16]);

impl ReceiptKey {
    /// Returns the key of the payment that the provider names like this on this channel.
    pub fn of(channel: &ChannelId, provider_id: &str, provider_ref: &str) -> Self {
        Self(digest16(&[channel.as_str(), provider_id, provider_ref]))
    }

    /// Returns the sixteen bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ReceiptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl FromStr for ReceiptKey {
    type Err = IdError;

    /// Reads exactly 32 lower-case hex digits.
    fn from_str(text: &str) -> Result<Self, IdError> {
        read_hex16(text).map(Self).ok_or_else(|| IdError::new(text, "a receipt key (32 lower-case hex digits)"))
    }
}

text_form!(ReceiptKey, "3f0c9b6de1a24785906b1f2a3c4d5e6f", pattern("^[0-9a-f]{32}$"));

/// Returns the first sixteen bytes of the SHA-256 of the parts, joined by line feeds.
pub(crate) fn digest16(parts: &[&str]) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(parts.join("\n")).into();
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = from;
    }
    first
}

/// Writes bytes as lower-case hex.
pub(crate) fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from);
    bytes.iter().try_for_each(|byte| {
        f.write_char(digit(byte >> 4))?;
        f.write_char(digit(byte & 15))
    })
}

/// Reads exactly 32 lower-case hex digits.
pub(crate) fn read_hex16(text: &str) -> Option<[u8; 16]> {
    read_hex(text)
}

/// Reads exactly 2·N lower-case hex digits.
pub(crate) fn read_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = hex_digit(*high)? * 16 + hex_digit(*low)?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
