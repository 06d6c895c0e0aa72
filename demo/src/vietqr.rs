//! VietQR codes as the sandbox's bank makes and reads them (providers.md §4), independent of the till's own parser.
//! It must not know payOS.

use thiserror::Error;

/// The account that a code pays to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// The bank's six digits, e.g. `970422`.
    pub bin: String,
    /// At most 19 letters and digits.
    pub number: String,
    /// The holder, in capitals.
    pub name: String,
}

/// What a bank's app finds in a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The bank's six digits.
    pub bin: String,
    /// The account's number.
    pub account: String,
    /// In đồng; absent when the payer types it.
    pub amount: Option<u64>,
    /// The transfer's text.
    pub purpose: Option<String>,
}

/// Why a bank's app refuses a code.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ScanError {
    /// The tag-length-value structure is broken.
    #[error("the code's structure is broken near `{near}`")]
    Structure {
        /// The text that could not be read on.
        near: String,
    },
    /// The checksum at the end is not that of the text.
    #[error("the code's checksum is `{found}`, expected `{expected}`")]
    Checksum {
        /// What the text ends with.
        found: String,
        /// What the text would need.
        expected: String,
    },
    /// A field that a VietQR must have is missing or has a value that it must not have.
    #[error("the code's field `{field}` is missing or wrong")]
    Field {
        /// The tag, e.g. `38.01.00`.
        field: &'static str,
    },
}

/// Returns the text of a code for one payment of `amount` đồng with `purpose` as its text. Without an amount it is a static
/// code, for any number of payments whose amount the payer types; an empty purpose is left to the payer too.
///
/// Letters beyond ASCII are folded to plain ones. Values longer than a tag can hold (99) are cut.
pub fn build(account: &BankAccount, amount: Option<u64>, purpose: &str) -> String {
    let beneficiary = tag("00", &account.bin) + &tag("01", &account.number);
    let merchant = tag("00", "A000000727") + &tag("01", &beneficiary) + &tag("02", "QRIBFTTA");
    let amount = amount.map(|a| tag("54", &a.to_string())).unwrap_or_default();
    let kind = if amount.is_empty() { "11" } else { "12" };
    let additional = if purpose.is_empty() { String::new() } else { tag("62", &tag("08", &fold(purpose))) };
    let text = [
        tag("00", "01"),
        tag("01", kind),
        tag("38", &merchant),
        tag("53", "704"),
        amount,
        tag("58", "VN"),
        additional,
        "6304".to_owned(),
    ]
    .concat();
    let checksum = crc16(text.as_bytes());
    format!("{text}{checksum:04X}")
}

/// Reads a code as a bank's app does.
///
/// # Errors
/// See [`ScanError`].
pub fn scan(code: &str) -> Result<Scanned, ScanError> {
    let fields = read_tags(code)?;
    check_checksum(code, &fields)?;
    require(&fields, "53", "53", |value| value == "704")?;
    let merchant = read_tags(find(&fields, "38").ok_or(ScanError::Field { field: "38" })?)?;
    require(&merchant, "00", "38.00", |value| value == "A000000727")?;
    let beneficiary = read_tags(find(&merchant, "01").ok_or(ScanError::Field { field: "38.01" })?)?;
    let bin = find(&beneficiary, "00").ok_or(ScanError::Field { field: "38.01.00" })?;
    let account = find(&beneficiary, "01").ok_or(ScanError::Field { field: "38.01.01" })?;
    let amount = match find(&fields, "54") {
        Some(text) => Some(text.trim_end_matches('.').parse().map_err(|_| ScanError::Field { field: "54" })?),
        None => None,
    };
    let purpose = match find(&fields, "62") {
        Some(text) => find(&read_tags(text)?, "08").map(str::to_owned),
        None => None,
    };
    Ok(Scanned { bin: bin.to_owned(), account: account.to_owned(), amount, purpose })
}

/// CRC-16/CCITT-FALSE: polynomial 1021, start FFFF.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            },
        )
    })
}

fn tag(id: &str, value: &str) -> String {
    let value: String = value.chars().take(99).collect();
    format!("{id}{:02}{value}", value.chars().count())
}

