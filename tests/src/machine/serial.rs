//! What a machine says on its serial line: the newest of it. It must not know what the words mean.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The most that is kept, in bytes. A machine that says more, without an end, loses what is oldest.
const MOST: usize = 256 * 1024;

/// Listens until the line is closed.
#[derive(Clone, Debug, Default)]
pub struct Serial(Arc<Mutex<Vec<u8>>>);

impl Serial {
    /// Begins to listen.
    pub fn listen(mut line: impl Read + Send + 'static) -> Self {
        let own = Self::default();
        let heard = own.clone();
        thread::spawn(move || {
            let mut piece = [0; 4096];
            // A line that breaks has ended as well.
            while let Ok(length @ 1..) = line.read(&mut piece) {
                heard.add(piece.get(..length).unwrap_or_default());
            }
        });
        own
    }

    fn add(&self, piece: &[u8]) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend(piece);
        let surplus = text.len().saturating_sub(MOST);
        text.drain(..surplus);
    }

    /// Returns what was said, without the carriage returns of a terminal.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).replace('\r', "")
    }

    /// Returns the last lines: enough to see past a kernel that repeats itself.
    pub fn last_words(&self) -> String {
        let text = self.text();
        let lines: Vec<_> = text.lines().rev().take(200).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
