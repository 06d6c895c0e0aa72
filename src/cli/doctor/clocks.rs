//! Whether the wall clock is right: set at all, and like those of the providers. It must not set it.

use till_wire::UnixTime;

use super::Finding;
use crate::cli::words::{Check, Net, Said};
use crate::clock;

/// What somebody's clock showed, and what ours did when the answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) whose: String,
    pub(super) theirs: UnixTime,
    pub(super) ours: UnixTime,
}

/// A clock that is closer than this is right, as for the daemon: providers tell whole seconds, some time ago.
const TOLERATED_S: i64 = 20;

/// Judges our clock by theirs.
pub(super) fn judge(dates: &[Date]) -> Finding {
    let said = said(clock::wall(), clock::is_plausible(), clock::is_kept_by_the_network(), dates);
    Finding::new(Check::Clock, Said::Net(said))
}

fn said(now: UnixTime, is_plausible: bool, is_kept: bool, dates: &[Date]) -> Net {
    let off = |date: &Date| date.ours.secs().saturating_sub(date.theirs.secs()).saturating_abs();
    // The one that agrees best: a single provider's clock may be wrong too.
    let nearest = dates.iter().min_by_key(|date| off(date));
    match nearest {
        _ if !is_plausible => Net::ClockNotSet { shows: now.to_string() },
        Some(date) if off(date) > TOLERATED_S => Net::ClockOff { secs: off(date), whose: date.whose.clone() },
        Some(date) => Net::ClockAgrees { whose: date.whose.clone() },
        None if is_kept => Net::ClockKept,
        None => Net::ClockUncompared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p10_a_clock_is_wrong_when_it_is_not_set_or_far_from_all_others() {
        let at = UnixTime::from_secs;
        let date = |whose: &str, theirs| Date { whose: whose.into(), theirs: at(theirs), ours: at(1_795_143_845) };
        let near = date("payos", 1_795_143_825);
        let far = date("finan", 1_795_140_245);
        let now = at(1_795_143_845);
        let off = Net::ClockOff { secs: 3600, whose: "finan".into() };
        let agrees = Net::ClockAgrees { whose: "payos".into() };
        assert_eq!(said(at(0), false, false, &[]), Net::ClockNotSet { shows: "1970-01-01T00:00:00Z".into() });
        assert_eq!(said(now, true, false, std::slice::from_ref(&far)), off);
        assert_eq!(said(now, true, false, &[far, near]), agrees);
        assert_eq!(said(now, true, true, &[]), Net::ClockKept);
        assert_eq!(said(now, true, false, &[]), Net::ClockUncompared);
    }
}
