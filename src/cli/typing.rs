//! Reads a new PIN: twice from a terminal, without showing it, or once from whatever else standard input is. It must not
//! keep it.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The longest line that is read, in bytes.
const LONGEST: u64 = 1024;

/// Reads a new PIN from standard input.
///
/// # Errors
/// When standard input cannot be read, ends before a line, or the two PINs differ.
pub fn typed_pin() -> io::Result<String> {
    let input = io::stdin();
    if !input.is_terminal() {
        return line(&mut input.lock());
    }
    let mut prompt = io::stderr();
    let _quiet = Quiet::begin()?;
    write!(prompt, "New PIN: ")?;
    let first = line(&mut input.lock())?;
    write!(prompt, "The same PIN again: ")?;
    let second = line(&mut input.lock())?;
    if first == second { Ok(first) } else { Err(io::Error::other("the two PINs differ; nothing was made")) }
}

fn line(input: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if input.take(LONGEST).read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nothing was typed"));
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
