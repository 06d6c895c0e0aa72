//! The relay: keeps a connection to the broker, publishes what is undelivered, answers replays.
//! Knows the journal and MQTT, nothing of HTTP and nothing of what an envelope says.
//!
//! Every connection gets a client of its own, and everything undelivered is sent again on it: what
//! the MQTT library remembers of an earlier connection is never needed.

mod aside;
mod flight;
pub(crate) mod listening;
mod replays;
mod session;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use rumqttc::MqttOptions;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{info, warn};

use self::aside::Aside;
use self::replays::Replays;
use self::session::{Ended, Session};
use crate::clock;
use crate::journal::Reader;
use crate::metrics::Metrics;
use crate::server::stopped;

/// How many publishes may wait for the broker's answer at once.
const WINDOW: usize = 64;
/// How many of those may be a replay's, so that live webhooks always find room.
const REPLAY_WINDOW: usize = 8;
/// Back-off between connections: anything up to a bound that doubles from the first to the last. Bridges are few, and the
/// payments of all tills wait for them, so the last is short.
const FIRST_DELAY: Duration = Duration::from_millis(250);
const LAST_DELAY: Duration = Duration::from_secs(2);
/// A connection that lived this long was a good one: the next back-off begins anew.
const GOOD_CONNECTION: Duration = Duration::from_secs(30);

/// See the module.
pub(crate) struct Relay {
    options: MqttOptions,
    address: String,
    journal: Reader,
    metrics: Arc<Metrics>,
    replays: Replays,
    aside: Aside,
}

impl Relay {
    /// `options` name the broker and the fixed client id; `address` is for logs.
    pub(crate) fn new(mut options: MqttOptions, address: String, journal: Reader, metrics: Arc<Metrics>) -> Self {
        options.set_inflight(u16::try_from(WINDOW).unwrap_or(u16::MAX));
        Self { options, address, journal, metrics, replays: Replays::default(), aside: Aside::default() }
    }

    /// Relays until `stop` turns true; then publishes what the broker still takes, and returns.
    /// Whoever cannot wait for that drops the future: nothing is lost.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut tries = 0;
        loop {
            let began = clock::instant();
            let session =
                Session::open(self.options.clone(), &self.journal, &self.metrics, &mut self.replays, &mut self.aside);
            let ended = session.run(stop.clone()).await;
            self.metrics.broker_lost();
            match ended {
                Ended::Stopped => return,
                Ended::Lost(reason) => warn!(%reason, broker = self.address, "broker lost"),
                Ended::Refused(reason) => {
                    warn!(%reason, broker = self.address, "broker not reached");
                }
            }
            tries = if began.elapsed() >= GOOD_CONNECTION { 0 } else { tries + 1 };
            if timeout(delay(tries), stopped(&mut stop)).await.is_ok() {
                info!("stopping without a broker; what is undelivered stays in the journal");
                return;
            }
        }
    }
}

/// Full jitter: bridges that lost the same broker do not come back in step.
fn delay(tries: u32) -> Duration {
    let bound = FIRST_DELAY.saturating_mul(1_u32 << tries.min(10)).min(LAST_DELAY);
    bound.mul_f64(fastrand::f64())
}
