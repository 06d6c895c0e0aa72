//! Whether one part of the sound works, and when one that does not is tried again. It must not know which part it is.

use std::time::Duration;

use crate::till::Tick;

/// How long a part that has failed is left alone at first, and at most. A missing card costs one program in half a
/// minute then, and one that is plugged in is heard soon.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(30);

/// One part.
#[derive(Debug)]
pub(super) struct Health {
    /// What it is called in the log.
    part: &'static str,
    /// What the part is missing, until it has worked.
    trouble: Option<String>,
    pause: Duration,
    free_at: Tick,
}

impl Health {
    /// Begins with what is known to be missing, which does not keep it from being tried.
    pub(super) fn new(part: &'static str, trouble: Option<String>) -> Self {
        if let Some(trouble) = &trouble {
            tracing::warn!(part, trouble, "the sound lacks something; sales go on without it");
        }
        Self { part, trouble, pause: FIRST, free_at: Tick(0) }
    }

    /// Tells whether it may be tried now.
    pub(super) fn is_free(&self, now: Tick) -> bool {
        now >= self.free_at
    }

    /// It has worked.
    pub(super) fn works(&mut self) {
        if self.trouble.take().is_some() {
            tracing::info!(part = self.part, "the sound works again");
        }
        (self.pause, self.free_at) = (FIRST, Tick(0));
    }

    /// It has failed. The log is told once of each trouble.
    pub(super) fn failed(&mut self, trouble: String, now: Tick) {
        if self.trouble.as_ref() != Some(&trouble) {
            tracing::warn!(part = self.part, trouble, "the sound does not work; sales go on without it");
        }
        self.trouble = Some(trouble);
        self.free_at = now + self.pause;
        self.pause = (self.pause * 2).min(LONGEST);
    }

    /// Returns what is wrong.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_fails_is_left_alone_longer_each_time_and_not_longer_than_half_a_minute() {
        let mut health = Health::new("player", None);
        let mut now = Tick(1000);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            assert!(health.is_free(now));
            health.failed("no card".to_owned(), now);
            let pause = (1..=60).find(|s| health.is_free(now + Duration::from_secs(*s)));
            pauses.extend(pause);
            now = now + Duration::from_secs(pause.unwrap_or(60));
        }
        assert_eq!(pauses, [2, 4, 8, 16, 30, 30]);
        health.works();
        assert_eq!((health.trouble(), health.is_free(now)), (None, true));
        health.failed("no card".to_owned(), now);
        assert!(health.is_free(now + FIRST) && !health.is_free(now));
    }
}
