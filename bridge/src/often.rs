//! Remembers how often something happened lately for each of many, so that whoever does it too often is told to wait.
//! Knows neither HTTP nor clocks; its table is bounded.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What to say about what has just happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is not too often.
    Tolerated,
    /// It happened more often than it may within the window.
    TooOften,
}

/// What becomes of what is too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// It does not count: who waits for the window's length is tolerated again.
    Forgotten,
    /// It counts as well: who goes on is not forgiven.
    Counted,
}

/// See the module. `K` says for whom it is counted.
pub(crate) struct Often<K> {
    window: Duration,
    most: usize,
    /// How many keys are told apart.
    most_keys: usize,
    refused: Refused,
    /// Nothing as a key stands for all who found no place in the table: together they may do what one may.
    times: Mutex<BTreeMap<Option<K>, VecDeque<Instant>>>,
}

impl<K: Ord + Copy> Often<K> {
    /// `most` times in a window are tolerated; what is too often does not count.
    pub(crate) fn new(most: u32, window: Duration, most_keys: usize) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self { window, most, most_keys, refused: Refused::Forgotten, times: Mutex::default() }
    }

    /// So many times as each note says are tolerated in a window; what is too often counts as well.
    pub(crate) fn counting_all(window: Duration, most_keys: usize) -> Self {
        Self { refused: Refused::Counted, ..Self::new(0, window, most_keys) }
    }

    /// Notes that it happened, and says whether that is too often.
    pub(crate) fn note(&self, key: K, now: Instant) -> Verdict {
        self.note_at_most(key, self.most, now)
    }

    /// Notes that it happened, and says whether that is more often than this.
    pub(crate) fn note_at_most(&self, key: K, most: usize, now: Instant) -> Verdict {
        // The table is whole whatever panicked, so a poisoned lock is as good.
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |time: &Instant| now.saturating_duration_since(*time) < self.window;
        let mut key = Some(key);
        if !times.contains_key(&key) && times.len() >= self.most_keys {
            times.retain(|_, times| times.back().is_some_and(is_recent));
            if times.len() >= self.most_keys {
                key = None;
            }
        }
        let times = times.entry(key).or_default();
        while times.front().is_some_and(|first| !is_recent(first)) {
            times.pop_front();
        }
        let verdict = if times.len() < most { Verdict::Tolerated } else { Verdict::TooOften };
        if verdict == Verdict::TooOften && self.refused == Refused::Forgotten {
            return verdict;
        }
        // More than one is too many when the number was made smaller.
        while times.len() >= most.max(1) {
            times.pop_front();
        }
        times.push_back(now);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(1);
    const MAX_KEYS: usize = 50;

    #[test]
    fn each_may_so_often_within_the_window_and_waits_for_its_end() {
        let often = Often::new(2, WINDOW, MAX_KEYS);
        let start = Instant::now();
        let at = |key: u32, ms: u64| often.note(key, start + Duration::from_millis(ms)) == Verdict::Tolerated;
        assert_eq!([at(1, 0), at(1, 400), at(1, 900), at(2, 900)], [true, true, false, true]);
        assert_eq!([at(1, 1000), at(1, 1001), at(1, 1400)], [true, false, true]);
    }

    #[test]
    fn p9_those_beyond_the_bound_of_the_table_share_one_place() {
        let often = Often::new(1, WINDOW, MAX_KEYS);
        let now = Instant::now();
        let filled = (0..MAX_KEYS).map(|key| often.note(key, now));
        assert!(filled.into_iter().all(|verdict| verdict == Verdict::Tolerated));
        assert_eq!(often.note(MAX_KEYS, now), Verdict::Tolerated);
        assert_eq!(often.note(MAX_KEYS + 1, now), Verdict::TooOften);
        assert!(often.times.lock().expect("whole").len() <= MAX_KEYS + 1);
        assert_eq!(often.note(MAX_KEYS + 1, now + WINDOW), Verdict::Tolerated);
    }
}
