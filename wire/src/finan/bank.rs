//! The merchant's bank accounts at Finan, for a code that takes any amount (providers.md §2.3). The documentation at hand
//! shows no such object whole, so what is a guess is read only where it is a text. It must not send anything.

use serde_json::{Map, Value, json};

use super::answer::{DONE, data, listed, optional};
use super::judge::read;
use super::{AnswerError, FinanAccount};
use crate::emv::{Account, VietQr};
use crate::fields::FieldError;
use crate::provider::{OpenCode, Payee, Refusal, Reply, Trouble};
use crate::text::bounded;

/// A bank account that collects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// The account number; may be a virtual one with letters; empty when Finan does not say.
    pub number: String,
    /// The account's holder; empty when Finan does not say.
    pub name: String,
    /// The bank as Finan calls it, e.g. `MB`; empty when Finan does not say.
    pub bank_name: String,
    /// The bank's number of six digits, where Finan says it.
    pub bin: Option<String>,
    /// The account above this one, where Finan says which.
    pub master_id: Option<String>,
    /// The account's code; empty when there is none. Not yet checked: it may be a code's text or an address.
    pub qr_code: String,
}

/// An account above those that collect; it tells which bank is which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterAccount {
    /// Its id, where Finan says it.
    pub id: Option<String>,
    /// The account number; empty when Finan does not say.
    pub number: String,
    /// The bank as Finan calls it; empty when Finan does not say.
    pub bank_name: String,
    /// The bank's number of six digits, where Finan says it.
    pub bin: Option<String>,
}

/// Reads the answer to a question for one bank account or for all.
///
/// # Errors
/// See [`AnswerError`]: a refusal, or something else than the answer.
pub fn read_bank_accounts(body: &[u8]) -> Result<Vec<BankAccount>, AnswerError> {
    let account = |object: &Map<String, Value>| {
        Ok(BankAccount {
            number: optional(object, "account_number")?,
            name: optional(object, "account_name")?,
            bank_name: optional(object, "bank_name")?,
            bin: bin(object),
            master_id: word(object, "master_bank_account_id"),
            qr_code: optional(object, "qr_code")?,
        })
    };
    each(body, account)
}

/// Reads the answer to a question for the master accounts.
///
/// # Errors
/// See [`AnswerError`]: a refusal, or something else than the answer.
pub fn read_master_accounts(body: &[u8]) -> Result<Vec<MasterAccount>, AnswerError> {
    let account = |object: &Map<String, Value>| {
        Ok(MasterAccount {
            id: word(object, "id"),
            number: optional(object, "account_number")?,
            bank_name: optional(object, "bank_name")?,
            bin: bin(object),
        })
    };
    each(body, account)
}

fn each<T>(body: &[u8], read: impl Fn(&Map<String, Value>) -> Result<T, FieldError>) -> Result<Vec<T>, AnswerError> {
    let objects = listed(data(body, DONE)?)?;
    let read: Result<Vec<T>, FieldError> = objects.iter().map(read).collect();
    Ok(read?)
}

/// Returns the bank's number, under whichever name Finan may have it.
fn bin(object: &Map<String, Value>) -> Option<String> {
    let names = ["bank_bin", "bin", "bank_code", "bank_name"];
    let is_bin = |text: &String| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    names.into_iter().filter_map(|name| word(object, name)).find(is_bin)
}

fn word(object: &Map<String, Value>, field: &str) -> Option<String> {
    object.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What comes of the question for the bank accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// The code.
    Code(OpenCode),
    /// Everything but the bank's number, which only the master accounts can tell.
    WithoutBank(BankAccount),
}

