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
    zero: Word,
    thousand: Word,
    million: Word,
    billion: Word,
    /// Says a group of 1 to 999; behind a larger one, or as the first.
    three_digits: fn(u64, Place) -> Vec<Word>,
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
            Announcement::Unpaid | Announcement::Here => return Vec::new(),
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
        if value > LARGEST { Vec::new() } else { self.phrases().number(value) }
    }

    /// Returns every word that can be said: what a folder of clips must hold.
    pub(super) fn all(self) -> Vec<Word> {
        let Phrases { received, money_came, missing, again, currency, all, .. } = self.phrases();
        [vec![*received, *money_came, *missing, *again], all(), vec![*currency]].concat()
    }
}

/// Returns words as a text for a voice.
pub(super) fn text(words: &[Word]) -> String {
    words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}

impl Phrases {
    /// Says a number of at most twelve digits, group by group.
    fn number(&self, value: u64) -> Vec<Word> {
        if value == 0 {
            return vec![self.zero];
        }
        let scales = [
            (1_000_000_000, Some(self.billion)),
            (1_000_000, Some(self.million)),
            (1000, Some(self.thousand)),
            (1, None),
        ];
        let mut words = Vec::new();
        for (unit, scale) in scales {
            let group = value / unit % 1000;
            if group > 0 {
                let place = if words.is_empty() { Place::First } else { Place::Behind };
                words.extend((self.three_digits)(group, place));
                words.extend(scale);
            }
        }
        words
    }
}

/// Where a group of three digits stands in its number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing stands before it.
    First,
    /// A larger group has been said.
    Behind,
}
