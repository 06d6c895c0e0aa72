//! Amounts: what may be typed, what is refused and why, and how amounts are written.

use super::*;

#[test]
fn what_people_type_is_read() {
    for (typed, value) in [
        ("50000", 50_000),
        ("1", 1),
        ("050000", 50_000),
        ("50.000", 50_000),
        ("1.500.000", 1_500_000),
        ("50k", 50_000),
        ("50K", 50_000),
        ("1500k", 1_500_000),
        ("1tr", 1_000_000),
        ("1TR", 1_000_000),
        ("1tr5", 1_500_000),
        ("1Tr500", 1_500_000),
        ("12tr050", 12_050_000),
        ("  50.000 ₫ ", 50_000),
        ("50000đ", 50_000),
        ("50000 VND", 50_000),
        ("50kvnd", 50_000),
        ("50.000 VNĐ", 50_000),
        ("50.000\u{a0}₫", 50_000),
        ("999999999999", 999_999_999_999),
        ("999.999.999.999", 999_999_999_999),
    ] {
        assert_eq!(Amount::parse(typed), Ok(Amount::vnd(value)), "{typed}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for typed in [
        "50,000", "50.00", "50.5", "1.5k", "1.500k", "1,5k", "1tr50", "2tr50", "1tr5000", "1.5tr", "50000.", ".500",
        "5.0000", "0.500", "050.000", "1.500.00", "50 000", "1..000", "1.234,56",
    ] {
        assert_eq!(Amount::parse(typed), Err(AmountError::Ambiguous { typed: typed.to_owned() }), "{typed}");
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for typed in [
        "abc", "đ", "VND", "k", "tr", "tr5", "1t", "1tx5", "5k5", "50kk", "1tr5k", "1trđ5", "+5", "0x10", "1e5",
        "５０", "50$", "50đđ", ".", "1tr.5", "é", "1tré",
    ] {
        assert_eq!(Amount::parse(typed), Err(AmountError::NotAnAmount { typed: typed.to_owned() }), "{typed}");
    }
}

#[test]
fn nothing_zero_negative_and_too_much_are_told_apart() {
    assert_eq!(Amount::parse(""), Err(AmountError::Empty));
    assert_eq!(Amount::parse(" \t\n"), Err(AmountError::Empty));
    for typed in ["0", "000", "0k", "0tr0", "0đ"] {
        let typed = typed.to_owned();
        assert_eq!(Amount::parse(&typed), Err(AmountError::Zero { typed }));
    }
    for typed in ["-1", "-50.000", "-"] {
        let typed = typed.to_owned();
        assert_eq!(Amount::parse(&typed), Err(AmountError::Negative { typed }));
    }
    for typed in [
        "1000000000000",
        "1000000000000000000000000000000",
        "1.000.000.000.000",
        "1000000000k",
        "1000000tr",
        "18446744073709551615k",
    ] {
        let typed = typed.to_owned();
        assert_eq!(Amount::parse(&typed), Err(AmountError::TooLarge { typed }));
    }
}

#[test]
fn a_refusal_quotes_forty_characters_on_one_line() {
    let typed = format!("a\n{}", "ắ".repeat(100));
    let quoted = format!("a\u{fffd}{}…", "ắ".repeat(38));
    assert_eq!(Amount::parse(&typed), Err(AmountError::NotAnAmount { typed: quoted }));
}

#[test]
fn an_amount_is_written_in_groups_of_three() {
    for (value, text) in [
        (0, "0 ₫"),
        (999, "999 ₫"),
        (1000, "1.000 ₫"),
        (50_000, "50.000 ₫"),
        (499_999_999, "499.999.999 ₫"),
        (u64::MAX, "18.446.744.073.709.551.615 ₫"),
    ] {
        assert_eq!(Amount::vnd(value).to_string(), text);
    }
    assert_eq!(Amount::vnd(50_000).digits(), "50.000");
}

#[test]
fn sums_neither_wrap_nor_go_below_nothing() {
    let (one, two) = (Amount::vnd(1), Amount::vnd(2));
    assert_eq!(one.checked_add(one), Some(two));
    assert_eq!(two.checked_sub(one), Some(one));
    assert_eq!(one.checked_sub(two), None);
    assert_eq!(Amount::vnd(u64::MAX).checked_add(one), None);
    assert!(one < two);
}

#[test]
fn the_currency_is_its_code() {
    let json = serde_json::to_string(&Currency::Vnd).expect("a currency is JSON");
    assert_eq!(json, "\"VND\"");
    assert!(serde_json::from_str::<Currency>("\"vnd\"").is_err());
    assert_eq!((Currency::Vnd.numeric(), Currency::Vnd.exponent()), (704, 0));
}
