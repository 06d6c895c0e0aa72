//! Making a VietQR. What is made is plain ASCII, so that nobody's counting of characters or bytes matters.
//! It must not know why a code is made here and not by a provider.

use super::vietqr::{NAPAS, is_account, is_bin};
use super::{CodeError, VietQr, crc16, fold_to_ascii};
use crate::money::Amount;

/// A bank account that takes money by VietQR.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// The bank, six digits.
    pub bin: String,
    /// The account, 1 … 19 letters and digits.
    pub number: String,
    /// The holder, for the payer's bank app.
    pub name: Option<String>,
}

/// The most characters of a purpose or a name.
const MAX_TEXT: usize = 25;

impl VietQr {
    /// Returns the text of a VietQR for an account: for one payment when there is an amount, reusable when there is
    /// none. Purpose and name are folded to ASCII and cut to 25 characters; when nothing remains they are left out.
    ///
    /// # Errors
    /// Refuses an account that no code can name, and an amount that is zero or has more than 13 digits.
    pub fn build(account: &Account, amount: Option<Amount>, purpose: &str) -> Result<String, CodeError> {
        check(account)?;
        let beneficiary = field(0, &account.bin) + &field(1, &account.number);
        let napas = field(0, NAPAS) + &field(1, &beneficiary) + &field(2, "QRIBFTTA");
        let mut code = field(0, "01");
        code += &field(1, if amount.is_some() { "12" } else { "11" });
        code += &field(38, &napas);
        code += &field(53, "704");
        if let Some(amount) = amount {
            code += &field(54, &digits(amount)?);
        }
        code += &field(58, "VN");
        let name = short(account.name.as_deref().unwrap_or_default());
        if !name.is_empty() {
            code += &field(59, &name);
        }
        let purpose = short(purpose);
        if !purpose.is_empty() {
            code += &field(62, &field(8, &purpose));
        }
        code += "6304";
        let checksum = crc16(code.as_bytes());
        Ok(format!("{code}{checksum:04X}"))
    }
}

fn check(account: &Account) -> Result<(), CodeError> {
    let refused =
        |expected| Err(CodeError::Account { bin: account.bin.clone(), number: account.number.clone(), expected });
    if !is_bin(&account.bin) {
        return refused("a bank of six digits");
    }
    if !is_account(&account.number) {
        return refused("an account of 1 to 19 letters and digits");
    }
    Ok(())
}

fn digits(amount: Amount) -> Result<String, CodeError> {
    let found = amount.value().to_string();
    if amount.is_zero() || found.len() > 13 {
        return Err(CodeError::Amount { found });
    }
    Ok(found)
}

/// Returns at most 25 characters of plain ASCII.
fn short(text: &str) -> String {
    let folded = fold_to_ascii(text);
    let cut: String = folded.chars().take(MAX_TEXT).collect();
    cut.trim_end().to_owned()
}

/// Returns a field. Values here are ASCII and shorter than 100 characters: the longest is tag 38 with 63.
fn field(tag: u8, value: &str) -> String {
    format!("{tag:02}{:02}{value}", value.len())
}
