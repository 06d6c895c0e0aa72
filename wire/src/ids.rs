//! Identities that more than one program speaks of: terminal, order, sale, channel, receipt, command (contract §2).
//! It must not know who draws a number or where one is stored.

mod names;
mod order;
#[cfg(test)]
mod tests;

pub use names::{ChannelId, CommandId, GroupName, ReceiptKey};
pub(crate) use names::{digest16, read_hex, read_hex16, write_hex};
pub use order::{OrderRef, SaleId, TerminalNumber, first_sequence};

use crate::text::shown;

/// A text that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is not {expected}")]
pub struct IdError {
    /// What was read, cut to forty characters.
    typed: String,
    /// What it should have been, with its article.
    expected: &'static str,
}

impl IdError {
    pub(crate) fn new(typed: &str, expected: &'static str) -> Self {
        Self { typed: shown(typed), expected }
    }
}

/// Returns the value of a text that is ASCII digits only, or nothing (also for an empty text or one beyond `u32`).
fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}
