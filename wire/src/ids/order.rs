//! Terminal numbers, order references and sale ids, in all the forms that providers hear (contract §2).
//! It must not know of a clock: the time comes in as an argument.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{IdError, digits};
use crate::text::text_form;
use crate::time::UnixTime;

/// The number of a terminal, unique in the fleet: 1 … 9 007 198, so that every payOS `orderCode` fits 2^53 − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalNumber(u32);

impl TerminalNumber {
    /// The largest terminal number.
    pub const MAX: u32 = 9_007_198;

    /// Returns the terminal number, or nothing outside 1 … 9 007 198.
    pub fn new(number: u32) -> Option<Self> {
        (1..=Self::MAX).contains(&number).then_some(Self(number))
    }

    /// Returns the number itself.
    pub fn value(self) -> u32 {
        self.0
    }
}

impl fmt::Display for TerminalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:07}", self.0)
    }
}

impl FromStr for TerminalNumber {
    type Err = IdError;

    /// Reads exactly seven digits.
    fn from_str(text: &str) -> Result<Self, IdError> {
        Some(text)
            .filter(|text| text.len() == 7)
            .and_then(digits)
            .and_then(Self::new)
            .ok_or_else(|| IdError::new(text, "a terminal number (seven digits, 0000001 … 9007198)"))
    }
}

impl Serialize for TerminalNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl<'de> Deserialize<'de> for TerminalNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        Self::new(number)
            .ok_or_else(|| serde::de::Error::custom(format_args!("`{number}` is not a terminal number (1 … 9007198)")))
    }
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for TerminalNumber {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Self::MAX))
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for TerminalNumber {}

/// An order reference: what a provider hears of one attempt of a sale. Written `TTTTTTT-SSSSSSSSS`; ordered by
/// terminal, then sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderRef {
    terminal: TerminalNumber,
    sequence: u32,
}

/// How far a sequence may run ahead of the tick before its order is somebody else's.
const FOREIGN_AHEAD: u32 = 1_000_000;

impl OrderRef {
    /// The largest sequence: nine digits.
    pub const MAX_SEQUENCE: u32 = 999_999_999;

    /// Returns the order reference, or nothing when the sequence has more than nine digits: it is never carried over
    /// into the terminal number.
    pub fn new(terminal: TerminalNumber, sequence: u32) -> Option<Self> {
        (sequence <= Self::MAX_SEQUENCE).then_some(Self { terminal, sequence })
    }

    /// Returns the terminal that drew this reference.
    pub fn terminal(self) -> TerminalNumber {
        self.terminal
    }

    /// Returns the sequence, at most nine digits.
    pub fn sequence(self) -> u32 {
        self.sequence
    }

    /// Returns payOS's `orderCode`: terminal × 10^9 + sequence, below 2^53.
    pub fn payos_code(self) -> u64 {
        u64::from(self.terminal.0) * 1_000_000_000 + u64::from(self.sequence)
    }

    /// Reads payOS's `orderCode`, or nothing when it names no terminal that can exist.
    pub fn from_payos_code(code: u64) -> Option<Self> {
        let terminal = u32::try_from(code / 1_000_000_000).ok()?;
        let sequence = u32::try_from(code % 1_000_000_000).ok()?;
        Self::new(TerminalNumber::new(terminal)?, sequence)
    }

    /// Returns the purpose of a VietQR made by the terminal itself: `TL` and sixteen digits.
    pub fn purpose(self) -> String {
        format!("TL{:07}{:09}", self.terminal.0, self.sequence)
    }

    /// Finds such a purpose inside a bank's description: upper or lower case, its sixteen digits no part of a longer
    /// run of digits. Returns nothing when two different ones are found, since neither is then proof of anything.
    pub fn find_purpose(description: &str) -> Option<Self> {
        let bytes = description.as_bytes();
        let mut found = None;
        for (at, window) in bytes.windows(18).enumerate() {
            let next = bytes.get(at + 18);
            if next.is_some_and(u8::is_ascii_digit) {
                continue;
            }
            let Some(order) = read_purpose(window) else {
                continue;
            };
            if found.is_some_and(|other| other != order) {
                return None;
            }
            found = Some(order);
        }
        found
    }

    /// Tells whether this is no order of ours: its sequence is more than 1 000 000 ahead of the tick, as when a web
    /// shop on the same channel numbers its orders by the clock. At a time that has no tick (before 2025, after
    /// 2088) nothing can be told, so the answer is no.
    pub fn is_foreign(self, now: UnixTime) -> bool {
        first_sequence(now).is_some_and(|tick| self.sequence > tick.saturating_add(FOREIGN_AHEAD))
    }
}

/// Reads eighteen bytes that are exactly a purpose.
fn read_purpose(window: &[u8]) -> Option<OrderRef> {
    let text = std::str::from_utf8(window).ok()?;
    let (prefix, number) = text.split_at_checked(2)?;
    if !prefix.eq_ignore_ascii_case("TL") {
        return None;
    }
    let (terminal, sequence) = number.split_at_checked(7)?;
    OrderRef::new(TerminalNumber::new(digits(terminal)?)?, digits(sequence)?)
}

impl fmt::Display for OrderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:07}-{:09}", self.terminal.0, self.sequence)
    }
}

impl FromStr for OrderRef {
    type Err = IdError;

    /// Reads exactly `TTTTTTT-SSSSSSSSS`.
    fn from_str(text: &str) -> Result<Self, IdError> {
        read_order(text)
            .ok_or_else(|| IdError::new(text, "an order reference (TTTTTTT-SSSSSSSSS: terminal and sequence)"))
    }
}

fn read_order(text: &str) -> Option<OrderRef> {
    let (terminal, sequence) = text.split_once('-')?;
    if terminal.len() != 7 || sequence.len() != 9 {
        return None;
    }
    OrderRef::new(TerminalNumber::new(digits(terminal)?)?, digits(sequence)?)
}

text_form!(OrderRef, "0001017-029727122", pattern("^[0-9]{7}-[0-9]{9}$"));

/// The id of a sale: the order reference of its first attempt. Ordered by terminal, then sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaleId(OrderRef);

impl SaleId {
    /// Returns the id of the sale whose first order this is.
    pub fn new(order: OrderRef) -> Self {
        Self(order)
    }

    /// Returns the sale's first order reference.
    pub fn order(self) -> OrderRef {
        self.0
    }
}

impl fmt::Display for SaleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SaleId {
    type Err = IdError;

    /// Reads exactly `TTTTTTT-SSSSSSSSS`.
    fn from_str(text: &str) -> Result<Self, IdError> {
        read_order(text)
            .map(Self)
            .ok_or_else(|| IdError::new(text, "a sale id (TTTTTTT-SSSSSSSSS: terminal and sequence)"))
    }
}

text_form!(SaleId, "0001017-029727122", pattern("^[0-9]{7}-[0-9]{9}$"));

/// 2025-01-01T00:00:00Z, from which ticks are counted.
const TICK_EPOCH_SECS: i64 = 1_735_689_600;

/// Returns the tick of contract §2, where a new store begins to number: half the whole seconds since
/// 2025-01-01T00:00:00Z. Nothing before that day, nor when nine digits no longer hold it (2088).
pub fn first_sequence(now: UnixTime) -> Option<u32> {
    let since = now.secs().checked_sub(TICK_EPOCH_SECS)?;
    if since < 0 {
        return None;
    }
    u32::try_from(since / 2).ok().filter(|tick| *tick <= OrderRef::MAX_SEQUENCE)
}
