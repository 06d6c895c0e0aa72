//! The operator's connection to the broker: one of its own for each command, without a session that lasts. The only file of
//! the command line that knows the MQTT library. It must not know what the messages mean.

use std::collections::VecDeque;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, Outgoing, Packet, Publish, QoS, SubscribeFilter, SubscribeReasonCode};
use till_settings::Broker;
use till_wire::Topic;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// How many messages may be on their way to the broker. The caller waits for room ([`Line::has_room`]).
const WINDOW: usize = 256;
/// How many requests to the library may wait: a full window, subscriptions, a goodbye.
const REQUESTS: usize = WINDOW + 64;
/// How many things that happened may wait for whoever reads them. While they wait the broker is not read either.
const SIGNALS: usize = 1_024;
/// The largest packet that is taken in. What is larger than any of the contract's is dropped alone, so that one terminal's
/// nonsense does not end the connection that tells of all others.
const LARGEST_INCOMING: usize = 1_048_576;
/// How long the broker may leave us without a word that is due.
pub(super) const SILENCE: Duration = Duration::from_secs(45);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(500);

/// Why there is no connection, or none any more.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum LineError {
    /// It could not be made.
    #[error("{0}")]
    Connect(String),
    /// It was there, and is over.
    #[error("{0}")]
    Lost(String),
    /// The broker owes us a word.
    #[error("no answer within {} s", SILENCE.as_secs())]
    Silent,
    /// The broker has thrown away its answer to what we asked, and surely more, because too much waited for us.
    #[error("the broker has thrown away an answer")]
    Dropped,
    /// The broker does not let us hear this.
    #[error("`{0}` may not be read")]
    Refused(String),
    /// More was to be sent than can wait.
    #[error("more messages than can wait")]
    Choked,
}

/// How a message is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Once, in order, without acknowledgements: for what the broker keeps, of which it may have any number, so that no
    /// message has to wait for another's.
    Stream,
    /// At least once.
    Acknowledged,
}

/// Whether the broker keeps a message for those who come later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

/// Something that came from the broker.
#[derive(Debug)]
pub(super) enum Heard {
    Message(Message),
    /// The oldest subscription that was not answered is, with yes.
    Granted,
    /// The same, with no. mosquitto says yes to everybody and sends nothing that may not be read.
    Refused,
    /// The broker has taken one of our messages.
    Taken,
}

/// A message on a topic of the contract.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) topic: Topic,
    /// Whether the broker had kept it from before the subscription.
    pub(super) retained: bool,
    publish: Publish,
}

impl Message {
    pub(super) fn body(&self) -> &[u8] {
        &self.publish.payload
    }
}

/// What the task that polls reports.
#[derive(Debug)]
enum Signal {
    Heard(Heard),
    Over(LineError),
}

/// A connection.
pub(super) struct Line {
    client: AsyncClient,
    signals: mpsc::Receiver<Signal>,
    poll: JoinHandle<()>,
    /// Messages that the broker has not taken.
    owed: usize,
}

impl Line {
    /// Connects.
    pub(super) async fn connect(broker: &Broker, name: &str) -> Result<Self, LineError> {
        let mut options = broker.client_options(name);
        options.set_clean_session(true).set_manual_acks(false);
        options.set_max_packet_size(LARGEST_INCOMING, till_settings::broker::LARGEST_PACKET);
        let (client, mut events) = AsyncClient::new(options, REQUESTS);
        // The library gives an attempt up after five seconds.
        events.poll().await.map_err(|error| LineError::Connect(error.to_string()))?;
        let (sender, signals) = mpsc::channel(SIGNALS);
        // In a task of its own: `poll` loses what it was doing when it is cancelled.
        let poll = tokio::spawn(poll(events, sender));
        Ok(Self { client, signals, poll, owed: 0 })
    }

    /// Asks for messages. [`Heard::Granted`] follows, behind everything that the broker keeps for what was asked for before.
    pub(super) fn subscribe(&self, filters: &[String], delivery: Delivery) -> Result<(), LineError> {
        let qos = match delivery {
            Delivery::Stream => QoS::AtMostOnce,
            Delivery::Acknowledged => QoS::AtLeastOnce,
        };
        let filters = filters.iter().map(|filter| SubscribeFilter::new(filter.clone(), qos));
        self.client.try_subscribe_many(filters).map_err(|_| LineError::Choked)
    }

