//! What an answer's headers say of time, its date and how long to wait, and which of them are signed. It must not know any
//! clock.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use till_wire::UnixTime;

/// No provider makes us wait longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Numbers above this are moments in Unix time, not seconds to wait: it is a wait of thirty years.
const MOMENTS_FROM: u64 = 1_000_000_000;

/// Returns when the answer was made, by the provider's clock.
pub(super) fn date(headers: &HeaderMap) -> Option<UnixTime> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// Returns the headers of these names (in lower case) whose values are plain text.
pub(super) fn named(headers: &HeaderMap, names: &[&str]) -> BTreeMap<String, String> {
    let text = |name: &&str| Some(((*name).to_owned(), headers.get(*name)?.to_str().ok()?.to_owned()));
    names.iter().filter_map(text).collect()
}

/// Returns how long the provider wants to be left alone, at most ten minutes: `Retry-After` in seconds or as a date, or
/// payOS's `x-ratelimit-reset`, whose form nobody documents: seconds, or a moment in Unix time. `now` is the time for
/// the provider.
pub(super) fn wait(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER).or_else(|| headers.get("x-ratelimit-reset"))?;
    let text = value.to_str().ok()?.trim();
    let secs = match text.parse::<u64>() {
        Ok(moment) if moment > MOMENTS_FROM => {
            let moment = i64::try_from(moment).unwrap_or(i64::MAX);
            until(UnixTime::from_secs(moment), now)
        }
        Ok(secs) => secs,
        Err(_) => until(http_date(text)?, now),
    };
    Some(Duration::from_secs(secs).min(LONGEST_WAIT))
}

fn until(moment: UnixTime, now: UnixTime) -> u64 {
    let secs = moment.secs().saturating_sub(now.secs());
    u64::try_from(secs).unwrap_or(0)
}

/// Reads `Fri, 20 Nov 2026 03:04:05 GMT`, the form that HTTP demands.
fn http_date(text: &str) -> Option<UnixTime> {
    // A wrong weekday is no reason to ignore a date.
    let reader = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let moment = reader.parse_timestamp(text).ok()?;
    Some(UnixTime::from_ms(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            let value = HeaderValue::from_str(value).expect("a header's value");
            (name.parse().expect("a header's name"), value)
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn the_date_is_read_as_http_writes_it() {
        let of = |text| date(&headers(&[("date", text)]));
        assert_eq!(of("Fri, 20 Nov 2026 03:04:05 GMT"), Some(NOW));
        assert_eq!(of("yesterday"), None);
        assert_eq!(of(""), None);
        assert_eq!(date(&HeaderMap::new()), None);
    }

    #[test]
    fn a_wait_is_seconds_or_a_date_or_a_moment_and_never_more_than_ten_minutes() {
        let of = |name, text| wait(&headers(&[(name, text)]), NOW).map(|wait| wait.as_secs());
        for (name, text, secs) in [
            ("retry-after", "7", Some(7)),
            ("retry-after", "0", Some(0)),
            ("retry-after", "601", Some(600)),
            ("retry-after", "99999999999999999999", None),
            ("retry-after", "-1", None),
            ("retry-after", "soon", None),
            ("retry-after", "Fri, 20 Nov 2026 03:05:05 GMT", Some(60)),
            ("retry-after", "Fri, 20 Nov 2026 03:00:00 GMT", Some(0)),
            ("retry-after", "Fri, 20 Nov 2036 03:00:00 GMT", Some(600)),
            ("x-ratelimit-reset", "12", Some(12)),
            ("x-ratelimit-reset", "1795143875", Some(30)),
            ("x-ratelimit-reset", "18446744073709551615", Some(600)),
            ("other", "12", None),
        ] {
            assert_eq!(of(name, text), secs, "{name}: {text}");
        }
    }

    #[test]
    fn retry_after_goes_before_the_other_header() {
        let both = headers(&[("x-ratelimit-reset", "12"), ("retry-after", "3")]);
        assert_eq!(wait(&both, NOW), Some(Duration::from_secs(3)));
    }
}
