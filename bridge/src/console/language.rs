//! The two languages of the console, and which of them a browser asks for. It must not know what is said.

use hyper::HeaderMap;
use hyper::header::ACCEPT_LANGUAGE;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Vietnamese,
    English,
}

/// The longest list of languages that is looked at, in bytes.
const LONGEST: usize = 512;

impl Language {
    /// Returns the text of this language.
    pub(crate) fn say(self, vietnamese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Vietnamese => vietnamese,
            Self::English => english,
        }
    }

    /// Returns the language's code (BCP 47).
    pub(crate) fn code(self) -> &'static str {
        self.say("vi", "en")
    }

    /// Returns the language of a code.
    pub(crate) fn of(code: &str) -> Option<Self> {
        [Self::Vietnamese, Self::English].into_iter().find(|language| language.code() == code)
    }

    /// Returns the first language of ours that the browser names; browsers name them in the order of liking.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let value = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let value = value.get(..LONGEST).unwrap_or(value);
        let codes = value.split(',').filter_map(|range| range.trim().split(['-', ';']).next());
        codes.into_iter().find_map(Self::of).unwrap_or(Self::Vietnamese)
    }
}
