//! How a roll-out goes, while it goes: a bar on a terminal, now and then a line elsewhere. It must not know what it is about.

use std::io::{self, Write};
use std::time::Duration;

use tokio::time::Instant;

use super::super::words::Words;
use super::rollout::Tally;

/// How wide the bar is.
const BAR: usize = 30;
/// How often a terminal is drawn anew, and how often a line is written elsewhere.
const REDRAWN: Duration = Duration::from_millis(100);
const WRITTEN: Duration = Duration::from_secs(10);

/// Where progress is shown.
pub(super) struct Progress {
    is_terminal: bool,
    last: Option<Instant>,
    words: &'static Words,
}

impl Progress {
    pub(super) fn new(is_terminal: bool, words: &'static Words) -> Self {
        Self { is_terminal, last: None, words }
    }

    /// Shows how far it is, unless that was shown a moment ago.
    pub(super) fn show(&mut self, tally: Tally, now: Instant, err: &mut dyn Write) -> io::Result<()> {
        let pause = if self.is_terminal { REDRAWN } else { WRITTEN };
        let began = *self.last.get_or_insert(now);
        if now.duration_since(began) < pause {
            return Ok(());
        }
        self.last = Some(now);
        self.write(tally, err)
    }

    /// Shows how it ended.
    pub(super) fn end(&mut self, tally: Tally, err: &mut dyn Write) -> io::Result<()> {
        self.write(tally, err)?;
        if self.is_terminal { writeln!(err) } else { Ok(()) }
    }

    /// Makes room for a line of text.
    pub(super) fn clear(&self, err: &mut dyn Write) -> io::Result<()> {
        if self.is_terminal { write!(err, "\r\x1b[K") } else { Ok(()) }
    }

    fn write(&self, tally: Tally, err: &mut dyn Write) -> io::Result<()> {
        let done = tally.succeeded + tally.failed + tally.not_meant;
        let text = (self.words.fleet.tools.progress)(tally);
        if !self.is_terminal {
            return writeln!(err, "{text}");
        }
        let full = (BAR * done).checked_div(tally.total).unwrap_or(BAR);
        let bar: String = (0..BAR).map(|at| if at < full { '█' } else { '░' }).collect();
        write!(err, "\r\x1b[K{bar} {text}")?;
        err.flush()
    }
}