fn read_tags(text: &str) -> Result<Vec<(&str, &str)>, ScanError> {
    let mut rest = text;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let broken = || ScanError::Structure { near: rest.chars().take(12).collect() };
        let (id, after) = split_chars(rest, 2).ok_or_else(broken)?;
        let (length, after) = split_chars(after, 2).ok_or_else(broken)?;
        let length: usize = length.parse().map_err(|_| broken())?;
        let (value, after) = split_chars(after, length).ok_or_else(broken)?;
        fields.push((id, value));
        rest = after;
    }
    Ok(fields)
}

/// Splits after `count` characters, if there are as many.
fn split_chars(text: &str, count: usize) -> Option<(&str, &str)> {
    let end = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(count)?;
    text.split_at_checked(end)
}

fn find<'a>(fields: &[(&str, &'a str)], id: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| *key == id).map(|(_, value)| *value)
}

fn require(fields: &[(&str, &str)], id: &str, field: &'static str, good: fn(&str) -> bool) -> Result<(), ScanError> {
    if find(fields, id).is_some_and(good) { Ok(()) } else { Err(ScanError::Field { field }) }
}

fn check_checksum(code: &str, fields: &[(&str, &str)]) -> Result<(), ScanError> {
    let Some(("63", found)) = fields.last().copied() else {
        return Err(ScanError::Field { field: "63" });
    };
    let covered = code.strip_suffix(found).unwrap_or(code);
    let expected = format!("{:04X}", crc16(covered.as_bytes()));
    if expected.eq_ignore_ascii_case(found) {
        Ok(())
    } else {
        Err(ScanError::Checksum { found: found.to_owned(), expected })
    }
}

/// Every Vietnamese letter with a mark, behind the plain letter that banks write for it.
const MARKED: [(char, &str); 7] = [
    ('a', "àáảãạăằắẳẵặâầấẩẫậ"),
    ('d', "đ"),
    ('e', "èéẻẽẹêềếểễệ"),
    ('i', "ìíỉĩị"),
    ('o', "òóỏõọôồốổỗộơờớởỡợ"),
    ('u', "ùúủũụưừứửữự"),
    ('y', "ỳýỷỹỵ"),
];

pub(crate) fn fold(text: &str) -> String {
    text.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).map(fold_letter).collect()
}

fn fold_letter(letter: char) -> char {
    if letter.is_ascii() {
        return letter;
    }
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let plain = MARKED.iter().find(|(_, marked)| marked.contains(lower)).map_or('?', |(plain, _)| *plain);
    if letter.is_uppercase() { plain.to_ascii_uppercase() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::{BankAccount, ScanError, Scanned, build, crc16, scan};

    fn account() -> BankAccount {
        BankAccount { bin: "970423".into(), number: "123456789".into(), name: "QUAN".into() }
    }

    #[test]
    fn the_checksum_is_the_standard_one() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    #[test]
    fn a_code_is_the_one_that_other_makers_make() {
        let known = "00020101021238530010A0000007270123000697042301091234567890208QRIBFTTA53037045405500005802VN62130809test note630412A3";
        assert_eq!(build(&account(), Some(50_000), "test note"), known);
    }

    #[test]
    fn a_bank_reads_what_was_built_and_the_purpose_is_plain_ascii() {
        let code = build(&account(), Some(1), "CS1 Quầy Đỏ số 1");
        let want = Scanned {
            bin: "970423".into(),
            account: "123456789".into(),
            amount: Some(1),
            purpose: Some("CS1 Quay Do so 1".into()),
        };
        assert_eq!(scan(&code), Ok(want));
    }

    #[test]
    fn a_static_code_leaves_amount_and_purpose_to_the_payer() {
        let known = "00020101021138530010A0000007270123000697042301091234567890208QRIBFTTA53037045802VN6304";
        let code = build(&account(), None, "");
        assert!(code.starts_with(known), "{code}");
        let want = Scanned { bin: "970423".into(), account: "123456789".into(), amount: None, purpose: None };
        assert_eq!(scan(&code), Ok(want));
    }

    #[test]
    fn a_bank_refuses_a_broken_code() {
        let code = build(&account(), None, "x");
        let (text, _) = code.split_at(code.len() - 4);
        assert!(matches!(scan(&format!("{text}0000")), Err(ScanError::Checksum { .. })));
        assert!(matches!(scan(text), Err(ScanError::Structure { .. })));
        assert!(matches!(scan("https://pay.payos.vn/web/1"), Err(ScanError::Structure { .. })));
        assert_eq!(scan("000201"), Err(ScanError::Field { field: "63" }));
    }
}
