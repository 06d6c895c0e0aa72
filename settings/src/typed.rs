//! What a person types and nobody shall see, a password or a PIN: from a terminal without showing it, or the first line of
//! whatever else standard input is. It must not know what it is, nor keep it.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The longest line that is read, in bytes; longer ones are cut.
const LONGEST: u64 = 1024;

/// Asks once for each prompt where standard input is a terminal, and returns what was typed at each; reads one line, whatever
/// the prompts are, where it is none.
///
/// # Errors
/// When standard input cannot be read, or ends before a line: with `nothing` as its words.
pub fn typed_unseen(prompts: &[&str], nothing: &str) -> io::Result<Vec<String>> {
    let input = io::stdin();
    if !input.is_terminal() {
        return first_line(&mut input.lock(), nothing).map(|line| vec![line]);
    }
    let mut screen = io::stderr();
    let _quiet = Quiet::begin()?;
    let mut typed = Vec::new();
    for prompt in prompts {
        write!(screen, "{prompt}")?;
        typed.push(first_line(&mut input.lock(), nothing)?);
    }
    Ok(typed)
}

/// Reads the first line of something, without its end.
///
/// # Errors
/// When it cannot be read, or there is none: with `nothing` as its words.
pub fn first_line(input: &mut impl BufRead, nothing: &str) -> io::Result<String> {
    let mut line = String::new();
    if input.take(LONGEST).read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, nothing));
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
