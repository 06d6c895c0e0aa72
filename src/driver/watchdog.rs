//! Tells systemd that the loop turns. Fed by the loop itself, never by a timer of its own.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::Instant;

/// systemd's watchdog, if there is one.
pub(super) struct Watchdog {
    every: Option<Duration>,
    fed: Instant,
}

impl Watchdog {
    /// Says that the daemon is ready, and begins.
    pub(super) fn start() -> Self {
        let mut usec = 0;
        let every = sd_notify::watchdog_enabled(false, &mut usec).then(|| Duration::from_micros(usec / 3));
        tell(NotifyState::Ready);
        Self { every, fed: Instant::now() }
    }

    /// When the loop has to turn at the latest.
    pub(super) fn due(&self) -> Option<Instant> {
        self.every.map(|every| self.fed + every)
    }

    /// The loop has turned.
    pub(super) fn feed(&mut self) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.fed = Instant::now();
            tell(NotifyState::Watchdog);
        }
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
