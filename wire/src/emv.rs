//! Payment codes in the format EMVCo MPM, and VietQR as NAPAS defines it (providers.md §4).
//! It must not know how a code is drawn, nor who made it.

mod build;
mod checksum;
mod fields;
mod fold;
#[cfg(test)]
mod tests;
mod vietqr;

pub use build::Account;
pub use checksum::crc16;
pub use fields::Fields;
pub use fold::fold_to_ascii;
pub use vietqr::{Initiation, VietQr};

/// The most characters of a code that are read; the longest known good one has 265.
pub const MAX_CODE: usize = 1024;

/// Why a text is not the payment code that it should be, or why none can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// There are more characters than any code has; nothing was read.
    #[error("the code is longer than 1024 characters")]
    TooLong,
    /// Tags and lengths do not fit the text.
    #[error("the code's structure breaks in {place}: {fault}")]
    Structure {
        /// Which level of the code: `the code itself` or `tag 38`.
        place: &'static str,
        /// What is wrong there.
        fault: StructureFault,
    },
    /// The checksum is not that of the text.
    #[error("the code's checksum is `{stated}`, its text has `{computed:04X}`")]
    Checksum {
        /// The four characters at its end.
        stated: String,
        /// The checksum of its text.
        computed: u16,
    },
    /// It is a payment code, but none of NAPAS.
    #[error("the code is no VietQR: {reason}")]
    NotVietQr {
        /// What NAPAS's layout lacks or has too much.
        reason: &'static str,
    },
    /// It asks for another currency.
    #[error("the code's currency is `{found}`, expected 704 (VND)")]
    Currency {
        /// What tag 53 says.
        found: String,
    },
    /// Its amount is not a whole number of đồng above zero.
    #[error("the code's amount is `{found}`, expected whole đồng above zero")]
    Amount {
        /// What tag 54 says.
        found: String,
    },
    /// A code cannot be made for this account.
    #[error("cannot make a code for the account `{bin}` `{number}`: expected {expected}")]
    Account {
        /// The bank.
        bin: String,
        /// The account.
        number: String,
        /// What is expected.
        expected: &'static str,
    },
}

/// What is wrong with tags and lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StructureFault {
    /// There are no two digits where a tag should be.
    #[error("a tag of two digits is missing")]
    Tag,
    /// There are no two digits from 01 to 99 where a length should be.
    #[error("tag {0:02} has no length from 01 to 99")]
    Length(u8),
    /// The value ends before its length does.
    #[error("tag {0:02} is longer than what follows")]
    Value(u8),
    /// A tag stands twice.
    #[error("tag {0:02} stands twice")]
    Twice(u8),
    /// The code does not begin with tag 00, version 01.
    #[error("it does not begin with `000201`")]
    First,
    /// The code does not end with tag 63 and four hex digits.
    #[error("it does not end with tag 63 and four hex digits")]
    Last,
}
