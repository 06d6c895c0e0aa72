//! Entries that the broker seems to break the connection over, for instance because it lets us not
//! publish to their topic. They are set aside so that they do not keep all others from their tills,
//! and tried again now and then. Pure.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::time::{Duration, Instant};

use crate::journal::EntryNumber;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Aside {
    suspect: Option<Suspect>,
    entries: BTreeSet<EntryNumber>,
    tried: Option<(EntryNumber, Instant)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Suspect {
    entry: EntryNumber,
    strikes: u32,
}

/// What became of the connection's publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Yield {
    Nothing,
    Something,
}

/// So many connections must end without one acknowledgement, always with the same entry in front.
const STRIKES: u32 = 3;
/// What does not fit here stays where it is, and blocks.
const MAX_ASIDE: usize = 1024;
/// Each try may cost the connection.
const TRY_AGAIN: Duration = Duration::from_secs(60);

impl Aside {
    pub(super) fn holds(&self, entry: EntryNumber) -> bool {
        self.entries.contains(&entry)
    }

    /// A connection is gone. `front` was the oldest entry that it still owed; returns it when it
    /// has now been set aside.
    pub(super) fn connection_lost(&mut self, front: Option<EntryNumber>, taken: Yield) -> Option<EntryNumber> {
        let entry = front.filter(|front| taken == Yield::Nothing && !self.holds(*front))?;
        let strikes = match self.suspect {
            Some(suspect) if suspect.entry == entry => suspect.strikes.saturating_add(1),
            Some(_) | None => 1,
        };
        self.suspect = Some(Suspect { entry, strikes });
        if strikes < STRIKES || self.entries.len() >= MAX_ASIDE {
            return None;
        }
        self.entries.insert(entry);
        Some(entry)
    }

    pub(super) fn taken(&mut self, entry: EntryNumber) {
        self.entries.remove(&entry);
        self.suspect = self.suspect.filter(|suspect| suspect.entry != entry);
    }

    /// Returns an entry that may be tried again now; the next one, in turn, only a while later.
    pub(super) fn next(&mut self, now: Instant) -> Option<EntryNumber> {
        let behind = match self.tried {
            Some((_, at)) if now.saturating_duration_since(at) < TRY_AGAIN => return None,
            Some((entry, _)) => Bound::Excluded(entry),
            None => Bound::Unbounded,
        };
        let mut behind = self.entries.range((behind, Bound::Unbounded));
        let entry = behind.next().or(self.entries.first()).copied()?;
        self.tried = Some((entry, now));
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64) -> EntryNumber {
        EntryNumber::new(number)
    }

    #[test]
    fn only_an_entry_that_ends_connection_after_connection_is_set_aside() {
        let mut aside = Aside::default();
        let mut lost = |number, taken| aside.connection_lost(Some(entry(number)), taken);
        for (number, taken) in [
            (1, Yield::Nothing),
            (1, Yield::Nothing),
            (2, Yield::Nothing),
            (1, Yield::Nothing),
            (1, Yield::Something),
            (1, Yield::Nothing),
        ] {
            assert_eq!(lost(number, taken), None);
        }
        assert_eq!(lost(1, Yield::Nothing), Some(entry(1)));
        assert_eq!(lost(1, Yield::Nothing), None);
        assert!(aside.holds(entry(1)) && !aside.holds(entry(2)));
        aside.taken(entry(1));
        assert!(!aside.holds(entry(1)));
    }

    #[test]
    fn what_is_aside_is_tried_in_turn_and_not_too_often() {
        let mut aside = Aside::default();
        for number in [1, 5, 9] {
            for _ in 0..STRIKES {
                aside.connection_lost(Some(entry(number)), Yield::Nothing);
            }
        }
        let start = crate::clock::instant();
        let tried: Vec<Option<EntryNumber>> =
            [0, 59, 60, 120, 180].map(|secs| aside.next(start + Duration::from_secs(secs))).into();
        let want = [Some(1), None, Some(5), Some(9), Some(1)];
        assert_eq!(tried, want.map(|number| number.map(entry)));
    }
}
