//! How words are put on the output: in which language, how wide, with or without colour. It must not know the verbs.

use std::env;
use std::io::{self, IsTerminal};

use rustix::termios::tcgetwinsize;

use super::words::{Language, Words};

/// What a terminal has that does not tell its width.
const USUAL: usize = 80;

/// How words are put on the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The language of all words; JSON has none.
    pub language: Language,
    /// How wide the terminal is; nothing when the output is not a terminal.
    pub columns: Option<usize>,
    /// Whether the output is coloured.
    pub colour: bool,
}

/// What a piece of text means, which its colour repeats and never says alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    /// A heading.
    Strong,
    Good,
    Bad,
    /// In progress, or to be looked at.
    Open,
}

impl Style {
    /// Asks the environment and the standard output of this process.
    pub fn of_process() -> Self {
        let variable = |name: &str| env::var(name).ok();
        let out = io::stdout();
        let columns = out.is_terminal().then(|| match tcgetwinsize(&out) {
            Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
            Ok(_) | Err(_) => USUAL,
        });
        let colour = columns.is_some() && takes_colour(variable);
        Self { language: Language::of_environment(variable), columns, colour }
    }

    pub(super) fn words(self) -> &'static Words {
        self.language.words()
    }

    /// Returns the text in a colour, where there are colours.
    pub(super) fn paint(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Plain => None,
            Ink::Strong => Some("1"),
            Ink::Good => Some("1;32"),
            Ink::Bad => Some("31"),
            Ink::Open => Some("33"),
        };
        match code.filter(|_| self.colour && !text.is_empty()) {
            Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }
}

/// As <https://no-color.org> asks.
fn takes_colour(variable: impl Fn(&str) -> Option<String>) -> bool {
    let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && variable("TERM").as_deref() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_refused_by_no_color_and_by_a_dumb_terminal() {
        let with = |name: &'static str, value: &'static str| {
            takes_colour(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(with("TERM", "xterm-256color") && with("NO_COLOR", ""));
        assert!(!with("NO_COLOR", "1") && !with("TERM", "dumb"));
    }

    #[test]
    fn paint_is_put_on_where_there_is_colour() {
        let plain = Style { language: Language::English, columns: Some(80), colour: false };
        assert_eq!(plain.paint(Ink::Good, "PAID"), "PAID");
        assert_eq!(Style { colour: true, ..plain }.paint(Ink::Good, "PAID"), "\x1b[1;32mPAID\x1b[0m");
        assert_eq!(Style { colour: true, ..plain }.paint(Ink::Plain, "PAID"), "PAID");
    }
}
