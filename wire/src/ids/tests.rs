//! Ids in every form: the contract's own examples, the bounds, and what is refused.

use super::*;
use crate::time::UnixTime;

fn terminal() -> TerminalNumber {
    TerminalNumber::new(1017).expect("1017 is a terminal number")
}

fn order() -> OrderRef {
    OrderRef::new(terminal(), 29_727_122).expect("nine digits are enough")
}

#[test]
fn the_contract_s_example_has_all_its_forms() {
    assert_eq!(terminal().to_string(), "0001017");
    assert_eq!(order().to_string(), "0001017-029727122");
    assert_eq!(order().payos_code(), 1_017_029_727_122);
    assert_eq!(order().purpose(), "TL0001017029727122");
    assert_eq!(SaleId::new(order()).to_string(), "0001017-029727122");
    let now: UnixTime = "2026-11-20T03:04:05Z".parse().expect("a time");
    assert_eq!(first_sequence(now), Some(29_727_122));
}

#[test]
fn a_terminal_number_has_seven_digits_and_its_bounds() {
    assert_eq!(TerminalNumber::new(0), None);
    assert_eq!(TerminalNumber::new(9_007_199), None);
    let last = TerminalNumber::new(9_007_198).expect("the largest");
    assert_eq!("9007198".parse(), Ok(last));
    for text in ["", "1017", "00001017", "0000000", "9007199", "+001017", "000101x", "00010१"] {
        assert!(text.parse::<TerminalNumber>().is_err(), "{text}");
    }
    let largest = OrderRef::new(last, OrderRef::MAX_SEQUENCE).expect("nine digits");
    assert!(largest.payos_code() < 1 << 53);
    assert_eq!(OrderRef::new(last, 1_000_000_000), None);
}

#[test]
fn an_order_is_read_only_from_its_exact_text() {
    assert_eq!("0001017-029727122".parse(), Ok(order()));
    for text in [
        "",
        "-",
        "0001017029727122",
        "0001017-29727122",
        "1017-029727122",
        "0001017-0297271222",
        "0000000-029727122",
        "0001017-+29727122",
        " 0001017-029727122",
        "0001017-029727122 ",
    ] {
        let refused = IdError::new(text, "an order reference (TTTTTTT-SSSSSSSSS: terminal and sequence)");
        assert_eq!(text.parse::<OrderRef>(), Err(refused), "{text}");
        assert!(text.parse::<SaleId>().is_err(), "{text}");
    }
}

#[test]
fn a_payos_code_names_its_terminal() {
    assert_eq!(OrderRef::from_payos_code(1_017_029_727_122), Some(order()));
    for foreign in [0, 123, 999_999_999, 9_007_199_000_000_000, u64::MAX] {
        assert_eq!(OrderRef::from_payos_code(foreign), None, "{foreign}");
    }
}

#[test]
fn an_order_far_ahead_of_the_clock_is_foreign() {
    let now: UnixTime = "2026-11-20T03:04:05Z".parse().expect("a time");
    let ahead = |by: u32| OrderRef::new(terminal(), 29_727_122 + by).expect("nine digits");
    assert!(!ahead(0).is_foreign(now));
    assert!(!ahead(1_000_000).is_foreign(now));
    assert!(ahead(1_000_001).is_foreign(now));
    assert!(!ahead(1_000_001).is_foreign(UnixTime::from_secs(0)));
}

#[test]
fn the_tick_begins_in_2025_and_ends_in_2088() {
    let at = |secs: i64| first_sequence(UnixTime::from_secs(secs));
    assert_eq!(at(1_735_689_599), None);
    assert_eq!(at(1_735_689_600), Some(0));
    assert_eq!(at(1_735_689_603), Some(1));
    assert_eq!(at(1_735_689_600 + 1_999_999_999), Some(999_999_999));
    assert_eq!(at(1_735_689_600 + 2_000_000_000), None);
}

#[test]
fn a_purpose_is_found_inside_a_bank_s_description() {
    for text in [
        "TL0001017029727122",
        "MBVCB.123.tl0001017029727122.CT tu 0011",
        "chuyển tiềnTL0001017029727122đ",
        "TL0001017029727122 TL0001017029727122",
        "TLTL0001017029727122",
        "TL0001017029727122 TL00010170297271",
    ] {
        assert_eq!(OrderRef::find_purpose(text), Some(order()), "{text}");
    }
}

#[test]
fn a_doubtful_purpose_is_none() {
    for text in [
        "",
        "TL",
        "0001017029727122",
        "TL00010170297271221",
        "TL000101702972712",
        "TL 0001017029727122",
        "TL0000000029727122",
        "TL0001017029727122 TL0001017029727123",
    ] {
        assert_eq!(OrderRef::find_purpose(text), None, "{text}");
    }
}

#[test]
fn a_channel_id_is_short_and_plain() {
    let channel = ChannelId::new("pay_os-1").expect("plain");
    assert_eq!(channel.as_str(), "pay_os-1");
    assert!(ChannelId::new(&"a".repeat(32)).is_some());
    for text in ["", "Payos", "pay os", "pay/os", "é", &"a".repeat(33)] {
        assert_eq!(ChannelId::new(text), None, "{text}");
    }
}

#[test]
fn a_command_id_cannot_break_a_topic() {
    assert!(CommandId::new("c0ffee-01_A").is_some());
    for text in ["", "a/b", "a+b", "#", "é", "a b", &"a".repeat(65)] {
        assert_eq!(CommandId::new(text), None, "{text}");
    }
}

#[test]
fn a_receipt_key_is_the_digest_of_the_payment_s_names() {
    let channel = ChannelId::new("payos").expect("plain");
    let key = ReceiptKey::of(&channel, "124c33293c43417ab7879e14c8d9eb18", "TF230204212323");
    // printf 'payos\n124c33293c43417ab7879e14c8d9eb18\nTF230204212323' | sha256sum | cut -c1-32
    assert_eq!(key.to_string(), "0d1bcd368f5abd82f0d9f470d9082012");
    assert_eq!(key.to_string().parse(), Ok(key));
    assert!(key.to_string().to_uppercase().parse::<ReceiptKey>().is_err());
    assert!("ab".parse::<ReceiptKey>().is_err());
}

#[test]
fn json_has_the_text_and_a_terminal_is_a_number() {
    let json = serde_json::to_string(&(order(), SaleId::new(order()), terminal()));
    let json = json.expect("ids are JSON");
    assert_eq!(json, r#"["0001017-029727122","0001017-029727122",1017]"#);
    assert!(serde_json::from_str::<OrderRef>("1017029727122").is_err());
    assert!(serde_json::from_str::<TerminalNumber>("0").is_err());
    assert!(serde_json::from_str::<TerminalNumber>("\"0001017\"").is_err());
    assert_eq!(serde_json::from_str("1017").ok(), Some(terminal()));
}
