//! What is said, as words: phrases and numbers in the language of the voice. It must not know how a word is made heard.

mod en;
#[cfg(test)]
mod tests;
mod vi;

use super::Announcement;

/// One word, or a few that are always said together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// How it is written.
    pub(super) text: &'static str,
    /// The name of its recording, without `.wav`: ASCII, because a folder of clips travels through many systems.
    pub(super) clip: &'static str,
}

impl Word {
    const fn new(text: &'static str, clip: &'static str) -> Self {
        Self { text, clip }
    }
}

/// A language that amounts can be said in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// Vietnamese, with the South's `lẻ` and the North's `nghìn`, which everybody understands.
    Vietnamese,
    /// English.
    English,
}

/// The largest number that has words: twelve digits, like the largest amount.
const LARGEST: u64 = 999_999_999_999;

/// The phrases of one language, and how it says numbers.
struct Phrases {
    received: Word,
    money_came: Word,
    missing: Word,
    again: Word,
    currency: Word,
    /// Takes at most [`LARGEST`].
    number: fn(u64) -> Vec<Word>,
    /// Every word that there is.
    all: fn() -> Vec<Word>,
}

impl Language {
    /// Returns the language that a voice speaks: Vietnamese for `vi` and its regions, else English.
    pub(super) fn of_voice(voice: &str) -> Self {
        if voice == "vi" || voice.starts_with("vi-") || voice.starts_with("vi_") {
            Self::Vietnamese
        } else {
            Self::English
        }
    }

    fn phrases(self) -> &'static Phrases {
        match self {
            Self::Vietnamese => &vi::PHRASES,
            Self::English => &en::PHRASES,
        }
    }

    /// Returns what is said after the chime; nothing where the chime says it all, or the number has no words.
    pub(super) fn say(self, announcement: Announcement) -> Vec<Word> {
        let phrases = self.phrases();
        let (first, amount) = match announcement {
            Announcement::Paid(amount) => (phrases.received, amount),
            Announcement::Money(amount) => (phrases.money_came, amount),
            Announcement::Short { missing } => (phrases.missing, missing),
            Announcement::Unpaid => return Vec::new(),
        };
        let number = self.number(amount.value());
        if number.is_empty() {
            return Vec::new();
        }
        [vec![first], number, vec![phrases.currency]].concat()
    }

    /// Returns what is said before an announcement that is repeated, so that nobody takes it for a new one.
    pub(super) fn again(self) -> Word {
        self.phrases().again
    }

    /// Returns a number's words: 0 to 999 999 999 999; a larger one has none.
    fn number(self, value: u64) -> Vec<Word> {
        if value > LARGEST { Vec::new() } else { (self.phrases().number)(value) }
    }

    /// Returns every word that can be said: what a folder of clips must hold.
    pub(super) fn all(self) -> Vec<Word> {
        let Phrases { received, money_came, missing, again, currency, number: _, all } = self.phrases();
        [vec![*received, *money_came, *missing, *again], all(), vec![*currency]].concat()
    }
}

/// Returns words as a text for a voice.
pub(super) fn text(words: &[Word]) -> String {
    words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}

/// Splits a number of at most twelve digits into its groups of three, the highest first.
fn groups(value: u64) -> [(u64, Scale); 4] {
    let group = |unit: u64| value / unit % 1000;
    [
        (group(1_000_000_000), Scale::Billion),
        (group(1_000_000), Scale::Million),
        (group(1000), Scale::Thousand),
        (group(1), Scale::One),
    ]
}

/// What a group of three digits counts.
#[derive(Clone, Copy)]
enum Scale {
    Billion,
    Million,
    Thousand,
    One,
}
