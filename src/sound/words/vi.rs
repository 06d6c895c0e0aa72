//! Vietnamese: phrases and numbers. It must not know when they are said.

use super::{Phrases, Place, Word};

pub(super) const PHRASES: Phrases = Phrases {
    received: Word::new("đã nhận", "da-nhan"),
    money_came: Word::new("có tiền về", "co-tien-ve"),
    missing: Word::new("còn thiếu", "con-thieu"),
    again: Word::new("nhắc lại", "nhac-lai"),
    currency: Word::new("đồng", "dong"),
    zero: DIGITS[0],
    thousand: THOUSAND,
    million: MILLION,
    billion: BILLION,
    three_digits,
    all,
};

const DIGITS: [Word; 10] = [
    Word::new("không", "khong"),
    Word::new("một", "mot"),
    Word::new("hai", "hai"),
    Word::new("ba", "ba"),
    Word::new("bốn", "bon"),
    Word::new("năm", "nam"),
    Word::new("sáu", "sau"),
    Word::new("bảy", "bay"),
    Word::new("tám", "tam"),
    Word::new("chín", "chin"),
];
/// One, after twenty and more.
const MOT: Word = Word::new("mốt", "mot-sac");
/// Four, after twenty and more.
const TU: Word = Word::new("tư", "tu");
/// Five, after ten and more.
const LAM: Word = Word::new("lăm", "lam");
/// Before a single digit, where there are no tens.
const LE: Word = Word::new("lẻ", "le");
/// Ten.
const MUOI: Word = Word::new("mười", "muoi");
/// Tens, after their digit.
const TENS: Word = Word::new("mươi", "muoi-ngang");
const HUNDRED: Word = Word::new("trăm", "tram");
const THOUSAND: Word = Word::new("nghìn", "nghin");
const MILLION: Word = Word::new("triệu", "trieu");
const BILLION: Word = Word::new("tỷ", "ty");

fn all() -> Vec<Word> {
    let others = [MOT, TU, LAM, LE, MUOI, TENS, HUNDRED, THOUSAND, MILLION, BILLION];
    DIGITS.into_iter().chain(others).collect()
}

/// Says a group of 1 to 999. Behind a larger group all three digits are said, so that 1 005 000 is not taken for 1 500 000.
fn three_digits(group: u64, place: Place) -> Vec<Word> {
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    let mut words = Vec::new();
    if hundreds > 0 || place == Place::Behind {
        words.extend([digit(hundreds), HUNDRED]);
    }
    match tens {
        0 if ones > 0 && !words.is_empty() => words.push(LE),
        0 => {}
        1 => words.push(MUOI),
        tens => words.extend([digit(tens), TENS]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push(MOT),
        (2.., 4) => words.push(TU),
        (1.., 5) => words.push(LAM),
        (_, ones) => words.push(digit(ones)),
    }
    words
}

fn digit(digit: u64) -> Word {
    usize::try_from(digit).ok().and_then(|at| DIGITS.get(at)).copied().unwrap_or(DIGITS[0])
}
