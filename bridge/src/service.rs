//! What the service manager hears: ready, stopping, alive. Without one these do nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::sleep;
use tracing::warn;

use crate::journal::Reader;

/// Says that webhooks are taken from now on.
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
    let mut micros = 0;
    if !sd_notify::watchdog_enabled(false, &mut micros) {
        return;
    }
    let period = Duration::from_micros(micros / 3).max(Duration::from_millis(600));
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

fn tell(state: NotifyState) {
    if let Err(error) = sd_notify::notify(false, &[state]) {
        warn!(%error, "cannot tell the service manager");
    }
}
