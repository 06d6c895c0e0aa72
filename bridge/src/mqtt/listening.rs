//! A line to the broker for whoever listens to the fleet and says little: subscribes to what it is given, tells what
//! comes, and publishes letters until the broker has taken them. It must not know what anything means.
//!
//! Its session ends with the connection, so that no broker keeps messages for a console that is off.

use std::time::Duration;

use rumqttc::{AsyncClient, MqttOptions, QoS};
use till_settings::tls::whole_chain;
use till_wire::Topic;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use tracing::{info, warn};

use super::flight::Flight;
use super::wire::{self, Signal, Subscription};
use super::{FIRST_DELAY, GOOD_CONNECTION, delay};
use crate::clock;
use crate::server::stopped;

/// See the module.
pub(crate) struct Listening {
    options: MqttOptions,
    /// For logs.
    address: String,
    filters: Vec<&'static str>,
}

/// What happened.
pub(crate) enum Heard {
    /// All subscriptions are granted: from now on nothing is missed.
    Up,
    Down,
    Message {
        topic: Topic,
        body: Vec<u8>,
        /// Whether it came as it was said, and was not kept by the broker.
        fresh: bool,
    },
    /// Something on a topic that is none of the contract's.
    Foreign,
}

/// Something to be published.
pub(crate) struct Letter {
    pub(crate) topic: Topic,
    pub(crate) body: Vec<u8>,
    /// Told once the broker has it; dropped when nobody can say.
    pub(crate) taken: oneshot::Sender<()>,
}

/// How many letters wait, and how many are on their way.
pub(crate) const MAX_LETTERS: usize = 64;
const SIGNALS: usize = 256;
const GOODBYE: Duration = Duration::from_millis(500);

impl Listening {
    /// `options` name the broker and the fixed client id.
    pub(crate) fn new(mut options: MqttOptions, address: String, filters: Vec<&'static str>) -> Self {
        options.set_clean_session(true).set_manual_acks(false);
        Self { options, address, filters }
    }

    /// Listens until `stop` turns true.
    pub(crate) async fn run(
        self,
        mut hear: impl FnMut(Heard) + Send,
        mut letters: mpsc::Receiver<Letter>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut tries = 0;
        while !*stop.borrow() {
            let began = clock::instant();
            let ended = self.hold(&mut hear, &mut letters, &mut stop).await;
            hear(Heard::Down);
            let Err(reason) = ended else { return };
            warn!(reason, broker = self.address, "broker lost");
            // Nobody waits for what cannot be sent.
            while letters.try_recv().is_ok() {}
            tries = if began.elapsed() >= GOOD_CONNECTION { 0 } else { tries + 1 };
            let _stopped = timeout(delay(tries).max(FIRST_DELAY), stopped(&mut stop)).await;
        }
    }

    /// One connection, from the first try to its end; the error says why.
    async fn hold(
        &self,
        hear: &mut (impl FnMut(Heard) + Send),
        letters: &mut mpsc::Receiver<Letter>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), String> {
        let (client, connection) = AsyncClient::new(self.options.clone(), MAX_LETTERS + self.filters.len() + 1);
        let (sender, mut signals) = mpsc::channel(SIGNALS);
        // In a task of its own: `poll` loses what it was doing when it is cancelled.
        let poll = Aborted(tokio::spawn(wire::poll(connection, sender)));
        let mut line = Line { client, flight: Flight::default(), ungranted: self.filters.len(), up: false };
        loop {
            tokio::select! {
                signal = signals.recv() => {
                    let signal = signal.ok_or("the MQTT library has stopped")?;
                    line.on_signal(signal, &self.filters, hear)?;
                }
                Some(letter) = letters.recv(), if line.up && line.flight.len() < MAX_LETTERS => line.send(letter)?,
                () = stopped(stop) => break,
            }
        }
        if line.client.try_disconnect().is_ok() {
            let _late = timeout(GOODBYE, async { while signals.recv().await.is_some() {} }).await;
        }
        drop(poll);
        Ok(())
    }
}

/// One connection's state.
struct Line {
    client: AsyncClient,
    flight: Flight<oneshot::Sender<()>>,
    ungranted: usize,
    up: bool,
}

impl Line {
    fn on_signal(
        &mut self,
        signal: Signal,
        filters: &[&'static str],
        hear: &mut impl FnMut(Heard),
    ) -> Result<(), String> {
        match signal {
            Signal::Connected => {
                for filter in filters {
                    let asked = self.client.try_subscribe(*filter, QoS::AtLeastOnce);
                    asked.map_err(|error| format!("cannot subscribe: {}", whole_chain(&error)))?;
                }
            }
            Signal::Subscribed(Subscription::Granted) => {
                self.ungranted = self.ungranted.saturating_sub(1);
                if self.ungranted == 0 && !self.up {
                    info!("broker connected");
                    self.up = true;
                    hear(Heard::Up);
                }
            }
            Signal::Subscribed(Subscription::Refused) => {
                return Err("the broker refuses a subscription: its rights for this client are too few".into());
            }
            Signal::Sent(packet) => {
                self.flight.sent(packet).map_err(|_| format!("packet {packet} is not ours"))?;
            }
            Signal::Taken(packet) => {
                let taken = self.flight.taken(packet, clock::instant());
                let (taken, _) = taken.map_err(|_| format!("packet {packet} was not sent"))?;
                // Whoever waited may have gone.
                let _gone = taken.send(());
            }
            Signal::Arrived(publish) => hear(match publish.topic.parse() {
                Ok(topic) => Heard::Message { topic, body: publish.payload.to_vec(), fresh: !publish.retain },
                Err(_) => Heard::Foreign,
            }),
            Signal::Closed(reason) => return Err(reason),
        }
        Ok(())
    }

    fn send(&mut self, letter: Letter) -> Result<(), String> {
        let Letter { topic, body, taken } = letter;
        self.client
            .try_publish(topic.to_string(), QoS::AtLeastOnce, false, body)
            .map_err(|error| format!("cannot publish: {}", whole_chain(&error)))?;
        self.flight.handed(taken, clock::instant());
        Ok(())
    }
}

/// A task that ends when nobody holds it any more.
struct Aborted(tokio::task::JoinHandle<()>);

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}
