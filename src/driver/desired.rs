//! Configurations from afar on their way in, and what is said of them on the way out. Whether one is taken up, `desired`
//! judges; here the daemon begins anew with it as soon as nobody is being served.

use std::time::Duration;

use till_wire::Topic;
use till_wire::fleet::MAX_DESIRED;
use till_wire::status::ConfigurationStatus;
use tokio::time::Instant;

use super::Driver;
use crate::clock;
use crate::desired::{self, Keeper, Taken};
use crate::till::Delivery;

/// How long the broker may stay out of reach after a change that concerns it (issue 8/8: five minutes).
const BROKER_WITHIN: Duration = Duration::from_secs(300);

/// How long after a disk has refused a configuration is taken back.
const TRY_AGAIN: Duration = Duration::from_secs(60);

/// What the driver has of configurations from afar.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Nothing in a program that was not given a file.
    keeper: Option<Keeper>,
    /// Whether the daemon is to begin anew.
    begin_anew: bool,
    /// When the configuration is taken back.
    take_back: Option<Instant>,
}

impl Wanted {
    /// Begins with the configuration that the daemon was started with.
    pub(super) fn new(keeper: Option<Keeper>, now: Instant) -> Self {
        let take_back = keeper.as_ref().filter(|keeper| keeper.awaits_broker()).map(|_| now + BROKER_WITHIN);
        Self { keeper, begin_anew: false, take_back }
    }

    /// Takes a configuration back with which the broker has not been reached.
    fn take_back_when_due(&mut self, now: Instant) {
        if self.take_back.is_none_or(|at| now < at) {
            return;
        }
        self.take_back = None;
        let Some(keeper) = &mut self.keeper else { return };
        let why = "the broker was not reached with it within 5 minutes";
        tracing::error!(why, "the configuration from afar is taken back");
        match keeper.take_back(why) {
            Ok(()) => self.begin_anew = true,
            Err(error) => {
                tracing::error!(%error, "it cannot be taken back yet");
                self.take_back = Some(now + TRY_AGAIN);
            }
        }
    }

    /// The broker is reached with it.
    fn has_broker(&mut self) {
        self.take_back = None;
        let noted = self.keeper.as_mut().map_or(Ok(()), Keeper::has_broker);
        if let Err(error) = noted {
            tracing::error!(%error, "it cannot be noted that the broker is reached with the configuration from afar");
        }
    }

    /// What is told of it.
    pub(super) fn status(&self) -> Option<ConfigurationStatus> {
        let reported = self.keeper.as_ref()?.reported();
        let fault = reported.fault.map(|fault| fault.reasons.join("; "));
        let status = ConfigurationStatus { version: reported.version, fault };
        Some(status).filter(|status| status.version.is_some() || status.fault.is_some())
    }

    /// When the loop has to turn at the latest.
    pub(super) fn due(&self) -> Option<Instant> {
        self.take_back
    }
}

impl Driver {
    /// Tells whether the daemon is to begin anew now: it has another configuration, and nobody is being served.
    pub(super) fn begins_anew(&self) -> bool {
        self.wanted.begin_anew && self.till.is_at_rest()
    }

    /// The daemon runs: with a configuration that could not be started it would not.
    pub(super) fn configuration_has_started(&mut self) {
        let noted = self.wanted.keeper.as_mut().map_or(Ok(()), Keeper::has_started);
        if let Err(error) = noted {
            tracing::error!(%error, "it cannot be noted that the configuration from afar has started");
        }
    }

    /// The broker is reached, so the configuration may stay; and the fleet hears which it is.
    pub(super) fn configuration_has_broker(&mut self) {
        self.wanted.has_broker();
        self.report_configuration();
    }

    /// It may be time to take a configuration back.
    pub(super) fn configuration_due(&mut self) {
        self.wanted.take_back_when_due(Instant::now());
    }

    /// Has a configuration judged and kept. It is acknowledged once that is on the disk; what cannot be written comes again.
    pub(super) async fn desired(&mut self, delivery: Delivery, document: Option<Vec<u8>>) {
        if document.as_ref().is_some_and(Vec::is_empty) {
            // That the broker keeps none any more changes nothing: nobody has signed that.
            return self.link.acknowledge(delivery);
        }
        let Some(mut keeper) = self.wanted.keeper.take() else {
            self.report_configuration();
            return self.link.acknowledge(delivery);
        };
        let document = document.unwrap_or_else(|| vec![0; MAX_DESIRED + 1]);
        // The loop waits for the disk, as it does when it commits.
        let judging = tokio::task::spawn_blocking(move || {
            let taken = keeper.take(&document);
            (keeper, taken)
        });
        let Ok((keeper, taken)) = judging.await else {
            // It panicked, which is a fault of ours: nothing is taken from afar until the next start.
            return self.link.renew();
        };
        self.wanted.keeper = Some(keeper);
        match taken {
            Ok(Taken::Known) => {}
            Ok(Taken::Unproven) if !self.commanded.may_say_more() => {}
            Ok(Taken::Unproven | Taken::Refused | Taken::Same) => self.report_configuration(),
            Ok(Taken::ToBeTried) => self.wanted.begin_anew = true,
            Err(error) => {
                tracing::error!(%error, "a wanted configuration cannot be kept; it is asked for again");
                return self.link.renew();
            }
        }
        self.link.acknowledge(delivery);
    }

    fn report_configuration(&self) {
        let unable = || desired::unable("this program takes no configuration from afar", clock::wall());
        let reported = self.wanted.keeper.as_ref().map_or_else(unable, Keeper::reported);
        let said = serde_json::to_vec(&reported).map(|body| self.link.report(&Topic::Reported(self.terminal), body));
        if !matches!(said, Ok(Ok(()))) {
            tracing::error!("what is applied of the configuration from afar cannot be said: it is larger than 64 KiB");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desired::tests::Place;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_change_of_the_broker_is_taken_back_after_five_minutes_without_it() {
        let place = Place::new();
        let now = Instant::now();
        let start = || Wanted::new(Some(place.start_led_away()), now);
        let mut wanted = start();
        assert_eq!(wanted.due(), Some(now + 300 * SECOND));
        wanted.take_back_when_due(now + 299 * SECOND);
        assert!(!wanted.begin_anew);
        wanted.take_back_when_due(now + 300 * SECOND);
        assert!(wanted.begin_anew && wanted.due().is_none());
        assert_eq!(place.start_well().0.mqtt.address(), "localhost:1883");

        let mut wanted = start();
        wanted.has_broker();
        wanted.take_back_when_due(now + 301 * SECOND);
        assert!(!wanted.begin_anew, "it was reached");
        assert_eq!(place.start_well().0.mqtt.address(), "other.example:8883");
        assert_eq!(Wanted::new(Some(place.start_well().1), now).due(), None, "it is settled");
    }
}
