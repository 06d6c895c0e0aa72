//! When frames are drawn: a new scene at once, the same scene again ten times a second at most. Knows times only.

use std::collections::VecDeque;
use std::time::Duration;

use crate::till::Tick;

/// The times between frames.
#[derive(Debug)]
pub(super) struct Pace {
    /// The shortest time after which the same scene is drawn again: motion, a clock, a countdown.
    pub(super) repeat: Duration,
    /// How long a panel that cannot be written is left alone at first; after each further try twice as long, at most
    /// [`LONGEST`].
    pub(super) retry: Duration,
    /// How often it is looked whether the device of such a panel has come back.
    pub(super) look: Duration,
    /// How often a panel on which nothing changes is looked at: unplugging is noticed within this time.
    pub(super) check: Duration,
    /// No more than [`BURST`] frames are begun in this time, however fast scenes come; the newest of them is drawn.
    pub(super) window: Duration,
    /// When the last frames were begun, at most [`BURST`] of them.
    pub(super) begun: VecDeque<Tick>,
}

/// Enough for a sale that is made, answered and paid within a tenth of a second.
pub(super) const BURST: usize = 8;

/// The longest time for which a panel that cannot be written is left alone.
pub(super) const LONGEST: Duration = Duration::from_secs(15);

impl Default for Pace {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            repeat: ms(100),
            retry: ms(1000),
            look: ms(1000),
            check: ms(2000),
            window: ms(120),
            begun: VecDeque::with_capacity(BURST),
        }
    }
}

impl Pace {
    /// A frame is begun.
    pub(super) fn drawn(&mut self, now: Tick) {
        if self.begun.len() == BURST {
            self.begun.pop_front();
        }
        self.begun.push_back(now);
    }

    /// Returns from when on a new scene may be drawn: at once, but in a flood.
    pub(super) fn free_at(&self) -> Tick {
        match self.begun.front() {
            Some(oldest) if self.begun.len() == BURST => *oldest + self.window,
            Some(_) | None => Tick(0),
        }
    }

    /// Returns when a scene that was drawn at `now`, and is a true picture for a while, is drawn again.
    pub(super) fn repeat_at(&self, now: Tick, true_for: Duration) -> Tick {
        now + true_for.max(self.repeat)
    }

    /// Returns when a panel that was looked at at `now` is looked at again.
    pub(super) fn check_at(&self, now: Tick) -> Tick {
        now + self.check
    }

    /// Returns when a panel that could not be written at `now`, after so many tries in a row, is tried again.
    pub(super) fn retry_at(&self, now: Tick, tries: u32) -> Tick {
        let doubled = self.retry.saturating_mul(1 << tries.clamp(1, 16).saturating_sub(1));
        now + doubled.min(self.retry.max(LONGEST))
    }

    /// Returns when the device of a panel that could not be written is looked at again: whether it has come back.
    pub(super) fn look_at(&self, now: Tick) -> Tick {
        now + self.look
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_scene_waits_only_in_a_flood_and_then_not_long() {
        let mut pace = Pace::default();
        for frame in 1..=3 * BURST as u64 {
            let now = Tick(1000 + frame);
            pace.drawn(now);
            let oldest = (frame >= BURST as u64).then(|| Tick(1001 + frame - BURST as u64));
            assert_eq!(pace.free_at(), oldest.map_or(Tick(0), |oldest| oldest + pace.window), "frame {frame}");
        }
    }

    #[test]
    fn the_same_scene_is_drawn_ten_times_a_second_at_most() {
        let pace = Pace::default();
        assert_eq!(pace.repeat_at(Tick(5), Duration::from_millis(3)), Tick(105));
        assert_eq!(pace.repeat_at(Tick(5), Duration::from_secs(60)), Tick(60_005));
    }

    #[test]
    fn p9_a_panel_that_cannot_be_written_is_tried_less_and_less_often_down_to_every_fifteen_seconds() {
        let pace = Pace::default();
        let waits: Vec<_> = [1, 2, 3, 4, 5, 6, 40, u32::MAX].map(|tries| pace.retry_at(Tick(5), tries).0 - 5).to_vec();
        assert_eq!(waits, [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
    }
}
