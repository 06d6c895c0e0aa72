//! Waits for what should happen, and says what was attempted, expected and seen when it does not. It must not know what
//! is waited for.

use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::time::sleep;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Something did not happen, or not as it should.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("attempted: {attempted}\nexpected:  {expected}\nseen:      {seen}")]
pub struct Disagreement {
    /// What was being done.
    pub attempted: String,
    /// What should have come of it.
    pub expected: String,
    /// What was there instead.
    pub seen: String,
}

/// What is seen instead of what is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// It may still come.
    Yet(String),
    /// It will not come any more.
    Ever(String),
}

/// Something that is attempted before a deadline.
#[derive(Clone, Debug)]
pub struct Attempt {
    attempted: String,
    deadline: Instant,
}

impl Attempt {
    /// Names what is attempted, in a few words.
    pub fn to(attempted: impl Into<String>, deadline: Instant) -> Self {
        Self { attempted: attempted.into(), deadline }
    }

    /// Looks until it sees what is expected.
    ///
    /// # Errors
    /// When it will not come any more, or the deadline is over.
    pub async fn wait<T>(
        &self,
        expected: impl Into<String>,
        mut look: impl AsyncFnMut() -> Result<T, Unseen>,
    ) -> Result<T, Disagreement> {
        let expected = expected.into();
        loop {
            match look().await {
                Ok(found) => return Ok(found),
                Err(Unseen::Yet(_)) if Instant::now() < self.deadline => sleep(PAUSE).await,
                Err(Unseen::Yet(seen)) => {
                    let seen = format!("{seen} (the time is over)");
                    return Err(Disagreement { attempted: self.attempted.clone(), expected, seen });
                }
                Err(Unseen::Ever(seen)) => {
                    return Err(Disagreement { attempted: self.attempted.clone(), expected, seen });
                }
            }
        }
    }

    /// Requires that two things are the same.
    ///
    /// # Errors
    /// When they are not.
    pub fn same<T: PartialEq + std::fmt::Debug>(&self, what: &str, seen: T, expected: T) -> Result<(), Disagreement> {
        if seen == expected {
            return Ok(());
        }
        Err(self.disagreement(format!("{what}: {expected:?}"), format!("{what}: {seen:?}")))
    }

    /// Reports what was seen instead.
    pub fn disagreement(&self, expected: impl Into<String>, seen: impl Into<String>) -> Disagreement {
        Disagreement { attempted: self.attempted.clone(), expected: expected.into(), seen: seen.into() }
    }
}

/// An error with all its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Attempt, Disagreement, Unseen};

    fn report(seen: &str) -> Disagreement {
        Disagreement { attempted: "count".into(), expected: "three".into(), seen: seen.into() }
    }

    async fn count_to(last: u32, then: Unseen) -> Result<u32, Disagreement> {
        let attempt = Attempt::to("count", Instant::now() + Duration::from_millis(40));
        let mut count = 0;
        attempt
            .wait("three", async || {
                count += 1;
                if count >= 3 && count <= last { Ok(count) } else { Err(then.clone()) }
            })
            .await
    }

    #[tokio::test]
    async fn waiting_ends_with_the_sight_with_its_end_or_with_the_time() {
        assert_eq!(count_to(3, Unseen::Yet("less".into())).await, Ok(3));
        assert_eq!(count_to(0, Unseen::Yet("less".into())).await, Err(report("less (the time is over)")));
        assert_eq!(count_to(3, Unseen::Ever("broken".into())).await, Err(report("broken")));
    }

    #[test]
    fn different_things_are_reported_with_their_names() {
        let attempt = Attempt::to("compare", Instant::now());
        assert_eq!(attempt.same("amount", 1, 1), Ok(()));
        let want = Disagreement { attempted: "compare".into(), expected: "amount: 2".into(), seen: "amount: 1".into() };
        assert_eq!(attempt.same("amount", 1, 2), Err(want));
    }
}
