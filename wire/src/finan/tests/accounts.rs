//! The merchant's bank accounts: which one is meant, and the code that takes any amount.

use super::*;
use crate::emv::VietQr;
use crate::provider::{OpenCode, Payee};

const QR: &str = "00020101021138540010A00000072701240006970422011009334502100208QRIBFTTA53037045802VN63040000";

fn bank_account(number: &str) -> Value {
    json!({
        "id": "54957437-0cb5-4992-ad0e-76d26ba4ddc3", "account_number": number, "account_name": "TRAN TU THIEN",
        "bank_name": "MB", "bank_bin": "970422", "status": "active", "master_bank_account_id": "m-1", "qr_code": QR,
    })
}

fn without(mut account: Value, fields: &[&str]) -> Value {
    for field in fields {
        account.as_object_mut().expect("an object").remove(*field);
    }
    account
}

fn payee(bin: Option<&str>) -> Payee {
    Payee {
        bin: bin.map(str::to_owned),
        account: Some("0933450210".to_owned()),
        name: Some("TRAN TU THIEN".to_owned()),
    }
}

fn told(finan: &Finan, data: Value) -> Result<Next<OpenCode>, Trouble> {
    let request = sent(finan.ask_open_code(NOW));
    finan.open_code_told(&request, &yes(&done(data)), NOW)
}

#[track_caller]
fn trouble<T: std::fmt::Debug>(step: Result<T, Trouble>) -> String {
    step.expect_err("it is no answer").reason().to_owned()
}

#[test]
fn the_account_that_is_configured_is_asked_for_by_its_id() {
    let path = |account_id: Option<&str>| {
        let account_id = account_id.map(str::to_owned);
        Finan::new(FinanAccount { account_id, ..account() }).ask_open_code(NOW)
    };
    assert_eq!(sent(path(Some("54957437-0cb5"))).path, "/api/v1/bank-accounts/54957437-0cb5");
    assert_eq!(sent(path(None)).path, "/api/v1/bank-accounts");
    let reason = "the `account_id` of the channel cannot stand in an address: ../x";
    assert_eq!(trouble(path(Some("../x"))), reason);
}

#[test]
fn the_account_s_own_code_is_taken_as_it_is() {
    for data in [bank_account("0933450210"), json!([bank_account("0933450210")])] {
        let code = OpenCode { text: QR.to_owned(), payee: payee(Some("970422")) };
        assert_eq!(told(&finan(), data), Ok(Next::Done(code)));
    }
}

#[test]
fn p4_of_several_accounts_the_configured_one_counts_and_none_is_guessed() {
    let two = json!([bank_account("1111"), bank_account("0933450210")]);
    let reason = "Finan has 2 bank accounts of this merchant: set the channel's `account_id`, or its `account`, to one";
    let refused = told(&finan(), two.clone());
    assert!(matches!(refused, Err(Trouble::Refused(_))));
    assert_eq!(trouble(refused), reason);
    let number = |number: &str| Finan::new(FinanAccount { account_number: Some(number.to_owned()), ..account() });
    let Ok(Next::Done(code)) = told(&number("0933450210"), two.clone()) else { unreachable!("one is meant") };
    assert_eq!(code.payee, payee(Some("970422")));
    assert_eq!(trouble(told(&number("2222"), two)), reason);
    assert_eq!(trouble(told(&finan(), json!([]))), "Finan has no bank account of this merchant");
    assert_eq!(trouble(told(&finan(), Value::Null)), "Finan has no bank account of this merchant");
}

#[test]
fn an_address_is_no_code_and_is_not_drawn() {
    for address in ["https://img.finan.one/qr.png", "HTTP://x"] {
        let mut account = bank_account("0933450210");
        account["qr_code"] = json!(address);
        let reason = trouble(told(&finan(), account));
        assert!(reason.starts_with("Finan names an address as the bank account's `qr_code`"), "{reason}");
    }
}

