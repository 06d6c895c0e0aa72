//! A day at the counter: where it begins and ends, and everything of which something happened in it, read in small pieces
//! so that no sale waits for a report. It must not know what is reckoned from it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use till_wire::{ReceiptKey, SaleId, UnixTime};

use crate::port::{Port, Unavailable};
use crate::till::{PeriodQuery, Receipt, Sale};

/// At most so many sales and receipts are read for one day. A counter makes no more than one order in two seconds.
const MAX_RECORDS: usize = 50_000;

/// A day of the counter's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) date: Date,
    /// Its first moment.
    pub(super) since: UnixTime,
    /// The first moment of the next day.
    pub(super) until: UnixTime,
}

/// A sale that was made in the day or whose money moved in it, or a receipt of the hours around it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Record<'r> {
    Sale(&'r Sale),
    Receipt(&'r Receipt),
}

/// Whether everything has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// There is more than may be read for one day.
    Part,
}

impl Day {
    /// Reads a day such as `2026-11-29`.
    pub(super) fn read(word: &str, zone: &TimeZone) -> Option<Self> {
        let shape = word.bytes().map(|byte| if byte.is_ascii_digit() { b'd' } else { byte });
        let date = Some(word).filter(|_| shape.eq(*b"dddd-dd-dd"))?.parse().ok()?;
        Self::of(date, zone)
    }

    /// Returns the day of a moment.
    pub(super) fn at(moment: UnixTime, zone: &TimeZone) -> Option<Self> {
        let moment = Timestamp::from_millisecond(moment.ms()).ok()?;
        Self::of(moment.to_zoned(zone.clone()).date(), zone)
    }

    /// A day without midnight begins with its first moment.
    fn of(date: Date, zone: &TimeZone) -> Option<Self> {
        let beginning = |date: Date| {
            let moment = date.to_zoned(zone.clone()).ok()?.timestamp();
            Some(UnixTime::from_ms(moment.as_millisecond()))
        };
        Some(Self { date, since: beginning(date)?, until: beginning(date.tomorrow().ok()?)? })
    }

    pub(super) fn has(&self, moment: UnixTime) -> bool {
        (self.since..self.until).contains(&moment)
    }

    /// Hands over every sale and receipt of which something may have happened in the day, each once.
    pub(super) async fn each(&self, port: &Port, mut take: impl FnMut(Record<'_>)) -> Result<Extent, Unavailable> {
        let mut sales: BTreeSet<SaleId> = BTreeSet::new();
        let mut receipts: BTreeSet<ReceiptKey> = BTreeSet::new();
        let mut query = PeriodQuery { from: self.since, until: self.until, after: None };
        loop {
            let page = port.period(query.clone()).await?;
            for sale in page.sales.iter().filter(|sale| sales.insert(sale.id)) {
                take(Record::Sale(sale));
            }
            for receipt in page.receipts.iter().filter(|receipt| receipts.insert(receipt.key)) {
                take(Record::Receipt(receipt));
            }
            match page.next {
                None => return Ok(Extent::Whole),
                Some(_) if sales.len() + receipts.len() >= MAX_RECORDS => return Ok(Extent::Part),
                Some(next) => query.after = Some(next),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a bundled zone")
    }

    fn bounds(word: &str, name: &str) -> Option<(String, String)> {
        let day = Day::read(word, &zone(name))?;
        Some((day.since.to_string(), day.until.to_string()))
    }

    #[test]
    fn a_day_begins_and_ends_by_the_counters_clock() {
        let told = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        let saigon = bounds("2026-11-29", "Asia/Ho_Chi_Minh");
        assert_eq!(saigon, told("2026-11-28T17:00:00Z", "2026-11-29T17:00:00Z"));
        assert_eq!(bounds("2026-03-29", "Europe/Berlin"), told("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
        // The clocks of Beirut skip the first hour of this day.
        assert_eq!(bounds("2026-03-29", "Asia/Beirut"), told("2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"));
        let day = Day::at("2026-11-29T16:59:59Z".parse().expect("a time"), &zone("Asia/Ho_Chi_Minh"));
        assert_eq!(day.map(|day| day.date.to_string()).as_deref(), Some("2026-11-29"));
        let day = Day::at("2026-11-29T17:00:00Z".parse().expect("a time"), &zone("Asia/Ho_Chi_Minh"));
        assert_eq!(day.map(|day| day.date.to_string()).as_deref(), Some("2026-11-30"));
    }

    #[test]
    fn p11_what_is_no_day_is_refused() {
        for word in ["", "today", "2026-11-31", "2026-1-1", "20261129", "2026-11-29T00", "+2026-11-9", "9999-12-31"] {
            assert_eq!(bounds(word, "Asia/Ho_Chi_Minh"), None, "{word}");
        }
    }
}
