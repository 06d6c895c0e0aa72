//! Amounts of money with their currency, as written on a display and as typed at a counter (contract §1).
//! It must not know the limits of a sale: those are settings.

#[cfg(test)]
mod tests;
mod typed;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use typed::AmountError;

/// The largest sale in đồng: NAPAS carries only transfers below 500 000 000 (providers.md §4).
pub const MAX_VND: u64 = 499_999_999;

/// A currency that a till can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Currency {
    /// Vietnamese đồng, which has no smaller unit.
    #[serde(rename = "VND")]
    Vnd,
}

impl Currency {
    /// Returns the code of ISO 4217 in letters.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vnd => "VND",
        }
    }

    /// Returns the code of ISO 4217 in digits.
    pub const fn numeric(self) -> u16 {
        match self {
            Self::Vnd => 704,
        }
    }

    /// Returns how many decimal places separate the unit from the minor unit.
    pub const fn exponent(self) -> u8 {
        match self {
            Self::Vnd => 0,
        }
    }

    /// Returns the sign that is written after an amount.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Vnd => "₫",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units (for đồng: đồng) with its currency. Ordered by value within a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    currency: Currency,
    value: u64,
}

impl Amount {
    /// The largest sale in đồng.
    pub const MAX_VND: u64 = MAX_VND;

    /// Returns an amount of `value` minor units.
    pub const fn new(value: u64, currency: Currency) -> Self {
        Self { currency, value }
    }

    /// Returns an amount of đồng.
    pub const fn vnd(value: u64) -> Self {
        Self::new(value, Currency::Vnd)
    }

    /// Returns the minor units.
    pub const fn value(self) -> u64 {
        self.value
    }

    /// Returns the currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Tells whether there is no money at all.
    pub const fn is_zero(self) -> bool {
        self.value == 0
    }

    /// Returns the sum, or nothing when the currencies differ or the sum does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.combined(other, u64::checked_add)
    }

    /// Returns the difference, or nothing when the currencies differ or it would be negative.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.combined(other, u64::checked_sub)
    }

    fn combined(self, other: Self, how: fn(u64, u64) -> Option<u64>) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        how(self.value, other.value).map(|value| Self::new(value, self.currency))
    }

    /// Reads an amount of đồng as a person types it: `50000`, `50.000`, `50k`, `1tr5` (= 1 500 000).
    ///
    /// # Errors
    /// Refuses zero, fractions of a đồng, more than 999 999 999 999, and whatever can be read in two ways.
    pub fn parse(typed: &str) -> Result<Self, AmountError> {
        typed::parse(typed)
    }

    /// Returns the digits in groups of three, without the sign: `50.000`.
    pub fn digits(self) -> String {
        let plain = self.value.to_string();
        let mut grouped = String::with_capacity(plain.len() + plain.len() / 3);
        for (at, digit) in plain.chars().enumerate() {
            if at > 0 && (plain.len() - at) % 3 == 0 {
                grouped.push('.');
            }
            grouped.push(digit);
        }
        grouped
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.digits(), self.currency.sign())
    }
}
