//! Tags, lengths and values of a payment code of any scheme. Lengths count characters, not bytes.
//! It must not know VietQR.

use super::{CodeError, MAX_CODE, StructureFault, crc16};
use crate::text::shown;

/// The fields of a payment code, or of a template inside one, in the order in which they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<(u8, String)>);

impl Fields {
    /// Reads a whole code of any scheme: tag 00 first with version 01, tag 63 last with the checksum (in capitals or
    /// not, some banks write small letters), all others in any order, each once.
    ///
    /// # Errors
    /// Refuses a broken structure first, then a wrong checksum.
    pub fn parse(code: &str) -> Result<Self, CodeError> {
        if code.chars().nth(MAX_CODE).is_some() {
            return Err(CodeError::TooLong);
        }
        let fields = Self::read(code, "the code itself")?;
        let broken = |fault| CodeError::Structure { place: "the code itself", fault };
        if fields.0.first().map(|(tag, value)| (*tag, value.as_str())) != Some((0, "01")) {
            return Err(broken(StructureFault::First));
        }
        let stated = match fields.0.last() {
            Some((63, stated)) if stated.len() == 4 => stated,
            Some(_) | None => return Err(broken(StructureFault::Last)),
        };
        if !stated.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(broken(StructureFault::Last));
        }
        let text = code.strip_suffix(stated.as_str()).unwrap_or_default();
        let computed = crc16(text.as_bytes());
        if u16::from_str_radix(stated, 16) != Ok(computed) {
            let stated = stated.clone();
            return Err(CodeError::Checksum { stated, computed });
        }
        Ok(fields)
    }

    /// Reads a template: the value of a tag that has fields of its own.
    pub(super) fn read(text: &str, place: &'static str) -> Result<Self, CodeError> {
        let mut fields = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (tag, value, after) = next(rest).map_err(|fault| CodeError::Structure { place, fault })?;
            if fields.iter().any(|(other, _)| *other == tag) {
                let fault = StructureFault::Twice(tag);
                return Err(CodeError::Structure { place, fault });
            }
            fields.push((tag, value.to_owned()));
            rest = after;
        }
        Ok(Self(fields))
    }

    /// Returns the value of a tag.
    pub fn value(&self, tag: u8) -> Option<&str> {
        let mut fields = self.0.iter();
        let (_, value) = fields.find(|(other, _)| *other == tag)?;
        Some(value)
    }

    /// Returns the value of a field inside a tag's template, when both are there and the template is whole.
    pub fn inner(&self, tag: u8, field: u8) -> Option<String> {
        let template = Self::read(self.value(tag)?, "a template").ok()?;
        template.value(field).map(str::to_owned)
    }

    /// Returns tags and values in the order in which they stand.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &str)> {
        self.0.iter().map(|(tag, value)| (*tag, value.as_str()))
    }

    /// Tells whether every tag is one of these.
    pub(super) fn has_only(&self, tags: &[u8]) -> bool {
        self.0.iter().all(|(tag, _)| tags.contains(tag))
    }

    /// Returns a value for an error message.
    pub(super) fn shown(&self, tag: u8) -> String {
        shown(self.value(tag).unwrap_or_default())
    }
}

/// Splits the first field off: its tag, its value and what follows.
fn next(text: &str) -> Result<(u8, &str, &str), StructureFault> {
    let (tag, rest) = two_digits(text).ok_or(StructureFault::Tag)?;
    let (length, rest) = two_digits(rest).filter(|(length, _)| *length > 0).ok_or(StructureFault::Length(tag))?;
    let (value, rest) = split_chars(rest, length).ok_or(StructureFault::Value(tag))?;
    Ok((tag, value, rest))
}

fn two_digits(text: &str) -> Option<(u8, &str)> {
    let (number, rest) = text.split_at_checked(2)?;
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|_| digits).map(|number| (number, rest))
}

/// Splits exactly `count` characters off.
fn split_chars(text: &str, count: u8) -> Option<(&str, &str)> {
    let count = usize::from(count);
    let mut ends = text.char_indices().map(|(at, _)| at).skip(count);
    match ends.next() {
        Some(end) => text.split_at_checked(end),
        None => (text.chars().count() == count).then_some((text, "")),
    }
}
