//! One connection to the broker, from the first try to its end: publishes undelivered entries in
//! order, answers replays beside them, and gives up when the broker stops acknowledging.

use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, MqttOptions, Publish, QoS};
use till_wire::{EnvelopeId, Replay, Topic, replay_filter};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use super::aside::{Aside, Yield};
use super::flight::Flight;
use super::replays::{Packet, Replays, Step};
use super::wire::{self, Signal, Subscription};
use super::{REPLAY_WINDOW, WINDOW};
use crate::clock;
use crate::journal::{Cursor, EntryNumber, Reader, Stored};
use crate::metrics::Metrics;
use crate::server::stopped;

/// See the module.
pub(super) struct Session<'r> {
    journal: &'r Reader,
    metrics: &'r Metrics,
    replays: &'r mut Replays,
    aside: &'r mut Aside,
    /// Whether the broker has acknowledged anything on this connection.
    taken: Yield,
    client: AsyncClient,
    signals: mpsc::Receiver<Signal>,
    poll: JoinHandle<()>,
    link: Link,
    flight: Flight<Leg>,
    /// The last undelivered entry that was published on this connection.
    cursor: EntryNumber,
    replay_due: Instant,
}

/// Why a connection is over.
#[derive(Debug)]
pub(super) enum Ended {
    Stopped,
    /// It was there.
    Lost(String),
    /// It never was.
    Refused(String),
}

/// A publish on its way, and the webhook in it where the log follows it.
#[derive(Debug)]
struct Leg {
    load: Load,
    webhook: Option<EnvelopeId>,
}

/// What a publish on its way stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    Entry(EntryNumber),
    Replay(Cursor),
    /// An entry that was delivered before, because the provider has sent it once more.
    Again,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Connecting,
    Up,
}

/// Requests that wait in the library: all publishes, the subscription, acknowledgements.
const REQUESTS: usize = WINDOW + 1200;
const SIGNALS: usize = 256;
/// A broker that does not acknowledge for so long has forgotten us (rumqtt#1056).
const SILENCE: Duration = Duration::from_secs(20);
/// Between two entries of a replay: a till with a slow store and a broker with a short queue for it
/// must keep up.
const REPLAY_PACE: Duration = Duration::from_millis(5);
const GOODBYE: Duration = Duration::from_millis(500);

