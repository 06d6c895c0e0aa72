//! Typed amounts: what is read is what the digits say to anybody, within bounds, and reads the same once written out.

use till_wire::{Amount, Currency};

use super::check_error;

/// Reads the input as an amount that a person typed.
pub fn amounts(data: &[u8]) {
    let Ok(typed) = std::str::from_utf8(data) else { return };
    let amount = match Amount::parse(typed) {
        Ok(amount) => amount,
        Err(error) => return check_error(&error, data, &[]),
    };
    assert_eq!(amount.currency(), Currency::Vnd);
    assert!((1..=999_999_999_999).contains(&amount.value()), "{amount}");
    assert_eq!(Some(amount.value()), said(typed), "{typed:?}");
    for written in [amount.to_string(), amount.digits(), amount.value().to_string(), format!(" {typed} ")] {
        assert_eq!(Amount::parse(&written).ok(), Some(amount), "{typed:?} and {written:?}");
    }
}

/// What a typed amount says, worked out in another way than the reader's: by its digits and its unit alone.
fn said(typed: &str) -> Option<u64> {
    assert!(!typed.contains([',', '-', '−', '–', '+']), "{typed:?} could mean something else");
    let lower = typed.to_lowercase();
    // The sign is `đ`, `₫`, `VND`, or `VN` before one of the first two.
    let number = lower.trim().trim_end_matches(['d', 'đ', '₫']).trim_end_matches("vn").trim();
    let points = number.matches('.').count();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let units: String = number.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect();
    match units.as_str() {
        "" => {
            // Points stand between groups of three, so a reader who takes them for decimals sees three places.
            let groups = number.split('.').skip(1);
            assert!(groups.clone().all(|group| group.len() == 3), "{typed:?} could be a fraction");
            digits.parse().ok()
        }
        "k" => digits.parse::<u64>().ok()?.checked_mul(1000).filter(|_| points == 0),
        "tr" => {
            let (millions, rest) = number.split_once("tr")?;
            let rest = match rest.len() {
                0 => 0,
                1 => rest.parse::<u64>().ok()? * 100_000,
                3 => rest.parse::<u64>().ok()? * 1000,
                _ => return None,
            };
            millions.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(rest)
        }
        _ => None,
    }
}