/// Judges the answer to the question for one bank account or for all.
pub(super) fn accounts(reply: &Reply, account: &FinanAccount) -> Result<Found, Trouble> {
    let found = chosen(read(reply, read_bank_accounts)?, account)?;
    let is_address = |text: &str| ["http:", "https:"].iter().any(|start| starts_with(text, start));
    if is_address(&found.qr_code) {
        let reason = "Finan names an address as the bank account's `qr_code`, not the code's text, so it cannot be drawn: \
                      set `display.static_qr = { account = { … } }` instead";
        return Err(Trouble::Invalid { reason: reason.to_owned() });
    }
    if !found.qr_code.is_empty() {
        return Ok(Found::Code(OpenCode { text: found.qr_code.clone(), payee: payee(found) }));
    }
    if found.bin.is_some() {
        return build(found).map(Found::Code);
    }
    if found.number.is_empty() {
        return Err(Trouble::Invalid { reason: "Finan names a bank account without code and number".to_owned() });
    }
    Ok(Found::WithoutBank(found))
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// Returns the one account that is meant: the only one, or the one that the channel's codes must name.
fn chosen(mut listed: Vec<BankAccount>, account: &FinanAccount) -> Result<BankAccount, Trouble> {
    let meant = |listed: &BankAccount| Some(&listed.number) == account.account_number.as_ref();
    let place = match listed.as_slice() {
        [] => return Err(Trouble::Refused(Refusal::unsaid("Finan has no bank account of this merchant"))),
        [_] => Some(0),
        several => several.iter().position(meant),
    };
    match place {
        Some(place) => Ok(listed.swap_remove(place)),
        None => {
            let reason = format!(
                "Finan has {} bank accounts of this merchant: set the channel's `account_id`, or its `account`, to one",
                listed.len()
            );
            Err(Trouble::Refused(Refusal::unsaid(reason)))
        }
    }
}

/// Judges the answer to the question for the master accounts of an account's bank.
pub(super) fn masters(reply: &Reply, carried: Option<&str>) -> Result<OpenCode, Trouble> {
    let account = carried.and_then(unpacked);
    let account = account.ok_or_else(|| invalid("the answer of Finan is to no question for master accounts"))?;
    let listed = read(reply, read_master_accounts)?;
    let above = |master: &&MasterAccount| account.master_id.is_some() && master.id == account.master_id;
    let same_bank = |master: &&MasterAccount| {
        let (master, own) = (&master.bank_name, &account.bank_name);
        !own.is_empty() && master.eq_ignore_ascii_case(own)
    };
    let with_bin = || listed.iter().filter(|master| master.bin.is_some());
    let master = with_bin().find(above).or_else(|| with_bin().find(same_bank));
    let bin = master.and_then(|master| master.bin.clone());
    match bin {
        Some(bin) => build(BankAccount { bin: Some(bin), ..account }),
        None => Err(invalid(
            "Finan names neither the code of the bank account nor the number (BIN) of its bank: \
             set `display.static_qr = { account = { … } }` instead",
        )),
    }
}

fn build(account: BankAccount) -> Result<OpenCode, Trouble> {
    let named = Account {
        bin: account.bin.clone().unwrap_or_default(),
        number: account.number.clone(),
        name: filled(account.name.clone()),
    };
    let text = VietQr::build(&named, None, "").map_err(|error| {
        let error = bounded(&error.to_string(), 200);
        invalid(&format!("no code can be made for the bank account that Finan names: {error}"))
    })?;
    Ok(OpenCode { text, payee: payee(account) })
}

fn payee(account: BankAccount) -> Payee {
    Payee { bin: account.bin, account: filled(account.number), name: filled(account.name) }
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn invalid(reason: &str) -> Trouble {
    Trouble::Invalid { reason: reason.to_owned() }
}

/// Returns an account as the request for its bank carries it: as Finan wrote it, as far as it is needed.
pub(super) fn packed(account: &BankAccount) -> String {
    json!({
        "account_number": account.number,
        "account_name": account.name,
        "bank_name": account.bank_name,
        "master_bank_account_id": account.master_id,
    })
    .to_string()
}

fn unpacked(carried: &str) -> Option<BankAccount> {
    let Ok(Value::Object(object)) = crate::json::parse(carried) else {
        return None;
    };
    let text = |field| word(&object, field).unwrap_or_default();
    Some(BankAccount {
        number: text("account_number"),
        name: text("account_name"),
        bank_name: text("bank_name"),
        bin: None,
        master_id: word(&object, "master_bank_account_id"),
        qr_code: String::new(),
    })
}
