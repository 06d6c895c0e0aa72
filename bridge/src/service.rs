//! What the service manager hears: ready, stopping, alive. Without one these do nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::sleep;
use tracing::warn;

use crate::journal::Reader;

/// Says that requests are taken from now on.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// Says that the end has begun.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Feeds the watchdog, if there is one, for as long as the runtime turns and the journal's thread
/// goes round: a bridge whose disk hangs for good is worth a restart.
pub(crate) async fn feed_watchdog(journal: Reader) {
    let Some(period) = period() else { return };
    let mut last = None;
    loop {
        let beats = journal.beats();
        if last != Some(beats) {
            tell(NotifyState::Watchdog);
        }
        last = Some(beats);
        sleep(period).await;
    }
}

/// Feeds the watchdog, if there is one, for as long as the runtime turns.
pub(crate) async fn feed_watchdog_while_turning() {
    let Some(period) = period() else { return };
    loop {
        tell(NotifyState::Watchdog);
        sleep(period).await;
    }
}

/// How often the watchdog is fed, if there is one.
fn period() -> Option<Duration> {
    let mut micros = 0;
    let enabled = sd_notify::watchdog_enabled(false, &mut micros);
    enabled.then(|| Duration::from_micros(micros / 3).max(Duration::from_millis(600)))
}

fn tell(state: NotifyState) {
    if let Err(error) = sd_notify::notify(false, &[state]) {
        warn!(%error, "cannot tell the service manager");
    }
}
