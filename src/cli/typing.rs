//! Reads a PIN: from a terminal without showing it, a new one twice, or once from whatever else standard input is. It must
//! not keep it.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::words::{Language, Words};

/// The longest line that is read, in bytes.
const LONGEST: u64 = 1024;

/// Which PIN is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichPin {
    /// One that nobody knows yet: typed twice.
    New,
    /// The one that the terminal knows.
    Supervisors,
}

/// Reads a PIN from standard input.
///
/// # Errors
/// When standard input cannot be read, ends before a line, or the two PINs differ.
pub fn typed_pin(language: Language, which: WhichPin) -> io::Result<String> {
    let words = language.words();
    let input = io::stdin();
    if !input.is_terminal() {
        return line(&mut input.lock(), words);
    }
    let mut prompt = io::stderr();
    let _quiet = Quiet::begin()?;
    let again = match which {
        WhichPin::New => {
            write!(prompt, "{}", words.new_pin)?;
            Some(words.pin_again)
        }
        WhichPin::Supervisors => {
            write!(prompt, "{}", words.supervisors_pin)?;
            None
        }
    };
    let first = line(&mut input.lock(), words)?;
    let Some(again) = again else { return Ok(first) };
    write!(prompt, "{again}")?;
    let second = line(&mut input.lock(), words)?;
    if first == second { Ok(first) } else { Err(io::Error::other(words.pins_differ)) }
}

/// Reads the first line of something; longer ones are cut, which no PIN is.
pub(super) fn first_line(input: &mut impl BufRead, language: Language) -> io::Result<String> {
    line(input, language.words())
}

fn line(input: &mut impl BufRead, words: &Words) -> io::Result<String> {
    let mut line = String::new();
    if input.take(LONGEST).read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, words.nothing_typed));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal that shows nothing of what is typed but the ends of lines, until it is dropped.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO);
        modes.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(io::stdin(), OptionalActions::Flush, &modes)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Nothing is left to try: the person sees that the terminal stays quiet, and `reset` helps.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
