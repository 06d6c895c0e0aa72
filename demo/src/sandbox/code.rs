//! The VietQR code in an answer, right or spoiled by a fault. It must not know where an answer has it.

use super::faults::{Fault, spoiled};
use crate::vietqr::{self, BankAccount};

/// The code for `amount` (none: the payer types it) with the transfer text `purpose`; none when the fault takes it away.
pub(crate) fn code(fault: &Fault, account: &BankAccount, amount: Option<u64>, purpose: &str) -> Option<String> {
    let right = || vietqr::build(account, amount, purpose);
    match fault {
        Fault::NoQr => None,
        Fault::OtherQr(text) => Some(text.clone()),
        Fault::BrokenQr => Some(spoiled(&right())),
        Fault::OtherAmountInQr => Some(vietqr::build(account, Some(amount.unwrap_or(0).saturating_add(1000)), purpose)),
        Fault::Pass
        | Fault::Delay(_)
        | Fault::Refuse(_)
        | Fault::HttpStatus { .. }
        | Fault::HttpStatusAfter(_)
        | Fault::CloseBeforeAnswer
        | Fault::CloseBeforeProcessing
        | Fault::Html
        | Fault::HalfBody
        | Fault::NoSignature
        | Fault::WrongSignature
        | Fault::OtherOrder
        | Fault::ExtraField => Some(right()),
    }
}