#[test]
fn an_account_without_a_code_gets_one_made() {
    for bin in ["bank_bin", "bin", "bank_code", "bank_name"] {
        let mut account = without(bank_account("0933450210"), &["qr_code", "bank_bin"]);
        account[bin] = json!("970422");
        let Ok(Next::Done(code)) = told(&finan(), account) else { unreachable!("bank and number are known") };
        assert_eq!(code.payee, payee(Some("970422")));
        let read = VietQr::parse(&code.text).expect("a VietQR");
        assert_eq!((read.bin.as_str(), read.account.as_str(), read.amount), ("970422", "0933450210", None));
        assert_eq!(read.name.as_deref(), Some("TRAN TU THIEN"));
    }
    let unfit = without(bank_account("not an account"), &["qr_code"]);
    assert!(trouble(told(&finan(), unfit)).starts_with("no code can be made for the bank account that Finan names"));
    let nameless = without(bank_account(""), &["qr_code", "bank_bin"]);
    assert_eq!(trouble(told(&finan(), nameless)), "Finan names a bank account without code and number");
}

#[test]
fn a_bank_without_a_number_is_looked_up_in_the_master_accounts() {
    let bankless = without(bank_account("0933450210"), &["qr_code", "bank_bin"]);
    let masters = sent(told(&finan(), bankless));
    assert_eq!(masters.path, "/api/v1/master-bank-accounts");
    assert_eq!(masters.headers.len(), 2);
    let found = |data: Value| finan().open_code_told(&masters, &yes(&done(data)), NOW);
    let master = |id: &str, bank: &str, bin: &str| json!({ "id": id, "account_number": "1", "bank_name": bank, "bank_bin": bin });
    let bin = |data: Value| match found(data) {
        Ok(Next::Done(code)) => VietQr::parse(&code.text).map(|read| (read.bin, read.account)).ok(),
        other => panic!("there is a code: {other:?}"),
    };
    let account = |bin: &str| Some((bin.to_owned(), "0933450210".to_owned()));
    // The account above it goes before one of the same bank.
    assert_eq!(bin(json!([master("m-2", "MB", "970499"), master("m-1", "X", "970422")])), account("970422"));
    assert_eq!(bin(json!([master("m-3", "X", "970400"), master("m-2", "mb", "970422")])), account("970422"));
    assert_eq!(bin(json!([master("m-1", "MB", "MBBANK"), master("m-2", "MB", "970422")])), account("970422"));
    for data in [json!([]), json!([master("m-2", "X", "970422")]), json!([master("m-1", "MB", "")])] {
        assert!(trouble(found(data)).starts_with("Finan names neither the code of the bank account"));
    }
    let refusal = finan().open_code_told(&masters, &yes(&refused(5)), NOW);
    assert_eq!(trouble(refusal), "Finan refused with code 5: `Lý\u{fffd} do`");
}

#[test]
fn the_master_accounts_are_read() {
    let body = done(json!([
        { "id": "m-1", "account_number": "0933450210", "bank_name": "MB", "bank_bin": "970422", "nobody_knows": {} },
        { "bank_name": "SHINHAN", "bank_code": "SHB" },
    ]));
    let read = read_master_accounts(body.to_string().as_bytes());
    let text = str::to_owned;
    let expected = vec![
        MasterAccount {
            id: Some(text("m-1")),
            number: text("0933450210"),
            bank_name: text("MB"),
            bin: Some(text("970422")),
        },
        MasterAccount { id: None, number: String::new(), bank_name: text("SHINHAN"), bin: None },
    ];
    assert_eq!(read, Ok(expected));
    for data in [json!("x"), json!([7]), json!([{ "account_number": 7 }]), json!([{ "bank_name": {} }])] {
        let body = done(data).to_string();
        assert!(matches!(read_master_accounts(body.as_bytes()), Err(AnswerError::Malformed { .. })));
        assert!(matches!(read_bank_accounts(body.as_bytes()), Err(AnswerError::Malformed { .. })));
    }
}
