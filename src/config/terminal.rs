//! `[terminal]`: which terminal this is, and how it speaks. It must not know any words of a language.

use jiff::tz::{TimeZone, offset};
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

/// The time zone of all of Vietnam.
const HERE: &str = "Asia/Ho_Chi_Minh";

/// Finds a time zone among the system's. A system without any still knows Vietnam's.
fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().or_else(|| (name == HERE).then(here))
}

/// Seven hours ahead of UTC all year (IANA time zone database, `asia`: no change since 1975).
fn here() -> TimeZone {
    TimeZone::fixed(offset(7))
}

impl Terminal {
    pub(super) fn take(table: &Table) -> Option<Self> {
        let number = table.required("number", terminal_number());
        let label = table.or("label", "Quầy 1", drawn(1..=40));
        let languages = [("vi", Locale::Vietnamese), ("en", Locale::English)];
        let locale = table.or("locale", Locale::Vietnamese, one_of(languages));
        let kind = parsed("a time zone such as \"Asia/Ho_Chi_Minh\" (others are in the package tzdata)", zone);
        let timezone = table.or_made("timezone", zone(HERE), kind);
        Some(Self { number: number?, label, locale, timezone: timezone? })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_system_without_time_zones_knows_when_the_day_begins_in_vietnam() {
        let known = zone(HERE).expect("tests have all zones");
        for year in 0..60 {
            let at = Timestamp::from_second(1_735_689_600 + year * 15_778_476).expect("a time");
            assert_eq!(here().to_offset(at), known.to_offset(at), "{at}");
        }
        assert!(zone("Asia/Atlantis").is_none());
    }
}
