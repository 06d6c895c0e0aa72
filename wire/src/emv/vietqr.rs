//! VietQR: what a code must have so that a bank app in Vietnam pays the right account the right amount.
//! Strict on structure, checksum, currency and amount; tolerant where real codes are odd (providers.md §4).

use super::{CodeError, Fields};
use crate::money::Amount;
use crate::text::shown;

/// NAPAS's identifier in tag 38.
pub(super) const NAPAS: &str = "A000000727";

/// Whether a code may be paid more than once (tag 01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Initiation {
    /// 11: reusable, as on a sticker. Some makers use it with an amount too.
    Static,
    /// 12: for one payment.
    Dynamic,
}

/// What a VietQR asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VietQr {
    /// Whether it may be paid more than once.
    pub initiation: Initiation,
    /// The bank of the account, six digits.
    pub bin: String,
    /// The account, card or merchant that gets the money: 1 … 19 letters and digits.
    pub account: String,
    /// The service, e.g. `QRIBFTTA` (to an account) or `QRIBFTTC` (to a card).
    pub service: Option<String>,
    /// The amount, when the code fixes one.
    pub amount: Option<Amount>,
    /// What the payer's bank passes on; payOS's are longer than the 25 characters of the specification.
    pub purpose: Option<String>,
    /// The name that the payer's bank app may show (tag 59).
    pub name: Option<String>,
}

impl VietQr {
    /// Reads a VietQR.
    ///
    /// # Errors
    /// Refuses, in this order: a broken structure, a wrong checksum, another scheme's code or layout, another currency
    /// or country, an amount that is not whole đồng above zero.
    pub fn parse(code: &str) -> Result<Self, CodeError> {
        let fields = Fields::parse(code)?;
        let initiation = match fields.value(1) {
            Some("11") => Initiation::Static,
            Some("12") => Initiation::Dynamic,
            Some(_) | None => return Err(not_vietqr("tag 01 is neither 11 nor 12")),
        };
        let napas = fields.value(38).ok_or(not_vietqr("there is no tag 38"))?;
        let napas = Fields::read(napas, "tag 38")?;
        let (bin, account) = beneficiary(&napas)?;
        let service = napas.value(2).map(str::to_owned);
        if service.as_ref().is_some_and(|service| service.chars().count() > 10) {
            return Err(not_vietqr("the service has more than 10 characters"));
        }
        if fields.value(53) != Some("704") {
            let found = fields.shown(53);
            return Err(CodeError::Currency { found });
        }
        if fields.value(58) != Some("VN") {
            return Err(not_vietqr("the country is not `VN`"));
        }
        let purpose = match fields.value(62) {
            None => None,
            Some(more) => Fields::read(more, "tag 62")?.value(8).map(str::to_owned),
        };
        Ok(Self {
            initiation,
            bin,
            account,
            service,
            amount: fields.value(54).map(amount).transpose()?,
            purpose,
            name: fields.value(59).map(str::to_owned),
        })
    }
}

fn not_vietqr(reason: &'static str) -> CodeError {
    CodeError::NotVietQr { reason }
}

/// Returns bank and account out of tag 38: 00 NAPAS, 01 { 00 bank, 01 account }, 02 service. Whatever else stands
/// there is another layout, in which the account may mean something else.
fn beneficiary(napas: &Fields) -> Result<(String, String), CodeError> {
    if napas.value(0) != Some(NAPAS) {
        return Err(not_vietqr("tag 38 is not NAPAS's"));
    }
    if !napas.has_only(&[0, 1, 2]) {
        return Err(not_vietqr("tag 38 has fields that NAPAS does not know"));
    }
    let inner = napas.value(1).ok_or(not_vietqr("tag 38 has no account"))?;
    let inner = Fields::read(inner, "tag 38")?;
    if !inner.has_only(&[0, 1]) {
        return Err(not_vietqr("the account in tag 38 has fields that NAPAS does not know"));
    }
    let bin = inner.value(0).filter(|bin| is_bin(bin));
    let bin = bin.ok_or(not_vietqr("the bank in tag 38 is not six digits"))?;
    let account = inner.value(1).filter(|account| is_account(account));
    let account = account.ok_or(not_vietqr("the account in tag 38 is not 1 to 19 letters and digits"))?;
    Ok((bin.to_owned(), account.to_owned()))
}

pub(super) fn is_bin(bin: &str) -> bool {
    bin.len() == 6 && bin.bytes().all(|b| b.is_ascii_digit())
}

pub(super) fn is_account(account: &str) -> bool {
    (1..=19).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Reads tag 54: at most 13 characters, digits, then perhaps a point and zeros (`50000.` is legal).
fn amount(text: &str) -> Result<Amount, CodeError> {
    let refused = || CodeError::Amount { found: shown(text) };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.len() > 13 || fraction.bytes().any(|b| b != b'0') {
        return Err(refused());
    }
    let value: u64 = whole.parse().map_err(|_| refused())?;
    Some(Amount::vnd(value)).filter(|amount| !amount.is_zero()).ok_or_else(refused)
}
