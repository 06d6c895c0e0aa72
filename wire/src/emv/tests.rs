//! Payment codes: what is built, what is tolerated, what is refused and why.

use super::*;
use crate::money::Amount;

fn account() -> Account {
    Account { bin: "970422".to_owned(), number: "113366668888".to_owned(), name: None }
}

/// Puts the checksum behind a code's text.
fn sealed(text: &str) -> String {
    let text = format!("{text}6304");
    format!("{text}{:04X}", crc16(text.as_bytes()))
}

/// A VietQR with these fields after its account.
fn with(rest: &str) -> String {
    sealed(&format!("00020101021238560010A0000007270126000697042201121133666688880208QRIBFTTA{rest}"))
}

fn broken(place: &'static str, fault: StructureFault) -> Result<VietQr, CodeError> {
    Err(CodeError::Structure { place, fault })
}

#[test]
fn a_code_is_built_as_napas_says() {
    let code = VietQr::build(&account(), Some(Amount::vnd(50_000)), "TL0001017029727122");
    let want = with("53037045405500005802VN62220818TL0001017029727122");
    assert_eq!(code, Ok(want));
    let code = VietQr::build(&account(), None, "");
    let reusable = "00020101021138560010A0000007270126000697042201121133666688880208QRIBFTTA53037045802VN";
    assert_eq!(code, Ok(sealed(reusable)));
}

#[test]
fn what_was_built_is_read_back() {
    let named = Account { name: Some("Trần Tú Thiện và những người bạn".to_owned()), ..account() };
    let code = VietQr::build(&named, Some(Amount::vnd(1)), "  Trả tiền đơn hàng số 12345 ✓");
    let read = code.and_then(|code| VietQr::parse(&code));
    let want = VietQr {
        initiation: Initiation::Dynamic,
        bin: "970422".to_owned(),
        account: "113366668888".to_owned(),
        service: Some("QRIBFTTA".to_owned()),
        amount: Some(Amount::vnd(1)),
        purpose: Some("Tra tien don hang so 1234".to_owned()),
        name: Some("Tran Tu Thien va nhung ng".to_owned()),
    };
    assert_eq!(read, Ok(want));
}

#[test]
fn what_no_code_can_say_is_not_built() {
    let refused = |bin: &str, number: &str| {
        let account = Account { bin: bin.to_owned(), number: number.to_owned(), name: None };
        matches!(VietQr::build(&account, None, ""), Err(CodeError::Account { .. }))
    };
    assert!(!refused("970422", "LOC0001234567890123"));
    for (bin, number) in [
        ("97042", "1"),
        ("9704222", "1"),
        ("97042a", "1"),
        ("", "1"),
        ("970422", ""),
        ("970422", "12345678901234567890"),
        ("970422", "12 34"),
        ("970422", "12é"),
    ] {
        assert!(refused(bin, number), "{bin} {number}");
    }
    for amount in [0, 10_000_000_000_000, u64::MAX] {
        assert_eq!(
            VietQr::build(&account(), Some(Amount::vnd(amount)), ""),
            Err(CodeError::Amount { found: amount.to_string() })
        );
    }
}

#[test]
fn an_amount_is_whole_dong_above_zero() {
    let read = |amount: &str| {
        let rest = format!("530370454{:02}{amount}5802VN", amount.chars().count());
        VietQr::parse(&with(&rest)).map(|code| code.amount)
    };
    for amount in ["50000", "50000.", "50000.00", "0050000", "50000.000000"] {
        assert_eq!(read(amount), Ok(Some(Amount::vnd(50_000))), "{amount}");
    }
    assert_eq!(read("9999999999999"), Ok(Some(Amount::vnd(9_999_999_999_999))));
    for amount in [
        "0",
        "0.00",
        "50000.5",
        "50000.05",
        "50,000",
        "50.000.",
        "5e4",
        "-1",
        "+1",
        ".",
        ".00",
        " 1",
        "đ",
        "10000000000000",
        "50000.00000000",
    ] {
        let found = amount.to_owned();
        assert_eq!(read(amount), Err(CodeError::Amount { found }), "{amount}");
    }
}

#[test]
fn what_real_codes_do_is_tolerated() {
    // Tags in another order, an unknown tag, an unreserved tag, a purpose and a name longer than specified, an amount
    // in a reusable code, a checksum in small letters.
    let odd = sealed(&format!(
        "0002015802VN{}{}7003abc8003xyz530370401021154055000038560010A0000007270126000697042201121133666688880208QRIBFTTA",
        "62400836CS62H9BJD45 Payment for CustomMapOSM", "5931EVN CONG TY DIEN LUC THANH XUAN",
    ));
    let want = VietQr {
        initiation: Initiation::Static,
        bin: "970422".to_owned(),
        account: "113366668888".to_owned(),
        service: Some("QRIBFTTA".to_owned()),
        amount: Some(Amount::vnd(50_000)),
        purpose: Some("CS62H9BJD45 Payment for CustomMapOSM".to_owned()),
        name: Some("EVN CONG TY DIEN LUC THANH XUAN".to_owned()),
    };
    assert_eq!(VietQr::parse(&odd), Ok(want.clone()));
    let (text, checksum) = odd.split_at(odd.len() - 4);
    let small = text.to_owned() + &checksum.to_lowercase();
    assert_eq!(VietQr::parse(&small), Ok(want));
}

