//! Reads a recording, whoever wrote it: bounded in size and line, and every fault in words. It must not know what becomes
//! of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::format::{BeginLine, Head, Line, Lists, Opening};
use super::outcome::Outcome;
use super::{LONGEST_LINE, MOST_BYTES, VERSION};
use crate::till::{Event, Found, Now, Rules};

/// A recording.
pub struct Flight {
    /// The version of the program that wrote it.
    pub program: String,
    /// The last line, when it is not whole: the power went, or the disk was full.
    pub torn: Option<usize>,
    pub(super) parts: Vec<Part>,
}

/// A state and what happened since.
pub(super) struct Part {
    /// The line on which it begins.
    pub(super) line: usize,
    /// What to begin with; nothing when it was too large to be recorded.
    pub(super) opening: Option<(Rules, Opening)>,
    /// What the till did at its start.
    pub(super) did: Option<Outcome>,
    pub(super) steps: Vec<Happened>,
}

/// Something that happened.
pub(super) struct Happened {
    pub(super) line: usize,
    pub(super) now: Now,
    pub(super) found: Option<Found>,
    /// How many bytes waited for the broker.
    pub(super) queue_bytes: u64,
    pub(super) event: Event,
    /// What the till did; nothing when the program ended over it.
    pub(super) did: Option<Outcome>,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read the recording `{}`: see that it is there and may be read", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is larger than any recording.
    #[error("`{}` is no recording of tilld: it has more than {most} bytes; give the file that `till flight` printed", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The bound.
        most: usize,
    },
    /// It is something else.
    #[error(
        "`{}` line 1: this is no recording of tilld; give a file flight-….jsonl from the store's folder, or what `till flight` printed",
        path.display()
    )]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("`{}` line 1: the recording has version {found}, this program reads up to {known}; use the version of the terminal that wrote it", path.display())]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// A line is not what it should be.
    #[error("`{}` line {line}: {what}; the file was changed or damaged, ask for it again", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// Reads a recording.
///
/// # Errors
/// See [`ReadError`]. A last line that is not whole is no error.
pub fn read(path: &Path) -> Result<Flight, ReadError> {
    let fault = |source| ReadError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(fault)?;
    // The head stands beside the lines that the recorder counts.
    let most = MOST_BYTES + LONGEST_LINE;
    if usize::try_from(file.metadata().map_err(fault)?.len()).unwrap_or(usize::MAX) > most {
        return Err(ReadError::TooLarge { path: path.to_owned(), most });
    }
    read_from(path, file.take(u64::try_from(most).unwrap_or(u64::MAX)))
}

/// Reads a recording that comes from somewhere; `path` names it in errors.
pub(super) fn read_from(path: &Path, from: impl Read) -> Result<Flight, ReadError> {
    let mut source = Source { path, reader: BufReader::new(from), line: 0 };
    let program = source.head()?;
    let mut reading = Reading::default();
    let mut torn = None;
    while let Some((text, whole)) = source.next()? {
        match serde_json::from_slice::<Line>(&text) {
            Ok(line) => reading.take(line, source.line).map_err(|what| source.fault(what))?,
            Err(_) if !whole => torn = Some(source.line),
            Err(error) => return Err(source.fault(format!("it is no line of a recording ({error})"))),
        }
    }
    let parts = reading.finish(torn.is_some()).map_err(|what| source.fault(what))?;
    Ok(Flight { program, torn, parts })
}

/// A file, line by line.
struct Source<'a, R> {
    path: &'a Path,
    reader: BufReader<R>,
    line: usize,
}

