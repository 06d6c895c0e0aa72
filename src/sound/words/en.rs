//! English: phrases and numbers. It must not know when they are said.

use super::{Phrases, Place, Word};

pub(super) const PHRASES: Phrases = Phrases {
    received: Word::new("received", "received"),
    money_came: Word::new("money has come in", "money-has-come-in"),
    missing: Word::new("still missing", "still-missing"),
    again: Word::new("again", "again"),
    currency: Word::new("dong", "dong"),
    zero: ONES[0],
    thousand: THOUSAND,
    million: MILLION,
    billion: BILLION,
    three_digits,
    all,
};

const ONES: [Word; 20] = [
    Word::new("zero", "zero"),
    Word::new("one", "one"),
    Word::new("two", "two"),
    Word::new("three", "three"),
    Word::new("four", "four"),
    Word::new("five", "five"),
    Word::new("six", "six"),
    Word::new("seven", "seven"),
    Word::new("eight", "eight"),
    Word::new("nine", "nine"),
    Word::new("ten", "ten"),
    Word::new("eleven", "eleven"),
    Word::new("twelve", "twelve"),
    Word::new("thirteen", "thirteen"),
    Word::new("fourteen", "fourteen"),
    Word::new("fifteen", "fifteen"),
    Word::new("sixteen", "sixteen"),
    Word::new("seventeen", "seventeen"),
    Word::new("eighteen", "eighteen"),
    Word::new("nineteen", "nineteen"),
];
const TENS: [Word; 8] = [
    Word::new("twenty", "twenty"),
    Word::new("thirty", "thirty"),
    Word::new("forty", "forty"),
    Word::new("fifty", "fifty"),
    Word::new("sixty", "sixty"),
    Word::new("seventy", "seventy"),
    Word::new("eighty", "eighty"),
    Word::new("ninety", "ninety"),
];
const HUNDRED: Word = Word::new("hundred", "hundred");
const THOUSAND: Word = Word::new("thousand", "thousand");
const MILLION: Word = Word::new("million", "million");
const BILLION: Word = Word::new("billion", "billion");

fn all() -> Vec<Word> {
    ONES.into_iter().chain(TENS).chain([HUNDRED, THOUSAND, MILLION, BILLION]).collect()
}

/// Says a group of 1 to 999.
fn three_digits(group: u64, _: Place) -> Vec<Word> {
    let mut words = Vec::new();
    if group >= 100 {
        words.extend([ones(group / 100), HUNDRED]);
    }
    let rest = group % 100;
    let tens = (rest / 10).checked_sub(2).and_then(|at| TENS.get(usize::try_from(at).ok()?)).copied();
    words.extend(tens);
    let below = if tens.is_some() { rest % 10 } else { rest };
    if below > 0 {
        words.push(ones(below));
    }
    words
}

fn ones(number: u64) -> Word {
    usize::try_from(number).ok().and_then(|at| ONES.get(at)).copied().unwrap_or(ONES[0])
}