#[test]
fn a_broken_structure_is_refused() {
    let whole = "the code itself";
    let code = with("53037045802VN");
    for (text, want) in [
        (String::new(), StructureFault::First),
        ("0".to_owned(), StructureFault::Tag),
        ("x2".to_owned(), StructureFault::Tag),
        ("+102".to_owned(), StructureFault::Tag),
        ("0001".to_owned(), StructureFault::Value(0)),
        ("00".to_owned(), StructureFault::Length(0)),
        ("0000".to_owned(), StructureFault::Length(0)),
        ("đ".to_owned(), StructureFault::Tag),
        ("000201".to_owned(), StructureFault::Last),
        (code[6..].to_owned(), StructureFault::First),
        (code.replacen("000201", "000202", 1), StructureFault::First),
        (code[..code.len() - 1].to_owned(), StructureFault::Value(63)),
        (format!("{code}0"), StructureFault::Tag),
        (format!("{code}7003abc"), StructureFault::Last),
        (format!("{}6304GHIJ", &code[..code.len() - 8]), StructureFault::Last),
        (format!("{}6304+123", &code[..code.len() - 8]), StructureFault::Last),
        (format!("{}6305ABCDE", &code[..code.len() - 8]), StructureFault::Last),
        (with("53037045802VN5802VN"), StructureFault::Twice(58)),
    ] {
        assert_eq!(VietQr::parse(&text), broken(whole, want), "{text}");
    }
    let napas = sealed("00020101021138180010A000000727019953037045802VN");
    let want = broken("tag 38", StructureFault::Value(1));
    assert_eq!(VietQr::parse(&napas), want);
    let purpose = with("53037045802VN62040899");
    assert_eq!(VietQr::parse(&purpose), broken("tag 62", StructureFault::Value(8)));
}

#[test]
fn another_scheme_currency_or_country_is_no_vietqr() {
    let reason = |code: String| VietQr::parse(&code).map_err(|error| error.to_string());
    let currency = |found: &str| Err(format!("the code's currency is `{found}`, expected 704 (VND)"));
    assert_eq!(reason(with("53038405802VN")), currency("840"));
    assert_eq!(reason(with("5802VN")), currency(""));
    let no = |why: &str| Err(format!("the code is no VietQR: {why}"));
    assert_eq!(reason(with("53037045802US")), no("the country is not `VN`"));
    assert_eq!(reason(with("5303704")), no("the country is not `VN`"));
    let code = with("53037045802VN");
    let changed = |from: &str, to: &str| {
        let text = code[..code.len() - 8].replacen(from, to, 1);
        reason(sealed(&text))
    };
    for (from, to, why) in [
        ("010212", "010213", "tag 01 is neither 11 nor 12"),
        ("010212", "", "tag 01 is neither 11 nor 12"),
        ("3856", "2656", "there is no tag 38"),
        ("A000000727", "A000000775", "tag 38 is not NAPAS's"),
        (
            "38560010A0000007270126000697042201121133666688880208QRIBFTTA",
            "38590010A0000007270126000697042201121133666688880211QRIBFTTA123",
            "the service has more than 10 characters",
        ),
        ("0208QRIB", "0308QRIB", "tag 38 has fields that NAPAS does not know"),
        ("970422", "97042x", "the bank in tag 38 is not six digits"),
        ("113366668888", "1133-6668888", "the account in tag 38 is not 1 to 19 letters and digits"),
    ] {
        assert_eq!(changed(from, to), no(why), "{to}");
    }
}

#[test]
fn p9_a_code_is_bounded_before_it_is_read() {
    let long = |count| "0".repeat(count);
    assert_eq!(VietQr::parse(&long(1025)), Err(CodeError::TooLong));
    assert_eq!(Fields::parse(&"đ".repeat(1_000_000)), Err(CodeError::TooLong));
    let fault = StructureFault::Length(0);
    assert_eq!(VietQr::parse(&long(1024)), broken("the code itself", fault));
}

#[test]
fn every_vietnamese_letter_is_folded() {
    let letters = "aàáảãạăằắẳẵặâầấẩẫậ eèéẻẽẹêềếểễệ iìíỉĩị oòóỏõọôồốổỗộơờớởỡợ uùúủũụưừứửữự yỳýỷỹỵ dđ";
    let plain = "aaaaaaaaaaaaaaaaaa eeeeeeeeeeee iiiiii oooooooooooooooooo uuuuuuuuuuuu yyyyyy dd";
    assert_eq!(fold_to_ascii(letters), plain);
    assert_eq!(fold_to_ascii(&letters.to_uppercase()), plain.to_uppercase());
    assert_eq!(fold_to_ascii("Tie\u{302}\u{301}ng Vie\u{323}\u{302}t"), "Tieng Viet");
    assert_eq!(fold_to_ascii("\t a~!—日本\u{7f}\n b  ✓ "), "a~! b");
    assert_eq!(fold_to_ascii(""), "");
}
