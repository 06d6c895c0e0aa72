//! Which words ask for a PIN, and what is said of one that was not typed twice the same. It must not keep it.

use std::io;

use till_settings::typed_unseen;

use super::words::Language;

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
    let prompts = match which {
        WhichPin::New => vec![words.new_pin, words.pin_again],
        WhichPin::Supervisors => vec![words.supervisors_pin],
    };
    let mut typed = typed_unseen(&prompts, words.nothing_typed)?;
    typed.dedup();
    match <[String; 1]>::try_from(typed) {
        Ok([pin]) => Ok(pin),
        Err(_) => Err(io::Error::other(words.pins_differ)),
    }
}
