//! What a day comes to, for a display: reckoned as `/v1/report` is, in a task that holds nobody up. It must not show it.

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::api;
use crate::clock;
use crate::port::Port;
use crate::till::Takings;

/// Reckons when the till wants to know.
pub(super) struct Reckoner {
    port: Port,
    timezone: TimeZone,
    /// Who hears of it; a reckoning at a time.
    say: mpsc::Sender<Takings>,
}

impl Reckoner {
    /// Makes one, and where it is heard.
    pub(super) fn new(port: Port, timezone: TimeZone) -> (Self, mpsc::Receiver<Takings>) {
        let (say, heard) = mpsc::channel(1);
        (Self { port, timezone, say }, heard)
    }

    /// Reckons today, by the counter's clock.
    pub(super) fn reckon(&self) {
        let (port, timezone) = (self.port.clone(), self.timezone.clone());
        let Ok(place) = self.say.clone().try_reserve_owned() else {
            // A reckoning is under way, and serves this one too.
            return;
        };
        tokio::spawn(async move {
            match api::takings(&port, &timezone, clock::wall()).await {
                Ok(Some(takings)) => drop(place.send(takings)),
                Ok(None) => tracing::warn!("today is too large to be reckoned, or the clock is far off"),
                Err(error) => tracing::warn!(%error, "today cannot be reckoned"),
            }
        });
    }
}
