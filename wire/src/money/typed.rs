//! Reading an amount that a person typed. Whatever two people could read differently is refused.
//! It must not know where the text was typed.

use super::Amount;
use crate::text::shown;

/// The largest amount that can be typed; what a sale may be is a setting.
const MAX_TYPED: u64 = 999_999_999_999;

/// Why a typed amount was refused. Each says what was typed, cut to forty characters, and what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing was typed.
    #[error("no amount was typed; expected an amount such as `50000`, `50.000`, `50k` or `1tr5`")]
    Empty,
    /// The amount is nothing.
    #[error("`{typed}` is no money; expected an amount of at least 1 đồng")]
    Zero {
        /// What was typed.
        typed: String,
    },
    /// The amount is below nothing.
    #[error("`{typed}` is negative; expected an amount of at least 1 đồng")]
    Negative {
        /// What was typed.
        typed: String,
    },
    /// The text could be a fraction, or groups, of different values.
    #[error(
        "`{typed}` can be read in more than one way; expected whole đồng such as `50000`, `50.000`, `50k`, `1tr5` or `1tr500`"
    )]
    Ambiguous {
        /// What was typed.
        typed: String,
    },
    /// The amount is larger than any sale.
    #[error("`{typed}` is too much; expected at most 999.999.999.999 đồng")]
    TooLarge {
        /// What was typed.
        typed: String,
    },
    /// The text is no amount.
    #[error("`{typed}` is not an amount; expected an amount such as `50000`, `50.000`, `50k` or `1tr5`")]
    NotAnAmount {
        /// What was typed.
        typed: String,
    },
}

/// What is wrong with a text, before the text itself is put beside it.
enum Wrong {
    Ambiguous,
    TooLarge,
    NotAnAmount,
}

pub(super) fn parse(typed: &str) -> Result<Amount, AmountError> {
    let text = without_sign(typed.trim());
    if text.is_empty() {
        return if typed.trim().is_empty() { Err(AmountError::Empty) } else { Err(Wrong::NotAnAmount.of(typed)) };
    }
    if text.starts_with(['-', '−', '–']) {
        return Err(AmountError::Negative { typed: shown(typed) });
    }
    match dong(text) {
        Ok(0) => Err(AmountError::Zero { typed: shown(typed) }),
        Ok(value) => Ok(Amount::vnd(value)),
        Err(wrong) => Err(wrong.of(typed)),
    }
}

impl Wrong {
    fn of(self, typed: &str) -> AmountError {
        let typed = shown(typed);
        match self {
            Self::Ambiguous => AmountError::Ambiguous { typed },
            Self::TooLarge => AmountError::TooLarge { typed },
            Self::NotAnAmount => AmountError::NotAnAmount { typed },
        }
    }
}

/// Cuts one currency sign off the end: `đ`, `₫`, `VND` or `VNĐ`.
fn without_sign(text: &str) -> &str {
    match text.strip_suffix(['đ', 'Đ', '₫']) {
        Some(number) => without_word(number, "VN").trim_end(),
        None => without_word(text, "VND").trim_end(),
    }
}

/// Cuts a word off the end, in capitals or not.
fn without_word<'a>(text: &'a str, word: &str) -> &'a str {
    let at = text.len().checked_sub(word.len());
    match at.and_then(|at| text.split_at_checked(at)) {
        Some((number, end)) if end.eq_ignore_ascii_case(word) => number,
        Some(_) | None => text,
    }
}

fn dong(text: &str) -> Result<u64, Wrong> {
    if let Some(thousands) = text.strip_suffix(['k', 'K']) {
        return scaled(thousands, 1000);
    }
    if let Some(at) = text.find(['t', 'T']) {
        return millions(text, at);
    }
    if text.contains('.') {
        return grouped(text);
    }
    whole(text)
}

/// Reads `1tr`, `1tr5` (hundreds of thousands) and `1tr500` (thousands). Two digits could be either, so they are
/// refused.
fn millions(text: &str, at: usize) -> Result<u64, Wrong> {
    let (millions, rest) = text.split_at_checked(at).ok_or(Wrong::NotAnAmount)?;
    let (unit, tail) = rest.split_at_checked(2).ok_or(Wrong::NotAnAmount)?;
    if !unit.eq_ignore_ascii_case("tr") {
        return Err(Wrong::NotAnAmount);
    }
    let more = match tail.len() {
        0 => 0,
        1 => scaled(tail, 100_000)?,
        3 => scaled(tail, 1000)?,
        _ if is_digits(tail) => return Err(Wrong::Ambiguous),
        _ => return Err(Wrong::NotAnAmount),
    };
    let value = scaled(millions, 1_000_000)?;
    value.checked_add(more).ok_or(Wrong::TooLarge)
}

/// Reads groups of three: `50.000`, `1.500.000`.
fn grouped(text: &str) -> Result<u64, Wrong> {
    let mut groups = text.split('.');
    let first = groups.next().unwrap_or_default();
    let first_fits = (1..=3).contains(&first.len()) && !first.starts_with('0');
    if first_fits && is_digits(first) && groups.all(|group| group.len() == 3 && is_digits(group)) {
        return whole(&text.replace('.', ""));
    }
    whole(&text.replace('.', "")).and(Err(Wrong::Ambiguous))
}

/// Reads whole digits and multiplies them. The number before a unit has no points: `1.500k` could be either.
fn scaled(text: &str, by: u64) -> Result<u64, Wrong> {
    if !is_digits(text) && is_digits(&text.replace(['.', ','], "")) {
        return Err(Wrong::Ambiguous);
    }
    whole(text)?.checked_mul(by).filter(|value| *value <= MAX_TYPED).ok_or(Wrong::TooLarge)
}

fn whole(text: &str) -> Result<u64, Wrong> {
    if is_digits(text) {
        // Digits alone fail to be a number only by being too many.
        return text.parse().ok().filter(|value| *value <= MAX_TYPED).ok_or(Wrong::TooLarge);
    }
    // A comma separates thousands for some and decimals for others.
    if is_digits(&text.replace(['.', ',', ' '], "")) {
        return Err(Wrong::Ambiguous);
    }
    Err(Wrong::NotAnAmount)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
