//! What a number in Smart Glocal's bodies means (providers.md §3.3). It must not know which number it is.

use crate::money::{Amount, Currency};

/// What an amount of đồng is in a body. Smart Glocal's documentation does not say whether 100000 means 100 000 đồng or
/// 1 000, so only its account manager can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinorUnits {
    /// đồng.
    Dong,
    /// đồng × 100.
    Hundredths,
}

/// Money as it stands in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) units: u64,
    pub(super) currency: String,
}

impl MinorUnits {
    fn factor(self) -> u64 {
        match self {
            Self::Dong => 1,
            Self::Hundredths => 100,
        }
    }

    /// Returns the number that stands for an amount, unless it is too large for any.
    pub(super) fn units(self, amount: Amount) -> Option<u64> {
        amount.value().checked_mul(self.factor())
    }

    /// Returns the amount that a sum stands for: nothing in another currency, and no part of a đồng.
    pub(super) fn amount(self, sum: &Sum) -> Option<Amount> {
        let whole = sum.units % self.factor() == 0;
        let ours = sum.currency.eq_ignore_ascii_case(Currency::Vnd.code());
        (whole && ours).then(|| Amount::vnd(sum.units / self.factor()))
    }
}
