//! What the page shows, gathered in one place: the display's picture, the newest sale, the faults and the log. It must
//! not know where any of it comes from.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

use super::faults::Fault;
use super::line::{Line, Party, What};
use crate::cashier::Sale;
use crate::clock::Moment;
use crate::providers::ProviderName;

/// Older lines are forgotten.
const LINES: usize = 200;
/// A detail is cut to so many characters.
const LONGEST_DETAIL: usize = 100;

/// Everything that is to be seen.
#[derive(Debug)]
pub(super) struct Board {
    papers: Mutex<Papers>,
    /// Grows with every change.
    changes: watch::Sender<u64>,
    /// Where the till's API listens while the till has power.
    till: watch::Sender<Option<SocketAddr>>,
}

#[derive(Debug)]
struct Papers {
    state: State,
    picture: Arc<[u8]>,
    lines: VecDeque<Line>,
    next_line: u64,
}

/// All but the log and the pixels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct State {
    /// Grows with every picture.
    pub(super) screen: u64,
    /// Whether the till has power.
    pub(super) power: bool,
    /// What the till sells over.
    pub(super) provider: ProviderName,
    /// The faults that are switched on.
    pub(super) faults: Vec<Fault>,
    /// The newest sale that was heard of.
    pub(super) sale: Option<Seen>,
}

/// What the page needs of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) amount: u64,
    pub(super) paid_amount: u64,
    pub(super) flags: Vec<String>,
}

impl From<&Sale> for Seen {
    fn from(sale: &Sale) -> Self {
        let Sale { id, state, amount, paid_amount, flags, .. } = sale.clone();
        Self { id, state, amount, paid_amount, flags }
    }
}

impl Board {
    pub(super) fn new(till: SocketAddr, provider: ProviderName) -> Self {
        let state = State { screen: 0, power: true, provider, faults: Vec::new(), sale: None };
        let papers = Papers { state, picture: dark(), lines: VecDeque::new(), next_line: 1 };
        Self { papers: Mutex::new(papers), changes: watch::Sender::new(0), till: watch::Sender::new(Some(till)) }
    }

    /// The lock is usable after a panic elsewhere: every change is made in one piece.
    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Papers) -> T) -> T {
        let done = change(&mut self.papers());
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
        done
    }

    /// Resolves its receiver's `changed` with every change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Where the till's API listens while the till has power.
    pub(super) fn till(&self) -> watch::Receiver<Option<SocketAddr>> {
        self.till.subscribe()
    }

    /// The state, and all lines after the one of that number.
    pub(super) fn since(&self, number: u64) -> (State, Vec<Line>) {
        let papers = self.papers();
        let lines = papers.lines.iter().filter(|line| line.number > number).cloned().collect();
        (papers.state.clone(), lines)
    }

    /// What the display shows now.
    pub(super) fn picture(&self) -> Arc<[u8]> {
        self.papers().picture.clone()
    }

    /// Adds a line to the log, at the present time.
    pub(super) fn tell(&self, from: Party, to: Party, what: What, detail: impl AsRef<str>) {
        let detail: String = detail.as_ref().chars().take(LONGEST_DETAIL).collect();
        let at_ms = Moment::now(0).ms();
        self.change(|papers| {
            let number = papers.next_line;
            papers.next_line += 1;
            papers.lines.push_back(Line { number, at_ms, from, to, what, detail });
            if papers.lines.len() > LINES {
                papers.lines.pop_front();
            }
        });
    }

    /// The till at that address shows this. A till that has lost its power meanwhile shows nothing.
    pub(super) fn show(&self, till: SocketAddr, picture: Vec<u8>) {
        let shown = {
            let mut papers = self.papers();
            let is_new = *self.till.borrow() == Some(till) && *papers.picture != *picture;
            is_new.then(|| papers.set_picture(picture.into()))
        };
        if shown.is_some() {
            self.change(|_| {});
        }
    }

    /// The newest sale stands like this.
    pub(super) fn note_sale(&self, sale: &Sale) {
        let seen = Seen::from(sale);
        let is_older = |known: &Seen| known.id > seen.id;
        if !self.papers().state.sale.as_ref().is_some_and(is_older) {
            self.change(|papers| papers.state.sale = Some(seen));
        }
    }

    /// The till has power, and its API listens there.
    pub(super) fn till_is_on(&self, address: SocketAddr) {
        self.till.send_replace(Some(address));
        self.change(|papers| papers.state.power = true);
    }

    /// The till has no power: the display is dark.
    pub(super) fn till_is_off(&self) {
        self.till.send_replace(None);
        self.change(|papers| {
            papers.state.power = false;
            papers.set_picture(dark());
        });
    }

    /// The till sells over this one.
    pub(super) fn note_provider(&self, provider: ProviderName) {
        self.change(|papers| papers.state.provider = provider);
    }

    /// What the till sells over.
    pub(super) fn provider(&self) -> ProviderName {
        self.papers().state.provider
    }

    /// Whether the newest sale keeps the till busy.
    pub(super) fn is_selling(&self) -> bool {
        let open = |sale: &Seen| ["requesting", "showing"].contains(&sale.state.as_str());
        self.papers().state.sale.as_ref().is_some_and(open)
    }

    /// These faults are switched on.
    pub(super) fn note_faults(&self, faults: Vec<Fault>) {
        self.change(|papers| papers.state.faults = faults);
    }
}

impl Papers {
    fn set_picture(&mut self, picture: Arc<[u8]>) {
        self.picture = picture;
        self.state.screen += 1;
    }
}

/// A display without power, in the proportions of the till's.
fn dark() -> Arc<[u8]> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 800, 480);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&[0; 100 * 480]));
    // Writing to memory does not fail; an empty picture would be as dark.
    if written.is_err() {
        bytes.clear();
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::{Board, LINES, Party, ProviderName, What};

    #[test]
    fn the_log_keeps_its_newest_lines_and_cuts_long_details() {
        let board = Board::new(([127, 0, 0, 1], 1).into(), ProviderName::Payos);
        for _ in 0..=LINES {
            board.tell(Party::Till, Party::Payos, What::Ask, "x".repeat(200));
        }
        let (_, lines) = board.since(0);
        let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, (2..=201).collect::<Vec<_>>());
        assert!(lines.iter().all(|line| line.detail.len() == 100));
        assert_eq!(board.since(200).1.len(), 1);
    }

    #[test]
    fn a_till_without_power_is_dark_even_if_its_last_picture_comes_late() {
        let (old, new) = (([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into());
        let board = Board::new(old, ProviderName::Payos);
        let dark = board.picture();
        let sight = crate::eye::look(&dark).expect("it is a PNG");
        assert_eq!((sight.width, sight.height, sight.is_without_code()), (800, 480, true));
        board.show(old, b"a code".to_vec());
        assert_eq!(*board.picture(), *b"a code");
        board.till_is_off();
        board.show(old, b"a code".to_vec());
        assert_eq!(board.picture(), dark);
        board.till_is_on(new);
        board.show(old, b"a code".to_vec());
        assert_eq!(board.picture(), dark);
        board.show(new, b"idle".to_vec());
        assert_eq!((&*board.picture(), board.since(0).0.screen), (b"idle".as_slice(), 3));
    }
}
