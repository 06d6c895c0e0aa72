//! Follows the frames of HTTP/1.1 in what a connection sends, and finds what two readers may take apart in two ways. It
//! must not know what is asked; the library behind it reads the same bytes once more.
//!
//! The library takes what RFC 9112 lets a careful server take: bare line feeds, both lengths at once, extensions of chunks.
//! A proxy in front of us may see other requests in those than we do, so none of them is taken here. What passes has one
//! reading, which is the library's as well.

/// Where the next byte belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The line of the method, or empty lines before it.
    Request,
    Header,
    /// So many bytes of a body are still to come.
    Body(u64),
    ChunkSize,
    /// So many bytes of a chunk are still to come.
    Chunk(u64),
    ChunkEnd,
    /// The empty line behind the last chunk: trailers are not taken.
    LastEnd,
}

/// How long a request says that its body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Unsaid,
    Bytes(u64),
    Chunked,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Scan {
    part: Part,
    length: Length,
    /// The beginning of a line that has not ended yet.
    line: Vec<u8>,
    /// The last byte of that line, which may be longer than what is kept of it.
    last: Option<u8>,
}

/// There is no reading of these bytes that everybody shares; the number says from which byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ambiguous(pub(super) usize);

/// So much of a line is kept, and its line break: more than any header about lengths needs.
const KEPT: usize = 128;
/// Digits of a chunk's size; four gigabytes are more than anything here.
const LONGEST_SIZE: usize = 8;
/// Digits of a length that fit 64 bits whatever they are.
const LONGEST_LENGTH: usize = 18;

impl Scan {
    pub(super) fn new() -> Self {
        Self { part: Part::Request, length: Length::Unsaid, line: Vec::new(), last: None }
    }

    /// Tells whether nothing of the next request has come yet.
    pub(super) fn is_between_requests(&self) -> bool {
        self.part == Part::Request && self.last.is_none()
    }

    /// Looks at the next bytes. After a fault nothing of the connection may be believed any more.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), Ambiguous> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let at = bytes.len() - rest.len();
            rest = match self.part {
                Part::Body(left) => self.skip(left, rest, Part::Body, Part::Request),
                Part::Chunk(left) => self.skip(left, rest, Part::Chunk, Part::ChunkEnd),
                Part::Request | Part::Header | Part::ChunkSize | Part::ChunkEnd | Part::LastEnd => {
                    self.line(rest).ok_or(Ambiguous(at))?
                }
            };
        }
        Ok(())
    }

    fn skip<'a>(&mut self, left: u64, bytes: &'a [u8], part: fn(u64) -> Part, then: Part) -> &'a [u8] {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left.saturating_sub(u64::try_from(here).unwrap_or(u64::MAX));
        self.part = if left == 0 { then } else { part(left) };
        bytes.get(here..).unwrap_or_default()
    }

    /// Takes the bytes up to the end of a line; returns nothing when the line may be read in two ways.
    fn line<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            self.keep(bytes);
            return Some(&[]);
        };
        let (line, rest) = (bytes.get(..end)?, bytes.get(end + 1..)?);
        if self.last.is_none() {
            let judged = self.judge(line.strip_suffix(b"\r")?);
            return judged.then_some(rest);
        }
        self.keep(line);
        if self.last.take() != Some(b'\r') {
            return None;
        }
        let mut whole = std::mem::take(&mut self.line);
        // Where more was sent than is kept, its line break is not among it.
        if whole.len() <= KEPT {
            whole.pop();
        }
        self.judge(&whole).then_some(rest)
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = (KEPT + 1).saturating_sub(self.line.len()).min(bytes.len());
        self.line.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.last = bytes.last().copied().or(self.last);
    }

    /// Takes a line without its line break, or the beginning of one that is longer than [`KEPT`].
    fn judge(&mut self, line: &[u8]) -> bool {
        let next = match self.part {
            Part::Request if line.is_empty() => Some(Part::Request),
            Part::Request => {
                self.length = Length::Unsaid;
                Some(Part::Header)
            }
            Part::Header if line.is_empty() => Some(match self.length {
                Length::Unsaid | Length::Bytes(0) => Part::Request,
                Length::Bytes(bytes) => Part::Body(bytes),
                Length::Chunked => Part::ChunkSize,
            }),
            Part::Header => self.header(line).then_some(Part::Header),
            Part::ChunkSize => chunk_size(line).map(|size| if size == 0 { Part::LastEnd } else { Part::Chunk(size) }),
            Part::ChunkEnd => line.is_empty().then_some(Part::ChunkSize),
            Part::LastEnd => line.is_empty().then_some(Part::Request),
            Part::Body(_) | Part::Chunk(_) => None,
        };
        next.is_some_and(|next| {
            self.part = next;
            true
        })
    }

    /// Refuses a header without a name, one that goes on where the line before it ended, and a second length.
    fn header(&mut self, line: &[u8]) -> bool {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), value) = (parts.next(), parts.next()) else { return false };
        if name.is_empty() || name.iter().any(|byte| byte.is_ascii_whitespace()) {
            return false;
        }
        let stated = if name.eq_ignore_ascii_case(b"content-length") {
            value.and_then(|value| decimal(value.trim_ascii())).map(Length::Bytes)
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let chunked = |value: &&[u8]| value.trim_ascii().eq_ignore_ascii_case(b"chunked");
            value.filter(chunked).map(|_| Length::Chunked)
        } else {
            // A name longer than what is kept of its line is none that says a length.
            return value.is_some() || line.len() >= KEPT;
        };
        let first = self.length == Length::Unsaid;
        self.length = stated.unwrap_or(self.length);
        first && stated.is_some() && line.len() < KEPT
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    let plain = (1..=LONGEST_LENGTH).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| plain)?.parse().ok()
}

/// Reads the line before a chunk: its size in hexadecimal, and no extension.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let plain = (1..=LONGEST_SIZE).contains(&line.len()) && line.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(line).ok().filter(|_| plain)?;
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests;
