//! Keeps the newest events as finished lines, so that writing them out needs nothing but writing. It must not know files.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use serde::Serialize;
use till_wire::TerminalNumber;

use super::format::{CutLine, EventLine, HappenedLine, Head, Line, Opening, ReadyLine};
use super::outcome::Outcome;
use super::veil::Veil;
use super::{LONGEST_LINE, VERSION};
use crate::till::{BootId, Event, Found, Generation, Now, Records, Rules, Step, Till};

/// So many events, at least, can be replayed: there is always a state with so many events after it, unless they are large.
pub const EVENTS: usize = 2_000;
/// The most that a recorder holds, in bytes of lines.
pub const MOST_BYTES: usize = 12 * 1024 * 1024;
/// The largest state that is recorded. What is larger cannot be replayed; its events are recorded all the same.
const MOST_OF_STATE: usize = 4 * 1024 * 1024;
/// The most events of one part, in bytes.
const MOST_OF_EVENTS: usize = 3 * 1024 * 1024;

/// A line, shared by all who read it.
pub(super) type Bytes = Arc<[u8]>;

/// The flight recorder. Its clones are one and the same.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<Tape>>);

/// What is recorded.
struct Tape {
    veil: Veil,
    head: Bytes,
    rules: Rules,
    parts: VecDeque<Part>,
}

/// A state and what happened since.
#[derive(Default)]
struct Part {
    lines: Vec<Bytes>,
    bytes: usize,
    bytes_of_state: usize,
    events: usize,
}

impl Recorder {
    /// Makes a recorder that has seen nothing yet.
    pub fn new(rules: &Rules) -> Self {
        let veil = Veil::new();
        let head = head(rules.terminal);
        let rules = veil.rules(rules.clone());
        Self(Arc::new(Mutex::new(Tape { veil, head, rules, parts: VecDeque::new() })))
    }

    /// Notes that a till begins with what the disk has; [`Recorder::started`] follows.
    pub fn start(&self, records: &Records, boot: BootId, now: Now, after: Generation) {
        let mut tape = self.lock();
        let opening = Opening::Start { records: tape.veil.records(records.clone()), boot, now, after };
        tape.begin(&opening);
    }

    /// Notes what the till did at its start.
    pub fn started(&self, step: &Step, till: &Till) {
        let did = Outcome::of(step, &till.scene());
        self.lock().push(&Line::Ready(ReadyLine { did: Some(did) }));
    }

    /// Notes what happens, before the till judges it: should that end the program, the last line says what it was.
    pub fn happens(&self, now: Now, found: Option<&Found>, event: &Event, till: &Till) {
        let mut tape = self.lock();
        let found = found.map(|found| tape.veil.found(found.clone()));
        let what = EventLine::from(&tape.veil.event(event.clone()));
        let line = Line::Event(Box::new(HappenedLine::new(now, found.as_ref(), till.queue_bytes(), what)));
        tape.push(&line);
        if let Some(part) = tape.parts.back_mut() {
            part.events += 1;
        }
    }

    /// Notes what the till did, and begins anew when enough has happened since the last state.
    pub fn did(&self, step: &Step, till: &Till) {
        let did = Outcome::of(step, &till.scene());
        let mut tape = self.lock();
        tape.push(&Line::Did(did));
        let is_full = |part: &Part| part.events >= EVENTS || part.bytes - part.bytes_of_state > MOST_OF_EVENTS;
        if tape.parts.back().is_some_and(is_full) {
            let opening = Opening::Memory(Box::new(tape.veil.memory(till.memory())));
            tape.begin(&opening);
            tape.push(&Line::Ready(ReadyLine { did: None }));
        }
    }

    /// Returns all lines, the oldest first, each with its line feed.
    pub fn lines(&self) -> Vec<Arc<[u8]>> {
        self.lock().lines()
    }

    /// Returns all lines if nobody else is at the recorder.
    pub(super) fn try_lines(&self) -> Option<Vec<Bytes>> {
        match self.0.try_lock() {
            Ok(tape) => Some(tape.lines()),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner().lines()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Returns a way to the recorder that does not keep it alive.
    pub(super) fn weak(&self) -> Weak {
        Weak(Arc::downgrade(&self.0))
    }

    /// Panics while the recorder is held.
    #[cfg(test)]
    pub(super) fn panic_inside(&self) {
        let tape = self.lock();
        assert!(tape.parts.is_empty(), "inside");
    }

    fn lock(&self) -> MutexGuard<'_, Tape> {
        // Whoever panicked here left whole lines behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A recorder that may be gone.
pub(super) struct Weak(std::sync::Weak<Mutex<Tape>>);

impl Weak {
    pub(super) fn upgrade(&self) -> Option<Recorder> {
        self.0.upgrade().map(Recorder)
    }
}

impl Tape {
    fn begin(&mut self, opening: &Opening) {
        let mut part = Part::default();
        for line in opening.lines(&self.rules) {
            part.push(&line);
        }
        if part.bytes > MOST_OF_STATE {
            let bytes = part.bytes;
            part = Part::default();
            part.push(&Line::Cut(CutLine { bytes }));
        }
        part.bytes_of_state = part.bytes;
        self.parts.push_back(part);
        self.forget();
    }

    fn push(&mut self, line: &Line) {
        if let Some(part) = self.parts.back_mut() {
            part.push(line);
        }
        self.forget();
    }

    /// Drops the oldest parts that are not needed for so many events, or for which there is no room.
    fn forget(&mut self) {
        while self.parts.len() > 1 {
            let rest = self.parts.iter().skip(1).map(|part| part.events).sum::<usize>();
            let bytes = self.parts.iter().map(|part| part.bytes).sum::<usize>();
            if rest < EVENTS && bytes <= MOST_BYTES {
                break;
            }
            self.parts.pop_front();
        }
    }

    fn lines(&self) -> Vec<Bytes> {
        let lines = self.parts.iter().flat_map(|part| &part.lines);
        std::iter::once(&self.head).chain(lines).cloned().collect()
    }
}

impl Part {
    fn push(&mut self, line: &Line) {
        let mut text = written(line);
        if text.len() > LONGEST_LINE {
            text = written(&Line::Cut(CutLine { bytes: text.len() }));
            // Nothing after it can be replayed, so another part is begun soon.
            self.events = EVENTS;
        }
        self.bytes += text.len();
        self.lines.push(text);
    }
}

fn head(terminal: TerminalNumber) -> Bytes {
    written(&Head { flight: VERSION, program: env!("CARGO_PKG_VERSION").to_owned(), terminal })
}

/// A line as it stands in a file. Its types have no maps and no fallible parts; were one refused, it would be missed by a
/// reader.
fn written(line: &impl Serialize) -> Bytes {
    let mut text = serde_json::to_vec(line).unwrap_or_else(|_| b"null".to_vec());
    text.push(b'\n');
    text.into()
}
