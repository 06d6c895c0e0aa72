//! Payment codes: what is read is what stands there, all of it, and can be built again; one changed byte is noticed.

use std::collections::BTreeMap;

use till_wire::{Account, Amount, Fields, MAX_CODE, VietQr, crc16, fold_to_ascii};

use super::{check_error, with_one_byte_changed};

/// Reads the input as a payment code, with its own checksum and with the right one put after it, and uses it as the
/// purpose of a code that is made here.
pub fn vietqr(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_folding(text);
    check_building(text);
    check_reading(text);
    check_reading(&sealed(text));
}

/// Nobody guesses a checksum, so it is put there.
fn sealed(text: &str) -> String {
    let code = format!("{text}6304");
    let checksum = crc16(code.as_bytes());
    format!("{code}{checksum:04X}")
}

fn check_folding(text: &str) {
    let folded = fold_to_ascii(text);
    assert!(folded.bytes().all(|b| b.is_ascii_graphic() || b == b' '), "{folded:?}");
    assert!(!folded.contains("  ") && folded.trim() == folded, "{folded:?}");
    assert_eq!(fold_to_ascii(&folded), folded);
}

fn check_building(text: &str) {
    let account = Account { bin: "970422".to_owned(), number: "0933450210".to_owned(), name: Some(text.to_owned()) };
    let amount = u64::try_from(text.len()).map_or(1, |length| length + 1);
    for amount in [None, Some(Amount::vnd(amount))] {
        let code = VietQr::build(&account, amount, text).expect("the account is one that codes can name");
        assert!(code.is_ascii(), "{code}");
        let read = VietQr::parse(&code).expect("what was built is a VietQR");
        let short: String = fold_to_ascii(text).chars().take(25).collect();
        let short = Some(short.trim_end().to_owned()).filter(|short| !short.is_empty());
        assert_eq!((read.purpose, read.name), (short.clone(), short));
        assert_eq!((read.bin, read.account, read.amount), (account.bin.clone(), account.number.clone(), amount));
    }
}

fn check_reading(code: &str) {
    let read = VietQr::parse(code);
    let fields = match (Fields::parse(code), &read) {
        (Ok(fields), _) => fields,
        (Err(error), Err(refused)) => {
            assert_eq!(&error, refused);
            return check_error(&error, code.as_bytes(), &[]);
        }
        (Err(error), Ok(_)) => unreachable!("a VietQR whose fields cannot be read: {error}"),
    };
    check_fields(code, &fields);
    match read {
        Ok(read) => check_vietqr(&fields, read),
        Err(error) => check_error(&error, code.as_bytes(), &[]),
    }
    if let Some(changed) = with_one_byte_changed(code).filter(|changed| !changed.eq_ignore_ascii_case(code)) {
        assert!(Fields::parse(&changed).is_err(), "{changed:?}");
    }
}

/// The fields put one after the other are the code: nothing is lost, doubled or moved.
fn check_fields(code: &str, fields: &Fields) {
    assert!(code.chars().count() <= MAX_CODE);
    let mut tags: Vec<_> = fields.iter().map(|(tag, _)| tag).collect();
    let written: String =
        fields.iter().map(|(tag, value)| format!("{tag:02}{:02}{value}", value.chars().count())).collect();
    assert_eq!(written, code);
    let (first, last) = (tags.first().copied(), tags.last().copied());
    assert_eq!((first, fields.value(0), last), (Some(0), Some("01"), Some(63)));
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), fields.iter().count(), "a tag stands twice: {code}");
    let stated = fields.value(63).and_then(|stated| u16::from_str_radix(stated, 16).ok());
    let text = code.get(..code.len().saturating_sub(4)).unwrap_or_default();
    assert_eq!(stated, Some(crc16(text.as_bytes())));
}

/// What was read is what the fields say, and no bank app would refuse it.
fn check_vietqr(fields: &Fields, read: VietQr) {
    assert!(read.bin.len() == 6 && read.bin.bytes().all(|b| b.is_ascii_digit()), "{read:?}");
    assert!((1..=19).contains(&read.account.len()), "{read:?}");
    assert!(read.account.bytes().all(|b| b.is_ascii_alphanumeric()), "{read:?}");
    assert_eq!((fields.value(53), fields.value(58)), (Some("704"), Some("VN")));
    assert_eq!(fields.inner(38, 0).as_deref(), Some("A000000727"));
    assert_eq!((fields.inner(62, 8), fields.value(59)), (read.purpose.clone(), read.name.as_deref()));
    let payee = template(&fields.inner(38, 1).unwrap_or_default());
    assert_eq!((payee.get("00"), payee.get("01")), (Some(&read.bin), Some(&read.account)));
    assert_eq!(template(fields.value(38).unwrap_or_default()).get("02"), read.service.as_ref());
    assert_eq!(template(fields.value(62).unwrap_or_default()).get("08"), read.purpose.as_ref());
    let stated = fields.value(54).map(|stated| stated.split('.').next().map(str::parse));
    assert_eq!(stated, read.amount.map(|amount| Some(Ok(amount.value()))));
    assert!(read.amount.is_none_or(|amount| (1..10_000_000_000_000).contains(&amount.value())), "{read:?}");

    let account = Account { bin: read.bin, number: read.account, name: None };
    let again = VietQr::build(&account, read.amount, "").expect("what was read can be built again");
    let again = VietQr::parse(&again).expect("what was built is a VietQR");
    assert_eq!((again.bin, again.account, again.amount), (account.bin, account.number, read.amount));
}

/// The fields inside a value, counted off character by character.
fn template(value: &str) -> BTreeMap<String, String> {
    let mut rest = value.chars();
    let mut fields = BTreeMap::new();
    while !rest.as_str().is_empty() {
        let mut take = |count: usize| {
            let taken: String = rest.by_ref().take(count).collect();
            assert_eq!(taken.chars().count(), count, "{value} ends too early");
            taken
        };
        let tag = take(2);
        let length = take(2).parse().expect("a length");
        assert!(fields.insert(tag, take(length)).is_none(), "{value} has a tag twice");
    }
    fields
}
