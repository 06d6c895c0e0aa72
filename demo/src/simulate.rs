//! Worlds of the simulation by the thousand, for a night: progress now and then, and the short script of a promise that was
//! broken. It must not know what a world is.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use simulation::{Night, Sum, Without};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::narrator::Narrator;

/// How often the progress is told.
const TOLD: Duration = Duration::from_secs(10);

/// Runs so many worlds from this seed on all cores, or as many as there are until `enough`.
///
/// # Errors
/// When a world breaks a promise: how, in a short script, and the command that runs it again.
pub async fn run(
    first: u64,
    worlds: u64,
    without: Without,
    narrator: &Narrator,
    enough: impl Future<Output = ()>,
) -> Result<(), Box<dyn Error>> {
    let night = Arc::new(Night::new(first, worlds, without));
    let begun = Instant::now();
    let running = Arc::clone(&night);
    let mut over = tokio::task::spawn_blocking(move || running.run());
    let mut told = interval_at(begun + TOLD, TOLD);
    told.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut enough = std::pin::pin!(enough);
    let mut stopped = false;
    let outcome = loop {
        tokio::select! {
            outcome = &mut over => break outcome?,
            () = &mut enough, if !stopped => {
                stopped = true;
                night.stop();
                narrator.say("each world that was begun is finished");
            }
            _ = told.tick() => narrator.say(progress(night.sum(), begun.elapsed())),
        }
    };
    narrator.say(progress(night.sum(), begun.elapsed()));
    match outcome {
        Ok(()) => {
            narrator.say("every promise was kept");
            Ok(())
        }
        Err(script) => Err(script.to_string().into()),
    }
}

fn progress(Sum { worlds, tally }: Sum, since: Duration) -> String {
    let each_second = worlds as f64 / since.as_secs_f64().max(0.001);
    let (sales, deaths) = (tally.sales(), tally.deaths());
    format!("{worlds} worlds, {each_second:.0} a second: {sales} sales, {deaths} deaths")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn worlds_are_run_until_all_have_been_or_it_is_enough() {
        let narrator = Narrator::begin();
        let never = std::future::pending();
        run(0, 3, Without::default(), &narrator, never).await.expect("three worlds keep the promises");
        run(0, u64::MAX, Without::default(), &narrator, async {}).await.expect("it ends at once");
    }
}