impl<'r> Session<'r> {
    pub(super) fn open(
        options: MqttOptions,
        journal: &'r Reader,
        metrics: &'r Metrics,
        replays: &'r mut Replays,
        aside: &'r mut Aside,
    ) -> Self {
        let (client, connection) = AsyncClient::new(options, REQUESTS);
        let (sender, signals) = mpsc::channel(SIGNALS);
        Self {
            journal,
            metrics,
            replays,
            aside,
            taken: Yield::Nothing,
            client,
            signals,
            // In a task of its own: `poll` loses what it was doing when it is cancelled.
            poll: tokio::spawn(wire::poll(connection, sender)),
            link: Link::Connecting,
            flight: Flight::default(),
            cursor: EntryNumber::ZERO,
            replay_due: clock::instant(),
        }
    }

    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) -> Ended {
        let reason = loop {
            if let Err(reason) = self.publish_undelivered().await {
                break Err(reason);
            }
            if *stop.borrow() && self.is_drained() {
                break Ok(());
            }
            if let Err(reason) = self.go_on_with_replay().await {
                break Err(reason);
            }
            let due = self.due();
            let stopping = *stop.borrow();
            let signal = tokio::select! {
                signal = self.signals.recv() => Some(signal),
                () = self.journal.committed() => None,
                () = sleep(due) => None,
                () = stopped(&mut stop), if !stopping => None,
            };
            let outcome = match signal {
                Some(Some(signal)) => self.on_signals(signal),
                Some(None) => Err("the MQTT library has stopped".into()),
                None => self.check_silence(),
            };
            if let Err(reason) = outcome {
                break Err(reason);
            }
        };
        self.end(reason).await
    }

    async fn end(mut self, reason: Result<(), String>) -> Ended {
        let replayed = self.flight.iter().filter_map(|leg| match leg.load {
            Load::Replay(cursor) => Some(cursor),
            Load::Entry(_) | Load::Again => None,
        });
        self.replays.connection_lost(replayed);
        let owed = self.flight.iter().filter_map(|leg| match leg.load {
            Load::Entry(number) => Some(number),
            Load::Replay(_) | Load::Again => None,
        });
        if let Some(entry) = self.aside.connection_lost(owed.min(), self.taken) {
            error!(%entry, "the broker ends every connection over this entry: it is set aside");
        }
        match (reason, self.link) {
            (Ok(()), Link::Connecting) => Ended::Stopped,
            (Ok(()), Link::Up) => {
                // A broker that does not hear the goodbye notices the closed connection.
                if self.client.try_disconnect().is_ok() {
                    let _late = timeout(GOODBYE, self.until_closed()).await;
                }
                Ended::Stopped
            }
            (Err(reason), Link::Up) => Ended::Lost(reason),
            (Err(reason), Link::Connecting) => Ended::Refused(reason),
        }
    }

    async fn until_closed(&mut self) {
        while self.signals.recv().await.is_some() {}
    }

    /// Fills the window with undelivered entries, oldest first.
    async fn publish_undelivered(&mut self) -> Result<(), String> {
        while self.link == Link::Up && self.room() > 0 {
            if !self.journal.has_undelivered(self.cursor) {
                return self.publish_the_rest().await;
            }
            let batch = self.journal.undelivered(self.cursor, self.room()).await;
            for stored in batch.entries {
                let number = stored.number;
                if !self.aside.holds(number) {
                    self.publish(stored, Load::Entry(number))?;
                }
            }
            let Some(upto) = batch.upto else { return Ok(()) };
            self.cursor = upto;
        }
        Ok(())
    }

    /// Publishes what the provider has sent again and, once nothing else is on its way, an entry
    /// that was set aside.
    async fn publish_the_rest(&mut self) -> Result<(), String> {
        for stored in self.journal.again(self.room()).await {
            self.publish(stored, Load::Again)?;
        }
        if self.flight.len() > 0 {
            return Ok(());
        }
        let Some(number) = self.aside.next(clock::instant()) else { return Ok(()) };
        let batch = self.journal.undelivered(number.previous(), 1).await;
        for stored in batch.entries.into_iter().filter(|stored| stored.number == number) {
            self.publish(stored, Load::Entry(number))?;
        }
        Ok(())
    }

    fn room(&self) -> usize {
        WINDOW.saturating_sub(self.flight.len())
    }

    /// Takes one step of a replay, if one is wanted and due.
    async fn go_on_with_replay(&mut self) -> Result<(), String> {
        if self.link != Link::Up {
            return Ok(());
        }
        match self.replays.step() {
            Step::Nothing => {}
            Step::Begin => {
                self.replays.begin(self.journal.replay_start());
                self.metrics.replays.add_one();
            }
            Step::Read { terminal, since, from } => {
                let chunk = self.journal.replay(terminal, since, from).await;
                self.replays.read(chunk);
                self.replay_due = clock::instant();
            }
            Step::Publish => {
                let now = clock::instant();
                if now >= self.replay_due && self.may_replay() {
                    if let Some((cursor, stored)) = self.replays.first().cloned() {
                        self.publish(stored, Load::Replay(cursor))?;
                        self.replays.pop();
                        self.metrics.replayed.add_one();
                        self.replay_due = now + REPLAY_PACE;
                    }
                }
            }
            Step::Finish if self.replayed() == 0 => {
                let packets = self.replays.finish();
                packets.into_iter().for_each(|packet| self.acknowledge(packet));
            }
            Step::Finish => {}
        }
        Ok(())
    }

    fn publish(&mut self, stored: Stored, load: Load) -> Result<(), String> {
        let webhook = self.metrics.trace.published(&stored.entry, matches!(load, Load::Replay(_)));
        let topic = stored.entry.topic.to_string();
        let envelope = stored.entry.envelope;
        self.client
            .try_publish(topic, QoS::AtLeastOnce, false, envelope)
            .map_err(|error| format!("cannot publish: {error}"))?;
        self.flight.handed(Leg { load, webhook }, clock::instant());
        Ok(())
    }

    /// Takes everything that has happened, before anything else is looked at.
    fn on_signals(&mut self, first: Signal) -> Result<(), String> {
        let mut next = Some(first);
        while let Some(signal) = next {
            self.on_signal(signal)?;
            next = self.signals.try_recv().ok();
        }
        Ok(())
    }

    fn on_signal(&mut self, signal: Signal) -> Result<(), String> {
        match signal {
            Signal::Connected => self.on_connected(),
            Signal::Subscribed(Subscription::Granted) => Ok(()),
            Signal::Subscribed(Subscription::Refused) => {
                warn!("the broker refuses to tell us who wants a replay");
                Ok(())
            }
            Signal::Sent(packet) => self.flight.sent(packet).map_err(|_| format!("packet {packet} is not ours")),
            Signal::Taken(packet) => self.on_taken(packet),
            Signal::Arrived(publish) => {
                self.on_arrived(&publish);
                Ok(())
            }
            Signal::Closed(reason) => Err(reason),
        }
    }

    fn on_connected(&mut self) -> Result<(), String> {
        info!("broker connected");
        self.link = Link::Up;
        self.metrics.broker_connected();
        let subscribed = self.client.try_subscribe(replay_filter(), QoS::AtLeastOnce);
        subscribed.map_err(|error| format!("cannot subscribe: {error}"))
    }

    fn on_taken(&mut self, packet: u16) -> Result<(), String> {
        let taken = self.flight.taken(packet, clock::instant());
        let (Leg { load, webhook }, after) = taken.map_err(|_| format!("packet {packet} was not sent"))?;
        webhook.iter().for_each(|webhook| self.metrics.trace.acknowledged(webhook, after));
        self.metrics.published(after);
        self.taken = Yield::Something;
        match load {
            Load::Entry(number) => {
                self.aside.taken(number);
                self.journal.delivered(number);
            }
            Load::Replay(_) | Load::Again => {}
        }
        Ok(())
    }

    fn on_arrived(&mut self, publish: &Publish) {
        let packet = Packet(publish.pkid);
        let wish = match (publish.topic.parse(), serde_json::from_slice(&publish.payload)) {
            // A retained request would come again with every connection.
            (Ok(Topic::Replay(terminal)), Ok(Replay { since })) if !publish.retain => Some((terminal, since)),
            (_, _) => None,
        };
        let Some((terminal, since)) = wish else {
            warn!(topic = publish.topic, "a message that is no request for a replay");
            self.metrics.replays_refused.add_one();
            self.acknowledge(packet);
            return;
        };
        info!(%terminal, %since, "replay wanted");
        if self.replays.wish(terminal, since, packet).is_err() {
            // Not acknowledged, so it comes again with the next connection.
            warn!(%terminal, "too many replays are waiting");
            self.metrics.replays_refused.add_one();
        }
    }

    fn acknowledge(&self, Packet(id): Packet) {
        // Packet id 0 came without a wish for an acknowledgement.
        if id == 0 {
            return;
        }
        let mut publish = Publish::new(replay_filter(), QoS::AtLeastOnce, []);
        publish.pkid = id;
        if self.client.try_ack(&publish).is_err() {
            // It comes again with the next connection, which is harmless.
            warn!("cannot acknowledge a request for a replay");
        }
    }

    fn replayed(&self) -> usize {
        self.flight.iter().filter(|leg| matches!(leg.load, Load::Replay(_))).count()
    }

    fn may_replay(&self) -> bool {
        self.replayed() < REPLAY_WINDOW && self.flight.len() < WINDOW
    }

    fn is_drained(&self) -> bool {
        let undelivered = self.journal.status().undelivered;
        self.link == Link::Connecting || undelivered == 0
    }

    /// Returns how long nothing needs to be done unless something happens.
    fn due(&self) -> Duration {
        let now = clock::instant();
        let silence = self.flight.oldest().map(|oldest| oldest + SILENCE);
        let replay = match self.replays.step() {
            Step::Nothing => None,
            Step::Begin | Step::Read { .. } => Some(now),
            Step::Publish => self.may_replay().then_some(self.replay_due),
            Step::Finish => (self.replayed() == 0).then_some(now),
        };
        let replay = replay.filter(|_| self.link == Link::Up);
        let due = silence.into_iter().chain(replay).min().unwrap_or(now + SILENCE);
        due.saturating_duration_since(now)
    }

    fn check_silence(&self) -> Result<(), String> {
        match self.flight.oldest() {
            Some(oldest) if oldest + SILENCE <= clock::instant() => Err("the broker has stopped acknowledging".into()),
            Some(_) | None => Ok(()),
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // An end of the connection that the task has seen for itself makes this a no-op.
        self.poll.abort();
    }
}