    /// Tells whether one more message may be on its way.
    pub(super) fn has_room(&self) -> bool {
        self.owed < WINDOW
    }

    /// Tells whether the broker has not taken everything yet.
    pub(super) fn is_owed(&self) -> bool {
        self.owed > 0
    }

    /// Publishes a message. [`Heard::Taken`] follows, which tells nothing of whether it was allowed (MQTT 3.1.1 has no word
    /// for "no").
    pub(super) fn publish(&mut self, topic: &Topic, kept: Kept, body: impl Into<Vec<u8>>) -> Result<(), LineError> {
        let published = self.client.try_publish(topic.to_string(), QoS::AtLeastOnce, kept == Kept::Yes, body);
        published.map_err(|_| LineError::Choked)?;
        self.owed += 1;
        Ok(())
    }

    /// Waits for what comes next, however long that takes.
    pub(super) async fn next(&mut self) -> Result<Heard, LineError> {
        match self.signals.recv().await {
            Some(Signal::Heard(heard)) => {
                if matches!(heard, Heard::Taken) {
                    self.owed = self.owed.saturating_sub(1);
                }
                Ok(heard)
            }
            Some(Signal::Over(error)) => Err(error),
            None => Err(LineError::Lost("the connection is closed".to_owned())),
        }
    }

    /// Waits for what comes next, but no longer than until a moment.
    pub(super) async fn next_until(&mut self, until: Instant) -> Result<Option<Heard>, LineError> {
        timeout_at(until, self.next()).await.map_or(Ok(None), |heard| heard.map(Some))
    }

    /// Waits for what comes next and is due.
    pub(super) async fn next_due(&mut self) -> Result<Heard, LineError> {
        timeout(SILENCE, self.next()).await.unwrap_or(Err(LineError::Silent))
    }

    /// Says goodbye once the broker has taken everything.
    pub(super) async fn close(mut self) -> Result<(), LineError> {
        while self.is_owed() {
            self.next_due().await?;
        }
        if self.client.try_disconnect().is_ok() {
            // A broker that does not hear the goodbye notices the closed connection.
            let _late = timeout(GOODBYE, async { while self.next().await.is_ok() {} }).await;
        }
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.poll.abort();
    }
}

/// Polls until the connection is over or nobody listens.
async fn poll(mut events: EventLoop, signals: mpsc::Sender<Signal>) {
    let mut asked = VecDeque::new();
    loop {
        let signal = match events.poll().await {
            Ok(event) => signal(event, &mut asked),
            Err(error) => Some(Signal::Over(LineError::Lost(error.to_string()))),
        };
        let Some(signal) = signal else { continue };
        let is_over = matches!(signal, Signal::Over(_));
        if signals.send(signal).await.is_err() || is_over {
            return;
        }
    }
}

/// `asked` has the subscriptions that are not answered, oldest first.
#[expect(clippy::wildcard_enum_match_arm, reason = "MQTT has more packets than we take part in")]
fn signal(event: Event, asked: &mut VecDeque<u16>) -> Option<Signal> {
    match event {
        Event::Outgoing(Outgoing::Subscribe(packet)) => {
            asked.push_back(packet);
            None
        }
        Event::Incoming(Packet::PubAck(_)) => Some(Signal::Heard(Heard::Taken)),
        Event::Incoming(Packet::Publish(publish)) => {
            let fits = publish.payload.len() <= till_wire::MAX_MESSAGE;
            let topic = publish.topic.parse().ok().filter(|_| fits)?;
            Some(Signal::Heard(Heard::Message(Message { topic, retained: publish.retain, publish })))
        }
        // Brokers answer in order. mosquitto throws an answer away together with the messages that its queue for a client has
        // no room for (`max_queued_messages`), so one that is passed over tells that there was more.
        Event::Incoming(Packet::SubAck(answer)) if asked.pop_front() != Some(answer.pkid) => {
            Some(Signal::Over(LineError::Dropped))
        }
        Event::Incoming(Packet::SubAck(answer)) => {
            let refused = answer.return_codes.contains(&SubscribeReasonCode::Failure);
            Some(Signal::Heard(if refused { Heard::Refused } else { Heard::Granted }))
        }
        _ => None,
    }
}
