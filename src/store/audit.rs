//! Reads every row once, at a start: what they add up to. Most of that is sled's work, which knows no order between pages,
//! so all cores share it. Whether a store with that can be used is judged elsewhere.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::engine::{Engine, EngineError, Row};
use super::frame::{self, Fault};
use super::keys;
use super::meta::{self, Sum, Tally};
use super::open::guarded;

/// At most so many threads read; a counter has two or four cores.
const MAX_THREADS: usize = 4;
/// So many pieces are made of each kind of rows that grows with the sales.
const PIECES: u64 = 16;
/// The kinds that grow with the sales.
const MANY: [u8; 4] = [keys::CALENDAR, keys::JOURNAL, keys::ORDER, keys::SALE];

/// What the rows add up to.
#[derive(Default)]
pub(super) struct Audit {
    pub(super) sum: Sum,
    pub(super) tally: Tally,
    /// The store's own record.
    pub(super) own: Option<Row>,
    /// How many records are not as they were written.
    pub(super) broken: u64,
    /// A record that a newer program wrote, and its version.
    pub(super) newer: Option<(Row, u8)>,
}

impl Audit {
    /// Reads all rows.
    pub(super) fn of(engine: &Engine) -> Result<Self, EngineError> {
        let cuts = cuts(engine)?;
        let next = AtomicUsize::new(0);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        // sled panics on damaged files, and a panic is caught in the thread that it happens in.
        let read = || guarded(|| Self::of_some(engine, &cuts, &next)).and_then(|read| read);
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map_while(|_| std::thread::Builder::new().name("store-read".to_owned()).spawn_scoped(scope, read).ok())
                .collect();
            let mut all = read()?;
            for other in others {
                let lost = |_| EngineError::Damaged("a thread that read it ended".to_owned());
                all.take_in(other.join().map_err(lost)??);
            }
            Ok(all)
        })
    }

    /// Reads pieces that nobody has begun, until there are none.
    fn of_some(engine: &Engine, cuts: &[Vec<u8>], next: &AtomicUsize) -> Result<Self, EngineError> {
        let mut audit = Self::default();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece > cuts.len() {
                return Ok(audit);
            }
            let from = piece.checked_sub(1).and_then(|before| cuts.get(before));
            for row in engine.piece(from, cuts.get(piece)) {
                audit.add(row?);
            }
        }
    }

    fn add(&mut self, row: Row) {
        if row.0 == keys::META {
            self.own = Some(row);
            return;
        }
        self.sum.add(&row.0, &row.1);
        self.tally.add(&row.0);
        match framed(&row).map(frame::check) {
            None | Some(Ok(_)) => {}
            Some(Err(Fault::Newer(version))) => self.newer = Some((row, version)),
            Some(Err(Fault::Broken(why))) => {
                self.broken += 1;
                tracing::error!(record = meta::name(&row), why, "a record cannot be read");
            }
        }
    }

    fn take_in(&mut self, other: Self) {
        self.sum.take_in(other.sum);
        self.tally.take_in(other.tally);
        self.own = self.own.take().or(other.own);
        self.broken += other.broken;
        self.newer = self.newer.take().or(other.newer);
    }
}

/// Returns the frame of a row that has one.
fn framed(row: &Row) -> Option<&[u8]> {
    match row.0.first() {
        Some(&(keys::SALE | keys::RECEIPT | keys::JOURNAL | keys::KEY | keys::OWED | keys::COMMAND)) => Some(&row.1),
        Some(_) | None => None,
    }
}

/// Returns keys in order that cut the rows into pieces of about the same size.
fn cuts(engine: &Engine) -> Result<Vec<Vec<u8>>, EngineError> {
    let mut cuts = Vec::new();
    for kind in MANY {
        let (first, last) = (engine.kind(kind).next(), engine.kind_back(kind).next());
        let (Some(first), Some(last)) = (first.transpose()?, last.transpose()?) else {
            continue;
        };
        let (first, last) = (number(&first), number(&last));
        let piece = last.saturating_sub(first) / PIECES;
        cuts.extend((0..PIECES).map(|nth| keys::number(kind, first.saturating_add(piece.saturating_mul(nth)))));
    }
    cuts.sort_unstable();
    cuts.dedup();
    Ok(cuts)
}

/// Returns the eight bytes behind the letter of a key, which say how far it is from others of its kind.
fn number(row: &Row) -> u64 {
    let start = keys::rest(&row.0).first_chunk::<8>();
    start.map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