impl<R: Read> Source<'_, R> {
    /// Returns the next line, and whether it has its end.
    fn next(&mut self) -> Result<Option<(Vec<u8>, bool)>, ReadError> {
        let mut text = Vec::new();
        let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        let read = self.reader.by_ref().take(most).read_until(b'\n', &mut text);
        read.map_err(|source| ReadError::File { path: self.path.to_owned(), source })?;
        if text.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        let whole = text.last() == Some(&b'\n');
        if !whole && text.len() >= LONGEST_LINE {
            return Err(self.fault(format!("it has more than {LONGEST_LINE} bytes")));
        }
        Ok(Some((text, whole)))
    }

    fn head(&mut self) -> Result<String, ReadError> {
        #[derive(Deserialize)]
        struct Version {
            flight: u32,
        }
        let path = self.path.to_owned();
        let Ok(Some((text, _))) = self.next() else { return Err(ReadError::Foreign { path }) };
        let Ok(Version { flight: found }) = serde_json::from_slice(&text) else {
            return Err(ReadError::Foreign { path });
        };
        if found > VERSION {
            return Err(ReadError::Newer { path, found, known: VERSION });
        }
        let head: Head = serde_json::from_slice(&text).map_err(|_| ReadError::Foreign { path })?;
        Ok(head.program)
    }

    fn fault(&self, what: String) -> ReadError {
        ReadError::Line { path: self.path.to_owned(), line: self.line, what }
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    parts: Vec<Part>,
    /// A state that is not complete yet, and the line on which it begins.
    begun: Option<(usize, BeginLine, Lists)>,
    /// Whether something was too large to be recorded, so that there is nothing to be replayed before the next state.
    cut: bool,
}

impl Reading {
    fn take(&mut self, line: Line, at: usize) -> Result<(), String> {
        match line {
            Line::Begin(begin) => {
                self.complete()?;
                self.cut = false;
                self.begun = Some((at, *begin, Lists::default()));
            }
            Line::Sale(_) | Line::Command(_) | Line::Receipt(_) | Line::Key(_) | Line::Owed(_) | Line::Noted(_)
                if self.cut => {}
            Line::Command(command) => self.lists()?.commands.push((*command).into()),
            Line::Sale(sale) => self.lists()?.sales.push((*sale).into()),
            Line::Receipt(receipt) => self.lists()?.receipts.push((*receipt).into()),
            Line::Key(key) => self.lists()?.keys.push(key.into()),
            Line::Owed(owed) => self.lists()?.owed.push(owed.into()),
            Line::Noted(noted) => self.lists()?.noted.push(noted.into()),
            Line::Cut(_) => {
                self.begun = None;
                self.cut = true;
                self.parts.push(Part { line: at, opening: None, did: None, steps: Vec::new() });
            }
            Line::Ready(_) if self.cut => {}
            Line::Ready(ready) => {
                let (line, begin, lists) = self.begun.take().ok_or("a state is complete that did not begin")?;
                self.parts.push(Part { line, opening: Some(begin.opening(lists)), did: ready.did, steps: Vec::new() });
            }
            Line::Event(mut event) => {
                self.complete()?;
                let part = self.parts.last_mut().ok_or("something happens before there is a state")?;
                if part.steps.last().is_some_and(|step| step.did.is_none()) && !self.cut {
                    return Err("the outcome of what happened before it is missing".to_owned());
                }
                let (now, found) = (event.at.into(), event.found());
                let (queue_bytes, event) = (event.queue_bytes, event.what.into());
                part.steps.push(Happened { line: at, now, found, queue_bytes, event, did: None });
            }
            Line::Did(did) => {
                let step = self.parts.last_mut().and_then(|part| part.steps.last_mut());
                match step.filter(|step| step.did.is_none()) {
                    Some(step) => step.did = Some(did),
                    None if self.cut => {}
                    None => return Err("an outcome without something that happened".to_owned()),
                }
            }
        }
        Ok(())
    }

    fn lists(&mut self) -> Result<&mut Lists, String> {
        let (_, _, lists) = self.begun.as_mut().ok_or("a record outside of a state")?;
        Ok(lists)
    }

    /// Nothing may follow a state that is not complete.
    fn complete(&self) -> Result<(), String> {
        if self.begun.is_some() { Err("the state before it is not complete".to_owned()) } else { Ok(()) }
    }

    fn finish(mut self, torn: bool) -> Result<Vec<Part>, String> {
        if let Some((line, begin, lists)) = self.begun.take().filter(|_| !torn) {
            // The program ended over its start.
            self.parts.push(Part { line, opening: Some(begin.opening(lists)), did: None, steps: Vec::new() });
        }
        if self.parts.is_empty() {
            return Err("the recording ends before its first state is complete".to_owned());
        }
        Ok(self.parts)
    }
}
