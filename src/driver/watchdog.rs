//! Tells systemd that the daemon lives: the loop turns, and none of the parts that work beside it is late. Fed by the loop
//! itself, never by a timer of its own. It must not know what the parts do.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::Instant;

use crate::pulse::Pulse;

/// How soon it is looked again whether a part that was late has come round.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// systemd's watchdog, if there is one.
pub(super) struct Watchdog {
    every: Option<Duration>,
    /// When it is to be fed next.
    next: Instant,
    parts: Parts,
}

/// The parts that work beside the loop, by their names.
struct Parts {
    pulses: Vec<(&'static str, Pulse)>,
    /// Those of which the log says that they are late.
    late: Vec<&'static str>,
}

impl Watchdog {
    /// Says that the daemon is ready, and begins.
    pub(super) fn start(pulses: Vec<(&'static str, Pulse)>) -> Self {
        let mut usec = 0;
        let every = sd_notify::watchdog_enabled(false, &mut usec).then(|| Duration::from_micros(usec / 3));
        tell(NotifyState::Ready);
        let next = Instant::now() + every.unwrap_or_default();
        Self { every, next, parts: Parts { pulses, late: Vec::new() } }
    }

    /// When the loop has to turn at the latest.
    pub(super) fn due(&self) -> Option<Instant> {
        self.every.map(|_| self.next)
    }

    /// The loop has turned.
    pub(super) fn feed(&mut self) {
        let now = Instant::now();
        let Some(every) = self.every.filter(|_| self.next <= now) else { return };
        if self.parts.are_all_well(now) {
            self.next = now + every;
            tell(NotifyState::Watchdog);
        } else {
            self.next = now + every.min(LOOK_AGAIN);
        }
    }
}

impl Parts {
    /// Tells whether every part has kept its word by `now`; the log says of each once when it has not.
    fn are_all_well(&mut self, now: Instant) -> bool {
        let late: Vec<_> = self.pulses.iter().filter(|(_, pulse)| pulse.is_late(now)).map(|(name, _)| *name).collect();
        for part in late.iter().filter(|part| !self.late.contains(part)) {
            tracing::error!(part, "a part of the daemon hangs; if it goes on hanging, the watchdog ends the daemon");
        }
        for part in self.late.iter().filter(|part| !late.contains(part)) {
            tracing::info!(part, "a part of the daemon has come round");
        }
        self.late = late;
        self.late.is_empty()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        tell(NotifyState::Stopping);
    }
}

fn tell(state: NotifyState) {
    if let Err(error) = sd_notify::notify(false, &[state]) {
        tracing::debug!(%error, "systemd cannot be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::{Beat, PATIENCE};

    /// Each of the parts alone keeps the watchdog hungry, for as long as it hangs.
    #[test]
    fn one_part_that_hangs_is_enough_not_to_feed() {
        let names = ["store", "display", "broker"];
        let beats = names.map(|_| Beat::new());
        let pulses = names.into_iter().zip(beats.iter().map(Beat::pulse)).collect();
        let mut parts = Parts { pulses, late: Vec::new() };
        let later = Instant::now() + PATIENCE + Duration::from_secs(1);
        let wait = |beat: &Beat| beat.busy_for(Duration::from_secs(60));
        beats.iter().for_each(wait);
        assert!(parts.are_all_well(later));
        for (name, beat) in names.iter().zip(&beats) {
            beat.busy();
            assert!(!parts.are_all_well(later), "the {name} hangs");
            assert_eq!(parts.late, [*name]);
            wait(beat);
            assert!(parts.are_all_well(later), "the {name} has come round");
        }
    }
}
