//! Checks a code before it is drawn: what the customer scans must be this sale's, with its amount (promise P6).

use till_wire::emv::{MAX_CODE, VietQr};
use till_wire::provider::CodeText;

use super::mutant::Mutant;
use super::rules::ChannelRules;
use super::sale::{Code, Failure, FailureCode, Payee, QrKind, Sale};

/// Checks the text that the provider wants drawn.
///
/// # Errors
/// Fails with the reason for the sale's end: no code, not a VietQR, another amount, another account.
pub(crate) fn check(sale: &Sale, rules: &ChannelRules, text: Option<CodeText>, payee: Payee) -> Result<Code, Failure> {
    match text {
        Some(CodeText::VietQr(text)) if !text.is_empty() => vietqr(sale, rules, text, payee),
        Some(CodeText::Url(text)) if !text.is_empty() => address(text, payee),
        Some(CodeText::VietQr(_) | CodeText::Url(_)) | None => {
            Err(Failure::new(FailureCode::ProviderInvalid, "the provider's answer has no code to draw"))
        }
    }
}

/// An address that a telephone opens: it says nothing of amount or account, so all that can be checked is that nobody on
/// the way can change what is behind it.
fn address(text: String, payee: Payee) -> Result<Code, Failure> {
    if is_drawable_address(&text) {
        return Ok(Code { text, kind: QrKind::Url, payee });
    }
    Err(mismatch("the provider's code is no https address that can be drawn".to_owned()))
}

/// Tells whether a text is an https address that can be drawn.
pub fn is_drawable_address(text: &str) -> bool {
    let plain = text.len() <= MAX_CODE && text.bytes().all(|byte| byte.is_ascii_graphic());
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    plain && host.is_some_and(|host| !host.is_empty())
}

fn vietqr(sale: &Sale, rules: &ChannelRules, text: String, payee: Payee) -> Result<Code, Failure> {
    let code = VietQr::parse(&text)
        .map_err(|error| mismatch(format!("the provider's code is not a VietQR that can be paid: {error}")))?;
    match code.amount {
        Some(amount) if amount == sale.amount || Mutant::DrawsAnyCode.is_on() => {}
        Some(amount) => {
            return Err(mismatch(format!("the provider's code asks for {amount} instead of {}", sale.amount)));
        }
        None => return Err(mismatch("the provider's code names no amount".to_owned())),
    }
    if let Some(account) = &rules.account {
        if code.bin != account.bin || code.account != account.number {
            return Err(mismatch(
                "the provider's code pays to another account than `account` of the channel".to_owned(),
            ));
        }
    }
    let payee = Payee { bin: Some(code.bin), account: Some(code.account), name: payee.name };
    Ok(Code { text, kind: QrKind::Vietqr, payee })
}

fn mismatch(message: String) -> Failure {
    Failure::new(FailureCode::QrMismatch, message)
}
