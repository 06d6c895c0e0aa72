//! Rows from the last one back, read in pieces that go forward. sled can go back by itself, but its way of doing so brings
//! one mebibyte of 0xFF into every program that asks for it (`Iter::high_key` of 0.34.7), an eighth of what ours may have.
//! It must not know what the rows mean.

/// So many rows are read at once, at most.
const MOST: usize = 64;
/// So many bytes behind the letter say where a key is. Longer keys that begin alike are read all at once.
const PLACE: usize = 16;

/// Rows whose keys begin with one letter, from `before` (which is not among them) back to `from` (which is).
pub(super) struct Backward<Row, Read> {
    /// Reads at most so many rows from one key on, before another, in their order.
    read: Read,
    from: Vec<u8>,
    before: Vec<u8>,
    /// How far the last piece reached, in places; the next one is looked for within that.
    width: Option<u128>,
    /// The piece that was read, the last row at the end.
    piece: Vec<Row>,
    ended: bool,
}

impl<Row, Fault, Read> Backward<Row, Read>
where
    Read: FnMut(&[u8], &[u8], usize) -> Result<Vec<Row>, Fault>,
{
    pub(super) fn new(from: Vec<u8>, before: Vec<u8>, read: Read) -> Self {
        Self { read, ended: from >= before, from, before, width: None, piece: Vec::new() }
    }

    /// Reads the last rows, and returns the key that they were read from: all of them where they are few, else what halving
    /// finds, between a place from which on there are too many and one from which on there is none.
    fn last_rows(&mut self) -> Result<(Vec<u8>, Vec<Row>), Fault> {
        let start = place(&self.from);
        let end = if self.before.first() == self.from.first() { place(&self.before) } else { u128::MAX };
        let (mut low, mut high) = (start, end);
        let mut at = self.width.map_or(low, |width| high.saturating_sub(width).max(low));
        loop {
            let from = if at > start { self.key(at) } else { self.from.clone() };
            let most = if high.saturating_sub(at) > 1 { MOST } else { usize::MAX };
            let rows = (self.read)(&from, &self.before, most.saturating_add(1))?;
            if rows.len() > most {
                low = at;
            } else if rows.is_empty() && at > start {
                high = at;
            } else {
                self.width = Some(end.saturating_sub(at));
                return Ok((from, rows));
            }
            at = low.midpoint(high);
        }
    }

    fn key(&self, at: u128) -> Vec<u8> {
        self.from.iter().take(1).copied().chain(at.to_be_bytes()).collect()
    }
}

/// Returns where a key is among those of its letter.
fn place(key: &[u8]) -> u128 {
    let rest = key.get(1..).unwrap_or_default();
    let mut bytes = [0; PLACE];
    bytes.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    u128::from_be_bytes(bytes)
}

impl<Row, Fault, Read> Iterator for Backward<Row, Read>
where
    Read: FnMut(&[u8], &[u8], usize) -> Result<Vec<Row>, Fault>,
{
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.piece.is_empty() && !self.ended {
            match self.last_rows() {
                Ok((from, rows)) => {
                    self.ended = from <= self.from;
                    (self.before, self.piece) = (from, rows);
                }
                Err(fault) => {
                    self.ended = true;
                    return Some(Err(fault));
                }
            }
        }
        self.piece.pop().map(Ok)
    }
}
