//! `[terminal]`: which terminal this is, and how it speaks. It must not know any words of a language.

use jiff::tz::TimeZone;
use till_settings::{Kind, Table, one_of, parsed, whole};
use till_wire::TerminalNumber;

use super::drawn::drawn;

/// The terminal itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Its number, unique in the fleet.
    pub number: TerminalNumber,
    /// What people call it: 1 to 40 characters.
    pub label: String,
    /// The language of its display.
    pub locale: Locale,
    /// Where its days begin.
    pub timezone: TimeZone,
}

/// A language of the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Vietnamese.
    Vietnamese,
    /// English.
    English,
}

/// A terminal's number.
pub(super) fn terminal_number() -> Kind<TerminalNumber> {
    whole(1..=9_007_198).then(|number| u32::try_from(number).ok().and_then(TerminalNumber::new))
}

impl Terminal {
    pub(super) fn take(table: &Table) -> Option<Self> {
        let number = table.required("number", terminal_number());
        let label = table.or("label", "Quầy 1", drawn(1..=40));
        let languages = [("vi", Locale::Vietnamese), ("en", Locale::English)];
        let locale = table.or("locale", Locale::Vietnamese, one_of(languages));
        let zone = parsed("a time zone such as \"Asia/Ho_Chi_Minh\"", |name| TimeZone::get(name).ok());
        let timezone = table.or_made("timezone", TimeZone::get("Asia/Ho_Chi_Minh").ok(), zone);
        Some(Self { number: number?, label, locale, timezone: timezone? })
    }
}
