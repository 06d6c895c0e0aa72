//! A moment in time as programs write it to each other.
//! It must not read a clock: every moment comes from outside.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::text::{shown, text_form};

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Written in RFC 3339, UTC, whole seconds
/// (`2026-11-20T03:04:05Z`): the milliseconds are for reckoning inside a program and are cut off in text and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

/// 0001-01-01T00:00:00Z and 9999-12-30T22:00:00Z: between them every moment has a form in RFC 3339.
const EARLIEST_MS: i64 = -62_135_596_800_000;
const LATEST_MS: i64 = 253_402_207_200_000;

impl UnixTime {
    /// Returns the moment this many milliseconds after 1970 began; moments outside the years 1 to 9999 become the
    /// nearest one inside.
    pub const fn from_ms(ms: i64) -> Self {
        if ms < EARLIEST_MS {
            Self(EARLIEST_MS)
        } else if ms > LATEST_MS {
            Self(LATEST_MS)
        } else {
            Self(ms)
        }
    }

    /// Returns the moment this many seconds after 1970 began, kept inside the years 1 to 9999.
    pub const fn from_secs(secs: i64) -> Self {
        Self::from_ms(secs.saturating_mul(1000))
    }

    /// Returns the milliseconds since 1970 began.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Returns the whole seconds since 1970 began, rounded towards the past.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Reads a time as payOS writes it: `YYYY-MM-DD HH:MM:SS` without a zone, taken as UTC+7 (an inference,
    /// providers.md §1.7), or ISO 8601 with an offset. Anything else is nothing.
    pub fn parse_payos(text: &str) -> Option<Self> {
        if let Ok(time) = text.parse() {
            return Some(time);
        }
        if !has_shape(text, "dddd-dd-dd dd:dd:dd") {
            return None;
        }
        let civil: DateTime = text.parse().ok()?;
        let moment = Offset::constant(7).to_timestamp(civil).ok()?;
        Some(Self::from_ms(moment.as_millisecond()))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The bounds of the type lie inside jiff's, so the error is never seen; a formatter must not panic all the same.
        let moment = Timestamp::from_second(self.secs()).map_err(|_| fmt::Error)?;
        write!(f, "{moment}")
    }
}

/// A text that is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is not a time in RFC 3339 such as `2026-11-20T03:04:05Z`")]
pub struct TimeError {
    typed: String,
}

impl FromStr for UnixTime {
    type Err = TimeError;

    /// Reads RFC 3339 with `Z` or an offset; a fraction of a second is kept to the millisecond.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Some(text)
            .filter(|text| is_rfc3339(text))
            .and_then(|text| text.parse::<Timestamp>().ok())
            .map(|moment| Self::from_ms(moment.as_millisecond()))
            .ok_or_else(|| TimeError { typed: shown(text) })
    }
}

#[cfg(feature = "schema")]
const DATE_TIME: utoipa::openapi::SchemaFormat =
    utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime);

text_form!(UnixTime, "2026-11-20T03:04:05Z", format(DATE_TIME));

/// Tells whether a text has the shape of RFC 3339. jiff reads many more forms, which other programs do not.
fn is_rfc3339(text: &str) -> bool {
    let Some((civil, rest)) = text.split_at_checked(19) else {
        return false;
    };
    // jiff refuses a fraction without digits, or with more than nine.
    let zone =
        rest.strip_prefix('.').map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let zoned = zone == "Z" || has_shape(zone, "+dd:dd") || has_shape(zone, "-dd:dd");
    zoned && has_shape(civil, "dddd-dd-ddTdd:dd:dd")
}

/// Tells whether a text has the given shape, in which `d` stands for a digit and all else for itself.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_and_whole_seconds() {
        assert_eq!(UnixTime::from_ms(1_795_143_845_999).to_string(), "2026-11-20T03:04:05Z");
        assert_eq!(UnixTime::from_ms(-1).to_string(), "1969-12-31T23:59:59Z");
        assert_eq!(UnixTime::from_ms(i64::MAX).to_string(), "9999-12-30T22:00:00Z");
        assert_eq!(UnixTime::from_ms(i64::MIN).to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(UnixTime::from_secs(i64::MAX), UnixTime::from_ms(i64::MAX));
    }

    #[test]
    fn rfc_3339_is_read_and_nothing_wider() {
        let at = |text: &str| text.parse::<UnixTime>().ok().map(UnixTime::ms);
        assert_eq!(at("2026-11-20T03:04:05Z"), Some(1_795_143_845_000));
        assert_eq!(at("2026-11-20T10:04:05+07:00"), Some(1_795_143_845_000));
        assert_eq!(at("2026-11-20T03:04:05.250Z"), Some(1_795_143_845_250));
        for text in [
            "",
            "2026-11-20",
            "2026-11-20T03:04:05",
            "2026-11-20 03:04:05Z",
            "20261120T030405Z",
            "2026-13-20T03:04:05Z",
            "2026-11-20T03:04:05Z[UTC]",
            "2026-11-20T03:04:05.Z",
            "2026-11-20T03:04:05.1234567890Z",
            "+002026-11-20T03:04:05Z",
            "2026-11-20T03:04:05+0700",
            "2026-11-20T03:04:0éZ",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn payos_times_without_a_zone_are_vietnam_s() {
        let ms = |text: &str| UnixTime::parse_payos(text).map(UnixTime::ms);
        assert_eq!(ms("2023-02-04 18:25:00"), Some(1_675_509_900_000));
        assert_eq!(ms("2023-02-04T18:25:00+07:00"), Some(1_675_509_900_000));
        assert_eq!(ms("2023-02-04T11:25:00Z"), Some(1_675_509_900_000));
        assert_eq!(ms("2023-02-30 18:25:00"), None);
        assert_eq!(ms("2023-02-04"), None);
        assert_eq!(ms("2023-02-04 18:25:00+07:00"), None);
    }

    #[test]
    fn json_is_the_text() {
        let time = UnixTime::from_secs(1_795_143_845);
        let json = serde_json::to_string(&time).expect("a time is JSON");
        assert_eq!(json, "\"2026-11-20T03:04:05Z\"");
        assert_eq!(serde_json::from_str::<UnixTime>(&json).ok(), Some(time));
        assert!(serde_json::from_str::<UnixTime>("1795143845").is_err());
    }
}
