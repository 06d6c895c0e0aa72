//! The bytes of one journal record: how an entry is framed, and how records are found again in a
//! damaged file. Knows nothing of files, threads or networks.

use till_wire::{MAX_MESSAGE, TerminalNumber, Topic, UnixTime};

use super::EntryNumber;

/// A verified webhook on its way: what is published, to which topic, and since when we have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where the envelope is published.
    pub(crate) topic: Topic,
    /// When the webhook came in, by the bridge's clock.
    pub(crate) received_at: UnixTime,
    /// The envelope, byte for byte as it is published.
    pub(crate) envelope: Vec<u8>,
}

impl Entry {
    /// The till that it is for; none for `unrouted`. A replay asks by it.
    fn terminal(&self) -> Option<TerminalNumber> {
        match self.topic {
            Topic::Webhook(terminal) => Some(terminal),
            // Of these only `unrouted` comes from a bridge, and no till may read it.
            Topic::Command(..)
            | Topic::Desired(_)
            | Topic::State(_)
            | Topic::Health(_)
            | Topic::Reported(_)
            | Topic::Sale(..)
            | Topic::Replay(_)
            | Topic::Receipt(..)
            | Topic::CommandStatus(..)
            | Topic::Log(..)
            | Topic::Unrouted(_) => None,
        }
    }
}

/// An entry with the number that the journal gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) number: EntryNumber,
    pub(crate) entry: Entry,
}

/// What the recovery needs of a record without holding its envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) number: EntryNumber,
    pub(super) terminal: Option<TerminalNumber>,
    pub(super) received_at: UnixTime,
}

/// One stretch of a segment file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A whole frame; `at` is its first byte.
    Frame { at: usize, bytes: &'a [u8], payload: &'a [u8] },
    /// Bytes that are no frame, up to the next whole frame or the end.
    Damage { at: usize, length: usize },
}

/// A frame begins with these bytes, so that the records after a damaged one can be found.
const MARKER: [u8; 4] = *b"\xf5TJ1";
/// Marker, length of the payload, CRC-32 of length and payload.
const FRAME_HEADING: usize = 12;
const VERSION: u8 = 1;
/// The longest topic is `till/v1/unrouted/` and 32 characters; anything far longer is damage.
const MAX_TOPIC: usize = 256;
const MAX_PAYLOAD: usize = MAX_MESSAGE + MAX_TOPIC + 64;
const NO_TERMINAL: u32 = 0;

/// Appends one framed record to `out`.
///
/// Returns its length in bytes, or `None` when the entry is larger than any envelope may be.
pub(super) fn encode(number: EntryNumber, entry: &Entry, out: &mut Vec<u8>) -> Option<usize> {
    let topic = entry.topic.to_string();
    if topic.len() > MAX_TOPIC || entry.envelope.len() > MAX_MESSAGE {
        return None;
    }
    let mut payload = Vec::with_capacity(entry.envelope.len() + topic.len() + 32);
    payload.push(VERSION);
    payload.extend(number.value().to_le_bytes());
    payload.extend(entry.terminal().map_or(NO_TERMINAL, TerminalNumber::value).to_le_bytes());
    payload.extend(entry.received_at.ms().to_le_bytes());
    payload.extend(u16::try_from(topic.len()).ok()?.to_le_bytes());
    payload.extend(topic.as_bytes());
    payload.extend(&entry.envelope);

    let length = u32::try_from(payload.len()).ok()?.to_le_bytes();
    out.extend(MARKER);
    out.extend(length);
    out.extend(checksum(length, &payload).to_le_bytes());
    out.extend(&payload);
    Some(FRAME_HEADING + payload.len())
}

/// Reads one whole frame; `None` when a single bit of it is not as it was written.
pub(super) fn decode(frame: &[u8]) -> Option<Stored> {
    let (payload, rest) = split_frame(frame)?;
    if !rest.is_empty() {
        return None;
    }
    let (heading, rest) = split_heading(payload)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (topic, envelope) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
    let topic = std::str::from_utf8(topic).ok()?.parse().ok()?;
    Some(Stored {
        number: heading.number,
        entry: Entry { topic, received_at: heading.received_at, envelope: envelope.to_vec() },
    })
}

/// Reads who and when out of a frame's payload.
pub(super) fn heading(payload: &[u8]) -> Option<Heading> {
    split_heading(payload).map(|(heading, _)| heading)
}

/// Walks through the bytes of a segment (behind its file heading) from the offset `from`.
///
/// A damaged record does not hide those behind it. An envelope cannot pass for a record while we
/// search: the marker's first byte never occurs in UTF-8 text.
pub(super) fn pieces(bytes: &[u8], from: usize) -> Pieces<'_> {
    Pieces { bytes, at: from }
}

/// See [`pieces`].
pub(super) struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.bytes.get(self.at..)?;
        if rest.is_empty() {
            return None;
        }
        let at = self.at;
        if let Some((payload, behind)) = split_frame(rest) {
            let length = rest.len() - behind.len();
            self.at += length;
            return Some(Piece::Frame { at, bytes: rest.get(..length)?, payload });
        }
        let length = distance_to_frame(rest);
        self.at += length;
        Some(Piece::Damage { at, length })
    }
}

/// Returns how many bytes lie before the next whole frame, which is not at the start of `bytes`.
fn distance_to_frame(bytes: &[u8]) -> usize {
    bytes
        .windows(MARKER.len())
        .enumerate()
        .skip(1)
        .filter(|(_, window)| *window == MARKER)
        .map(|(at, _)| at)
        .find(|at| bytes.get(*at..).is_some_and(|rest| split_frame(rest).is_some()))
        .unwrap_or(bytes.len())
}

/// Splits off the payload of the frame at the start of `bytes`.
fn split_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(&MARKER)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (expected, rest) = rest.split_first_chunk::<4>()?;
    let size = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if size > MAX_PAYLOAD {
        return None;
    }
    let (payload, rest) = rest.split_at_checked(size)?;
    (checksum(*length, payload) == u32::from_le_bytes(*expected)).then_some((payload, rest))
}

fn split_heading(payload: &[u8]) -> Option<(Heading, &[u8])> {
    let (version, rest) = payload.split_first()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let (terminal, rest) = rest.split_first_chunk::<4>()?;
    let (received_at, rest) = rest.split_first_chunk::<8>()?;
    if *version != VERSION {
        return None;
    }
    let terminal = match u32::from_le_bytes(*terminal) {
        NO_TERMINAL => None,
        number => Some(TerminalNumber::new(number)?),
    };
    let heading = Heading {
        number: EntryNumber::new(u64::from_le_bytes(*number)),
        terminal,
        received_at: UnixTime::from_ms(i64::from_le_bytes(*received_at)),
    };
    Some((heading, rest))
}

fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}
