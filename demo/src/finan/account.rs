//! The merchant's bank accounts at Finan. The full list of their fields is not documented to us (providers.md §2.3): the
//! names here are plausible ones. It must not know payments.

use crate::sandbox::made_up_uuid;
use crate::vietqr::BankAccount;

/// A bank that works with Finan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bank {
    /// MB; the merchant sets it up by himself.
    Mb,
    /// Shinhan; every payment request must name its account.
    Shinhan,
}

impl Bank {
    /// The bank's short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mb => "MB",
            Self::Shinhan => "SHINHAN",
        }
    }

    /// The bank's six digits.
    pub fn bin(self) -> &'static str {
        match self {
            Self::Mb => "970422",
            Self::Shinhan => "970424",
        }
    }
}

/// An account that payment requests collect into, under a master account with the same holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Finan's id, a UUID (`account_id` of a create).
    pub id: String,
    /// Finan's id of the master account above it.
    pub master_id: String,
    /// Who keeps it.
    pub bank: Bank,
    /// Number and holder.
    pub details: BankAccount,
}

impl Account {
    pub(crate) fn new(bank: Bank, number: &str, name: &str) -> Self {
        let details = BankAccount { bin: bank.bin().to_owned(), number: number.to_owned(), name: name.to_owned() };
        Self { id: made_up_uuid(), master_id: made_up_uuid(), bank, details }
    }
}
