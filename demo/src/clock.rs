//! The demo's only reader of clocks, and the forms in which providers and HTTP write times. It must not know orders.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

/// A moment: milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// The machine's present time, moved by `offset_s` seconds.
    pub(crate) fn now(offset_s: i64) -> Self {
        // A clock before 1970 has no meaning for orders; such a machine simply starts at zero.
        #[expect(clippy::disallowed_methods, reason = "the one place in the demo that reads the wall clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
        let ms = i64::try_from(since).unwrap_or(i64::MAX);
        Self(ms.saturating_add(offset_s.saturating_mul(1000)))
    }

    /// The moment that many whole seconds after 1970.
    pub fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment that many seconds later.
    pub(crate) fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// `2026-11-20 10:04:05`, Vietnam's time without a zone, as webhooks write it (providers.md §1.7).
    pub(crate) fn in_webhook(self) -> String {
        self.written("%Y-%m-%d %H:%M:%S", 7)
    }

    /// `2026-11-20T10:04:05+07:00`, as payOS's status answers write it.
    pub(crate) fn in_answer(self) -> String {
        self.written("%Y-%m-%dT%H:%M:%S%:z", 7)
    }

    /// `2026-11-20T03:04:05Z`, as Finan writes it.
    pub(crate) fn in_utc(self) -> String {
        self.written("%Y-%m-%dT%H:%M:%SZ", 0)
    }

    /// `Fri, 20 Nov 2026 03:04:05 GMT`, for the header `Date`.
    pub(crate) fn in_http(self) -> String {
        self.written("%a, %d %b %Y %H:%M:%S GMT", 0)
    }

    /// `26324`: the last two digits of the year and the day in the year, as banks begin their references.
    pub(crate) fn as_bank_day(self) -> String {
        self.written("%y%j", 7)
    }

    /// `2026-11-20T03:04:05.000000Z`, as Smart Glocal writes it.
    pub(crate) fn in_session(self) -> String {
        self.written("%Y-%m-%dT%H:%M:%S%.6fZ", 0)
    }

    fn written(self, format: &str, hours_east: i8) -> String {
        let at = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned(TimeZone::fixed(offset(hours_east))).strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_moment_is_written_as_providers_and_http_write_it() {
        let at = Moment::from_secs(1_795_143_845);
        assert_eq!(at.in_webhook(), "2026-11-20 10:04:05");
        assert_eq!(at.in_answer(), "2026-11-20T10:04:05+07:00");
        assert_eq!(at.in_utc(), "2026-11-20T03:04:05Z");
        assert_eq!(at.in_http(), "Fri, 20 Nov 2026 03:04:05 GMT");
        assert_eq!(at.as_bank_day(), "26324");
        assert_eq!(at.in_session(), "2026-11-20T03:04:05.000000Z");
    }
}
