//! The query of a listing: known keys, each at most once, each within its bounds. It must not know what the listings hold.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::tz::TimeZone;
use till_wire::sale::SaleState;
use till_wire::{SaleId, UnixTime};

use super::day::Day;
use super::problem::{Kind, Problem};
use crate::clock;
use crate::till::{ReceiptsQuery, SalesQuery};

/// How many entries a page has when the caller does not say, and at most.
const PAGE: usize = 50;
const LONGEST_PAGE: usize = 200;

/// The keys and values behind the question mark.
pub(super) struct Asked(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::field("query", "a list of `key=value` joined by `&`"))?;
        for (at, (key, _)) in pairs.iter().enumerate() {
            if pairs.iter().take(at).any(|(earlier, _)| earlier == key) {
                return Err(Problem::field(key.clone(), "given at most once"));
            }
        }
        Ok(Self(pairs))
    }
}

impl Asked {
    /// Reads which sales are wanted.
    pub(super) fn sales(mut self) -> Result<SalesQuery, Problem> {
        let query = SalesQuery {
            state: self.take("state", "the name of a state, such as `paid`", SaleState::of)?,
            since: self.take("since", "a time such as `2026-11-20T03:04:05Z`", time)?,
            before: self.take("cursor", "what `next` of the page before said", |word| SaleId::from_str(word).ok())?,
            limit: self.limit()?,
        };
        self.finish()?;
        Ok(query)
    }

    /// Reads which receipts are wanted.
    pub(super) fn receipts(mut self) -> Result<ReceiptsQuery, Problem> {
        let query = ReceiptsQuery {
            matched: self.take("matched", "`true` or `false`", |word| word.parse().ok())?,
            limit: self.limit()?,
        };
        self.finish()?;
        Ok(query)
    }

    /// Reads which day is wanted; today when none is named.
    pub(super) fn day(mut self, zone: &TimeZone) -> Result<Day, Problem> {
        let day = self.take("day", "a day such as `2026-11-29`", |word| Day::read(word, zone))?;
        self.finish()?;
        let day = day.or_else(|| Day::at(clock::wall(), zone));
        day.ok_or_else(|| Problem::new(Kind::ClockNotSet, "the clock shows no day; name one"))
    }

    fn limit(&mut self) -> Result<usize, Problem> {
        let limit = self.take("limit", "a whole number from 1 to 200", |word| {
            let digits = word.bytes().all(|byte| byte.is_ascii_digit());
            word.parse().ok().filter(|limit| digits && (1..=LONGEST_PAGE).contains(limit))
        })?;
        Ok(limit.unwrap_or(PAGE))
    }

    fn take<T>(
        &mut self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(at) = self.0.iter().position(|(known, _)| known == key) else {
            return Ok(None);
        };
        let (_, value) = self.0.remove(at);
        read(&value).map(Some).ok_or_else(|| Problem::field(key, expected))
    }

    fn finish(self) -> Result<(), Problem> {
        match self.0.into_iter().next() {
            Some((key, _)) => Err(Problem::unknown_field(key)),
            None => Ok(()),
        }
    }
}

/// Reads a time. The `+` of an offset that was not percent-encoded arrives as a space.
fn time(word: &str) -> Option<UnixTime> {
    word.replace(' ', "+").parse().ok()
}
